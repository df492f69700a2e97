//! Layouts of small graphs, and of the largest one known in size.

use super::order::{crossings, layers};
use super::{Graph, Layout, Measures, layout, layout_some};
use crate::report::{Edge, EdgeKind, Report, Source, StageReport, VERSION};
use crate::text::Range;

/// A report with stages and nothing else: `uses` as (stage, what it uses, kind).
fn report(names: &[&str], uses: &[(usize, &str, EdgeKind)]) -> Report {
    let place = |name: &str| names.iter().position(|other| *other == name);
    let source = |name: &str| place(name).map_or(Source::Image(name.to_owned()), Source::Stage);
    let stage = |(index, name): (usize, &&str)| StageReport {
        index,
        name: (*name).to_owned(),
        display_name: (*name).to_owned(),
        base: String::new(),
        platform: String::new(),
        source: Source::Image("scratch".to_owned()),
        built_for: crate::image_ref::Platform::linux_amd64(),
        line: index * 10 + 1,
        end_line: index * 10 + 9,
        range: Range::default(),
        instructions: Vec::new(),
        inherits: Vec::new(),
    };
    let edge = |(stage, used, kind): &(usize, &str, EdgeKind)| Edge {
        stage: *stage,
        source: source(used),
        kind: *kind,
        line: stage * 10 + 1,
        instruction: 0,
    };
    Report {
        version: VERSION,
        errors: Vec::new(),
        instructions: Vec::new(),
        stages: names.iter().enumerate().map(stage).collect(),
        edges: uses.iter().map(edge).collect(),
        targets: Vec::new(),
        target: None,
        layers: Vec::new(),
        summary: None,
        warnings: Vec::new(),
        blockers: Vec::new(),
        questions: Vec::new(),
    }
}

fn drawn(report: &Report) -> Layout {
    layout(report, &Measures::default())
}

fn at(layout: &Layout, source: &Source) -> (i32, i32) {
    let found = layout.nodes.iter().find(|node| node.source == *source);
    found.map_or((-1, -1), |node| (node.x, node.y))
}

/// `count` stages; each starts from one above it and copies from two more.
fn large(count: usize) -> Report {
    let names: Vec<String> = (0..count).map(|stage| format!("stage{stage}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut uses = vec![(0, "alpine", EdgeKind::Base)];
    for stage in 1..count {
        uses.push((stage, names[stage * 7 % stage.min(5)], EdgeKind::Base));
        uses.push((stage, names[stage / 2], EdgeKind::Copy));
        uses.push((stage, names[stage * 31 % stage], EdgeKind::Copy));
    }
    report(&names, &uses)
}

#[test]
fn nothing_is_drawn_of_nothing() {
    let layout = drawn(&report(&[], &[]));
    assert_eq!((layout.width, layout.height, layout.nodes.len()), (0, 0, 0));
}

#[test]
fn what_is_used_stands_left_of_what_uses_it() {
    let uses = [(0, "golang", EdgeKind::Base), (1, "alpine", EdgeKind::Base), (1, "build", EdgeKind::Copy)];
    let layout = drawn(&report(&["build", "final"], &uses));
    let (golang, alpine) = (Source::Image("golang".to_owned()), Source::Image("alpine".to_owned()));
    let (build, last) = (at(&layout, &Source::Stage(0)), at(&layout, &Source::Stage(1)));
    assert!(at(&layout, &golang).0 < build.0 && build.0 < last.0);
    // An image stands beside its first user, not at the far left.
    assert_eq!(at(&layout, &alpine).0, build.0);
    assert_eq!(layout.links.len(), 3);
    assert_eq!(layout.links[0].path, format!("M{} 59H{}", at(&layout, &golang).0 + 166, build.0 - 4));
}

#[test]
fn uses_of_one_kind_are_one_line() {
    let uses = [
        (1, "a", EdgeKind::Copy),
        (1, "a", EdgeKind::Copy),
        (1, "a", EdgeKind::Mount),
        (0, "x", EdgeKind::Base),
    ];
    let layout = drawn(&report(&["a", "b"], &uses));
    let edges: Vec<&[usize]> = layout.links.iter().map(|link| link.edges.as_slice()).collect();
    assert_eq!(edges, [&[0, 1][..], &[2], &[3]]);
}

#[test]
fn lines_uncross() {
    let uses = [
        (0, "x", EdgeKind::Base),
        (1, "y", EdgeKind::Base),
        (2, "b", EdgeKind::Base),
        (3, "a", EdgeKind::Base),
    ];
    let report = report(&["a", "b", "c", "d"], &uses);
    assert_eq!(crossings(&layers(&Graph::new(&report, &[Some(0), Some(1), Some(2), Some(3)]))), 0);
}

#[test]
fn a_use_of_itself_or_of_a_later_stage_is_left_out() {
    let uses = [(0, "a", EdgeKind::Copy), (0, "b", EdgeKind::Copy), (1, "a", EdgeKind::Base)];
    assert_eq!(drawn(&report(&["a", "b"], &uses)).links.len(), 1);
}

#[test]
fn boxes_never_overlap_and_stay_inside() {
    let layout = drawn(&large(127));
    for (index, node) in layout.nodes.iter().enumerate() {
        assert!(node.x >= 0 && node.x + node.width <= layout.width);
        assert!(node.y >= 0 && node.y + node.height <= layout.height);
        for other in &layout.nodes[index + 1..] {
            let apart =
                node.x != other.x || node.y + node.height <= other.y || other.y + other.height <= node.y;
            assert!(apart, "{:?} lies on {:?}", node.source, other.source);
        }
    }
}

#[test]
fn the_same_report_gives_the_same_drawing() {
    assert_eq!(drawn(&large(40)), drawn(&large(40)));
}

#[test]
fn a_stage_added_at_the_end_moves_nothing_above_it_to_another_column() {
    let (before, after) = (drawn(&large(30)), drawn(&large(31)));
    for node in &before.nodes {
        assert_eq!(node.x, at(&after, &node.source).0, "{:?}", node.source);
    }
}

/// Grows bit by bit, as people write: tools, then what is made with them, then checks beside it, then the image.
const WRITTEN: &str = "\
FROM golang AS tools
RUN install
FROM node AS deps
RUN npm ci
FROM deps AS front
RUN npm run build
FROM tools AS server
RUN --mount=from=deps,target=/deps go build
FROM tools AS lint
RUN lint
FROM server AS tests
RUN go test
FROM alpine AS fonts
RUN fetch
FROM debian AS final
COPY --from=front /dist /www
COPY --from=server /out /bin/
COPY --from=fonts /fonts /fonts
FROM final AS debug
COPY --from=tools /dlv /bin/
";

/// The columns with those of these nodes that stand there, from top to bottom.
fn columns<'a>(layout: &'a Layout, among: &[&Source]) -> Vec<Vec<&'a Source>> {
    let mut nodes: Vec<&super::Node> = layout.nodes.iter().collect();
    nodes.sort_by_key(|node| (node.x, node.y));
    let column = |column: &[&'a super::Node]| -> Vec<&'a Source> {
        column.iter().map(|node| &node.source).filter(|source| among.contains(source)).collect()
    };
    let columns = nodes.chunk_by(|one, other| one.x == other.x).map(column);
    columns.filter(|column| !column.is_empty()).collect()
}

#[test]
fn typing_inside_a_stage_moves_nothing() {
    let before = drawn(&crate::structure(WRITTEN, &crate::Facts::default()));
    let longer = WRITTEN.replace("RUN npm ci\n", "RUN npm ci && npm audit\n\nENV A=b\nRUN more\n");
    assert_eq!(
        before,
        drawn(&crate::structure(&longer, &crate::Facts::default())),
        "edges keep their numbers, too"
    );
}

#[test]
fn a_file_that_grows_keeps_the_order_of_what_is_drawn() {
    let lines: Vec<&str> = WRITTEN.split_inclusive('\n').collect();
    let reports =
        (1..=lines.len()).map(|count| crate::structure(&lines[..count].concat(), &crate::Facts::default()));
    let layouts: Vec<Layout> = reports.map(|report| drawn(&report)).collect();
    for (before, after) in layouts.iter().zip(&layouts[1..]) {
        // The stage that is written, and an image that it alone uses, may go to another column.
        let written = before.nodes.last().map(|node| &node.source);
        let is_settled = |source: &&Source| {
            Some(*source) != written
                && before.links.iter().any(|link| {
                    Some(&Source::Stage(link.to)) != written
                        && (link.from == **source || Source::Stage(link.to) == **source)
                })
        };
        let settled: Vec<&Source> = before.nodes.iter().map(|node| &node.source).filter(is_settled).collect();
        assert_eq!(columns(before, &settled), columns(after, &settled));
    }
}

#[test]
fn what_is_not_drawn_takes_its_images_and_lines_with_it() {
    let report = crate::structure(WRITTEN, &crate::Facts::default());
    let homes: Vec<Option<usize>> =
        (0..report.stages.len()).map(|stage| [0, 3].contains(&stage).then_some(stage)).collect();
    let layout = layout_some(&report, &Measures::default(), &homes);
    let sources: Vec<String> = layout.nodes.iter().map(|node| format!("{:?}", node.source)).collect();
    assert_eq!(sources, ["Image(\"docker.io/library/golang:latest\")", "Stage(0)", "Stage(3)"]);
    assert_eq!(layout.links.len(), 2);
}

#[test]
fn a_folded_chain_stands_at_its_last_stage_and_takes_the_lines_of_all() {
    let uses = [
        (0, "golang", EdgeKind::Base),
        (1, "deps", EdgeKind::Base),
        (2, "node", EdgeKind::Base),
        (3, "build", EdgeKind::Base),
        (3, "build", EdgeKind::Copy),
        (3, "front", EdgeKind::Copy),
        (4, "final", EdgeKind::Copy),
    ];
    let report = report(&["deps", "build", "front", "final", "debug"], &uses);
    let homes = [Some(3), Some(3), Some(2), Some(3), Some(4)];
    let (folded, whole) = (layout_some(&report, &Measures::default(), &homes), drawn(&report));
    assert_eq!(folded.nodes.len(), 5, "two images, front, final, debug");
    let links: Vec<(&Source, usize)> = folded.links.iter().map(|link| (&link.from, link.to)).collect();
    let (golang, node) = (Source::Image("golang".to_owned()), Source::Image("node".to_owned()));
    assert_eq!(links, [(&golang, 3), (&node, 2), (&Source::Stage(2), 3), (&Source::Stage(3), 4)]);
    assert!(folded.width < whole.width, "{} is not narrower than {}", folded.width, whole.width);
}
