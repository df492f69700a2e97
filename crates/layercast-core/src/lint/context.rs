//! What a check is given, and where it reports to.

use super::{Rule, Suppression};
use crate::diagnostic::{Diagnostic, Fix};
use crate::dockerfile::{Dockerfile, Instruction};
use crate::facts::Facts;
use crate::graph::{Graph, Stage};
use crate::ignore::IgnoreFile;
use crate::syntax::Node;
use crate::text::Range;

/// What a check is given.
pub struct Context<'c> {
    /// The file.
    pub file: &'c Dockerfile<'c>,
    /// Its graph.
    pub graph: &'c Graph,
    /// What is known from outside.
    pub facts: &'c Facts,
    /// What keeps files out of the build context, where it is known.
    pub ignore: Option<IgnoreFile>,
    /// True for each stage that is gone through: all of them, or those that the chosen target needs.
    pub visited: Vec<bool>,
}

impl<'c> Context<'c> {
    /// Everything there is to check. With a target chosen, only what it needs is gone through.
    pub fn new(file: &'c Dockerfile<'c>, graph: &'c Graph, facts: &'c Facts) -> Self {
        let visited = match (&facts.build.target, graph.target) {
            (Some(_), Some(target)) => graph.reach(target).stages,
            _ => vec![true; graph.stages.len()],
        };
        let ignore = facts.build.dockerignore.as_deref().map(IgnoreFile::parse);
        Self { file, graph, facts, ignore, visited }
    }

    /// The stages that are gone through, with their places.
    pub fn visited_stages(&self) -> impl Iterator<Item = (usize, &'c Stage)> {
        let visited = |(index, _): &(usize, &Stage)| self.visited[*index];
        self.graph.stages.iter().enumerate().filter(visited)
    }

    /// The instructions after FROM of a stage, with their places.
    pub fn steps(&self, stage: usize) -> impl Iterator<Item = (usize, &'c Instruction)> {
        let file = self.file;
        file.stages[stage].steps.iter().filter_map(|step| Some((*step, file.instructions[*step].as_ref()?)))
    }

    /// The instructions of the stages that are gone through, with their places.
    pub fn visited_steps(&self) -> impl Iterator<Item = (usize, &'c Instruction)> {
        self.visited_stages().flat_map(|(stage, _)| self.steps(stage))
    }

    /// The node of an instruction.
    pub fn node(&self, instruction: usize) -> &'c Node<'c> {
        self.file.node(instruction)
    }
}

/// Where one check reports to.
pub struct Sink<'s> {
    rule: &'static Rule,
    context: &'s Context<'s>,
    suppression: &'s Suppression<'s>,
    found: &'s mut Vec<Diagnostic>,
}

impl<'s> Sink<'s> {
    pub(super) fn new(
        rule: &'static Rule,
        context: &'s Context<'s>,
        suppression: &'s Suppression<'s>,
        found: &'s mut Vec<Diagnostic>,
    ) -> Self {
        Self { rule, context, suppression, found }
    }

    /// Reports an offence of an instruction at some of its bytes.
    pub fn report(&mut self, instruction: usize, range: Range, message: impl Into<String>) {
        self.report_with(instruction, range, message, Vec::new(), None);
    }

    /// The same with notes and with a change that mends it.
    pub fn report_with(
        &mut self,
        instruction: usize,
        range: Range,
        message: impl Into<String>,
        notes: Vec<String>,
        fix: Option<Fix>,
    ) {
        let line = self.context.node(instruction).line;
        self.report_at_line(instruction, line, range, message.into(), notes, fix);
    }

    /// The same for a check that BuildKit reports at another line than the instruction's first.
    pub fn report_at_line(
        &mut self,
        instruction: usize,
        line: usize,
        range: Range,
        message: String,
        notes: Vec<String>,
        fix: Option<Fix>,
    ) {
        let node = self.context.node(instruction);
        let silenced = self.suppression.silences(self.rule, node);
        // BuildKit does not heed another tool's comments: what is its own is kept, and marked.
        if self.suppression.skips(self.rule, node) || (silenced && self.rule.buildkit.is_none()) {
            return;
        }
        let Rule { name, buildkit, severity, .. } = *self.rule;
        self.found.push(Diagnostic {
            rule: name,
            buildkit,
            severity,
            line,
            range,
            message,
            notes,
            silenced,
            fix,
        });
    }
}
