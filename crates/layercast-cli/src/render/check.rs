//! What is wrong with one Dockerfile, as text: what was mended, each problem, their number.

use crate::checked::Checked;
use crate::render::columns::clip;
use crate::render::{problems, tone};
use layercast_core::diagnostic::{Diagnostic, Severity};
use std::io::{self, Write};

/// Writes what was found in one file.
pub(crate) fn write(out: &mut impl Write, checked: &Checked) -> io::Result<()> {
    let (ships, faint) = (tone::SHIPS, tone::FAINT);
    let path = &checked.source.path;
    for fixed in &checked.fixed {
        let title = clip(&fixed.title, 200);
        writeln!(
            out,
            "{ships}fixed{ships:#}: {path}:{}: {title} {faint}[{}]{faint:#}",
            fixed.line, fixed.rule
        )?;
    }
    if let Some(ignore_file) = checked.ignore_file.as_ref().filter(|_| !checked.ignore_problems.is_empty()) {
        problems::write(out, &ignore_file.source(), checked.ignore_problems.iter())?;
        writeln!(out)?;
    }
    problems::write(out, &checked.source, checked.report.diagnostics())?;
    let found: Vec<&Diagnostic> = checked.report.diagnostics().chain(&checked.ignore_problems).collect();
    if checked.report.diagnostics().next().is_some() {
        writeln!(out)?;
    }
    write_summary(out, path, &found)
}

/// `Dockerfile ▸ 1 error, 2 warnings; --fix mends 1`.
fn write_summary(out: &mut impl Write, path: &str, found: &[&Diagnostic]) -> io::Result<()> {
    let (strong, faint) = (tone::STRONG, tone::FAINT);
    let counts = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "remark")];
    let counted = counts.into_iter().filter_map(|(severity, name)| {
        match found.iter().filter(|diagnostic| diagnostic.severity == severity).count() {
            0 => None,
            1 => Some(format!("1 {name}")),
            count => Some(format!("{count} {name}s")),
        }
    });
    let counted: Vec<String> = counted.collect();
    let counted = if counted.is_empty() { "no problems".to_owned() } else { counted.join(", ") };
    write!(out, "{strong}{path}{strong:#} {faint}▸{faint:#} {counted}")?;
    match found.iter().filter(|diagnostic| diagnostic.fix.is_some()).count() {
        0 => writeln!(out),
        count => writeln!(out, "{faint}; --fix mends {count}{faint:#}"),
    }
}
