//! What we tell the user about the Dockerfile: where, what, how bad, and what to do.

use crate::text::Range;
use serde::Serialize;
use std::collections::BTreeSet;

/// How much a diagnostic matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Builds, but likely not as meant.
    Warning,
    /// Does not build.
    Error,
}

/// One remark about the Dockerfile, or about what was learnt of something it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Our name of the rule: kebab-case, naming the offence.
    pub rule: &'static str,
    /// BuildKit's name of the check, where it is one of its 22.
    pub buildkit: Option<&'static str>,
    /// How much it matters.
    pub severity: Severity,
    /// The line it is reported at, from 1: for a rule of BuildKit's, the line BuildKit reports.
    pub line: usize,
    /// The bytes to underline.
    pub range: Range,
    /// One sentence, without a full stop.
    pub message: String,
    /// What helps: the nearest name, what was expected, what to do next.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// True where a comment for another tool asks for silence: BuildKit would say it all the same.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub silenced: bool,
    /// A change that mends it, where one is safe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
}

/// A change of the text that mends a diagnostic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// What it does, in the imperative: "Name the stage in lower case".
    pub title: String,
    /// The edits, in ascending order, none overlapping another.
    pub edits: Vec<Edit>,
}

/// One replacement of text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// The bytes to replace.
    pub range: Range,
    /// What stands there afterwards.
    pub text: String,
}

impl Diagnostic {
    /// An error of `rule` at `range` on `line`.
    pub fn error(rule: &'static str, line: usize, range: Range, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, rule, line, range, message)
    }

    /// A warning of `rule` at `range` on `line`.
    pub fn warning(rule: &'static str, line: usize, range: Range, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, rule, line, range, message)
    }

    fn new(
        severity: Severity,
        rule: &'static str,
        line: usize,
        range: Range,
        message: impl Into<String>,
    ) -> Self {
        let message = message.into();
        Self {
            rule,
            buildkit: None,
            severity,
            line,
            range,
            message,
            notes: Vec::new(),
            silenced: false,
            fix: None,
        }
    }

    /// The same with one more note.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

/// `source` with fixes applied. A fix that touches what an earlier one of the list changes is left out: it can
/// be asked for again afterwards.
pub fn apply(source: &str, fixes: &[Fix]) -> String {
    let taken = compatible(source, fixes);
    let mut edits: Vec<&Edit> = taken.into_iter().flat_map(|place| &fixes[place].edits).collect();
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    edits.dedup();
    let mut text = String::new();
    let mut at = 0;
    for edit in edits {
        text.push_str(source.get(at..edit.range.start).unwrap_or_default());
        text.push_str(&edit.text);
        at = edit.range.end;
    }
    text + source.get(at..).unwrap_or_default()
}

/// The places of the fixes that can be applied together: those that fit the text and touch nothing that an
/// earlier one changes.
pub fn compatible(source: &str, fixes: &[Fix]) -> Vec<usize> {
    let mut taken: BTreeSet<Range> = BTreeSet::new();
    let mut places = Vec::new();
    for (place, fix) in fixes.iter().enumerate() {
        let fits = |range: Range| source.get(range.start..range.end).is_some();
        if fix.edits.iter().all(|edit| fits(edit.range) && !overlaps(&taken, edit.range)) {
            taken.extend(fix.edits.iter().map(|edit| edit.range));
            places.push(place);
        }
    }
    places
}

/// True where one of the ranges has a byte in common with `range`. None of them overlaps another, so the nearest
/// that is not empty decides.
fn overlaps(taken: &BTreeSet<Range>, range: Range) -> bool {
    for other in taken.range(..Range::new(range.end, 0)).rev() {
        if range.start < other.end {
            return true;
        }
        if !other.is_empty() {
            return false;
        }
    }
    false
}

impl Fix {
    /// A fix of one edit.
    pub fn replace(title: impl Into<String>, range: Range, text: impl Into<String>) -> Self {
        Self { title: title.into(), edits: vec![Edit { range, text: text.into() }] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fix(edits: &[(usize, usize, &str)]) -> Fix {
        let edit = |(start, end, text): &(usize, usize, &str)| Edit {
            range: Range::new(*start, *end),
            text: (*text).into(),
        };
        Fix { title: String::new(), edits: edits.iter().map(edit).collect() }
    }

    #[track_caller]
    fn check(fixes: &[Fix], places: &[usize], text: &str) {
        assert_eq!(compatible("abcdef", fixes), places);
        assert_eq!(apply("abcdef", fixes), text);
    }

    #[test]
    fn a_fix_that_touches_what_an_earlier_one_changes_is_left_out() {
        check(&[fix(&[(0, 2, "x")]), fix(&[(1, 3, "y")]), fix(&[(2, 3, "z")])], &[0, 2], "xzdef");
        check(&[fix(&[(1, 5, "x")]), fix(&[(0, 1, "y"), (3, 4, "y")])], &[0], "axf");
        check(&[fix(&[(2, 3, "x")]), fix(&[(0, 6, "y")])], &[0], "abxdef");
    }

    #[test]
    fn insertions_at_one_place_go_together_and_inside_a_change_do_not() {
        check(&[fix(&[(2, 2, "x")]), fix(&[(2, 2, "y")])], &[0, 1], "abxycdef");
        check(&[fix(&[(1, 3, "")]), fix(&[(2, 2, "y")]), fix(&[(3, 3, "z")])], &[0, 2], "azdef");
        check(&[fix(&[(2, 2, "y")]), fix(&[(1, 3, "")])], &[0], "abycdef");
        check(&[fix(&[(1, 3, "")]), fix(&[(3, 3, "y")]), fix(&[(2, 4, "z")])], &[0, 1], "aydef");
    }

    #[test]
    fn a_fix_that_does_not_fit_the_text_is_left_out() {
        check(&[fix(&[(5, 9, "x")]), fix(&[(5, 6, "y")])], &[1], "abcdey");
    }
}
