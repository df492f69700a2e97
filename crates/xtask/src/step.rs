//! One step of a command: named as it starts, timed when it ends.

use std::fmt::{self, Display};
use std::time::Instant;

/// Why a step did not do its work, as a sentence for the person at the terminal.
#[derive(Debug, Clone)]
pub(crate) struct Failed(pub(crate) String);

/// Runs `work` between two lines: what it does, and how long it took.
pub(crate) fn step<T>(title: &str, work: impl FnOnce() -> Result<T, Failed>) -> Result<T, Failed> {
    println!("-> {title}");
    let start = Instant::now();
    let outcome = work();
    let word = if outcome.is_ok() { "done" } else { "FAILED" };
    println!("   {word} in {:.1} s", start.elapsed().as_secs_f64());
    outcome
}

impl Display for Failed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl From<std::io::Error> for Failed {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}
