//! The truth beside the estimate: a table for each of the two sizes.

use super::{LINE, seconds};
use crate::builder::Step;
use crate::render::bytes::{bytes, range};
use crate::render::columns::{clip, paper_width, width_of};
use crate::render::tone;
use layercast_core::estimate::Estimate;
use layercast_core::image_ref::Platform;
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
    pub(crate) unpacked: Sizes,
    /// Its layer compressed.
    pub(crate) download: Sizes,
}

/// A size as it was estimated and as it is, in bytes; none where it is not known.
#[derive(Clone, Debug)]
pub(crate) struct Sizes {
    pub(crate) estimate: Option<Estimate>,
    pub(crate) real: Option<u64>,
}

/// Writes the tables: each step of the image with its time, its estimate, what it really weighs. One for each of the
/// two sizes that is known. `platform` is given where there are several.
pub(crate) fn write_truth(
    out: &mut impl Write,
    platform: Option<&Platform>,
    rows: &[Row<'_>],
) -> io::Result<()> {
    let on = platform.map(|platform| format!(", {platform}")).unwrap_or_default();
    write_table(out, &format!("unpacked{on}"), rows, |row| &row.unpacked)?;
    write_table(out, &format!("download{on}"), rows, |row| &row.download)
}

fn write_table(
    out: &mut impl Write,
    title: &str,
    rows: &[Row<'_>],
    sizes: for<'a> fn(&'a Row<'_>) -> &'a Sizes,
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
        let gap = room.saturating_sub(width_of(&text));
        let time = row.step.as_ref().map(short_time).unwrap_or_default();
        write!(out, "{faint}{:>LINE$}{faint:#}  {text}{:gap$}{time:>9} ", row.line, "")?;
        write_error(out, estimate.as_ref(), *real)?;
    }
    let known = || rows.iter().map(sizes).filter(|sizes| sizes.real.is_some_and(|real| real > 0));
    let real = known().filter_map(|sizes| sizes.real).sum();
    let estimates: Option<Vec<&Estimate>> = known().map(|sizes| sizes.estimate.as_ref()).collect();
    write!(out, "{strong}{:LINE$}  {:room$}{:>9}{strong:#} ", "", "the image", "")?;
    write_error(out, estimates.map(Estimate::sum).as_ref(), real)?;
    let all: Vec<&Sizes> = rows.iter().map(sizes).collect();
    writeln!(out, "{faint}{:LINE$}  {}{faint:#}", "", verdict(&all))
}

/// One line on how good the estimates were: `median error 4.8 % of 6 steps, 5 of 7 in range, 1 not estimated`.
fn verdict(all: &[&Sizes]) -> String {
    let known = all.iter().filter_map(|sizes| Some((sizes.estimate.as_ref(), sizes.real?)));
    let known: Vec<(Option<&Estimate>, u64)> = known.collect();
    let pairs = || known.iter().filter_map(|(estimate, real)| Some(((*estimate)?, *real)));
    let mut errors: Vec<f64> = pairs()
        .filter(|(_, real)| *real > 0)
        .map(|(estimate, real)| (estimate.likely as f64 / real as f64 - 1.0).abs() * 100.0)
        .collect();
    errors.sort_by(f64::total_cmp);
    let mut parts = Vec::new();
    if let Some(median) = median(&errors) {
        let steps = if errors.len() == 1 { "step" } else { "steps" };
        parts.push(format!("median error {median:.1} % of {} {steps}", errors.len()));
    }
    let n_pairs = pairs().count();
    if n_pairs > 0 {
        parts.push(format!("{} of {n_pairs} in range", pairs().filter(|it| is_in_range(it.0, it.1)).count()));
    }
    if n_pairs < known.len() {
        parts.push(format!("{} not estimated", known.len() - n_pairs));
    }
    parts.join(", ")
}

/// Of numbers in order.
fn median(numbers: &[f64]) -> Option<f64> {
    let (low, high) = (numbers.get(numbers.len().checked_sub(1)? / 2)?, numbers.get(numbers.len() / 2)?);
    Some(low.midpoint(*high))
}

fn is_in_range(estimate: &Estimate, real: u64) -> bool {
    (estimate.low..=estimate.high).contains(&real)
}

fn write_error(out: &mut impl Write, estimate: Option<&Estimate>, real: u64) -> io::Result<()> {
    let (open, faint) = (tone::OPEN, tone::FAINT);
    let Some(estimate) = estimate else {
        return writeln!(out, "{open}{:>10}{open:#} {:>10}", "?", bytes(real));
    };
    write!(out, "{:>10} {:>10} {:>8}", bytes(estimate.likely), bytes(real), error(estimate.likely, real))?;
    if is_in_range(estimate, real) {
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

    #[test]
    fn one_line_says_how_good_the_estimates_were() {
        let sizes = |likely: Option<u64>, real| Sizes {
            estimate: likely.map(|likely| Estimate {
                low: likely * 9 / 10,
                likely,
                high: likely * 11 / 10,
                basis: Basis::Pinned,
            }),
            real,
        };
        let check = |all: &[Sizes], expected: &str| {
            assert_eq!(verdict(&all.iter().collect::<Vec<_>>()), expected);
        };
        check(&[sizes(Some(100), Some(100))], "median error 0.0 % of 1 step, 1 of 1 in range");
        check(
            &[
                sizes(Some(100), Some(80)),
                sizes(Some(105), Some(100)),
                sizes(Some(0), Some(0)),
                sizes(None, Some(5)),
                sizes(Some(9), None),
            ],
            "median error 15.0 % of 2 steps, 2 of 3 in range, 1 not estimated",
        );
        check(&[sizes(None, Some(5))], "1 not estimated");
        check(&[sizes(Some(0), Some(0))], "1 of 1 in range");
    }
}
