//! The stage graph as a Mermaid flowchart.
//! Reference: <https://mermaid.js.org/syntax/flowchart.html>.

use super::{Drawing, Label};
use crate::figures::Role;
use crate::layout::{Link, Measures};
use crate::report::{EdgeKind, Report, Source};
use std::fmt::Write as _;

/// Colours that are read on white and on black paper. What they say is said in words or by the line too.
const CLASSES: &str = "  classDef ships stroke:#0a7263,stroke-width:3px
  classDef skipped stroke-dasharray:4 4,opacity:0.6
";

/// Writes it.
pub fn mermaid(report: &Report) -> String {
    let drawing = Drawing::new(report, &Measures::default());
    let mut text = "flowchart LR\n".to_owned();
    for node in &drawing.layout.nodes {
        let label = words(&drawing.label(&node.source));
        let (open, close) = if matches!(node.source, Source::Image(_)) { ("([", "])") } else { ("[", "]") };
        let _ = writeln!(text, "  {}{open}\"{label}\"{close}", drawing.id(&node.source));
    }
    for link in &drawing.layout.links {
        let (from, to) = (drawing.id(&link.from), drawing.id(&Source::Stage(link.to)));
        let _ = writeln!(text, "  {from} {} {to}", line(&drawing, link));
    }
    text.push_str(CLASSES);
    for (class, wanted) in [("ships", Role::Ships), ("skipped", Role::Skipped)] {
        let stages = (0..report.stages.len()).filter(|stage| drawing.role(*stage) == wanted);
        let ids: Vec<String> = stages.map(|stage| drawing.id(&Source::Stage(stage))).collect();
        if !ids.is_empty() {
            let _ = writeln!(text, "  class {} {class}", ids.join(","));
        }
    }
    text
}

/// Thick for a base, thin for a copy, dotted with a round end for a mount.
fn line(drawing: &Drawing<'_>, link: &Link) -> String {
    match (link.kind, drawing.link_label(link)) {
        (EdgeKind::Base, _) => "==>".to_owned(),
        (EdgeKind::Copy, Some(label)) => format!("-->|\"{}\"|", escaped(&label)),
        (EdgeKind::Copy, None) => "-->".to_owned(),
        (EdgeKind::Mount, _) => "-.-o".to_owned(),
    }
}

fn words(label: &Label) -> String {
    let Label { name, base, size, note } = label;
    let lines: Vec<String> =
        [name, base, size, note].iter().filter(|line| !line.is_empty()).map(|line| escaped(line)).collect();
    lines.join("<br/>")
}

/// Mermaid writes a character that means something to it, or to HTML, as `#number;`.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '"' | '#' | '<' | '>' | '&' | '`' | '|' | '\\' | ';' | '*' | '_' | '{' | '}' | '[' | ']' => {
                let _ = write!(safe, "#{};", u32::from(letter));
            }
            control if control.is_control() => safe.push(' '),
            plain => safe.push(plain),
        }
    }
    safe
}
