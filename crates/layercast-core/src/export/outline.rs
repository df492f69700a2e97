//! The stage graph as an indented list: for a terminal, and for who does not see the picture.
//!
//! Under each stage stands what it takes from where; a stage that stands above already is named only.

use super::{Drawing, Label, reason};
use crate::layout::Measures;
use crate::report::{Edge, EdgeKind, Report, Source};
use std::fmt::Write as _;

/// The list ends at stages that stand deeper than this.
const DEEPEST: usize = 100;

/// Writes it: the target first, then what is not built.
pub fn outline(report: &Report) -> String {
    let mut list =
        List { drawing: Drawing::new(report, &Measures::default()), text: String::new(), told: Vec::new() };
    if let Some(target) = report.target {
        list.stage(target, "", "", "", 0);
    }
    let skipped = report.target().map(|target| target.skipped.as_slice()).unwrap_or_default();
    if !skipped.is_empty() {
        list.text.push_str("\nnot built\n");
    }
    let count = skipped.len();
    for (place, skipped) in skipped.iter().enumerate() {
        let branch = if place + 1 == count { "└─ " } else { "├─ " };
        let name = list.drawing.stage_label(skipped.stage).name;
        let _ = writeln!(list.text, "{branch}{}: {}", one_line(&name), one_line(&reason(report, skipped)));
    }
    list.text
}

struct List<'a> {
    drawing: Drawing<'a>,
    text: String,
    /// The stages that stand above already.
    told: Vec<usize>,
}

impl List<'_> {
    /// A stage, and below it what it uses. `indent` is what stands before its branches.
    fn stage(&mut self, stage: usize, indent: &str, branch: &str, verb: &str, depth: usize) {
        let Label { name, size, note, .. } = self.drawing.stage_label(stage);
        let name = one_line(&name);
        let is_told = self.told.contains(&stage);
        if is_told || depth > DEEPEST {
            let why = if is_told { "above" } else { "too deep to go on" };
            let _ = writeln!(self.text, "{indent}{branch}{verb}{name} ({why})");
            return;
        }
        self.told.push(stage);
        let _ = writeln!(self.text, "{indent}{branch}{verb}{name} · {size} · {note}");
        let below = match branch {
            "" => indent.to_owned(),
            "└─ " => format!("{indent}   "),
            _ => format!("{indent}│  "),
        };
        let report = self.drawing.report;
        let mut used: Vec<&Edge> = Vec::new();
        for edge in report.edges.iter().filter(|edge| edge.stage == stage) {
            if used.iter().all(|known| (&known.source, known.kind) != (&edge.source, edge.kind)) {
                used.push(edge);
            }
        }
        for (place, edge) in used.iter().enumerate() {
            let branch = if place + 1 == used.len() { "└─ " } else { "├─ " };
            match &edge.source {
                // A stage takes only from those above it; anything else is an error, told elsewhere.
                Source::Stage(other) if *other < stage => {
                    self.stage(*other, &below, branch, verb_of(edge.kind), depth + 1);
                }
                Source::Stage(_) => {}
                Source::Image(_) => {
                    let Label { name, size, .. } = self.drawing.label(&edge.source);
                    let verb = verb_of(edge.kind);
                    let _ = writeln!(self.text, "{below}{branch}{verb}{} · {size}", one_line(&name));
                }
            }
        }
    }
}

fn verb_of(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Base => "from ",
        EdgeKind::Copy => "copies from ",
        EdgeKind::Mount => "mounts ",
    }
}

fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}
