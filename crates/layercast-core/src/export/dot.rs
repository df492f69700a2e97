//! The stage graph in Graphviz' language.
//! Reference: <https://graphviz.org/doc/info/lang.html>.

use super::{Drawing, Label};
use crate::figures::Role;
use crate::layout::{Link, Measures};
use crate::report::{EdgeKind, Report, Source};
use std::fmt::Write as _;

const HEAD: &str = "digraph stages {
  rankdir=LR;
  bgcolor=\"transparent\";
  node [shape=box, style=\"rounded,filled\", fillcolor=\"#ffffff\", color=\"#8f887a\", fontname=\"sans-serif\", fontsize=11];
  edge [color=\"#6b7683\", fontname=\"sans-serif\", fontsize=9];
";

/// Writes it.
pub fn dot(report: &Report) -> String {
    let drawing = Drawing::new(report, &Measures::default());
    let mut text = HEAD.to_owned();
    for node in &drawing.layout.nodes {
        let (id, label) = (drawing.id(&node.source), words(&drawing.label(&node.source)));
        let _ = writeln!(text, "  {id} [label=\"{label}\"{}];", looks(&drawing, &node.source));
    }
    for link in &drawing.layout.links {
        let (from, to) = (drawing.id(&link.from), drawing.id(&Source::Stage(link.to)));
        let _ = writeln!(text, "  {from} -> {to} [{}];", line(&drawing, link));
    }
    text.push_str("}\n");
    text
}

fn looks(drawing: &Drawing<'_>, source: &Source) -> &'static str {
    let Source::Stage(stage) = source else { return ", shape=oval, style=filled, fillcolor=\"#f1eee7\"" };
    match drawing.role(*stage) {
        Role::Ships => ", fillcolor=\"#e2f4f0\", color=\"#0a7263\", penwidth=2",
        Role::Inside => ", color=\"#0a7263\"",
        Role::LeftBehind => "",
        Role::Skipped => ", style=\"rounded,dashed\", fontcolor=\"#6b7683\"",
    }
}

/// A full head for a base, an open one for a copy, a round one and dots for a mount.
fn line(drawing: &Drawing<'_>, link: &Link) -> String {
    match (link.kind, drawing.link_label(link)) {
        (EdgeKind::Base, _) => "penwidth=2".to_owned(),
        (EdgeKind::Copy, label) => {
            let label = label.map(|label| format!(", label=\"{}\"", escaped(&label))).unwrap_or_default();
            format!("color=\"#235fd0\", style=dashed, arrowhead=vee{label}")
        }
        (EdgeKind::Mount, _) => "color=\"#7443c4\", style=dotted, arrowhead=odot".to_owned(),
    }
}

fn words(label: &Label) -> String {
    let Label { name, base, size, note } = label;
    let lines: Vec<String> =
        [name, base, size, note].iter().filter(|line| !line.is_empty()).map(|line| escaped(line)).collect();
    lines.join("\\n")
}

/// In a label a backslash begins an escape, as `\N` for the node's name; and HTML's entities are read.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '"' => safe.push_str("\\\""),
            '\\' => safe.push_str("\\\\"),
            '&' => safe.push_str("&amp;"),
            control if control.is_control() => safe.push(' '),
            plain => safe.push(plain),
        }
    }
    safe
}
