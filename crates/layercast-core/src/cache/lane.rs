//! What runs when: a stage's steps one after another, stages beside one another as far as they wait for nothing.
//!
//! **Invariant:** a builder with room for all. What is cached takes no time; what may rerun is counted as if it did.

use super::{Fate, Rerun, Step};
use crate::facts::Facts;
use serde::Serialize;

/// The steps that run, over time.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Lane {
    /// One for each step that runs or may run.
    pub bars: Vec<Bar>,
    /// When the last one ends.
    pub end: f64,
    /// What the times are.
    pub times: Times,
}

/// One step in time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bar {
    /// The step: a place in [`Rerun::steps`].
    pub step: usize,
    /// When it begins.
    pub start: f64,
    /// When it ends.
    pub end: f64,
    /// True where its time was measured.
    pub measured: bool,
    /// The bar that it waits for: a place in [`Lane::bars`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<usize>,
    /// True where the whole ends sooner if this one does.
    pub critical: bool,
}

/// What times stand on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Times {
    /// Nothing is known: every step takes as long as every other, and nothing is in seconds.
    #[default]
    Equal,
    /// Seconds; the steps that were never measured take the mean of those that were.
    Partly,
    /// Seconds, measured.
    Measured,
}

impl Times {
    /// One sentence without a full stop.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Equal => "no build was measured: every step is drawn as long as every other",
            Self::Partly => "seconds as measured; a step that was not measured takes their mean",
            Self::Measured => "seconds as measured",
        }
    }
}

/// How long a step took in the builds that facts tell of, in seconds.
pub fn measured(facts: &Facts, step: &Step) -> Option<f64> {
    let is_same = |stage: &str, text: &str| stage == step.stage_name && text == step.text;
    let mut known = facts.measured.iter().filter(|known| is_same(&known.stage, &known.instruction));
    known.find_map(|known| known.seconds).filter(|seconds| seconds.is_finite() && *seconds >= 0.0)
}

/// When each step runs that runs or may run; `seconds` are the times that are known.
pub fn lane(rerun: &Rerun, seconds: impl Fn(&Step) -> Option<f64>) -> Lane {
    let runs = |step: &&Step| step.fate != Fate::Cached;
    let known: Vec<f64> = rerun.steps.iter().filter(runs).filter_map(&seconds).collect();
    let times = match known.len() {
        0 => Times::Equal,
        all if all == rerun.steps.iter().filter(runs).count() => Times::Measured,
        _ => Times::Partly,
    };
    let other = if known.is_empty() { 1.0 } else { known.iter().sum::<f64>() / known.len() as f64 };
    let mut over: Vec<Over> = Vec::new();
    let mut bars: Vec<Bar> = Vec::new();
    for (place, step) in rerun.steps.iter().enumerate() {
        let at = |step: usize| over.get(step).copied().unwrap_or_default();
        let below = step.below.map(at).unwrap_or_default();
        let own_below = if step.linked { Over::default() } else { below };
        let waits_for = step.sources.iter().copied().map(at).fold(own_below, Over::later);
        let own = seconds(step);
        let mut done = waits_for;
        if step.fate != Fate::Cached {
            done = Over { end: waits_for.end + own.unwrap_or(other), by: Some(bars.len()) };
            let (start, end) = (waits_for.end, done.end);
            bars.push(Bar {
                step: place,
                start,
                end,
                measured: own.is_some(),
                waits_for: waits_for.by,
                critical: false,
            });
        }
        over.push(done.later(below));
    }
    let end = bars.iter().map(|bar| bar.end).fold(0.0, f64::max);
    let mut critical = bars.iter().rposition(|bar| bar.end >= end);
    while let Some(bar) = critical {
        bars[bar].critical = true;
        critical = bars[bar].waits_for;
    }
    Lane { bars, end, times }
}

/// When the files of a step are there, and the bar that they wait for.
#[derive(Clone, Copy, Default)]
struct Over {
    end: f64,
    by: Option<usize>,
}

impl Over {
    fn later(self, other: Self) -> Self {
        if other.end > self.end { other } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::what_if;
    use expect_test::{Expect, expect};

    const FILE: &str = "\
FROM a AS one
RUN b
RUN c
FROM a AS two
RUN d
FROM one
COPY --from=two /d /d
COPY --link e /e
RUN f
";

    #[track_caller]
    fn check(change: &str, seconds: &[(usize, f64)], expected: Expect) {
        let rerun = what_if(FILE, &Facts::default(), &change.parse().unwrap());
        let seconds =
            |step: &Step| seconds.iter().find(|(line, _)| *line == step.line).map(|(_, time)| *time);
        let lane = lane(&rerun, seconds);
        let mut told = format!("{:?}, {}\n", lane.times, lane.end);
        for bar in &lane.bars {
            let marks = [(bar.critical, " critical"), (bar.measured, " measured")];
            let marks: String = marks.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
            told += &format!("{}: {}..{}{marks}\n", rerun.steps[bar.step].line, bar.start, bar.end);
        }
        expected.assert_eq(&told);
    }

    #[test]
    fn stages_run_beside_one_another_and_a_linked_copy_waits_for_none() {
        check(
            "no-cache",
            &[],
            expect![[r#"
                Equal, 4
                2: 0..1 critical
                3: 1..2 critical
                5: 0..1
                7: 2..3 critical
                8: 0..1
                9: 3..4 critical
            "#]],
        );
    }

    #[test]
    fn times_that_are_known_move_what_waits() {
        check(
            "no-cache",
            &[(2, 1.0), (3, 2.0), (5, 9.0), (7, 0.5), (8, 0.25), (9, 4.0)],
            expect![[r#"
            Measured, 13.5
            2: 0..1 measured
            3: 1..3 measured
            5: 0..9 critical measured
            7: 9..9.5 critical measured
            8: 0..0.25 measured
            9: 9.5..13.5 critical measured
        "#]],
        );
        check(
            "line:5",
            &[(5, 9.0)],
            expect![[r#"
                Partly, 27
                5: 0..9 critical measured
                7: 9..18 critical
                8: 0..9
                9: 18..27 critical
            "#]],
        );
    }

    #[test]
    fn what_is_cached_takes_no_time() {
        check(
            "nothing",
            &[(2, 1.0)],
            expect![[r#"
            Equal, 0
        "#]],
        );
        check(
            "file:e",
            &[],
            expect![[r#"
            Equal, 2
            8: 0..1 critical
            9: 1..2 critical
        "#]],
        );
    }

    #[test]
    fn facts_tell_times_by_stage_and_text() {
        let facts: Facts = serde_json::from_str(
            r#"{"version": 1, "measured": [{"stage": "one", "instruction": "RUN b", "seconds": 2.5, "base": "a",
                "platform": "linux/amd64", "step": "", "below": ""}]}"#,
        )
        .unwrap();
        let rerun = what_if(FILE, &facts, &"no-cache".parse().unwrap());
        let known: Vec<_> =
            rerun.steps.iter().filter_map(|step| Some((step.line, measured(&facts, step)?))).collect();
        assert_eq!(known, [(2, 2.5)]);
    }
}
