//! Checks as text: the page of one, the table of all.

use crate::render::columns::{broken, paper_width};
use crate::render::tone;
use layercast_core::lint::{self, Rule};
use std::io::{self, Write};

/// Writes the page of a check, its headings set apart.
pub(crate) fn write(out: &mut impl Write, rule: &Rule) -> io::Result<()> {
    let strong = tone::STRONG;
    for line in lint::explain(rule).lines() {
        match line.starts_with('#') && !line.starts_with("# check=") {
            true => writeln!(out, "{strong}{line}{strong:#}")?,
            false => writeln!(out, "{line}")?,
        }
    }
    Ok(())
}

/// Writes every check: its names at the left, what it finds at the right.
pub(crate) fn write_list(out: &mut impl Write) -> io::Result<()> {
    let (strong, faint) = (tone::STRONG, tone::FAINT);
    let names = |rule: &Rule| -> Vec<&'static str> {
        std::iter::once(rule.name).chain(rule.buildkit).chain(rule.hadolint.iter().copied()).collect()
    };
    let widest = lint::ALL.iter().flat_map(|rule| names(rule)).map(str::len).max().unwrap_or(0);
    for rule in lint::ALL {
        let sentence = broken(rule.explanation.what, paper_width().saturating_sub(widest + 2));
        let names = names(rule);
        for row in 0..names.len().max(sentence.len()) {
            let name = names.get(row).copied().unwrap_or_default();
            let style = if row == 0 { strong } else { faint };
            let gap = " ".repeat(widest + 2 - name.len());
            let words = sentence.get(row).map_or("", String::as_str);
            match words {
                "" => writeln!(out, "{style}{name}{style:#}")?,
                _ => writeln!(out, "{style}{name}{style:#}{gap}{words}")?,
            }
        }
    }
    Ok(())
}
