//! Where each slot stands: columns by layer, heights by neighbours.

use super::order::{Layers, Slot};
use super::{Graph, Measures, Use};
use crate::report::{EdgeKind, Report, Source};

/// The height that a passing line takes up.
const PASS_HEIGHT: i32 = 14;
/// How often heights follow the neighbours. They settle after three or four.
const ROUNDS: usize = 8;

/// The place of one slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: i32,
    pub(super) height: i32,
}

impl Placed {
    pub(super) const fn middle(&self) -> i32 {
        self.y + self.height / 2
    }
}

/// Places every slot; nodes come first, so the boxes of nodes are a prefix.
pub(super) fn boxes(report: &Report, graph: &Graph, layers: &Layers, measures: &Measures) -> Vec<Placed> {
    let heights: Vec<i32> = layers.slots.iter().map(|slot| height(graph, *slot, measures)).collect();
    let middles = middles(layers, &heights, measures.row_gap);
    let top = middles.iter().zip(&heights).map(|(middle, height)| middle - height / 2).min().unwrap_or(0);
    let mut boxes = vec![Placed { x: 0, y: 0, width: 0, height: 0 }; layers.slots.len()];
    let mut x = measures.margin;
    for (rank, row) in layers.rows.iter().enumerate() {
        if rank > 0 {
            x += gap_before(graph, rank, measures);
        }
        let width = row.iter().map(|slot| width(report, graph, layers.slots[*slot], measures)).max();
        let width = width.unwrap_or(measures.min_width);
        for slot in row {
            let y = middles[*slot] - heights[*slot] / 2 - top + measures.margin;
            boxes[*slot] = Placed { x, y, width, height: heights[*slot] };
        }
        x += width;
    }
    boxes
}

/// Labels stand where their lines end.
fn gap_before(graph: &Graph, rank: usize, measures: &Measures) -> i32 {
    let labelled = |line: &Use| line.kind != EdgeKind::Base && graph.ranks[line.to] == rank;
    if graph.uses.iter().any(labelled) { measures.label_gap } else { measures.column_gap }
}

fn height(graph: &Graph, slot: Slot, measures: &Measures) -> i32 {
    match slot {
        Slot::Pass(_) => PASS_HEIGHT,
        Slot::Node(node) if matches!(graph.sources[node], Source::Image(_)) => measures.image_height,
        Slot::Node(_) => measures.stage_height,
    }
}

fn width(report: &Report, graph: &Graph, slot: Slot, measures: &Measures) -> i32 {
    let Slot::Node(node) = slot else { return measures.min_width };
    let letters = match &graph.sources[node] {
        Source::Image(reference) => short_name(reference).chars().count(),
        // The name of a pile is that of two.
        Source::Stage(stage) if graph.is_pile(*stage) => return measures.max_width,
        Source::Stage(stage) => report.stages[*stage].display_name.chars().count(),
    };
    let letters = i32::try_from(letters.min(200)).unwrap_or(200);
    (letters * measures.letter + measures.beside).clamp(measures.min_width, measures.max_width)
}

/// `alpine:3.22` for `docker.io/library/alpine:3.22`.
fn short_name(reference: &str) -> &str {
    let short = reference.strip_prefix("docker.io/").unwrap_or(reference);
    short.strip_prefix("library/").unwrap_or(short)
}

/// The middle of every slot: as near to its neighbours as the order and the gaps allow.
fn middles(layers: &Layers, heights: &[i32], gap: i32) -> Vec<i32> {
    let mut middles = vec![0; layers.slots.len()];
    for row in &layers.rows {
        settle(row, heights, gap, &mut middles, |_| None);
    }
    let depth = layers.rows.len();
    for round in 0..ROUNDS {
        let rightwards = round % 2 == 0;
        for step in 0..depth {
            let row = &layers.rows[if rightwards { step } else { depth - 1 - step }];
            let now = middles.clone();
            let wanted = |slot: usize| {
                let (near, far) = (&layers.before[slot], &layers.after[slot]);
                let (near, far) = if rightwards { (near, far) } else { (far, near) };
                mean(if near.is_empty() { far } else { near }, &now)
            };
            settle(row, heights, gap, &mut middles, wanted);
        }
    }
    middles
}

fn mean(slots: &[usize], middles: &[i32]) -> Option<i32> {
    let count = i32::try_from(slots.len()).ok().filter(|count| *count > 0)?;
    Some(slots.iter().map(|slot| middles[*slot]).sum::<i32>() / count)
}

/// Puts a row where it wants to be, keeping its order and gaps: neighbours that would overlap become a block
/// that stands at the mean of what its members want (pool adjacent violators).
fn settle(
    row: &[usize],
    heights: &[i32],
    gap: i32,
    middles: &mut [i32],
    wanted: impl Fn(usize) -> Option<i32>,
) {
    // A block: the sum of what its members want, less their offsets; how many; and the first member.
    let mut blocks: Vec<(i64, i64, usize)> = Vec::new();
    let mut offsets = Vec::with_capacity(row.len());
    let mut offset = 0;
    for (index, slot) in row.iter().enumerate() {
        if index > 0 {
            offset += (heights[row[index - 1]] + heights[*slot]) / 2 + gap;
        }
        offsets.push(offset);
        let wish = wanted(*slot).unwrap_or(middles[*slot]);
        blocks.push((i64::from(wish - offset), 1, index));
        while let [.., (sum, count, _), (next_sum, next_count, _)] = blocks[..] {
            if sum * next_count <= next_sum * count {
                break;
            }
            blocks.pop();
            if let Some(last) = blocks.last_mut() {
                *last = (sum + next_sum, count + next_count, last.2);
            }
        }
    }
    for (number, (sum, count, first)) in blocks.iter().enumerate() {
        let end = blocks.get(number + 1).map_or(row.len(), |next| next.2);
        let base = i32::try_from(sum.div_euclid(*count)).unwrap_or(0);
        for index in *first..end {
            middles[row[index]] = base + offsets[index];
        }
    }
}
