//! The layers of a stage, lowest first, as rows under the stage's name.

use crate::render::bytes::{bytes, range};
use crate::render::columns::{Row, write_row, write_under};
use crate::render::tone;
use anstyle::Style;
use layercast_core::Report;
use layercast_core::estimate::{Basis, Estimate};
use layercast_core::report::{Layer, Source, StageReport};
use std::io::{self, Write};

/// What heads a stack.
pub(super) struct Heading {
    /// What becomes of the stage: `ships`, `left behind`.
    pub(super) remark: String,
    /// How the stage's name and fate are shown.
    pub(super) style: Style,
    /// True where every layer is explained, not only the base.
    pub(super) explained: bool,
}

/// The stages a stage stands on, lowest first, itself last.
pub(super) fn chain(report: &Report, stage: usize) -> Vec<usize> {
    let mut chain = vec![stage];
    let base = |stage: usize| report.stages.get(stage).map(|stage| &stage.source);
    // A stage stands on an earlier one; anything else would be no chain.
    while let Some(Source::Stage(base)) = chain.last().and_then(|last| base(*last))
        && chain.last() > Some(base)
    {
        chain.push(*base);
    }
    chain.reverse();
    chain
}

/// Writes the stack of `stage`; the stages in `shown` are not written out again.
pub(super) fn write(
    out: &mut impl Write,
    report: &Report,
    stage: &StageReport,
    heading: &Heading,
    shown: &[usize],
    width: usize,
) -> io::Result<()> {
    let chain = chain(report, stage.index);
    let layers = layers_of(report, &chain);
    let head = Row {
        text: format!("● {}", stage.display_name),
        style: heading.style,
        remark: heading.remark.clone(),
        remark_style: if heading.explained { heading.style } else { tone::FAINT },
        sizes: Some([sum(&layers, |layer| &layer.unpacked), sum(&layers, |layer| &layer.download)]),
        sizes_style: heading.style,
        ..Row::default()
    };
    if !shown.is_empty() {
        writeln!(out)?;
    }
    write_row(out, &head, width)?;
    let written: Vec<usize> = chain.iter().copied().filter(|stage| !shown.contains(stage)).collect();
    let steps: Vec<Step<'_>> = written.iter().flat_map(|stage| steps(report, *stage, shown)).collect();
    for (place, step) in steps.iter().enumerate() {
        let last = place + 1 == steps.len();
        write_step(out, report, step, last, heading.explained, width)?;
    }
    Ok(())
}

/// One row of a stack: an instruction with what it adds.
enum Step<'a> {
    Layer(&'a Layer),
    /// FROM of a stage; with its sum where its layers are written elsewhere.
    From {
        line: usize,
        text: String,
        base: Option<usize>,
    },
}

fn steps<'a>(report: &'a Report, stage: usize, shown: &[usize]) -> Vec<Step<'a>> {
    let Some(stage) = report.stages.get(stage) else { return Vec::new() };
    let from = match stage.source {
        Source::Stage(base) => {
            let text = if stage.name.is_empty() { String::new() } else { format!(" AS {}", stage.name) };
            Some(Step::From {
                line: stage.line,
                text: format!("FROM {}{text}", stage.base),
                base: shown.contains(&base).then_some(base),
            })
        }
        Source::Image(_) => None,
    };
    let layers = report.layers.iter().filter(|layer| layer.stage == stage.index).map(Step::Layer);
    from.into_iter().chain(layers).collect()
}

fn write_step(
    out: &mut impl Write,
    report: &Report,
    step: &Step<'_>,
    last: bool,
    explained: bool,
    width: usize,
) -> io::Result<()> {
    let tree = if last { "└─ " } else { "├─ " };
    let layer = match step {
        Step::Layer(layer) => layer,
        Step::From { line, text, base } => {
            let layers = base.map(|base| layers_of(report, &chain(report, base)));
            let sizes = layers
                .map(|layers| [sum(&layers, |layer| &layer.unpacked), sum(&layers, |layer| &layer.download)]);
            let row = Row {
                line: Some(*line),
                tree,
                text: text.clone(),
                style: tone::FAINT,
                sizes,
                sizes_style: tone::FAINT,
                ..Row::default()
            };
            return write_row(out, &row, width);
        }
    };
    let instruction = report.instructions.get(layer.instruction);
    let size =
        |estimate: &Option<Estimate>| estimate.as_ref().map_or("?".to_owned(), |known| bytes(known.likely));
    let row = Row {
        line: Some(layer.line),
        tree,
        text: instruction.map(|instruction| instruction.text.clone()).unwrap_or_default(),
        sizes: Some([size(&layer.unpacked), size(&layer.download)]),
        sizes_style: if layer.is_unknown() { tone::OPEN } else { Style::new() },
        ..Row::default()
    };
    write_row(out, &row, width)?;
    let is_base = instruction.is_some_and(|instruction| instruction.keyword == "FROM");
    match explanation(layer) {
        Some(text) if explained || is_base => {
            write_under(out, if last { "   " } else { "│  " }, &text, width)
        }
        _ => Ok(()),
    }
}

/// How a layer's sizes are known; none where that goes without saying.
fn explanation(layer: &Layer) -> Option<String> {
    let by_definition =
        |estimate: &Option<Estimate>| estimate.as_ref().is_some_and(|known| known.basis == Basis::Definition);
    if by_definition(&layer.unpacked) && by_definition(&layer.download) {
        return None;
    }
    let range = layer.unpacked.as_ref().and_then(range);
    Some(range.map_or_else(|| layer.basis.clone(), |range| format!("{range} · {}", layer.basis)))
}

/// What the stages `left_behind` weigh unpacked, without what they share with others.
pub(super) fn weight(report: &Report, left_behind: &[usize]) -> String {
    sum(&layers_of(report, left_behind), |layer| &layer.unpacked)
}

fn layers_of<'a>(report: &'a Report, chain: &[usize]) -> Vec<&'a Layer> {
    report.layers.iter().filter(|layer| chain.contains(&layer.stage)).collect()
}

/// The likely sum of what is known; `≥` where something is not.
fn sum(layers: &[&Layer], side: fn(&Layer) -> &Option<Estimate>) -> String {
    let known: Vec<&Estimate> = layers.iter().filter_map(|layer| side(layer).as_ref()).collect();
    let likely = bytes(Estimate::sum(known.iter().copied()).likely);
    match (known.len(), layers.len()) {
        (0, 1..) => "?".to_owned(),
        (known, all) if known < all => format!("≥ {likely}"),
        _ => likely,
    }
}
