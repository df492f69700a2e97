//! What a test run has to show in the end: each step, its time, how many passed, what did not run and why.

use crate::step::Failed;
use std::fmt::{self, Display};
use std::time::{Duration, Instant};

/// The steps that were taken so far.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    title: String,
    time: Duration,
    result: Ran,
}

/// How one step went. A check that runs no tests of its own counts as one.
#[derive(Debug)]
enum Ran {
    Counted(Counts),
    Broken { counts: Counts, why: Failed },
    Not { why: String },
}

/// How many tests passed and failed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
}

impl Tally {
    /// A step that passes or fails as a whole. Returns whether it passed.
    pub(crate) fn check(&mut self, title: &str, work: impl FnOnce() -> Result<(), Failed>) -> bool {
        self.take(title, || match work() {
            Ok(()) => Ran::Counted(Counts { passed: 1, failed: 0 }),
            Err(why) => Ran::Broken { counts: Counts::default(), why },
        })
    }

    /// A step that runs tests: `work` gives back what the test runner printed, and its outcome.
    pub(crate) fn tests(&mut self, title: &str, work: impl FnOnce() -> (String, Result<(), Failed>)) -> bool {
        self.take(title, || {
            let (printed, outcome) = work();
            let counts = Counts::read(&printed);
            match outcome {
                Ok(()) if counts == Counts::default() => {
                    Ran::Broken { counts, why: Failed("no test ran".to_owned()) }
                }
                Ok(()) => Ran::Counted(counts),
                Err(why) => Ran::Broken { counts, why },
            }
        })
    }

    /// A step that cannot be taken.
    pub(crate) fn not_run(&mut self, title: &str, why: &str) {
        println!("-> {title}\n   NOT RUN: {why}");
        self.rows.push(Row {
            title: title.to_owned(),
            time: Duration::ZERO,
            result: Ran::Not { why: why.to_owned() },
        });
    }

    fn take(&mut self, title: &str, work: impl FnOnce() -> Ran) -> bool {
        println!("-> {title}");
        let start = Instant::now();
        let result = work();
        let time = start.elapsed();
        let well = matches!(&result, Ran::Counted(counts) if counts.failed == 0);
        if let Ran::Broken { why, .. } = &result {
            println!("   {why}");
        }
        println!("   {} in {:.1} s", if well { "done" } else { "FAILED" }, time.as_secs_f64());
        self.rows.push(Row { title: title.to_owned(), time, result });
        well
    }

    pub(crate) fn total(&self) -> Counts {
        self.rows.iter().map(|row| row.result.counts()).fold(Counts::default(), |sum, counts| Counts {
            passed: sum.passed + counts.passed,
            failed: sum.failed + counts.failed,
        })
    }

    pub(crate) fn n_not_run(&self) -> usize {
        self.rows.iter().filter(|row| matches!(row.result, Ran::Not { .. })).count()
    }
}

impl Ran {
    /// A step that broke without a failing test of its own still counts as a failure.
    fn counts(&self) -> Counts {
        match self {
            Self::Counted(counts) => *counts,
            Self::Broken { counts, .. } => Counts { passed: counts.passed, failed: counts.failed.max(1) },
            Self::Not { .. } => Counts::default(),
        }
    }
}

impl Counts {
    /// Sums the closing lines of cargo's, wasm-bindgen's and Node's test runners.
    fn read(printed: &str) -> Self {
        let mut counts = Self::default();
        for line in printed.lines() {
            if let Some(rest) = line.trim_start().strip_prefix("test result: ") {
                counts.passed += number_before(rest, " passed");
                counts.failed += number_before(rest, " failed");
            }
            let line = line.trim_start_matches(['#', '\u{2139}', ' ']);
            if let Some(number) = line.strip_prefix("pass ") {
                counts.passed += number.trim().parse().unwrap_or(0);
            }
            if let Some(number) = line.strip_prefix("fail ").or_else(|| line.strip_prefix("cancelled ")) {
                counts.failed += number.trim().parse().unwrap_or(0);
            }
        }
        counts
    }
}

fn number_before(line: &str, word: &str) -> usize {
    let before = line.split(word).next().unwrap_or_default();
    before.rsplit(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

impl Display for Tally {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.rows.iter().map(|row| row.title.chars().count()).max().unwrap_or_default();
        writeln!(out, "{:width$}  {:>8}  {:>6}  {:>6}", "step", "time", "passed", "failed")?;
        for row in &self.rows {
            let Counts { passed, failed } = row.result.counts();
            let time = format!("{:.1} s", row.time.as_secs_f64());
            match &row.result {
                Ran::Not { why } => writeln!(out, "{:width$}  not run: {why}", row.title)?,
                _ => writeln!(out, "{:width$}  {time:>8}  {passed:>6}  {failed:>6}", row.title)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_of_three_runners() {
        let cargo = "running 2 tests\ntest result: ok. 2 passed; 0 failed; 0 ignored\n\ntest result: FAILED. 7 passed; 1 failed; 0 ignored\n";
        assert_eq!(Counts::read(cargo), Counts { passed: 9, failed: 1 });
        let node = "\u{2139} tests 6\n\u{2139} pass 5\n\u{2139} fail 1\n\u{2139} cancelled 0\n";
        assert_eq!(Counts::read(node), Counts { passed: 5, failed: 1 });
        assert_eq!(Counts::read("# pass 3\n# fail 0\n"), Counts { passed: 3, failed: 0 });
        assert_eq!(Counts::read("all is well\n"), Counts::default());
    }

    #[test]
    fn a_run_without_tests_is_a_failure() {
        let mut tally = Tally::default();
        assert!(!tally.tests("nothing", || ("running 0 tests\n".to_owned(), Ok(()))));
        assert_eq!(tally.total(), Counts { passed: 0, failed: 1 });
    }

    #[test]
    fn a_broken_step_fails_once_at_least_and_a_step_not_run_is_not_counted() {
        let mut tally = Tally::default();
        assert!(tally.check("good", || Ok(())));
        assert!(!tally.check("bad", || Err(Failed("no".to_owned()))));
        assert!(!tally.tests("ends early", || (
            "test result: ok. 3 passed; 0 failed".into(),
            Err(Failed("signal".into()))
        )));
        tally.not_run("browser", "chromium is missing");
        assert_eq!(tally.total(), Counts { passed: 4, failed: 2 });
        assert_eq!(tally.n_not_run(), 1);
        assert!(tally.to_string().contains("not run: chromium is missing"));
    }
}
