//! What is said of the Dockerfile, by the report at once and by the checks a moment later.

use crate::shared::Shared;
use crate::weights::Step;
use layercast_core::Report;
use layercast_core::diagnostic::{Diagnostic, Severity};
use layercast_core::text::Range;
use std::rc::Rc;
use yew::AttrValue;

/// A diagnostic as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The rule: kebab-case, naming the offence.
    pub rule: String,
    /// How much it matters.
    pub severity: Severity,
    /// Its line, from 1.
    pub line: usize,
    /// The bytes to underline.
    pub range: Range,
    /// One sentence, without a full stop.
    pub message: String,
    /// What helps.
    pub notes: Vec<String>,
}

/// What the worker has said, and of which text.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Checks {
    /// Nothing yet.
    #[default]
    Coming,
    /// This.
    Said(Told),
    /// It could not be loaded.
    Gone,
}

/// What a whole analysis said of a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// The text.
    pub of: Rc<str>,
    /// What the checks said.
    pub remarks: Shared<Vec<Remark>>,
    /// What its steps weigh.
    pub steps: Shared<Vec<Step>>,
    /// What stands below the layers, as HTML ([`crate::summary`]).
    pub below: AttrValue,
}

impl Checks {
    /// What the steps weigh, of whatever text.
    pub fn steps(&self) -> Shared<Vec<Step>> {
        match self {
            Self::Said(told) => told.steps.clone(),
            _ => Shared::default(),
        }
    }
}

impl From<&Diagnostic> for Remark {
    fn from(diagnostic: &Diagnostic) -> Self {
        Self {
            rule: diagnostic.rule.to_owned(),
            severity: diagnostic.severity,
            line: diagnostic.line,
            range: diagnostic.range,
            message: diagnostic.message.clone(),
            notes: diagnostic.notes.clone(),
        }
    }
}

/// Everything said of `source`: what stops the build first.
pub fn remarks(source: &str, report: &Report, checks: &Checks) -> Vec<Remark> {
    let mut remarks: Vec<Remark> = report.diagnostics().map(Remark::from).collect();
    if let Checks::Said(told) = checks {
        remarks.extend(moved(&told.remarks, &told.of, source));
    }
    remarks
}

/// What was said of an earlier text, as far as it still holds: before the change where it was, behind the
/// change moved along. What the change touched waits for its answer.
fn moved<'a>(said: &'a [Remark], of: &'a str, source: &'a str) -> impl Iterator<Item = Remark> + 'a {
    let (old, new) = (of.as_bytes(), source.as_bytes());
    let same = |pair: &(&u8, &u8)| pair.0 == pair.1;
    let before = old.iter().zip(new).take_while(same).count();
    let rest = old.len().min(new.len()) - before;
    let behind = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(same).count();
    let kept = old.len() - behind;
    let lines = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'\n').count();
    let (left, came) = (lines(&old[before..kept]), lines(&new[before..new.len() - behind]));
    let unchanged = old.len() == before;
    said.iter().filter_map(move |remark| {
        if unchanged || remark.range.end < before {
            return Some(remark.clone());
        }
        (remark.range.start > kept).then(|| {
            let place = |byte: usize| (byte + new.len()).saturating_sub(old.len());
            let range = Range::new(place(remark.range.start), place(remark.range.end));
            Remark { line: (remark.line + came).saturating_sub(left), range, ..remark.clone() }
        })
    })
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    fn said(line: usize, start: usize, end: usize) -> Remark {
        Remark::from(&Diagnostic::warning("rule", line, Range::new(start, end), "No"))
    }

    #[track_caller]
    fn check(of: &str, source: &str, remarks: &[Remark], expected: &[(usize, usize, usize)]) {
        let found: Vec<_> = moved(remarks, of, source)
            .map(|remark| (remark.line, remark.range.start, remark.range.end))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn remarks_move_with_the_text_until_the_next_ones_come() {
        let remarks = [said(1, 0, 2), said(2, 5, 7), said(3, 10, 12)];
        let of = "aaaa\nbbbb\ncccc\n";
        check(of, of, &remarks, &[(1, 0, 2), (2, 5, 7), (3, 10, 12)]);
        check(of, "aaaa\nx\ny\nbbbb\ncccc\n", &remarks, &[(1, 0, 2), (5, 14, 16)]);
        check(of, "aaaa\ncccc\n", &remarks, &[(1, 0, 2)]);
        check(of, "aaaa\nbbbb\n", &remarks, &[(1, 0, 2), (2, 5, 7)]);
        check(of, "", &remarks, &[]);
    }
}
