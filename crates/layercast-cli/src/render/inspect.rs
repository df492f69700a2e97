//! The structure of one Dockerfile as text: its stages in order, what each takes from where, its problems.

use crate::render::columns::{Row, paper_width, write_row};
use crate::render::{problems, tone};
use crate::source::Source;
use layercast_core::Report;
use layercast_core::report::{self, Edge, EdgeKind, StageReport};
use std::io::{self, Write};

/// Writes the structure that `report` gives of `source`.
pub(crate) fn write(out: &mut impl Write, source: &Source, report: &Report) -> io::Result<()> {
    let path = &source.path;
    let (strong, faint) = (tone::STRONG, tone::FAINT);
    let stages = counted(report.stages.len(), "stage");
    let instructions = counted(report.instructions.len(), "instruction");
    writeln!(out, "{strong}{path}{strong:#} {faint}▸{faint:#} {stages}, {instructions}")?;
    let width = paper_width();
    for stage in &report.stages {
        write_stage(out, report, stage, width)?;
    }
    if report.diagnostics().next().is_some() {
        writeln!(out)?;
    }
    problems::write(out, source, report.diagnostics())
}

fn write_stage(out: &mut impl Write, report: &Report, stage: &StageReport, width: usize) -> io::Result<()> {
    let is_target = report.target == Some(stage.index);
    let needed = report.target().is_none_or(|target| target.reachable.contains(&stage.index));
    let (style, remark) = match (is_target, needed) {
        (true, _) => (tone::SHIPS, "target"),
        (false, true) => (tone::STRONG, ""),
        (false, false) => (tone::FAINT, "not built for the target"),
    };
    let head = Row {
        line: Some(stage.line),
        text: stage.display_name.clone(),
        style,
        remark: remark.to_owned(),
        remark_style: style,
        ..Row::default()
    };
    write_row(out, &head, width)?;
    let edges: Vec<&Edge> = report.edges.iter().filter(|edge| edge.stage == stage.index).collect();
    for (place, edge) in edges.iter().enumerate() {
        let verb = match edge.kind {
            EdgeKind::Base => "from",
            EdgeKind::Copy => "copies from",
            EdgeKind::Mount => "mounts",
        };
        let row = Row {
            line: Some(edge.line),
            tree: if place + 1 == edges.len() { "└─ " } else { "├─ " },
            text: format!("{verb} {}", source_name(report, &edge.source)),
            style: if needed { anstyle::Style::new() } else { tone::FAINT },
            ..Row::default()
        };
        write_row(out, &row, width)?;
    }
    Ok(())
}

fn source_name<'a>(report: &'a Report, source: &'a report::Source) -> &'a str {
    match source {
        report::Source::Stage(stage) => report.stages.get(*stage).map_or("", |stage| &stage.display_name),
        report::Source::Image(reference) => reference,
    }
}

fn counted(count: usize, name: &str) -> String {
    if count == 1 { format!("1 {name}") } else { format!("{count} {name}s") }
}
