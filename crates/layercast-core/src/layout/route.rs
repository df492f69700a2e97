//! The lines between nodes, as smooth SVG paths that enter and leave level.

use super::order::{Layers, sort};
use super::place::Placed;
use super::{Graph, Link};
use std::fmt::Write as _;

/// Between two lines that end at the same side of a node.
const PORT_GAP: i32 = 14;
/// What stays free above and below the ends.
const PORT_MARGIN: i32 = 12;
/// What the arrowhead takes.
const ARROW: i32 = 4;

/// Draws every line.
pub(super) fn links(graph: &Graph, layers: &Layers, boxes: &[Placed]) -> Vec<Link> {
    let starts = ports(layers, boxes, true);
    let ends = ports(layers, boxes, false);
    let draw = |(number, line): (usize, &super::Use)| {
        let (path, label) = path(&layers.chains[number], boxes, starts[number], ends[number]);
        Link {
            from: graph.sources[line.from].clone(),
            to: graph.stage(line.to),
            kind: line.kind,
            edges: line.edges.clone(),
            path,
            label,
        }
    };
    graph.uses.iter().enumerate().map(draw).collect()
}

/// The height at which each line leaves its first node, or enters its last one: spread, in the order of
/// where the lines go.
fn ports(layers: &Layers, boxes: &[Placed], leaving: bool) -> Vec<i32> {
    let at_node = |chain: &[usize]| if leaving { chain[0] } else { chain[chain.len() - 1] };
    let beyond = |chain: &[usize]| if leaving { chain[1] } else { chain[chain.len() - 2] };
    let mut by_node: Vec<Vec<usize>> = vec![Vec::new(); boxes.len()];
    for (number, chain) in layers.chains.iter().enumerate() {
        by_node[at_node(chain)].push(number);
    }
    let mut heights = vec![0; layers.chains.len()];
    for (node, numbers) in by_node.iter_mut().enumerate().filter(|(_, numbers)| !numbers.is_empty()) {
        let key = |number: usize| (boxes[beyond(&layers.chains[number])].middle(), number);
        sort(numbers, &|number, other| key(number) < key(other));
        let between = i32::try_from(numbers.len()).unwrap_or(i32::MAX) - 1;
        let room = boxes[node].height - 2 * PORT_MARGIN;
        let spread = (between.saturating_mul(PORT_GAP)).min(room);
        for (place, number) in (0_i32..).zip(numbers.iter()) {
            let offset = if between == 0 { 0 } else { spread * place / between - spread / 2 };
            heights[*number] = boxes[node].middle() + offset;
        }
    }
    heights
}

fn path(chain: &[usize], boxes: &[Placed], start: i32, end: i32) -> (String, (i32, i32)) {
    let first = boxes[chain[0]];
    let (mut x, mut y) = (first.x + first.width, start);
    let mut path = format!("M{x} {y}");
    let mut label = (x, y);
    for (place, slot) in chain.iter().enumerate().skip(1) {
        let placed = boxes[*slot];
        let last = place + 1 == chain.len();
        let (to_x, to_y) = if last { (placed.x - ARROW, end) } else { (placed.x, placed.middle()) };
        let bend = (to_x - x) / 2;
        if y == to_y {
            let _ = write!(path, "H{to_x}");
        } else {
            let _ = write!(path, "C{} {y} {} {to_y} {to_x} {to_y}", x + bend, to_x - bend);
        }
        label = ((x + to_x) / 2, (y + to_y) / 2);
        (x, y) = (to_x, to_y);
        if !last {
            x += placed.width;
            let _ = write!(path, "H{x}");
        }
    }
    (path, label)
}
