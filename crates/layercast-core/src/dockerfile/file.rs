//! A whole Dockerfile, read: its instructions, the stages they form, and what is refused.

use super::from::From;
use super::{Instruction, Phase, Refusal};
use crate::diagnostic::Diagnostic;
use crate::syntax::{Node, Parse, Problem, parse};

/// A Dockerfile, read.
#[derive(Debug)]
pub struct Dockerfile<'a> {
    /// The tree.
    pub parse: Parse<'a>,
    /// What each node of the tree is; none where it is refused.
    pub instructions: Vec<Option<Instruction>>,
    /// The ARGs before the first FROM: places in `instructions`.
    pub global: Vec<usize>,
    /// The stages.
    pub stages: Vec<StageLines>,
    /// What makes the file unusable, the one that BuildKit stops at first.
    pub errors: Vec<Diagnostic>,
}

/// The instructions of one stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageLines {
    /// Its FROM: a place in `instructions`.
    pub from: usize,
    /// The instructions after it.
    pub steps: Vec<usize>,
}

impl<'a> Dockerfile<'a> {
    /// Reads a text, whatever it is.
    pub fn read(source: &'a str) -> Self {
        let parse = parse(source);
        let escape = parse.directives.escape;
        let mut file = Self {
            instructions: Vec::with_capacity(parse.nodes.len()),
            global: Vec::new(),
            stages: Vec::new(),
            errors: Vec::new(),
            parse,
        };
        let mut refusals = Vec::new();
        for (index, node) in file.parse.nodes.iter().enumerate() {
            let instruction = Instruction::read(node, escape).map_err(|refusal| refusals.push(refusal)).ok();
            let keyword = node.keyword();
            match file.stages.last_mut() {
                _ if keyword.eq_ignore_ascii_case("FROM") => {
                    file.stages.push(StageLines { from: index, steps: Vec::new() });
                }
                Some(stage) => stage.steps.push(index),
                None if keyword.eq_ignore_ascii_case("ARG") => file.global.push(index),
                None if instruction.is_some() => refusals.push(outside_of_stage(node)),
                None => {}
            }
            file.instructions.push(instruction);
        }
        file.collect_errors(refusals);
        file
    }

    fn collect_errors(&mut self, mut refusals: Vec<Refusal>) {
        let problems = self.parse.problems.iter().cloned();
        refusals.extend(problems.map(|problem| Refusal { phase: Phase::Tree, problem }));
        refusals.sort_by_key(|refusal| {
            let last = refusal.problem.rule == "long-line";
            (refusal.phase, last, refusal.problem.range.start)
        });
        self.errors = refusals.into_iter().map(|refusal| diagnostic(refusal.problem)).collect();
    }

    /// The FROM of a stage; none where it is refused.
    pub fn from(&self, stage: &StageLines) -> Option<&From> {
        match self.instructions.get(stage.from) {
            Some(Some(Instruction::From(from))) => Some(from),
            _ => None,
        }
    }

    /// The node of an instruction.
    pub fn node(&self, instruction: usize) -> &Node<'a> {
        &self.parse.nodes[instruction]
    }
}

fn outside_of_stage(node: &Node<'_>) -> Refusal {
    let message = format!("{} stands before the first FROM", node.keyword().to_ascii_uppercase());
    let note = Some("Only ARG, comments and directives may stand there.".to_owned());
    let problem =
        Problem { rule: "before-first-from", line: node.line, range: node.keyword_range(), message, note };
    Refusal { phase: Phase::Instruction, problem }
}

fn diagnostic(problem: Problem) -> Diagnostic {
    let diagnostic = Diagnostic::error(problem.rule, problem.line, problem.range, problem.message);
    match problem.note {
        Some(note) => diagnostic.note(note),
        None => diagnostic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, expected: &str) {
        let file = Dockerfile::read(source);
        let errors: Vec<_> =
            file.errors.iter().map(|error| format!("{}: {}", error.line, error.message)).collect();
        assert_eq!(errors.join("; "), expected);
    }

    #[test]
    fn the_error_that_stops_buildkit_comes_first() {
        check("FROM a\nBOGUS\nENV b", "3: ENV gives `b` no value; 2: `BOGUS` is no instruction");
    }

    #[test]
    fn only_arguments_stand_before_the_first_stage() {
        check("ARG a\nFROM b", "");
        check("RUN a\nFROM b", "1: RUN stands before the first FROM");
        check("ARG a", "");
    }
}
