//! The truth beside the estimate: a table for each of the two sizes.

use super::{LINE, seconds};
use crate::builder::Step;
use crate::render::bytes::{bytes, range};
use crate::render::columns::{clip, paper_width};
use crate::render::tone;
use layercast_core::estimate::Estimate;
use std::io::{self, Write};

/// One instruction of the image that was built.
pub(crate) struct Row<'a> {
    /// Its line.
    pub(crate) line: usize,
    /// Its text.
    pub(crate) text: &'a str,
    /// Its step, where the builder told of one.
    pub(crate) step: Option<Step>,
    /// The files of its layer.
    pub(crate) unpacked: Sizes<'a>,
    /// Its layer compressed.
    pub(crate) download: Sizes<'a>,
}

/// A size as it was estimated and as it is, in bytes; none where it is not known.
#[derive(Clone, Copy)]
pub(crate) struct Sizes<'a> {
    pub(crate) estimate: Option<&'a Estimate>,
    pub(crate) real: Option<u64>,
}

/// Writes the tables: each step of the image with its time, its estimate, what it really weighs. One for each of the
/// two sizes that is known.
pub(crate) fn write_truth(out: &mut impl Write, rows: &[Row<'_>]) -> io::Result<()> {
    write_table(out, "unpacked", rows, |row| row.unpacked)?;
    write_table(out, "download", rows, |row| row.download)
}

fn write_table<'a>(
    out: &mut impl Write,
    title: &str,
    rows: &[Row<'a>],
    sizes: fn(&Row<'a>) -> Sizes<'a>,
) -> io::Result<()> {
    if rows.iter().all(|row| sizes(row).real.is_none()) {
        return Ok(());
    }
    let (strong, faint) = (tone::STRONG, tone::FAINT);
    let columns = format!("{:>9} {:>10} {:>10} {:>8}", "time", "estimated", "real", "error");
    let room = paper_width().saturating_sub(LINE + 2 + columns.len() + 11);
    writeln!(out, "\n{strong}{:LINE$}  {title:room$}{strong:#}{faint}{columns}{faint:#}", "")?;
    for row in rows {
        let Sizes { estimate, real: Some(real) } = sizes(row) else { continue };
        let text = clip(row.text, room.saturating_sub(1));
        let gap = room.saturating_sub(text.chars().count());
        let time = row.step.as_ref().map(short_time).unwrap_or_default();
        write!(out, "{faint}{:>LINE$}{faint:#}  {text}{:gap$}{time:>9} ", row.line, "")?;
        write_error(out, estimate, real)?;
    }
    let sizes = || rows.iter().map(sizes).filter(|sizes| sizes.real.is_some_and(|real| real > 0));
    let real = sizes().filter_map(|sizes| sizes.real).sum();
    let known: Option<Vec<&Estimate>> = sizes().map(|sizes| sizes.estimate).collect();
    write!(out, "{strong}{:LINE$}  {:room$}{:>9}{strong:#} ", "", "the image", "")?;
    write_error(out, known.map(Estimate::sum).as_ref(), real)
}

fn write_error(out: &mut impl Write, estimate: Option<&Estimate>, real: u64) -> io::Result<()> {
    let (open, faint) = (tone::OPEN, tone::FAINT);
    let Some(estimate) = estimate else {
        return writeln!(out, "{open}{:>10}{open:#} {:>10}", "?", bytes(real));
    };
    write!(out, "{:>10} {:>10} {:>8}", bytes(estimate.likely), bytes(real), error(estimate.likely, real))?;
    if (estimate.low..=estimate.high).contains(&real) {
        return writeln!(out, "  {faint}in range{faint:#}");
    }
    match range(estimate) {
        Some(range) => writeln!(out, "  {open}not in {range}{open:#}"),
        None => writeln!(out, "  {open}not exact{open:#}"),
    }
}

/// `+4.2 %`: by how much the estimate is too high.
fn error(estimated: u64, real: u64) -> String {
    if estimated == real {
        return "0 %".to_owned();
    }
    if real == 0 {
        return String::new();
    }
    format!("{:+.1} %", (estimated as f64 / real as f64 - 1.0) * 100.0)
}

fn short_time(step: &Step) -> String {
    if step.cached { "cached".to_owned() } else { step.time.map(seconds).unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use layercast_core::estimate::Basis;

    #[track_caller]
    fn check(estimate: Option<(u64, u64, u64)>, real: u64, expected: &str) {
        let estimate =
            estimate.map(|(low, likely, high)| Estimate { low, likely, high, basis: Basis::Pinned });
        let mut out = Vec::new();
        write_error(&mut out, estimate.as_ref(), real).expect("a vector takes what is written");
        let text = anstream::adapter::strip_bytes(&out).into_vec();
        assert_eq!(String::from_utf8(text).expect("text").trim(), expected);
    }

    #[test]
    fn the_error_stands_beside_the_range() {
        check(Some((90, 100, 110)), 105, "100 B      105 B   -4.8 %  in range");
        check(Some((90, 100, 110)), 80, "100 B       80 B  +25.0 %  not in 90–110 B");
        check(Some((7, 7, 7)), 7, "7 B        7 B      0 %  in range");
        check(Some((7, 7, 7)), 8, "7 B        8 B  -12.5 %  not exact");
        check(Some((0, 5, 9)), 0, "5 B        0 B           in range");
        check(None, 12, "?       12 B");
    }
}
