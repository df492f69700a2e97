//! What we tell the user about the Dockerfile: where, what, how bad, and what to do.

use crate::text::Range;
use serde::Serialize;

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
    let mut taken: Vec<&Edit> = Vec::new();
    let mut places = Vec::new();
    for (place, fix) in fixes.iter().enumerate() {
        let overlaps = |edit: &Edit| {
            taken.iter().any(|other| edit.range.start < other.range.end && other.range.start < edit.range.end)
        };
        let fits = |edit: &Edit| source.get(edit.range.start..edit.range.end).is_some();
        if fix.edits.iter().all(|edit| fits(edit) && !overlaps(edit)) {
            taken.extend(&fix.edits);
            places.push(place);
        }
    }
    places
}

impl Fix {
    /// A fix of one edit.
    pub fn replace(title: impl Into<String>, range: Range, text: impl Into<String>) -> Self {
        Self { title: title.into(), edits: vec![Edit { range, text: text.into() }] }
    }
}
