//! SOURCE_DATE_EPOCH: the time that the image's files carry, as a number or as the stage it is taken from.
//! Reference: <https://docs.docker.com/build/ci/github-actions/reproducible-builds/>.

use super::Graph;
use crate::diagnostic::Diagnostic;
use crate::dockerfile::{Dockerfile, Instruction};
use crate::facts::Facts;
use crate::syntax::expansion::Variables;
use crate::text::Range;

const NAME: &str = "SOURCE_DATE_EPOCH";

/// Refuses a value that is neither a number of seconds nor a stage that only adds one source.
pub(super) fn refuse_invalid(graph: &mut Graph, file: &Dockerfile<'_>, facts: &Facts) {
    let value = facts.build.build_args.get(NAME).map(String::as_str).or_else(|| graph.global.value(NAME));
    let Some(value) = value.filter(|value| !value.is_empty() && value.parse::<i64>().is_err()) else {
        return;
    };
    let named = |stage: &&crate::dockerfile::file::StageLines| {
        let name = file.from(stage).and_then(|from| from.name.as_ref());
        name.is_some_and(|name| name.text.eq_ignore_ascii_case(value))
    };
    let Some(stage) = file.stages.iter().find(named) else {
        let message = format!("{NAME} is `{value}`: neither a number of seconds nor a stage");
        return graph.fatal.push(Diagnostic::error("invalid-epoch", 1, declared_at(file), message));
    };
    let steps = || stage.steps.iter().filter_map(|step| file.instructions[*step].as_ref());
    let sources: Vec<&str> = steps()
        .filter_map(|step| match step {
            Instruction::Add(add) => Some(add.sources.iter().map(|source| source.text.as_str())),
            _ => None,
        })
        .flatten()
        .collect();
    let only_adds = steps().all(|step| matches!(step, Instruction::Add(_) | Instruction::Arg(_)));
    let remote = |source: &str| {
        ["http://", "https://", "git://", "ssh://", "git@"].iter().any(|start| source.starts_with(start))
    };
    if only_adds && matches!(sources[..], [source] if remote(source)) {
        return;
    }
    let node = file.node(stage.from);
    let message =
        format!("stage `{value}` gives {NAME}, so it can only be one ADD of a URL or a git repository");
    graph.fatal.push(Diagnostic::error("invalid-epoch", node.line, node.range, message));
}

fn declared_at(file: &Dockerfile<'_>) -> Range {
    let declares = |index: &&usize| match &file.instructions[**index] {
        Some(Instruction::Arg(args)) => args.iter().any(|arg| arg.name == NAME),
        _ => false,
    };
    file.global.iter().find(declares).map(|index| file.node(*index).range).unwrap_or_default()
}
