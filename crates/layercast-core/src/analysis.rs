//! Puts a report together: from the read file, its graph, and what the facts say of sizes.

mod layers;
mod questions;
mod summary;
mod targets;

use crate::diagnostic::Diagnostic;
use crate::dockerfile::{Dockerfile, Instruction};
use crate::estimate::measured;
use crate::estimate::stages::{self, FileWeight};
use crate::facts::{Facts, MeasuredStep};
use crate::graph::{Base, Graph, Stage};
use crate::lint::{self, Context};
use crate::report::{
    self, Edge, EdgeKind, InstructionReport, Layer, Report, Source, StageReport, Summary, TargetReport,
};
use crate::syntax::Node;
use crate::text::Range;

/// Everything there is to say of `source`, as far as `facts` go.
pub fn analyse(source: &str, facts: &Facts) -> Report {
    let weighing = Weighing {
        weigh: stages::weigh,
        sizes_of: layers::Sizes::of,
        sizes_of_base: layers::Sizes::measured,
        summarise: summary::summarise,
    };
    report(source, facts, Some(CHECKS), Some(weighing))
}

/// The same without what steps write: stages, targets, what the checks say, in a third of the time.
pub fn examine(source: &str, facts: &Facts) -> Report {
    report(source, facts, Some(CHECKS), None)
}

/// The same without what the checks say and without what steps write: stages, targets, sizes of base images,
/// errors, questions. A shell that cannot afford that code at once shows this first and asks [`analyse`] elsewhere.
pub fn structure(source: &str, facts: &Facts) -> Report {
    report(source, facts, None, None)
}

/// What a build of `source` could measure: each base image and step, with what tells it apart and what is estimated of
/// it without any measurement. Whoever builds fills in the figures and keeps them in [`Facts::measured`]. The place of
/// the instruction in [`Report::instructions`] stands beside each.
pub fn measurable(source: &str, facts: &Facts) -> Vec<(usize, MeasuredStep)> {
    let file = Dockerfile::read(source);
    let graph = Graph::new(&file, facts);
    measured::measurable(&file, &graph, facts)
}

/// The checks, handed in by those who want them: who does not, does not carry their code.
#[derive(Clone, Copy)]
struct Checks {
    check: fn(&Context<'_>) -> Vec<Diagnostic>,
    stop: fn(&Dockerfile<'_>, &Facts) -> bool,
    violation: fn(&Context<'_>) -> Option<Diagnostic>,
}

const CHECKS: Checks = Checks { check: lint::check, stop: lint::stop, violation: lint::violation };

/// How steps are weighed, handed in likewise.
#[derive(Clone, Copy)]
struct Weighing {
    weigh: fn(&Dockerfile<'_>, &Graph, &Facts) -> FileWeight,
    sizes_of: layers::SizesOf,
    sizes_of_base: layers::SizesOfBase,
    summarise: fn(&Graph, &FileWeight, &[Layer], &TargetReport) -> Summary,
}

fn report(source: &str, facts: &Facts, checks: Option<Checks>, weighing: Option<Weighing>) -> Report {
    let file = Dockerfile::read(source);
    let graph = Graph::new(&file, facts);
    let texts: Vec<String> = file.parse.nodes.iter().map(Node::folded).collect();
    let weighed = weighing.map(|weighing| (weighing, (weighing.weigh)(&file, &graph, facts)));
    let steps =
        weighed.as_ref().map(|(weighing, weighed)| (weighed, weighing.sizes_of, weighing.sizes_of_base));
    let layers = layers::layers(&file, &graph, facts, &texts, steps);
    let targets = targets::targets(&file, &graph, facts, &layers, checks);
    let mut warnings = match checks {
        Some(checks) => (checks.check)(&Context::new(&file, &graph, facts)),
        None => Vec::new(),
    };
    warnings.extend(questions::image_failures(&file, &graph, facts));
    let in_effect = targets.iter().find(|target| Some(target.stage) == graph.target);
    let summary = weighed
        .as_ref()
        .zip(in_effect)
        .map(|((weighing, weighed), target)| (weighing.summarise)(&graph, weighed, &layers, target));
    let asked = weighed.map(|(_, weighed)| weighed.questions).unwrap_or_default();
    let questions = questions::questions(&file, &graph, facts, &layers, &texts, asked);
    // A stage that takes from itself is a circle too, and says so in the same words.
    let is_said = |error: &&Diagnostic| {
        graph.fatal.iter().any(|fatal| fatal.range == error.range && fatal.message == error.message)
    };
    let stage_errors =
        graph.stages.iter().flat_map(|stage| stage.error.iter().chain(&stage.trace.further_errors));
    let stage_errors = stage_errors.filter(|error| !is_said(error)).cloned();
    let blockers = graph.fatal.iter().cloned().chain(stage_errors).collect();
    Report {
        version: report::VERSION,
        instructions: instructions(&file, &graph, texts),
        stages: stages(&file, &graph),
        edges: edges(&file, &graph),
        target: graph.target,
        warnings,
        errors: file.errors,
        targets,
        layers,
        summary,
        blockers,
        questions,
    }
}

fn instructions(file: &Dockerfile<'_>, graph: &Graph, texts: Vec<String>) -> Vec<InstructionReport> {
    let mut sets = vec![Vec::new(); file.parse.nodes.len()];
    let assigned = graph.stages.iter().flat_map(|stage| &stage.trace.assigned);
    for (instruction, assignment) in graph.global_assignments.iter().chain(assigned) {
        sets[*instruction].push(assignment.clone());
    }
    let mut stage = None;
    let node_report = |((index, node), text): ((usize, &Node<'_>), String)| {
        let starts = |next: usize| file.stages.get(next).is_some_and(|stage| stage.from == index);
        let next = stage.map_or(0, |stage: usize| stage + 1);
        if starts(next) {
            stage = Some(next);
        }
        InstructionReport {
            keyword: node.keyword().to_ascii_uppercase(),
            line: node.line,
            end_line: node.end_line,
            range: node.range,
            stage,
            text,
            sets: std::mem::take(&mut sets[index]),
        }
    };
    file.parse.nodes.iter().enumerate().zip(texts).map(node_report).collect()
}

fn stages(file: &Dockerfile<'_>, graph: &Graph) -> Vec<StageReport> {
    let report = |(index, stage): (usize, &Stage)| {
        let lines = &file.stages[index];
        let first = file.node(lines.from);
        let last = file.node(lines.steps.last().copied().unwrap_or(lines.from));
        let from = file.from(lines);
        let written = |text: &crate::dockerfile::Text| text.text.clone();
        StageReport {
            index,
            name: stage.name.clone(),
            display_name: stage.display_name.clone(),
            base: from.map(|from| written(&from.base)).unwrap_or_default(),
            platform: from.and_then(|from| from.platform.as_ref()).map(written).unwrap_or_default(),
            source: source(&stage.base),
            built_for: stage.platform.clone(),
            line: first.line,
            end_line: last.end_line,
            range: Range::new(first.range.start, last.range.end),
            instructions: lines.steps.clone(),
            inherits: stage.trace.inherited.clone(),
        }
    };
    graph.stages.iter().enumerate().map(report).collect()
}

fn source(base: &Base) -> Source {
    match base {
        Base::Stage(stage) => Source::Stage(*stage),
        Base::Scratch => Source::Image("scratch".to_owned()),
        Base::Image(image) => Source::Image(image.to_string()),
        Base::Context(name) => Source::Image(format!("context:{name}")),
        Base::Invalid => Source::Image(String::new()),
    }
}

fn edges(file: &Dockerfile<'_>, graph: &Graph) -> Vec<Edge> {
    let mut edges = Vec::new();
    for (index, stage) in graph.stages.iter().enumerate() {
        let from = file.stages[index].from;
        if stage.base != Base::Invalid {
            edges.push(Edge {
                stage: index,
                source: source(&stage.base),
                kind: EdgeKind::Base,
                line: file.node(from).line,
                instruction: from,
            });
        }
        for dependency in stage.dependencies.iter().filter(|dependency| dependency.shown) {
            let source = match dependency.source.checked_sub(graph.stages.len()) {
                None => Source::Stage(dependency.source),
                Some(implicit) => source(&graph.implicit[implicit].base),
            };
            let (kind, line, instruction) = (dependency.kind, dependency.line, dependency.instruction);
            edges.push(Edge { stage: index, source, kind, line, instruction });
        }
    }
    edges
}

/// What kind of instruction stands at a place, where it could be read.
fn instruction_at<'f>(file: &'f Dockerfile<'_>, index: usize) -> Option<&'f Instruction> {
    file.instructions.get(index).and_then(Option::as_ref)
}

#[cfg(test)]
mod measured_tests;
#[cfg(test)]
mod tests;
