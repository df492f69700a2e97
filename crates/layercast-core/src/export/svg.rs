//! The stage graph as an SVG picture that stands alone: its own colours, no font of its own, no script.
//!
//! **Invariant:** what tells kinds of lines and fates of stages apart is never colour alone: dashes, heads, words.

mod palette;

use super::{Drawing, Label, cut_back, headline};
use crate::figures::Role;
use crate::layout::{Link, Measures, Node};
use crate::report::{EdgeKind, Report, Source};
pub use palette::{Colours, DARK, LIGHT, Palette};
use std::fmt::Write as _;

/// What stands above the graph: the image and its weight.
const HEAD: i32 = 62;
/// What stands below it: what the lines mean.
const FOOT: i32 = 40;
/// The narrowest picture: its headline and its legend have room.
const NARROWEST: i32 = 560;
/// With more stages than this, some things are left out for the others to be seen.
const FEW: usize = 12;
/// With more stages than this, lines of what is not built have no labels.
const MANY: usize = 40;
/// Labels nearer than this would lie on each other.
const LABEL_GAP: i32 = 15;

/// How large things are drawn: four lines of text in a stage.
const MEASURES: Measures = Measures {
    stage_height: 90,
    image_height: 52,
    min_width: 176,
    max_width: 256,
    letter: 8,
    beside: 44,
    column_gap: 56,
    label_gap: 128,
    row_gap: 22,
    margin: 24,
};

/// The same where there is half the room: two lines of text in a stage, and no labels.
const SMALL: Measures = Measures {
    stage_height: 46,
    image_height: 46,
    min_width: 112,
    max_width: 196,
    letter: 8,
    beside: 30,
    column_gap: 34,
    label_gap: 34,
    row_gap: 14,
    margin: 12,
};

/// The kinds of lines, each with its dash and what it means.
const KINDS: [(EdgeKind, &str, &str); 3] = [
    (EdgeKind::Base, "base", "FROM: starts from it"),
    (EdgeKind::Copy, "copy", "COPY --from: takes files"),
    (EdgeKind::Mount, "mount", "RUN --mount: looks inside"),
];

/// Draws it.
pub fn svg(report: &Report, colours: &Colours) -> String {
    let lighter = lighter(report);
    let report = lighter.as_ref().unwrap_or(report);
    let drawing = Drawing::new(report, &MEASURES);
    let width = drawing.layout.width.max(NARROWEST);
    let height = HEAD + drawing.layout.height + FOOT;
    let title = title(report);
    let mut svg = String::new();
    write_start(&mut svg, (width, height), &title, colours);
    write_head(&mut svg, report, &title);
    let _ = writeln!(svg, "<g transform=\"translate(0 {HEAD})\">");
    write_links(&mut svg, &drawing, true);
    for node in &drawing.layout.nodes {
        write_node(&mut svg, &drawing, node);
    }
    svg.push_str("</g>\n");
    write_legend(&mut svg, &drawing, HEAD + drawing.layout.height + FOOT / 2 - 4);
    svg.push_str("</svg>\n");
    svg
}

fn write_start(svg: &mut String, (width, height): (i32, i32), title: &str, colours: &Colours) {
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" role=\"img\" font-family=\"system-ui, -apple-system, 'Segoe UI', \
         Roboto, Helvetica, Arial, sans-serif\">\n<title>{}</title>\n<style>{}</style>\n<defs>{}</defs>\n\
         <rect class=\"lc-paper\" width=\"{width}\" height=\"{height}\"/>\n",
        escaped(title),
        colours.rules(),
        HEADS,
    );
}

/// Draws it small: names, sizes and lines alone.
pub fn thumbnail(report: &Report, colours: &Colours) -> String {
    let lighter = lighter(report);
    let report = lighter.as_ref().unwrap_or(report);
    let drawing = Drawing::new(report, &SMALL);
    let (width, height) = (drawing.layout.width, drawing.layout.height);
    let mut svg = String::new();
    write_start(&mut svg, (width, height), &title(report), colours);
    write_links(&mut svg, &drawing, false);
    for node in &drawing.layout.nodes {
        write_start_of_node(&mut svg, &drawing, node);
        let label = drawing.label(&node.source);
        let size = label.size.strip_suffix(" unpacked").unwrap_or(&label.size);
        let (cut, middle) = (cut_back(&label.name, letters(node.width - 26, 72)), node.width / 2);
        text(
            &mut svg,
            "ink",
            (middle, 20),
            "font-size=\"12\" font-weight=\"600\" text-anchor=\"middle\"",
            &cut,
        );
        text(&mut svg, "soft", (middle, 36), "font-size=\"11\" text-anchor=\"middle\"", size);
        svg.push_str("</g>\n");
    }
    svg.push_str("</svg>\n");
    svg
}

/// A head of its own for each kind: full, open, round.
const HEADS: &str = "<marker id=\"lc-base\" viewBox=\"0 0 10 10\" refX=\"7\" refY=\"5\" markerWidth=\"9\" \
    markerHeight=\"9\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path class=\"lc-full-base\" d=\"M1 1 9 5 1 9z\"/></marker>\
    <marker id=\"lc-copy\" viewBox=\"0 0 10 10\" refX=\"7\" refY=\"5\" markerWidth=\"9\" markerHeight=\"9\" \
    markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path class=\"lc-line-copy\" fill=\"none\" stroke-width=\"1.8\" d=\"M2 1 8 5 2 9\"/></marker>\
    <marker id=\"lc-mount\" viewBox=\"0 0 10 10\" refX=\"7\" refY=\"5\" markerWidth=\"9\" markerHeight=\"9\" \
    markerUnits=\"userSpaceOnUse\" orient=\"auto\"><circle class=\"lc-full-mount\" cx=\"5\" cy=\"5\" r=\"3.5\"/></marker>";

fn title(report: &Report) -> String {
    let name =
        report.target.and_then(|target| report.stages.get(target)).map(|stage| stage.display_name.as_str());
    match name {
        Some(name) => format!("{name} and what it is built from"),
        None => "Nothing to build".to_owned(),
    }
}

fn write_head(svg: &mut String, report: &Report, title: &str) {
    let weight = match report.target().filter(|target| target.error.is_none()) {
        Some(target) => headline(report, &target.size),
        None => "It does not build as it is.".to_owned(),
    };
    let _ = writeln!(
        svg,
        "<text class=\"lc-ink\" x=\"24\" y=\"30\" font-size=\"16\" font-weight=\"650\">{}</text>\n\
         <text class=\"lc-soft\" x=\"24\" y=\"50\" font-size=\"12.5\">{}</text>",
        escaped(&cut_back(title, 66)),
        escaped(&weight)
    );
}

/// What is built lies on top of what is not.
fn write_links(svg: &mut String, drawing: &Drawing<'_>, has_labels: bool) {
    let is_faint = |link: &&Link| drawing.role(link.to) == Role::Skipped;
    let (faint, built): (Vec<&Link>, Vec<&Link>) = drawing.layout.links.iter().partition(is_faint);
    for link in faint.into_iter().chain(built) {
        write_link(svg, drawing, link);
    }
    if !has_labels {
        return;
    }
    let labels = labels(drawing);
    for (link, label) in drawing.layout.links.iter().zip(&labels) {
        write_link_label(svg, drawing, link, label.as_deref());
    }
}

/// Where there are many stages, lines to nothing hide the others; that a stage starts from it is said in its box.
fn lighter(report: &Report) -> Option<Report> {
    if report.stages.len() <= FEW {
        return None;
    }
    let mut report = report.clone();
    report.edges.retain(|edge| edge.source != Source::Image("scratch".to_owned()));
    Some(report)
}

fn write_link(svg: &mut String, drawing: &Drawing<'_>, link: &Link) {
    let (name, dash) = (kind_name(link.kind), dash(link.kind));
    let faint = if drawing.role(link.to) == Role::Skipped { " opacity=\".45\"" } else { "" };
    let _ = writeln!(
        svg,
        "<path class=\"lc-line-{name}\" d=\"{}\" fill=\"none\"{dash}{faint} marker-end=\"url(#lc-{name})\"/>",
        link.path
    );
}

fn write_link_label(svg: &mut String, drawing: &Drawing<'_>, link: &Link, label: Option<&str>) {
    let Some(label) = label else { return };
    let faint = if drawing.role(link.to) == Role::Skipped { " opacity=\".6\"" } else { "" };
    let (x, y) = link.label;
    let _ = writeln!(
        svg,
        "<text class=\"lc-soft lc-halo\" x=\"{x}\" y=\"{}\" font-size=\"11\" text-anchor=\"middle\"{faint}>{}</text>",
        y - 6,
        escaped(label)
    );
}

fn write_node(svg: &mut String, drawing: &Drawing<'_>, node: &Node) {
    write_start_of_node(svg, drawing, node);
    let Label { name, base, size, note } = &drawing.label(&node.source);
    if matches!(node.source, Source::Image(_)) {
        let middle = node.width / 2;
        let name = cut_back(name, letters(node.width - 32, 74));
        text(svg, "ink", (middle, 22), "font-size=\"13\" text-anchor=\"middle\"", &name);
        text(svg, "soft", (middle, 39), "font-size=\"11.5\" text-anchor=\"middle\"", size);
    } else {
        let cut = |line: &str, letter| cut_back(line, letters(node.width - 28, letter));
        text(svg, "ink", (14, 24), "font-size=\"14\" font-weight=\"650\"", &cut(name, 82));
        text(svg, "soft", (14, 41), "font-size=\"11.5\"", &cut(base, 62));
        text(svg, "ink", (14, 60), "font-size=\"12.5\"", &cut(size, 68));
        text(svg, "soft", (14, 78), "font-size=\"11.5\"", &cut(note, 62));
    }
    svg.push_str("</g>\n");
}

/// The box of a node, open for what is written in it.
fn write_start_of_node(svg: &mut String, drawing: &Drawing<'_>, node: &Node) {
    let (class, looks) = match &node.source {
        Source::Image(_) => ("image", String::new()),
        Source::Stage(stage) => stage_looks(drawing.role(*stage)),
    };
    let Node { x, y, width, height, .. } = node;
    let title = whole(drawing, &node.source, &drawing.label(&node.source));
    let round = if matches!(node.source, Source::Image(_)) { height / 2 } else { 10 };
    let _ = writeln!(
        svg,
        "<g transform=\"translate({x} {y})\"><title>{}</title>\n\
         <rect class=\"lc-{class}\" width=\"{width}\" height=\"{height}\" rx=\"{round}\"{looks}/>",
        escaped(&title)
    );
}

/// So many letters, each so many tenths of a pixel wide, have room.
fn letters(pixels: i32, letter: i32) -> usize {
    usize::try_from((pixels * 10) / letter).unwrap_or(4).max(4)
}

/// What ships is framed twice as thick, what is not built is dashed and faint; a word says it as well.
fn stage_looks(role: Role) -> (&'static str, String) {
    match role {
        Role::Ships => ("ships", " stroke-width=\"2.5\"".to_owned()),
        Role::Inside => ("inside", " stroke-width=\"1.5\"".to_owned()),
        Role::LeftBehind => ("card", String::new()),
        Role::Skipped => ("card", " stroke-dasharray=\"4 4\" opacity=\".6\"".to_owned()),
    }
}

/// What the pointer sees: nothing is cut.
fn whole(drawing: &Drawing<'_>, source: &Source, label: &Label) -> String {
    match source {
        Source::Image(reference) => format!("{reference}, {}", label.size),
        Source::Stage(stage) => {
            let line = drawing.report.stages.get(*stage).map_or(0, |stage| stage.line);
            format!("{} {}, line {line}: {}, {}", label.name, label.base, label.size, label.note)
        }
    }
}

fn text(svg: &mut String, class: &str, (x, y): (i32, i32), looks: &str, words: &str) {
    let _ = writeln!(svg, "<text class=\"lc-{class}\" x=\"{x}\" y=\"{y}\" {looks}>{}</text>", escaped(words));
}

/// What is copied, beside the line where there is room for it.
fn labels(drawing: &Drawing<'_>) -> Vec<Option<String>> {
    let mut taken: Vec<(i32, i32)> = Vec::new();
    let mut label = |link: &Link| {
        if drawing.role(link.to) == Role::Skipped && drawing.report.stages.len() > MANY {
            return None;
        }
        let free = taken.iter().all(|(x, y)| *x != link.label.0 || (y - link.label.1).abs() >= LABEL_GAP);
        let words = drawing.link_label(link).filter(|_| free)?;
        taken.push(link.label);
        Some(words)
    };
    drawing.layout.links.iter().map(&mut label).collect()
}

/// The kinds of lines that are there.
fn write_legend(svg: &mut String, drawing: &Drawing<'_>, y: i32) {
    let mut x = MEASURES.margin;
    for (kind, name, words) in KINDS {
        if drawing.layout.links.iter().all(|link| link.kind != kind) {
            continue;
        }
        let _ = writeln!(
            svg,
            "<path class=\"lc-line-{name}\" d=\"M{x} {y}h32\" fill=\"none\"{} marker-end=\"url(#lc-{name})\"/>",
            dash(kind)
        );
        text(svg, "soft", (x + 42, y + 4), "font-size=\"11.5\"", words);
        x += 42 + i32::try_from(words.len()).unwrap_or(20) * 6 + 22;
    }
}

const fn kind_name(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Base => "base",
        EdgeKind::Copy => "copy",
        EdgeKind::Mount => "mount",
    }
}

const fn dash(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Base => " stroke-width=\"2\"",
        EdgeKind::Copy => " stroke-width=\"1.5\" stroke-dasharray=\"7 4\"",
        EdgeKind::Mount => " stroke-width=\"1.5\" stroke-dasharray=\"2 4\"",
    }
}

/// As XML has it; what no XML may hold is left away.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\n' | '\t' => safe.push(' '),
            '\u{fffe}' | '\u{ffff}' => {}
            control if control.is_control() => {}
            plain => safe.push(plain),
        }
    }
    safe
}
