//! What weighs most, what is waste, what the stages save: below the stages.

use crate::render::bytes::bytes;
use crate::render::columns::{Row, write_row};
use crate::render::tone;
use layercast_core::Report;
use layercast_core::report::{Cause, Heavy, SingleStage, Summary, Wasted};
use std::io::{self, Write};

/// Less than this share of an image is not worth a line.
const WORTH_A_LINE: f64 = 0.005;

pub(super) fn write(
    out: &mut impl Write,
    report: &Report,
    summary: &Summary,
    width: usize,
) -> io::Result<()> {
    let Some(target) = report.target() else { return Ok(()) };
    let least = (target.size.unpacked.likely as f64 * WORTH_A_LINE) as u64;
    let heaviest: Vec<&Heavy> =
        summary.heaviest.iter().filter(|heavy| heavy.unpacked.likely > least).collect();
    if heaviest.len() > 1 {
        heading(out, "heaviest", width)?;
        for heavy in heaviest {
            let line = report.layers.get(heavy.layer).map(|layer| layer.line);
            let remark = heavy.remedy.as_deref().unwrap_or_default();
            write_thing(out, line, &heavy.name, heavy.unpacked.likely, remark, width)?;
        }
    }
    let waste: Vec<&Wasted> =
        summary.waste.iter().filter(|wasted| wasted.unpacked.likely > least.max(10_000)).collect();
    if !waste.is_empty() {
        heading(
            out,
            &format!("waste: {} in lower layers, seen no more", bytes(summary.wasted.likely)),
            width,
        )?;
        for wasted in waste {
            let line = report.layers.get(wasted.layer).map(|layer| layer.line);
            let name = format!("{}, {} by line {}", wasted.path, participle(wasted.cause), wasted.hidden_by);
            write_thing(out, line, &name, wasted.unpacked.likely, &wasted.remedy, width)?;
        }
    }
    match &summary.single_stage {
        Some(single) => write_single_stage(out, report, single, target.size.unpacked.likely),
        None => Ok(()),
    }
}

fn participle(cause: Cause) -> &'static str {
    match cause {
        Cause::Removed => "deleted",
        Cause::Replaced => "replaced",
        Cause::CopiedUp => "copied up",
    }
}

fn heading(out: &mut impl Write, text: &str, width: usize) -> io::Result<()> {
    writeln!(out)?;
    write_row(out, &Row { text: text.to_owned(), style: tone::STRONG, ..Row::default() }, width)
}

fn write_thing(
    out: &mut impl Write,
    line: Option<usize>,
    name: &str,
    likely: u64,
    remark: &str,
    width: usize,
) -> io::Result<()> {
    let row = Row {
        line,
        text: format!("  {name}"),
        sizes: Some([bytes(likely), String::new()]),
        ..Row::default()
    };
    write_row(out, &row, width)?;
    if remark.is_empty() {
        return Ok(());
    }
    let row = Row { text: format!("    {remark}"), style: tone::FAINT, ..Row::default() };
    write_row(out, &row, width)
}

/// `In one stage, on build's base: 1.1 GB; the stages save 97 %`.
fn write_single_stage(
    out: &mut impl Write,
    report: &Report,
    single: &SingleStage,
    likely: u64,
) -> io::Result<()> {
    let whole = single.unpacked.likely;
    if whole <= likely {
        return Ok(());
    }
    let name = report.stages.get(single.stage).map_or("", |stage| stage.display_name.as_str());
    let saved = 100.0 * (1.0 - likely as f64 / whole as f64);
    writeln!(out, "\nIn one stage, on the base of {name}: {}; the stages save {saved:.0} %", bytes(whole))
}
