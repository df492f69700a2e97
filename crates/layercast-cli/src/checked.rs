//! What `layercast check` found in one file, between the command that finds it and the text that shows it.

use crate::context::IgnoreFile;
use crate::source::Source;
use layercast_core::Report;
use layercast_core::diagnostic::Diagnostic;
use serde::Serialize;

/// What was found in one file.
pub(crate) struct Checked {
    /// The file; after `--fix`, as it is now.
    pub(crate) source: Source,
    /// What was mended, in order.
    pub(crate) fixed: Vec<Fixed>,
    /// What there is to say of it.
    pub(crate) report: Report,
    /// The .dockerignore in force.
    pub(crate) ignore_file: Option<IgnoreFile>,
    /// What is wrong with that.
    pub(crate) ignore_problems: Vec<Diagnostic>,
}

/// One fix that was applied.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Fixed {
    /// The line it was asked for at, in the text as it stood then.
    pub(crate) line: usize,
    /// The check that asked for it, by the name it is known by outside.
    pub(crate) rule: &'static str,
    /// What was done, in the imperative.
    pub(crate) title: String,
}
