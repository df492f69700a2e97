//! Two images side by side, as text: the difference in words, then layer by layer.

use crate::render::bytes::bytes;
use crate::render::columns::{Row, broken, paper_width, write_row};
use crate::render::tone;
use anstyle::Style;
use layercast_core::Report;
use layercast_core::compare::{Comparison, Difference, LayerPair};
use std::io::{self, Write};

/// Writes it; each side with its name.
pub(crate) fn write(
    out: &mut impl Write,
    comparison: &Comparison,
    (first_name, first): (&str, &Report),
    (second_name, second): (&str, &Report),
) -> io::Result<()> {
    let (strong, faint) = (tone::STRONG, tone::FAINT);
    let width = paper_width();
    writeln!(out, "{strong}{first_name}{strong:#} {faint}▸{faint:#} {strong}{second_name}{strong:#}\n")?;
    for sentence in &comparison.sentences {
        for line in broken(sentence, width) {
            writeln!(out, "{line}")?;
        }
    }
    if comparison.layers.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    let header = Row {
        sizes: Some(["unpacked".to_owned(), "download".to_owned()]),
        sizes_style: tone::FAINT,
        ..Row::default()
    };
    write_row(out, &header, width)?;
    for pair in &comparison.layers {
        write_pair(out, pair, first, second, width)?;
    }
    Ok(())
}

/// What went with a minus, what came with a plus, as a diff has it; what both have once, with its difference.
fn write_pair(
    out: &mut impl Write,
    pair: &LayerPair,
    first: &Report,
    second: &Report,
    width: usize,
) -> io::Result<()> {
    let sizes = [signed(pair.unpacked), signed(pair.download)];
    let gone = pair.first.filter(|_| !pair.is_same_text);
    if let Some(layer) = gone {
        let sizes = if pair.second.is_none() { sizes.clone() } else { [String::new(), String::new()] };
        write_layer(out, first, layer, ("− ", tone::ERROR), sizes, width)?;
    }
    let tree = if pair.is_same_text { ("  ", Style::new()) } else { ("+ ", tone::SHIPS) };
    match pair.second {
        Some(layer) => write_layer(out, second, layer, tree, sizes, width),
        None => Ok(()),
    }
}

fn write_layer(
    out: &mut impl Write,
    report: &Report,
    layer: usize,
    (tree, style): (&'static str, Style),
    sizes: [String; 2],
    width: usize,
) -> io::Result<()> {
    let Some(layer) = report.layers.get(layer) else { return Ok(()) };
    let text = report.instructions.get(layer.instruction).map(|instruction| instruction.text.clone());
    let text = text.unwrap_or_default();
    let row = Row { line: Some(layer.line), tree, text, style, sizes: Some(sizes), ..Row::default() };
    write_row(out, &row, width)
}

/// `+12.6 MB`, `−823.0 MB`, `=`; `?` where a side is not known.
fn signed(difference: Option<Difference>) -> String {
    match difference {
        None => "?".to_owned(),
        Some(Difference { likely: 0, low: 0, high: 0, .. }) => "=".to_owned(),
        Some(Difference { likely, .. }) if likely < 0 => format!("−{}", bytes(likely.unsigned_abs())),
        Some(Difference { likely, .. }) => format!("+{}", bytes(likely.unsigned_abs())),
    }
}
