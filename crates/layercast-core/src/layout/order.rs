//! The order of each layer, so that few lines cross.

use super::Graph;

/// How often the sweeps go over the layers. More do not lessen the crossings of real files.
const SWEEPS: usize = 4;
/// How often neighbours are swapped after each sweep, at most.
const ROUNDS: usize = 12;

/// One place of a layer: a node, or the piece of a long line that passes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    Node(usize),
    /// A piece of the use with this number.
    Pass(usize),
}

/// The layers with their slots in order, and the short lines between neighbouring layers.
pub(super) struct Layers {
    /// Every slot.
    pub(super) slots: Vec<Slot>,
    /// The slots of each layer, from top to bottom.
    pub(super) rows: Vec<Vec<usize>>,
    /// For each slot, the slots it is tied to one layer to the left.
    pub(super) before: Vec<Vec<usize>>,
    /// For each slot, the slots it is tied to one layer to the right.
    pub(super) after: Vec<Vec<usize>>,
    /// For each use, its slots from left to right: its first node, the pieces, its last node.
    pub(super) chains: Vec<Vec<usize>>,
}

/// Cuts long lines, and orders every layer.
pub(super) fn layers(graph: &Graph) -> Layers {
    let (mut layers, positions) = cut(graph);
    for row in &mut layers.rows {
        sort(row, &|slot, other| (positions[slot], slot) < (positions[other], other));
    }
    let mut best = layers.rows.clone();
    let mut fewest = crossings(&layers);
    for sweep in 0..SWEEPS {
        if fewest == 0 {
            break;
        }
        sort_by_neighbours(&mut layers, &positions, sweep % 2 == 0);
        swap_neighbours(&mut layers, &positions);
        let now = crossings(&layers);
        if now < fewest {
            fewest = now;
            best.clone_from(&layers.rows);
        }
    }
    layers.rows = best;
    layers
}

fn cut(graph: &Graph) -> (Layers, Vec<i64>) {
    let nodes = graph.sources.len();
    let mut slots: Vec<Slot> = (0..nodes).map(Slot::Node).collect();
    let mut positions = graph.positions.clone();
    let depth = graph.ranks.iter().max().map_or(0, |rank| rank + 1);
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); depth];
    for (node, rank) in graph.ranks.iter().enumerate() {
        rows[*rank].push(node);
    }
    let mut chains = Vec::with_capacity(graph.uses.len());
    for (number, line) in graph.uses.iter().enumerate() {
        let mut chain = vec![line.from];
        for row in &mut rows[graph.ranks[line.from] + 1..graph.ranks[line.to]] {
            row.push(slots.len());
            chain.push(slots.len());
            slots.push(Slot::Pass(number));
            positions.push(graph.positions[line.to]);
        }
        chain.push(line.to);
        chains.push(chain);
    }
    let mut before = vec![Vec::new(); slots.len()];
    let mut after = vec![Vec::new(); slots.len()];
    for pair in chains.iter().flat_map(|chain| chain.windows(2)) {
        after[pair[0]].push(pair[1]);
        before[pair[1]].push(pair[0]);
    }
    (Layers { slots, rows, before, after, chains }, positions)
}

/// One sweep: each layer sorted by the mean place of its neighbours in the layer just done.
fn sort_by_neighbours(layers: &mut Layers, positions: &[i64], rightwards: bool) {
    let mut place = places(layers);
    let depth = layers.rows.len();
    for step in 1..depth {
        let at = if rightwards { step } else { depth - 1 - step };
        let neighbours = if rightwards { &layers.before } else { &layers.after };
        // The mean as a fraction: no rounding, so the same on every machine.
        let mean = |slot: usize| {
            let sum: usize = neighbours[slot].iter().map(|other| place[*other]).sum();
            match neighbours[slot].len() {
                0 => (place[slot], 1),
                count => (sum, count),
            }
        };
        let mut row = layers.rows[at].clone();
        sort(&mut row, &|slot, other| {
            let ((sum, count), (other_sum, other_count)) = (mean(slot), mean(other));
            let (left, right) = (sum * other_count, other_sum * count);
            left < right || left == right && (positions[slot], slot) < (positions[other], other)
        });
        for (index, slot) in row.iter().enumerate() {
            place[*slot] = index;
        }
        layers.rows[at] = row;
    }
}

/// Swaps two that stand next to each other where fewer lines cross then, or as many and the text has them so: what
/// need not move stays in the order of the text.
fn swap_neighbours(layers: &mut Layers, positions: &[i64]) {
    let mut place = places(layers);
    for _ in 0..ROUNDS {
        let mut is_settled = true;
        for row in &mut layers.rows {
            for at in 1..row.len() {
                let (above, below) = (row[at - 1], row[at]);
                // How many crossings a swap takes away, on one side.
                let gain = |tied: &[Vec<usize>]| {
                    let pairs = tied[above]
                        .iter()
                        .flat_map(|one| tied[below].iter().map(move |other| (*one, *other)));
                    pairs.map(|(one, other)| place[one].cmp(&place[other]) as isize).sum::<isize>()
                };
                let gain = gain(&layers.before) + gain(&layers.after);
                if gain > 0 || gain == 0 && (positions[below], below) < (positions[above], above) {
                    row.swap(at - 1, at);
                    place.swap(above, below);
                    is_settled = false;
                }
            }
        }
        if is_settled {
            break;
        }
    }
}

/// Sorts by insertion: rows are short and nearly in order, and one sort for all keeps the page small.
pub(super) fn sort(row: &mut [usize], before: &dyn Fn(usize, usize) -> bool) {
    for end in 1..row.len() {
        let mut at = end;
        while at > 0 && before(row[at], row[at - 1]) {
            row.swap(at, at - 1);
            at -= 1;
        }
    }
}

fn places(layers: &Layers) -> Vec<usize> {
    let mut place = vec![0; layers.slots.len()];
    for row in &layers.rows {
        for (index, slot) in row.iter().enumerate() {
            place[*slot] = index;
        }
    }
    place
}

/// How many pairs of lines cross, counted with a Fenwick tree.
pub(super) fn crossings(layers: &Layers) -> usize {
    let place = places(layers);
    let mut total = 0;
    for row in &layers.rows {
        let ends = row.iter().flat_map(|slot| {
            let mut ends: Vec<usize> = layers.after[*slot].iter().map(|other| place[*other]).collect();
            sort(&mut ends, &|end, other| end < other);
            ends
        });
        let ends: Vec<usize> = ends.collect();
        let mut tree = vec![0_usize; ends.iter().max().map_or(0, |end| end + 2)];
        for (seen, end) in ends.iter().enumerate() {
            let mut not_above = 0;
            let mut at = end + 1;
            while at > 0 {
                not_above += tree[at];
                at &= at - 1;
            }
            total += seen - not_above;
            let mut at = end + 1;
            while at < tree.len() {
                tree[at] += 1;
                at += at & at.wrapping_neg();
            }
        }
    }
    total
}
