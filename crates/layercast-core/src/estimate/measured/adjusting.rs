//! What a step weighs that a build measured before it changed.
//!
//! Of the estimate now, a part is what the estimate was then, and a part is new. The measurement says how far the
//! former estimate was off; that error belongs to the old part, which takes it along. The new part takes of it what
//! such parts err in common: all of it under a rule of thumb, where one factor is wrong for everything; less where
//! packages each err for themselves, the less the fewer were measured. So a package more adds its own estimate, and a
//! source tree that grows by a tenth makes what is compiled from it grow by a tenth.

use crate::estimate::Basis;
use crate::estimate::part::{Part, Span};

/// How far the errors of two packages of one source go together: from 0, not at all, to 1.
const ALIKE: f64 = 0.15;
/// The factor that corrects new parts stays within these.
const FACTORS: [f64; 2] = [0.5, 2.0];
/// What did not change may still come out a little different.
const SLACK: f64 = 0.015;
/// How far it may, where the estimates of then and now cannot be held against each other.
const BLIND: [f64; 2] = [0.75, 1.33];
/// So much of what nobody can estimate may be other than it was: with its command, and with what is below it.
const UNKNOWN_MOVES: [f64; 2] = [0.5, 0.1];

/// What was measured of a step as it was, and what was estimated of it then.
#[derive(Clone, Copy, Debug)]
pub struct Then {
    /// What the build made of it, in bytes.
    pub measured: u64,
    /// The likely estimate; none where it knew another share of the step than the one now.
    pub estimated: Option<u64>,
    /// True where parts of it are unknown, then and now: their bytes are in the measurement alone.
    pub has_unknown: bool,
}

/// What of the step is the same.
#[derive(Clone, Copy, Debug)]
pub struct Likeness {
    /// The share of the smaller estimate that is in both.
    pub shared: f64,
    /// True where its own command is another.
    pub is_other_command: bool,
}

/// What a step weighs, that was `then` and is estimated as `now`.
pub fn adjusted(then: Then, now: Span, likeness: Likeness, common: Common) -> Span {
    let Then { measured, estimated: Some(before), has_unknown } = then else {
        return Span::around(then.measured, BLIND[0], BLIND[1]);
    };
    let (measured, before, after) = (measured as f64, before as f64, now.likely as f64);
    let error = measured - before;
    let old = likeness.shared * before.min(after);
    let (gone, new) = (before - old, after - old);
    let (likely, own) = if has_unknown || before == 0.0 {
        // What is missing from the estimate stays what it was.
        let moves = if likeness.is_other_command { UNKNOWN_MOVES[0] } else { UNKNOWN_MOVES[1] };
        ((measured + after - before).max(after), moves * error.max(0.0))
    } else {
        let factor = 1.0 + common.with(before, after) * error / before;
        let likely = old + error * old / before + new * factor.clamp(FACTORS[0], FACTORS[1]);
        (likely.max(0.0), error.abs() * share(gone + new, before).min(1.0))
    };
    let slack = SLACK * likely.min(measured);
    // Parts err for themselves: a share of them errs by the root of that share of what all err.
    let side = |whole: u64| (whole as f64 * share(new, after).sqrt()).hypot(own).hypot(slack);
    let down = side(now.likely - now.low.min(now.likely));
    let up = side(now.high.max(now.likely) - now.likely);
    let bytes = |value: f64| value.max(0.0).round() as u64;
    Span { low: bytes(likely - down), likely: bytes(likely), high: bytes(likely + up) }
}

/// What the parts of a step err in common.
#[derive(Clone, Copy, Debug, Default)]
pub struct Common {
    /// The share that stands on rules of thumb.
    by_rule: f64,
    /// The share that stands on packages.
    of_packages: f64,
    /// So many packages of equal weight would tell as much.
    n_packages: f64,
}

impl Common {
    /// Of these parts.
    pub fn of(parts: &[Part]) -> Self {
        let sum_of = |wanted: fn(&Basis) -> bool| {
            let parts = parts.iter().filter(|part| wanted(&part.basis));
            parts
                .map(|part| part.unpacked.likely as f64)
                .fold((0.0, 0.0), |(sum, squares), bytes| (sum + bytes, squares + bytes * bytes))
        };
        let (total, _) = sum_of(|_| true);
        let (rules, _) = sum_of(|basis| matches!(basis, Basis::Heuristic { .. }));
        let (packages, squares) = sum_of(|basis| matches!(basis, Basis::Package { .. } | Basis::Sum { .. }));
        Self {
            by_rule: share(rules, total),
            of_packages: share(packages, total),
            n_packages: share(packages * packages, squares),
        }
    }

    /// The share of a measured error that a new part has too. Of packages it is what the mean of so many tells of one
    /// more; where fewer were measured, it tells less.
    fn with(self, before: f64, after: f64) -> f64 {
        let n_measured = self.n_packages * share(before, after).min(1.0);
        let of_package = n_measured * ALIKE / (1.0 + (n_measured - 1.0) * ALIKE);
        self.by_rule + self.of_packages * of_package.clamp(0.0, 1.0)
    }
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAME: Likeness = Likeness { shared: 1.0, is_other_command: false };
    const OTHER: Likeness = Likeness { shared: 1.0, is_other_command: true };

    fn common(basis: Basis) -> Common {
        let part = |bytes| Part {
            name: String::new(),
            path: "/a".to_owned(),
            unpacked: Span::exact(bytes),
            download: Span::exact(bytes),
            basis: basis.clone(),
        };
        Common::of(&[part(60), part(60)])
    }

    fn packages() -> Common {
        common(Basis::Package { source: "Debian".to_owned(), as_of: String::new() })
    }

    fn rule() -> Common {
        common(Basis::Heuristic { name: "objects".to_owned() })
    }

    #[track_caller]
    fn check(
        measured: u64,
        estimated: u64,
        now: [u64; 3],
        likeness: Likeness,
        common: Common,
        expected: [u64; 3],
    ) {
        let then = Then { measured, estimated: Some(estimated), has_unknown: false };
        let [low, likely, high] = now;
        let span = adjusted(then, Span { low, likely, high }, likeness, common);
        assert_eq!([span.low, span.likely, span.high], expected);
    }

    #[test]
    fn what_did_not_change_weighs_what_it_weighed() {
        check(1200, 1000, [700, 1000, 1400], SAME, packages(), [1182, 1200, 1218]);
    }

    #[test]
    fn packages_add_their_own_estimate_and_a_little_of_the_error() {
        check(1200, 1000, [800, 1200, 1600], OTHER, packages(), [1240, 1409, 1578]);
    }

    #[test]
    fn a_rule_of_thumb_is_off_by_one_factor() {
        check(1200, 1000, [800, 1200, 1600], OTHER, rule(), [1271, 1440, 1609]);
    }

    #[test]
    fn what_is_gone_takes_its_share_of_the_error_along() {
        check(1200, 1000, [350, 500, 650], OTHER, packages(), [500, 600, 700]);
    }

    #[test]
    fn what_nobody_can_estimate_stays_what_it_was() {
        let then = Then { measured: 500, estimated: Some(100), has_unknown: true };
        let now = Span { low: 100, likely: 150, high: 200 };
        let span = adjusted(then, now, SAME, Common::default());
        assert_eq!((span.low, span.likely, span.high), (500, 550, 600));
        let span = adjusted(then, now, OTHER, Common::default());
        assert_eq!((span.low, span.likely, span.high), (348, 550, 752));
    }

    #[test]
    fn without_an_estimate_of_then_the_measurement_stands_in_a_wide_range() {
        let then = Then { measured: 400, estimated: None, has_unknown: false };
        let span = adjusted(then, Span::exact(100), SAME, Common::default());
        assert_eq!((span.low, span.likely, span.high), (300, 400, 532));
    }
}
