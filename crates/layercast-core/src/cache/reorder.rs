//! Lines in another order, so that a change makes less run again.
//!
//! **Invariant:** a line moves only past lines that would do the same without it. What cannot be known beforehand is
//! said with the change, and what it saves is found by asking again.

mod late_copy;
mod late_variable;

use super::{Change, Fate, Rerun, Why, what_if};
use crate::diagnostic::{Edit, Fix, apply};
use crate::dockerfile::Dockerfile;
use crate::facts::Facts;
use crate::graph::Graph;
use crate::lint::Context;
use crate::text::{LineIndex, Range};
use serde::Serialize;

/// Another order of lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reorder {
    /// What it does, and the edits.
    pub fix: Fix,
    /// How many steps fewer run or may run again.
    pub saves: usize,
    /// What it takes for granted: sentences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assumes: Vec<String>,
}

/// An instruction that stands better behind another one.
struct Move {
    title: String,
    instruction: usize,
    behind: usize,
    /// What stands in its place instead.
    instead: Option<String>,
    assumes: Vec<String>,
}

/// The orders of lines in which `change` makes less run again, the best first.
pub fn reorders(source: &str, facts: &Facts, change: &Change) -> Vec<Reorder> {
    let rerun = what_if(source, facts, change);
    if matches!(change, Change::Text { .. }) || rerun.count(Fate::Cached) == rerun.steps.len() {
        return Vec::new();
    }
    let file = Dockerfile::read(source);
    let graph = Graph::new(&file, facts);
    let context = Context::new(&file, &graph, facts);
    let mut found: Vec<Reorder> = Vec::new();
    for wanted in moves(&context, &rerun) {
        let fix = wanted.fix(&file);
        let text = apply(source, std::slice::from_ref(&fix));
        let after = what_if(&text, facts, &followed(change, &file, &text));
        let saves = n_running(&rerun).saturating_sub(n_running(&after));
        let is_new = !found.iter().any(|known| known.fix == fix);
        if after.stopped.is_none() && saves > 0 && is_new {
            found.push(Reorder { fix, saves, assumes: wanted.assumes });
        }
    }
    found.sort_by_key(|reorder| std::cmp::Reverse(reorder.saves));
    found
}

/// What could move, by the cause of each step that runs again.
fn moves(context: &Context<'_>, rerun: &Rerun) -> Vec<Move> {
    let mut moves = Vec::new();
    for step in &rerun.steps {
        match &step.why {
            Some(Why::File { mounted: false, .. }) => {
                moves.extend(late_copy::find(context, step.stage, step.instruction));
            }
            Some(Why::Sees { name }) => {
                moves.extend(late_variable::find(context, step.stage, step.instruction, name));
            }
            _ => {}
        }
    }
    moves
}

fn n_running(rerun: &Rerun) -> usize {
    rerun.steps.len() - rerun.count(Fate::Cached)
}

/// The same change of another order of the same lines.
fn followed(change: &Change, file: &Dockerfile<'_>, text: &str) -> Change {
    let Change::Line { line, dockerfile } = change else { return change.clone() };
    let nodes = &file.parse.nodes;
    let Some(edited) = nodes.iter().find(|node| (node.line..=node.end_line).contains(line)) else {
        return change.clone();
    };
    let same = |node: &&crate::syntax::Node<'_>| node.folded() == edited.folded();
    let number = nodes.iter().take_while(|node| node.line < edited.line).filter(same).count();
    let after = Dockerfile::read(text);
    let line = after
        .parse
        .nodes
        .iter()
        .filter(same)
        .nth(number)
        .map_or(*line, |node| node.line + line - edited.line);
    Change::Line { line, dockerfile: dockerfile.clone() }
}

impl Move {
    fn fix(&self, file: &Dockerfile<'_>) -> Fix {
        let (source, lines) = (file.parse.source, &file.parse.lines);
        let (node, behind) = (file.node(self.instruction), file.node(self.behind));
        let own = lines_of(source, lines, node.line - n_comments(source, lines, node.line), node.end_line);
        let end = lines.range(behind.end_line).end;
        let moved = own.of(source);
        let text = match source.get(..end).is_some_and(|above| above.ends_with('\n')) {
            true => format!("{}\n", moved.trim_end_matches('\n')),
            false => format!("\n{}", moved.trim_end_matches('\n')),
        };
        let instead = self.instead.as_ref().map(|line| format!("{line}\n")).unwrap_or_default();
        let edits = vec![Edit { range: own, text: instead }, Edit { range: Range::new(end, end), text }];
        Fix { title: self.title.clone(), edits }
    }
}

/// How many lines directly above a line are comments: they go with it.
fn n_comments(source: &str, lines: &LineIndex, line: usize) -> usize {
    let is_comment = |above: &usize| {
        let text = lines.range(*above).of(source).trim_start();
        text.starts_with('#') && !text.contains('=')
    };
    (1..line).rev().take_while(is_comment).count()
}

fn lines_of(source: &str, lines: &LineIndex, first: usize, last: usize) -> Range {
    Range::new(lines.range(first).start, lines.range(last).end.min(source.len()))
}

#[cfg(test)]
mod tests;
