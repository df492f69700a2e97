//! What the assistant made of a Dockerfile: the difference, the reasons, what to look at, the sizes.

use crate::render::bytes::{bytes, range};
use crate::render::columns::{broken, paper_width};
use crate::render::tone;
use crate::source::Source;
use anstyle::{AnsiColor, Style};
use layercast_core::estimate::Estimate;
use layercast_core::rewrite::{Declined, Rewrite};
use similar::TextDiff;
use std::io::{self, Write};

const ADDED: Style = AnsiColor::Green.on_default();
const TAKEN: Style = AnsiColor::Red.on_default();

/// Writes all of it.
pub(crate) fn write(
    out: &mut impl Write,
    source: &Source,
    rewrite: &Rewrite,
    is_written: bool,
) -> io::Result<()> {
    let strong = tone::STRONG;
    write_difference(out, source, &rewrite.text)?;
    writeln!(out, "\n{strong}Why{strong:#}")?;
    for reason in &rewrite.reasons {
        let lines = match reason.end_line - reason.line {
            0 => reason.line.to_string(),
            _ => format!("{}–{}", reason.line, reason.end_line),
        };
        write_hanging(out, &format!("{lines:>7}  "), &reason.sentence)?;
    }
    if !rewrite.needs.is_empty() {
        writeln!(out, "\n{strong}Look at this yourself{strong:#}")?;
        rewrite.needs.iter().try_for_each(|need| write_hanging(out, "      •  ", need))?;
    }
    writeln!(out)?;
    let sizes = [
        ("unpacked", &rewrite.before.unpacked, &rewrite.after.unpacked),
        ("download", &rewrite.before.download, &rewrite.after.download),
    ];
    for (name, before, after) in sizes {
        let saved = match rewrite.saved {
            Some(_) => format!("{} % less", saved(before, after)),
            None => "not all is known".to_owned(),
        };
        writeln!(out, "{name}  {}  →  {}  {strong}{saved}{strong:#}", size(before), size(after))?;
    }
    let n_unknown = rewrite.after.unknown.len();
    if n_unknown > 0 {
        let steps = if n_unknown == 1 { "1 step is".to_owned() } else { format!("{n_unknown} steps are") };
        writeln!(out, "{steps} not wholly known in the new image")?;
    }
    if is_written {
        writeln!(out, "{} is written anew", source.path)?;
    }
    Ok(())
}

/// Writes the difference as `diff -u` does.
pub(crate) fn write_difference(out: &mut impl Write, source: &Source, new: &str) -> io::Result<()> {
    let name = if source.path == "-" { "Dockerfile" } else { source.path.trim_start_matches("./") };
    let difference = TextDiff::from_lines(source.text.as_str(), new);
    let (old_name, new_name) = (format!("a/{name}"), format!("b/{name}"));
    let text = difference.unified_diff().header(&old_name, &new_name).to_string();
    for line in text.split_inclusive('\n') {
        let style = match line.as_bytes().first() {
            _ if line.starts_with("---") || line.starts_with("+++") => tone::STRONG,
            Some(b'+') => ADDED,
            Some(b'-') => TAKEN,
            Some(b'@') => tone::FAINT,
            _ => Style::new(),
        };
        let (own, end) = line.split_at(line.trim_end_matches(['\n', '\r']).len());
        write!(out, "{style}{own}{style:#}{end}")?;
    }
    Ok(())
}

/// Writes why nothing was done.
pub(crate) fn write_declined(out: &mut impl Write, source: &Source, declined: &Declined) -> io::Result<()> {
    let strong = tone::STRONG;
    let place = declined.line.map(|line| format!(":{line}")).unwrap_or_default();
    writeln!(out, "{strong}{}{place}{strong:#} is left as it is: {}", source.path, declined.reason)?;
    match &declined.advice {
        Some(advice) => writeln!(out, "  {strong}note{strong:#}: {advice}"),
        None => Ok(()),
    }
}

/// Writes `text` behind `mark`, its further lines below its first.
fn write_hanging(out: &mut impl Write, mark: &str, text: &str) -> io::Result<()> {
    let indent = mark.chars().count();
    for (at, line) in broken(text, paper_width().saturating_sub(indent)).iter().enumerate() {
        match at {
            0 => writeln!(out, "{mark}{line}")?,
            _ => writeln!(out, "{:indent$}{line}", "")?,
        }
    }
    Ok(())
}

fn size(estimate: &Estimate) -> String {
    let range = range(estimate).map(|range| format!(" ({range})")).unwrap_or_default();
    format!("{}{range}", bytes(estimate.likely))
}

/// In per cent, rounded down.
fn saved(before: &Estimate, after: &Estimate) -> u64 {
    before.likely.saturating_sub(after.likely).saturating_mul(100).checked_div(before.likely).unwrap_or(0)
}
