//! Where each stage and image of the graph is drawn: a layered layout, stable while the text changes.
//!
//! From left to right: what is used stands left of what uses it (longest path), each layer is ordered so that
//! few lines cross (barycentre sweeps, ties by place in the source), and heights follow the neighbours.
//!
//! **Invariant:** whole numbers and no randomness: the same report gives the same drawing, on every machine.

mod order;
mod place;
mod route;

use crate::report::{Edge, EdgeKind, Report, Source};

/// A drawing of the stage graph, in pixels from its top left corner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Its width.
    pub width: i32,
    /// Its height.
    pub height: i32,
    /// The images in the order of their first use, then the stages in the order of the text.
    pub nodes: Vec<Node>,
    /// The lines between them, in the order of the text.
    pub links: Vec<Link>,
}

/// One stage or image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub source: Source,
    /// Its left edge.
    pub x: i32,
    /// Its top edge.
    pub y: i32,
    /// Its width.
    pub width: i32,
    /// Its height.
    pub height: i32,
}

/// Every use of one kind that a stage makes of one other node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What is used.
    pub from: Source,
    /// The stage that uses it.
    pub to: usize,
    /// How.
    pub kind: EdgeKind,
    /// The uses: places in [`Report::edges`].
    pub edges: Vec<usize>,
    /// The line, as SVG path data.
    pub path: String,
    /// Where a label's middle stands.
    pub label: (i32, i32),
}

/// How large things are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measures {
    /// Height of a stage.
    pub stage_height: i32,
    /// Height of an image.
    pub image_height: i32,
    /// The narrowest node.
    pub min_width: i32,
    /// The widest node; longer names are cut by whoever draws them.
    pub max_width: i32,
    /// Width of one letter of a name.
    pub letter: i32,
    /// What a node is wider than its name.
    pub beside: i32,
    /// Between two columns.
    pub column_gap: i32,
    /// Between two columns where lines with labels end in the right one.
    pub label_gap: i32,
    /// Between two nodes of a column.
    pub row_gap: i32,
    /// Around everything.
    pub margin: i32,
}

impl Default for Measures {
    fn default() -> Self {
        Self {
            stage_height: 74,
            image_height: 52,
            // `12 steps · left behind` has room.
            min_width: 166,
            max_width: 224,
            letter: 8,
            beside: 32,
            column_gap: 56,
            label_gap: 112,
            row_gap: 24,
            margin: 22,
        }
    }
}

/// Lays out the graph of a report.
pub fn layout(report: &Report, measures: &Measures) -> Layout {
    let homes: Vec<Option<usize>> = (0..report.stages.len()).map(Some).collect();
    layout_some(report, measures, &homes)
}

/// Lays out each stage in its home: the node of its own, or that of the end of its chain
/// ([`chain_ends`](crate::figures::chain_ends)). Who has none is left out, with what it alone uses.
pub fn layout_some(report: &Report, measures: &Measures, homes: &[Option<usize>]) -> Layout {
    let graph = Graph::new(report, homes);
    let layers = order::layers(&graph);
    let boxes = place::boxes(report, &graph, &layers, measures);
    let links = route::links(&graph, &layers, &boxes);
    let node = |(source, placed): (&Source, &place::Placed)| Node {
        source: source.clone(),
        x: placed.x,
        y: placed.y,
        width: placed.width,
        height: placed.height,
    };
    let nodes: Vec<Node> = graph.sources.iter().zip(&boxes).map(node).collect();
    // Lines round a column may lie below every node.
    let bottom = boxes.iter().map(|placed| placed.y + placed.height).max();
    let right = nodes.iter().map(|node| node.x + node.width).max();
    Layout {
        width: right.map_or(0, |right| right + measures.margin),
        height: bottom.map_or(0, |bottom| bottom + measures.margin),
        nodes,
        links,
    }
}

/// The graph with its nodes numbered: images first, then stages; long lines cut into pieces of one layer each.
struct Graph<'h> {
    /// What each node is.
    sources: Vec<Source>,
    /// Where it stands in the text: the tie-break of every decision.
    positions: Vec<i64>,
    /// The uses that run forwards, merged by (from, to, kind).
    uses: Vec<Use>,
    /// The layer of each node.
    ranks: Vec<usize>,
    /// Where each stage stands.
    homes: &'h [Option<usize>],
}

/// One line to draw between two nodes.
struct Use {
    from: usize,
    to: usize,
    kind: EdgeKind,
    edges: Vec<usize>,
}

impl<'h> Graph<'h> {
    fn new(report: &Report, homes: &'h [Option<usize>]) -> Self {
        let home = |stage: usize| homes.get(stage).copied().flatten();
        let drawn: Vec<usize> = (0..homes.len()).filter(|stage| home(*stage) == Some(*stage)).collect();
        let mut images: Vec<&str> = Vec::new();
        let mut first_line: Vec<usize> = Vec::new();
        for edge in &report.edges {
            if let Source::Image(reference) = &edge.source
                && home(edge.stage).is_some()
                && !images.contains(&reference.as_str())
            {
                images.push(reference);
                first_line.push(edge.line);
            }
        }
        let stage = |stage: usize| drawn.binary_search(&home(stage)?).ok().map(|place| images.len() + place);
        let number = |edge: &Edge| match &edge.source {
            Source::Image(reference) => images.iter().position(|known| known == reference),
            Source::Stage(used) => stage(*used),
        };
        let mut uses: Vec<Use> = Vec::new();
        for (place, edge) in report.edges.iter().enumerate() {
            let (Some(from), Some(to)) = (number(edge), stage(edge.stage)) else { continue };
            // A stage can use only what stands above it; anything else is an error the report names. What a chain
            // uses of itself is inside of its node.
            if from >= to {
                continue;
            }
            let same = |line: &&mut Use| (line.from, line.to, line.kind) == (from, to, edge.kind);
            match uses.iter_mut().find(same) {
                Some(line) => line.edges.push(place),
                None => uses.push(Use { from, to, kind: edge.kind, edges: vec![place] }),
            }
        }
        let positions = first_line.iter().map(|line| *line as i64 * 2 - 1);
        let positions =
            positions.chain(drawn.iter().map(|stage| report.stages[*stage].line as i64 * 2)).collect();
        let sources = images.iter().map(|image| Source::Image((*image).to_owned()));
        let sources: Vec<Source> = sources.chain(drawn.iter().copied().map(Source::Stage)).collect();
        let ranks = ranks(sources.len(), images.len(), &uses);
        Self { sources, positions, uses, ranks, homes }
    }

    /// True where several stages are folded into one.
    fn is_pile(&self, stage: usize) -> bool {
        self.homes.iter().filter(|home| **home == Some(stage)).count() > 1
    }

    /// The number of the stage that a node is; lines end at stages only.
    fn stage(&self, node: usize) -> usize {
        match self.sources[node] {
            Source::Stage(stage) => stage,
            Source::Image(_) => 0,
        }
    }
}

/// The longest path to each stage; an image stands just before its first user.
fn ranks(nodes: usize, images: usize, uses: &[Use]) -> Vec<usize> {
    let mut ranks: Vec<usize> = vec![0; nodes];
    let mut by_user: Vec<Vec<usize>> = vec![Vec::new(); nodes];
    for line in uses {
        by_user[line.to].push(line.from);
    }
    // Every use runs from a lower number to a higher one, so one pass in order is enough.
    for node in 0..nodes {
        ranks[node] = by_user[node].iter().map(|from| ranks[*from] + 1).max().unwrap_or(0);
    }
    for (image, rank) in ranks.iter().copied().enumerate().take(images).collect::<Vec<_>>() {
        let first_user = uses.iter().filter(|line| line.from == image).map(|line| ranks[line.to]).min();
        ranks[image] = first_user.map_or(rank, |user| user.saturating_sub(1));
    }
    ranks
}

#[cfg(test)]
mod tests;
