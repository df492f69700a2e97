//! The helpers of every language's tests.

use super::{Declined, Rewrite, to_multi_stage};
use crate::facts::{BuildContext, ContextFile, Facts};
use expect_test::Expect;

/// What the assistant makes of a file whose build context is not known.
#[track_caller]
pub(super) fn check(source: &str, expected: Expect) {
    check_with(source, &Facts::default(), expected);
}

/// The same with what is known from outside.
#[track_caller]
pub(super) fn check_with(source: &str, facts: &Facts, expected: Expect) {
    match to_multi_stage(source, facts) {
        Ok(rewrite) => expected.assert_eq(&drawn(&rewrite)),
        Err(declined) => panic!("declined: {}", said(&declined)),
    }
}

/// Why the assistant leaves a file alone.
#[track_caller]
pub(super) fn check_declined(source: &str, expected: Expect) {
    match to_multi_stage(source, &Facts::default()) {
        Ok(rewrite) => panic!("not declined:\n{}", rewrite.text),
        Err(declined) => expected.assert_eq(&said(&declined)),
    }
}

/// A build context of these files, with texts.
pub(super) fn context(files: &[(&str, &str)]) -> Facts {
    let file = |(path, text): &(&str, &str)| ContextFile {
        text: Some((*text).to_owned()),
        ..ContextFile::new(*path, text.len() as u64)
    };
    let context = BuildContext { files: files.iter().map(file).collect(), partial: false };
    Facts { context: Some(context), ..Facts::default() }
}

/// The text with each reason behind its lines, then what to look at, then the gain.
fn drawn(rewrite: &Rewrite) -> String {
    let mut drawn = String::new();
    for (at, line) in rewrite.text.lines().enumerate() {
        drawn.push_str(line);
        drawn.push('\n');
        for reason in rewrite.reasons.iter().filter(|reason| reason.end_line == at + 1) {
            drawn.push_str(&format!("    ^ {}: {}\n", reason.line, reason.sentence));
        }
    }
    for need in &rewrite.needs {
        drawn.push_str(&format!("? {need}\n"));
    }
    let megabytes = |bytes: u64| (bytes as f64 / 1e6).round();
    let (before, after) = (rewrite.before.unpacked.likely, rewrite.after.unpacked.likely);
    let saved = rewrite.saved.map_or("unknown".to_owned(), |saved| format!("{saved} %"));
    drawn + &format!("= {} to {} MB: {saved}\n", megabytes(before), megabytes(after))
}

fn said(declined: &Declined) -> String {
    let line = declined.line.map(|line| format!("{line}: ")).unwrap_or_default();
    let advice = declined.advice.as_ref().map(|advice| format!(" ({advice})")).unwrap_or_default();
    format!("{line}{}{advice}", declined.reason)
}
