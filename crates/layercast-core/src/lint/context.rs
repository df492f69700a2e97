//! What a check is given, and where it reports to.

use super::commands::{self, Call};
use super::{Rule, Suppression};
use crate::diagnostic::{Diagnostic, Fix};
use crate::dockerfile::{Dockerfile, Instruction};
use crate::facts::Facts;
use crate::graph::scope::Setting;
use crate::graph::{Base, Graph, Stage};
use crate::ignore::IgnoreFile;
use crate::syntax::Node;
use crate::text::Range;
use std::cell::OnceCell;

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
    /// The stages whose layers are in the image of the target in effect, its lowest base first.
    pub shipped: Vec<usize>,
    /// What each instruction calls, read when it is first asked for.
    pub(crate) calls: Vec<OnceCell<Vec<Call>>>,
}

impl<'c> Context<'c> {
    /// Everything there is to check. With a target chosen, only what it needs is gone through.
    pub fn new(file: &'c Dockerfile<'c>, graph: &'c Graph, facts: &'c Facts) -> Self {
        let visited = match (&facts.build.target, graph.target) {
            (Some(_), Some(target)) => graph.reach(target).stages,
            _ => vec![true; graph.stages.len()],
        };
        let ignore = facts.build.dockerignore.as_deref().map(IgnoreFile::parse);
        let calls = vec![OnceCell::new(); file.parse.nodes.len()];
        let mut context = Self { file, graph, facts, ignore, visited, shipped: Vec::new(), calls };
        context.shipped = graph.target.map(|target| context.chain(target)).unwrap_or_default();
        context
    }

    /// True where something stops the file, or a stage of it, from being built.
    pub fn is_broken(&self) -> bool {
        let Graph { stages, fatal, .. } = self.graph;
        !self.file.errors.is_empty() || !fatal.is_empty() || stages.iter().any(|stage| stage.error.is_some())
    }

    /// A stage with the stages that it stands on, the lowest first.
    pub fn chain(&self, stage: usize) -> Vec<usize> {
        let mut chain = vec![stage];
        while let Some(Base::Stage(base)) =
            chain.last().and_then(|last| Some(&self.graph.stages.get(*last)?.base))
        {
            // A broken file can have circles.
            if chain.contains(base) {
                break;
            }
            chain.push(*base);
        }
        chain.reverse();
        chain
    }

    /// The instructions whose layers are in the image, in the order they are laid down.
    pub fn shipped_steps(&self) -> impl Iterator<Item = (usize, &'c Instruction)> {
        self.laid_down().map(|(_, index, instruction)| (index, instruction))
    }

    /// The same, each with its stage before its place.
    pub fn laid_down(&self) -> impl Iterator<Item = (usize, usize, &'c Instruction)> {
        let runs = |stage: &&usize| !self.graph.stages[**stage].replaced;
        let steps = |stage: &usize| {
            let stage = *stage;
            self.steps(stage).map(move |(index, instruction)| (stage, index, instruction))
        };
        self.shipped.iter().filter(runs).flat_map(steps)
    }

    /// What a RUN calls, in the order of the text; nothing for other instructions.
    pub fn calls(&self, instruction: usize) -> &[Call] {
        let read = || commands::calls(self.node(instruction), self.file.instructions[instruction].as_ref());
        self.calls.get(instruction).map(|calls| calls.get_or_init(read).as_slice()).unwrap_or_default()
    }

    /// The user that a file says before an instruction of a stage; none where it says none.
    pub fn user_at(&self, stage: usize, instruction: usize) -> Option<String> {
        self.setting_at(stage, instruction, Setting::User)
    }

    /// The working directory before an instruction of a stage, as far as the file says.
    pub fn workdir_at(&self, stage: usize, instruction: usize) -> String {
        self.setting_at(stage, instruction, Setting::Workdir).unwrap_or_else(|| "/".to_owned())
    }

    fn setting_at(&self, stage: usize, instruction: usize, kind: Setting) -> Option<String> {
        let chain = self.chain(stage);
        let assigned = chain.iter().flat_map(|below| &self.graph.stages[*below].trace.assigned);
        let mut before = assigned.filter(|(index, set)| *index < instruction && set.kind == kind);
        before.next_back().and_then(|(_, set)| set.value.clone())
    }

    /// True where a variable is set before an instruction of a stage, by the file or by the image below.
    pub fn sets(&self, stage: usize, instruction: usize, variable: &str) -> bool {
        self.chain(stage).iter().any(|below| {
            let trace = &self.graph.stages[*below].trace;
            trace.inherited.iter().any(|set| set.name == variable)
                || trace.assigned.iter().any(|(index, set)| *index < instruction && set.name == variable)
        })
    }

    /// Which stage the image is made of, where there are several to choose from.
    pub fn shipping_note(&self) -> Vec<String> {
        match (self.graph.stages.len(), self.graph.target) {
            (2.., Some(target)) => {
                vec![format!("Stage `{}` is the one that ships.", self.graph.stages[target].display_name)]
            }
            _ => Vec::new(),
        }
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
