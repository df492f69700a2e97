//! The graph of the stages as SVG: images, stages, and what takes from what.

use crate::bytes::Bytes;
use crate::figures::{self, Role};
use crate::panels::stages::{StagesProps, role_word, size, why};
use crate::state::Action;
use crate::strings;
use layercast_core::Report;
use layercast_core::layout::{Layout, Link, Node};
use layercast_core::report::{EdgeKind, Source};
use yew::prelude::*;

/// Labels nearer than this would lie on each other.
const LABEL_GAP: i32 = 15;
/// Longer paths are cut in front.
const LABEL_LETTERS: usize = 14;

/// The graph. What it says beyond its words, in `data-` attributes, is for `www/tabs/src/graph.js`.
pub fn graph(
    props: &StagesProps,
    drawn: &Layout,
    homes: &[Option<usize>],
    ends: &[usize],
    all: bool,
) -> Html {
    let StagesProps { report, roles, .. } = props;
    let node = |node: &Node| match &node.source {
        Source::Image(reference) => image(report, node, reference),
        Source::Stage(stage) => stage_node(props, node, *stage, &folded_into(*stage, homes), ends[*stage]),
    };
    let labels = labels(report, drawn);
    let links =
        drawn.links.iter().zip(&labels).map(|(line, label)| link(report, line, label.as_deref(), roles));
    let size = format!("--wide:{};--high:{}", drawn.width, drawn.height);
    let skipped = report.target().map_or(0, |target| target.skipped.len());
    html! {
        <div class="graph" role="group" aria-label={strings::STAGES.t()} data-all={all.to_string()} data-skipped={skipped.to_string()}>
            <svg preserveAspectRatio="xMinYMin" viewBox={format!("0 0 {} {}", drawn.width, drawn.height)} style={size}>
                <defs>{ arrow("base") }{ arrow("copy") }{ arrow("mount") }</defs>
                <g>
                    { for links }
                    { for drawn.nodes.iter().map(node) }
                </g>
            </svg>
            { legend(drawn) }
        </div>
    }
}

const fn kind_name(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Base => "base",
        EdgeKind::Copy => "copy",
        EdgeKind::Mount => "mount",
    }
}

/// A head of its own for each kind: full, open, round.
fn arrow(kind: &'static str) -> Html {
    let head = match kind {
        "base" => html! { <path d="M1 1 9 5 1 9z" /> },
        "copy" => html! { <path class="open" d="M2 1 8 5 2 9" /> },
        _ => html! { <circle cx="5" cy="5" r="3.5" /> },
    };
    html! {
        <marker
            id={format!("arrow-{kind}")} class={format!("arrow-{kind}")} viewBox="0 0 10 10" refX="7" refY="5"
            markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"
        >{ head }</marker>
    }
}

fn link(report: &Report, line: &Link, label: Option<&str>, roles: &[Role]) -> Html {
    let kind = kind_name(line.kind);
    let skipped = roles.get(line.to) == Some(&Role::Skipped);
    let (x, y) = line.label;
    html! {
        <g
            class={classes!("link", format!("link-{kind}"), skipped.then_some("skipped"))}
            data-from={key_of(&line.from)} data-to={line.to.to_string()} data-lines={lines(report, line)}
        >
            <path class="link-near" d={line.path.clone()} />
            <path class="link-line" d={line.path.clone()} marker-end={format!("url(#arrow-{kind})")} />
            if let Some(label) = label {
                <text class="link-label" x={x.to_string()} y={(y - 7).to_string()}>{ label }</text>
            }
        </g>
    }
}

/// The lines of the instructions that a line stands for.
fn lines(report: &Report, line: &Link) -> String {
    let instructions =
        line.edges.iter().filter_map(|edge| report.instructions.get(report.edges.get(*edge)?.instruction));
    spans(&mut instructions.map(|one| (one.line, one.end_line)))
}

/// First and last lines: `14-14 20-22`.
fn spans(lines: &mut dyn Iterator<Item = (usize, usize)>) -> String {
    let lines: Vec<String> = lines.map(|(first, last)| format!("{first}-{last}")).collect();
    lines.join(" ")
}

/// The stages that are drawn as one, in the order of the text: itself alone, or a chain.
fn folded_into(stage: usize, homes: &[Option<usize>]) -> Vec<usize> {
    (0..homes.len()).filter(|other| homes[*other] == Some(stage)).collect()
}

/// What a node is called in the `data-` attributes: the number of a stage, the reference of an image.
fn key_of(source: &Source) -> String {
    match source {
        Source::Image(reference) => reference.clone(),
        Source::Stage(stage) => stage.to_string(),
    }
}

/// What is copied, beside the line where there is room for it.
fn labels(report: &Report, drawn: &Layout) -> Vec<Option<String>> {
    let mut taken: Vec<(i32, i32)> = Vec::new();
    let mut label = |line: &Link| {
        let free = taken.iter().all(|(x, y)| *x != line.label.0 || (y - line.label.1).abs() >= LABEL_GAP);
        let words = copied(report, line).filter(|_| free)?;
        taken.push(line.label);
        Some(words)
    };
    drawn.links.iter().map(&mut label).collect()
}

fn copied(report: &Report, line: &Link) -> Option<String> {
    if line.kind != EdgeKind::Copy {
        return None;
    }
    let [edge] = line.edges[..] else { return Some(format!("{} ×", line.edges.len())) };
    let text = &report.instructions.get(report.edges.get(edge)?.instruction)?.text;
    let path = text.split_whitespace().skip(1).find(|word| !word.starts_with("--"))?;
    Some(cut_front(path.trim_matches(['[', ']', '"', ',']), LABEL_LETTERS))
}

fn cut_front(text: &str, letters: usize) -> String {
    let count = text.chars().count();
    if count <= letters {
        return text.to_owned();
    }
    let rest: String = text.chars().skip(count + 1 - letters).collect();
    // From a whole name on, where one fits.
    let from = rest.find('/').filter(|slash| slash + 3 < rest.len()).unwrap_or(0);
    format!("…{}", &rest[from..])
}

/// The front of a text that fits into so many pixels.
fn cut_back(text: &str, pixels: i32) -> String {
    let letters = usize::try_from(pixels / 8).unwrap_or(0).max(4);
    if text.chars().count() <= letters {
        return text.to_owned();
    }
    format!("{}…", text.chars().take(letters - 1).collect::<String>())
}

fn image(report: &Report, node: &Node, reference: &str) -> Html {
    let Node { x, y, width, height, .. } = node;
    let name = figures::familiar(reference);
    let from = report.stages.iter().find(|stage| stage.source == node.source).map(|stage| stage.index);
    let layer = from.and_then(|stage| report.layers.iter().find(|layer| layer.stage == stage));
    let size =
        layer.filter(|layer| figures::is_base(report, layer)).and_then(|layer| layer.unpacked.as_ref());
    let note = match size {
        _ if reference == "scratch" => strings::EMPTY_IMAGE.t().to_owned(),
        Some(size) => Bytes(size.likely).to_string(),
        None => strings::BASE_IMAGE.t().to_owned(),
    };
    html! {
        <g class="node image" key={reference.to_owned()} data-node={reference.to_owned()} style={place(*x, *y)}>
            <title>{ reference }</title>
            <rect width={width.to_string()} height={height.to_string()} rx={(height / 2).to_string()} />
            <text class="node-name" x={(width / 2).to_string()} y="23" text-anchor="middle">{ cut_back(&name, width - 28) }</text>
            <text class="node-note" x={(width / 2).to_string()} y="40" text-anchor="middle">{ note }</text>
        </g>
    }
}

/// A stage, or a chain of them that is folded into its last: click or Enter makes it the target.
fn stage_node(props: &StagesProps, node: &Node, stage: usize, folded: &[usize], end: usize) -> Html {
    let StagesProps { report, roles, send, .. } = props;
    let Some(described) = report.stages.get(stage) else { return html! {} };
    let role = roles.get(stage).copied().unwrap_or(Role::Skipped);
    let last = stage + 1 == report.stages.len();
    let name = (!last).then(|| figures::target_name(report, stage));
    let choose = send.reform(move |()| Action::ChoseTarget(name.clone()));
    let onclick = choose.reform(|_: MouseEvent| ());
    let onkeydown = move |event: KeyboardEvent| {
        if matches!(event.key().as_str(), "Enter" | " ") {
            event.prevent_default();
            choose.emit(());
        }
    };
    let class = match role {
        Role::Ships => "ships",
        Role::Inside => "inside",
        Role::LeftBehind => "behind",
        Role::Skipped => "skipped",
    };
    let skipped =
        report.target().and_then(|target| target.skipped.iter().find(|skipped| skipped.stage == stage));
    let why = skipped.map(|skipped| why(report, skipped));
    let first = &report.stages[folded[0]];
    let own = &described.display_name;
    let name = if folded.len() > 1 { format!("{} … {own}", first.display_name) } else { own.clone() };
    let mut lines = folded.iter().map(|stage| (report.stages[*stage].line, report.stages[*stage].end_line));
    html! {
        <g
            key={stage} class={classes!("node", "stage", class)} role="button" tabindex="0" style={place(node.x, node.y)}
            data-testid={format!("stage-{own}")} aria-pressed={(role == Role::Ships).to_string()}
            data-node={stage.to_string()} data-lines={spans(&mut lines)} data-end={end.to_string()} {onclick} {onkeydown}
        >
            <title>{ strings::stage_title(&name, &first.base, why.as_deref()) }</title>
            { stage_box(report, node, stage, &name, folded, role_word(roles, stage)) }
        </g>
    }
}

/// Where a node stands; a style, not an attribute, so that it can glide there.
fn place(x: i32, y: i32) -> String {
    format!("transform:translate({x}px,{y}px)")
}

fn stage_box(report: &Report, node: &Node, stage: usize, name: &str, folded: &[usize], word: &str) -> Html {
    let (width, height) = (node.width, node.height);
    let mut size = size(report, stage);
    if folded.len() > 1 {
        size = format!("{} · {size}", strings::stages(folded.len()));
    }
    let steps = folded.iter().map(|stage| report.stages[*stage].instructions.len()).sum();
    html! {
        <>
            <rect width={width.to_string()} height={height.to_string()} rx="11" />
            <text class="node-name" x="14" y="24">{ cut_back(name, width - 24) }</text>
            <text class="node-size" x="14" y="44">{ size }</text>
            <text class="node-note" x="14" y="62">
                { strings::steps(steps) }{ " · " }<tspan class="node-role">{ word }</tspan>
            </text>
        </>
    }
}

/// The kinds of lines that are there, told apart by dash, head and colour.
fn legend(drawn: &Layout) -> Html {
    let kinds = [
        (EdgeKind::Base, strings::EDGE_BASE.t()),
        (EdgeKind::Copy, strings::EDGE_COPY.t()),
        (EdgeKind::Mount, strings::EDGE_MOUNT.t()),
    ];
    let entry = |(kind, words): &(EdgeKind, &'static str)| {
        let kind = kind_name(*kind);
        html! {
            <li>
                <svg class={format!("link link-{kind}")} width="40" height="12" aria-hidden="true">
                    <path class="link-line" d="M2 6H34" marker-end={format!("url(#arrow-{kind})")} />
                </svg>
                { words }
            </li>
        }
    };
    let there = kinds.iter().filter(|(kind, _)| drawn.links.iter().any(|link| link.kind == *kind));
    html! { <ul class="legend">{ for there.map(entry) }</ul> }
}
