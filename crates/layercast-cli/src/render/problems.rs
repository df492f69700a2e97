//! Diagnostics as text: what, where, what helps.

use crate::render::columns::clip;
use crate::render::tone;
use layercast_core::diagnostic::{Diagnostic, Severity};
use std::io::{self, Write};

/// Writes one diagnostic of the file at `path`.
pub(super) fn write(out: &mut impl Write, path: &str, diagnostic: &Diagnostic) -> io::Result<()> {
    let (word, style) = match diagnostic.severity {
        Severity::Error => ("error", tone::ERROR),
        Severity::Warning => ("warning", tone::OPEN),
        Severity::Info => ("info", tone::STRONG),
    };
    let (line, rule, faint) = (diagnostic.line, diagnostic.rule, tone::FAINT);
    let message = clip(&diagnostic.message, usize::MAX);
    writeln!(out, "{style}{word}{style:#}: {message} {faint}[{rule}]{faint:#}")?;
    writeln!(out, "  {faint}at{faint:#} {path}:{line}")?;
    for note in &diagnostic.notes {
        writeln!(out, "  {faint}note:{faint:#} {}", clip(note, usize::MAX))?;
    }
    Ok(())
}
