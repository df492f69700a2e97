//! The report as a page of Markdown, for a pull request or a wiki.
//! Reference: <https://github.github.com/gfm/>.

use super::{base_name, counted, reason, role_word};
use crate::bytes::{range, written};
use crate::diagnostic::{Diagnostic, Severity};
use crate::estimate::Estimate;
use crate::figures::{self, Role};
use crate::report::{ImageSize, Layer, Report, TargetReport};
use std::fmt::Write as _;

/// So many rows of a table are written; all are counted.
const ROWS: usize = 200;
/// Longer instructions are cut.
const LETTERS: usize = 90;

/// Writes it; `name` is what the Dockerfile is called.
pub fn markdown(report: &Report, name: &str) -> String {
    let mut page = format!("# {}\n\n", escaped(name));
    match report.target() {
        Some(target) if target.error.is_none() => write_image(&mut page, report, target),
        Some(target) => write_stopped(&mut page, target.error.as_ref()),
        None => write_stopped(&mut page, report.errors.first()),
    }
    write_checks(&mut page, report);
    page
}

fn write_stopped(page: &mut String, error: Option<&Diagnostic>) {
    let why =
        error.map(|error| format!(": line {}, {}", error.line, text(&error.message))).unwrap_or_default();
    let _ = writeln!(page, "It does not build{why}.");
}

fn write_image(page: &mut String, report: &Report, target: &TargetReport) {
    let stage = report.stages.get(target.stage);
    let (name, platform) =
        stage.map(|stage| (stage.display_name.as_str(), stage.built_for.to_string())).unwrap_or_default();
    let _ = writeln!(page, "The image of {} for {platform}, before it is built.\n", code(name));
    write_sums(page, report, &target.size);
    write_stages(page, report, target);
    let layers: Vec<&Layer> =
        target.size.layers.iter().filter_map(|layer| report.layers.get(*layer)).collect();
    write_layers(page, report, &layers);
    write_heaviest(page, report);
    write_unknown(page, report, &layers);
}

fn write_sums(page: &mut String, report: &Report, size: &ImageSize) {
    let unknown = size.unknown.iter().filter_map(|layer| report.layers.get(*layer));
    let (mut n_unpacked, mut n_download) = (0, 0);
    for layer in unknown {
        n_unpacked += usize::from(layer.unpacked.is_none() || !layer.unknown.is_empty());
        n_download += usize::from(layer.download.is_none() || !layer.unknown.is_empty());
    }
    page.push_str("| | likely | range | not known | |\n|---|---:|---:|---:|---|\n");
    let rows = [
        ("unpacked", &size.unpacked, n_unpacked, "what `docker images` shows up to Docker 28"),
        ("download", &size.download, n_download, "what a pull moves"),
    ];
    for (name, sum, unknown, meaning) in rows {
        let sign = if unknown > 0 { "≥ " } else { "" };
        let unknown = if unknown > 0 { counted(unknown, "step") } else { String::new() };
        let _ = writeln!(
            page,
            "| {name} | **{sign}{}** | {} | {unknown} | {meaning} |",
            written(sum.likely),
            range(sum).unwrap_or_else(|| "exact".to_owned())
        );
    }
    if let Some(single) = report.summary.as_ref().and_then(|summary| summary.single_stage.as_ref()) {
        let base = report.stages.get(single.stage).map_or("", |stage| stage.display_name.as_str());
        let sum = written(single.unpacked.likely);
        let _ = writeln!(page, "\nIn one stage, on the base of {}: {sum} unpacked.", code(base));
    }
}

fn write_stages(page: &mut String, report: &Report, target: &TargetReport) {
    page.push_str("\n## Stages\n\n| stage | from | steps | unpacked | |\n|---|---|---:|---:|---|\n");
    let roles = figures::roles(report);
    for (stage, role) in report.stages.iter().zip(&roles).take(ROWS) {
        let weight = super::size(&figures::weigh(figures::layers_of(report, stage.index)));
        let weight = weight.strip_suffix(" unpacked").unwrap_or("?");
        let skipped = target.skipped.iter().find(|skipped| skipped.stage == stage.index);
        let why = skipped.map(|skipped| format!(": {}", text(&reason(report, skipped)))).unwrap_or_default();
        let fate = match role {
            Role::Ships => format!("**{}**", role_word(*role)),
            _ => role_word(*role).to_owned(),
        };
        let _ = writeln!(
            page,
            "| {} | {} | {} | {weight} | {fate}{why} |",
            cell(&stage.display_name),
            cell(&base_name(report, stage)),
            stage.instructions.len()
        );
    }
    write_rest(page, report.stages.len());
}

fn write_layers(page: &mut String, report: &Report, layers: &[&Layer]) {
    if layers.is_empty() {
        return;
    }
    page.push_str("\n## Layers\n\n| line | step | unpacked | range | download | how it is known |\n");
    page.push_str("|---:|---|---:|---:|---:|---|\n");
    for layer in layers.iter().take(ROWS) {
        let size = |size: Option<&Estimate>| size.map_or("?".to_owned(), |size| written(size.likely));
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} |",
            layer.line,
            cell(instruction(report, layer)),
            size(layer.unpacked.as_ref()),
            layer.unpacked.as_ref().and_then(range).unwrap_or_default(),
            size(layer.download.as_ref()),
            text(&layer.basis)
        );
    }
    write_rest(page, layers.len());
}

fn write_heaviest(page: &mut String, report: &Report) {
    let Some(summary) = report.summary.as_ref().filter(|summary| !summary.heaviest.is_empty()) else {
        return;
    };
    page.push_str("\n## Heaviest\n\n| | unpacked | what would help |\n|---|---:|---|\n");
    for heavy in &summary.heaviest {
        let remedy = heavy.remedy.as_deref().unwrap_or_default();
        let size = written(heavy.unpacked.likely);
        let _ = writeln!(page, "| {} | {size} | {} |", cell(&heavy.name), text(remedy));
    }
    if summary.wasted.likely > 0 {
        let wasted = written(summary.wasted.likely);
        let _ = writeln!(page, "\nWaste: {wasted} unpacked lie in lower layers and are seen no more.");
    }
}

fn write_unknown(page: &mut String, report: &Report, layers: &[&Layer]) {
    let open: Vec<&&Layer> =
        layers.iter().filter(|layer| layer.unpacked.is_none() || !layer.unknown.is_empty()).collect();
    if open.is_empty() {
        return;
    }
    page.push_str("\n## Not known, and not in the sums\n\n");
    for layer in open.iter().take(ROWS) {
        let why = if layer.unknown.is_empty() { layer.basis.clone() } else { layer.unknown.join("; ") };
        let _ = writeln!(page, "- line {}, {}: {}", layer.line, code(instruction(report, layer)), text(&why));
    }
}

fn write_checks(page: &mut String, report: &Report) {
    let all: Vec<&Diagnostic> = report.diagnostics().collect();
    page.push_str("\n## Checks\n\n");
    if all.is_empty() {
        page.push_str("Nothing to say: every check is content with this file.\n");
    }
    for remark in all.iter().take(ROWS) {
        let severity = match remark.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        };
        let rule = remark.buildkit.unwrap_or(remark.rule);
        let _ =
            writeln!(page, "- line {}, {severity} {}: {}", remark.line, code(rule), text(&remark.message));
    }
}

fn write_rest(page: &mut String, count: usize) {
    if count > ROWS {
        let _ = writeln!(page, "\nand {} more", count - ROWS);
    }
}

fn instruction<'a>(report: &'a Report, layer: &Layer) -> &'a str {
    report.instructions.get(layer.instruction).map_or("", |instruction| &instruction.text)
}

/// Words in which nothing means anything to Markdown, but that what stands between backticks is code.
fn text(words: &str) -> String {
    let parts: Vec<&str> = words.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escaped(words);
    }
    let part = |(place, part): (usize, &&str)| if place % 2 == 1 { cell(part) } else { escaped(part) };
    parts.iter().enumerate().map(part).collect()
}

fn escaped(words: &str) -> String {
    let mut safe = String::with_capacity(words.len());
    for letter in words.chars() {
        match letter {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '#' | '&' | '!' | '$' => {
                safe.push('\\');
                safe.push(letter);
            }
            control if control.is_control() => safe.push(' '),
            plain => safe.push(plain),
        }
    }
    safe
}

/// The same as code in a table: there a bar is escaped even so.
fn cell(words: &str) -> String {
    code(words).replace('|', "\\|")
}

/// Code, fenced by more backticks than it holds in a row.
fn code(words: &str) -> String {
    let words: String = super::cut_back(words, LETTERS)
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    if words.trim().is_empty() {
        return String::new();
    }
    let longest = words.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let gap = if words.starts_with('`') || words.ends_with('`') { " " } else { "" };
    format!("{fence}{gap}{words}{gap}{fence}")
}
