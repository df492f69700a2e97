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
        Self { rule, buildkit: None, severity, line, range, message, notes: Vec::new(), fix: None }
    }

    /// The same with one more note.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}
