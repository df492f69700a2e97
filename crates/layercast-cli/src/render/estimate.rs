//! What the image of the target weighs, as text: the two sums, then each stage with what it adds.

mod summary;

use crate::render::bytes::{bytes, range};
use crate::render::columns::{Row, paper_width, write_row};
use crate::render::stack::{self, Heading};
use crate::render::{problems, tone};
use crate::source;
use layercast_core::Report;
use layercast_core::diagnostic::Diagnostic;
use layercast_core::estimate::Estimate;
use layercast_core::facts::Question;
use layercast_core::report::{ImageSize, Skipped, Source, TargetReport};
use std::io::{self, Write};

/// Writes what `report` says of the weight of `source`.
pub(crate) fn write(
    out: &mut impl Write,
    source: &source::Source,
    platform: &str,
    offline: bool,
    report: &Report,
) -> io::Result<()> {
    let path = source.path.as_str();
    problems::write(out, source, stoppers(report))?;
    let Some(target) = report.target().filter(|target| target.error.is_none()) else { return Ok(()) };
    let width = paper_width();
    write_headline(out, path, platform, report, target)?;
    write_stages(out, report, target, width)?;
    if let Some(summary) = &report.summary {
        summary::write(out, report, summary, width)?;
    }
    if report.warnings.iter().any(is_from_outside) {
        writeln!(out)?;
        problems::write(out, source, report.warnings.iter().filter(|warning| is_from_outside(warning)))?;
    }
    write_advice(out, path, offline, report)
}

/// True for what a registry said of an image, which `check` does not ask.
fn is_from_outside(warning: &Diagnostic) -> bool {
    ["image-", "registry-", "digest-"].iter().any(|kind| warning.rule.starts_with(kind))
}

/// What stops the build of the target in effect, each once.
pub(crate) fn stoppers(report: &Report) -> impl Iterator<Item = &Diagnostic> {
    // A file that cannot be read stops its targets by the same errors; where there is no such target, what
    // stops them all says so.
    let (blockers, target) = match report.target() {
        _ if !report.errors.is_empty() => (&[][..], None),
        Some(target) => (&[][..], target.error.as_ref()),
        None => (report.blockers.as_slice(), None),
    };
    report.errors.iter().chain(blockers).chain(target)
}

fn write_headline(
    out: &mut impl Write,
    path: &str,
    platform: &str,
    report: &Report,
    target: &TargetReport,
) -> io::Result<()> {
    let (strong, faint) = (tone::STRONG, tone::FAINT);
    let name = report.stages.get(target.stage).map_or("", |stage| stage.display_name.as_str());
    writeln!(out, "{strong}{path}{strong:#} {faint}▸{faint:#} {name} {faint}▸ {platform}{faint:#}\n")?;
    let size = &target.size;
    write_sum(
        out,
        size,
        &size.unpacked,
        |layer| layer.unpacked.is_none() || !layer.unknown.is_empty(),
        report,
        "unpacked",
        "docker images, up to Docker 28",
    )?;
    write_sum(
        out,
        size,
        &size.download,
        |layer| layer.download.is_none() || !layer.unknown.is_empty(),
        report,
        "download",
        "what a pull moves",
    )?;
    let ships = stack::chain(report, target.stage);
    let left: Vec<usize> = target.reachable.iter().copied().filter(|stage| !ships.contains(stage)).collect();
    if !left.is_empty() {
        let weight = stack::weight(report, &left);
        let stages = left.iter().filter_map(|stage| report.stages.get(*stage));
        let names: Vec<String> = stages.map(|stage| stage.display_name.clone()).collect();
        writeln!(out, "{faint}{weight:>12} left behind in {}{faint:#}", listed(&names))?;
    }
    writeln!(out)
}

/// `build, assets and 2 more`.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [one, other] => format!("{one} and {other}"),
        [one, other, more @ ..] => format!("{one}, {other} and {} more", more.len()),
    }
}

fn write_sum(
    out: &mut impl Write,
    size: &ImageSize,
    sum: &Estimate,
    is_missing: fn(&layercast_core::report::Layer) -> bool,
    report: &Report,
    name: &str,
    meaning: &str,
) -> io::Result<()> {
    let (strong, faint, open) = (tone::STRONG, tone::FAINT, tone::OPEN);
    let missing = size
        .unknown
        .iter()
        .filter_map(|layer| report.layers.get(*layer))
        .filter(|layer| is_missing(layer))
        .count();
    let number = match missing {
        0 => bytes(sum.likely),
        _ if missing == size.layers.len() && sum.high == 0 => "?".to_owned(),
        _ => format!("≥ {}", bytes(sum.likely)),
    };
    write!(out, "{strong}{number:>12}{strong:#} {name}  ")?;
    match range(sum) {
        Some(range) => write!(out, "{range:<18}")?,
        None => write!(out, "{:<18}", if missing > 0 { "" } else { "exact" })?,
    }
    if missing > 0 {
        let steps = if missing == 1 { "1 step".to_owned() } else { format!("{missing} steps") };
        write!(out, " {open}+ {steps} not known{open:#}")?;
    } else {
        write!(out, " {faint}{meaning}{faint:#}")?;
    }
    writeln!(out)
}

fn write_stages(
    out: &mut impl Write,
    report: &Report,
    target: &TargetReport,
    width: usize,
) -> io::Result<()> {
    let header = Row {
        sizes: Some(["unpacked".to_owned(), "download".to_owned()]),
        sizes_style: tone::FAINT,
        ..Row::default()
    };
    write_row(out, &header, width)?;
    let mut shown = Vec::new();
    if let Some(stage) = report.stages.get(target.stage) {
        let heading = Heading { remark: "ships".to_owned(), style: tone::SHIPS, explained: true };
        stack::write(out, report, stage, &heading, &shown, width)?;
        shown.extend(stack::chain(report, target.stage));
    }
    for stage in target.reachable.iter().filter_map(|stage| report.stages.get(*stage)) {
        if !shown.contains(&stage.index) {
            let heading =
                Heading { remark: users(report, target, stage.index), style: tone::STRONG, explained: false };
            stack::write(out, report, stage, &heading, &shown, width)?;
            shown.extend(stack::chain(report, stage.index));
        }
    }
    if !target.skipped.is_empty() {
        writeln!(out)?;
    }
    for skipped in &target.skipped {
        write_skipped(out, report, skipped, width)?;
    }
    Ok(())
}

/// `left behind; lines 14, 15 take from it`.
fn users(report: &Report, target: &TargetReport, stage: usize) -> String {
    let uses = report
        .edges
        .iter()
        .filter(|edge| edge.source == Source::Stage(stage) && target.reachable.contains(&edge.stage));
    let mut lines: Vec<usize> = uses.map(|edge| edge.line).collect();
    lines.dedup();
    match lines[..] {
        [] => "left behind".to_owned(),
        [line] => format!("left behind, used by line {line}"),
        [first, second] => format!("left behind, used by lines {first} and {second}"),
        [first, ..] => format!("left behind, used by line {first} and {} more", lines.len() - 1),
    }
}

fn write_skipped(out: &mut impl Write, report: &Report, skipped: &Skipped, width: usize) -> io::Result<()> {
    let name = |stage: &usize| report.stages.get(*stage).map_or("", |stage| stage.display_name.as_str());
    let users: Vec<&str> = skipped.used_by.iter().map(name).collect();
    let reason = match users[..] {
        [] => "not built: nothing uses it".to_owned(),
        [user] => format!("not built: only {user} uses it"),
        [user, ref others @ ..] => format!("not built: only {user} and {} more use it", others.len()),
    };
    let row = Row {
        line: report.stages.get(skipped.stage).map(|stage| stage.line),
        text: format!("○ {}", name(&skipped.stage)),
        style: tone::FAINT,
        remark: reason,
        remark_style: tone::FAINT,
        ..Row::default()
    };
    write_row(out, &row, width)
}

/// What would make it better known, and where the rest is said.
fn write_advice(out: &mut impl Write, path: &str, offline: bool, report: &Report) -> io::Result<()> {
    let faint = tone::FAINT;
    let images: Vec<&str> = report
        .questions
        .iter()
        .filter_map(|question| match question {
            Question::Image { reference, .. } => Some(reference.as_str()),
            _ => None,
        })
        .collect();
    let remarks = report.warnings.iter().filter(|warning| !warning.silenced && !is_from_outside(warning));
    let n_remarks = remarks.count();
    let mut advice = Vec::new();
    if offline && !images.is_empty() {
        let short =
            |name: &&str| name.trim_start_matches("docker.io/").trim_start_matches("library/").to_owned();
        let names: Vec<String> = images.iter().map(short).collect();
        advice.push(format!("without --offline a registry is asked for {}", listed(&names)));
    }
    if n_remarks > 0 {
        let remarks = if n_remarks == 1 { "1 remark".to_owned() } else { format!("{n_remarks} remarks") };
        advice.push(format!("{remarks} on the file: layercast check {path}"));
    }
    for (place, sentence) in advice.iter().enumerate() {
        let gap = if place == 0 { "\n" } else { "" };
        writeln!(out, "{gap}{faint}{sentence}{faint:#}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
