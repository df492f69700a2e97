//! An ARG or ENV above commands that do not use it: it stands better behind them.

use super::Move;
use crate::dockerfile::Instruction;
use crate::lint::Context;
use crate::lint::dependencies;

/// Beginnings of names that programs heed without anybody naming them in a command.
const HEEDED: [&str; 33] = [
    "APT", "BUNDLE", "CARGO", "CC", "CFLAGS", "CGO", "COMPOSER", "CURL", "CXX", "DEB", "DOTNET", "GEM", "GO",
    "GRADLE", "HOME", "JAVA", "LANG", "LC_", "LD", "MAKE", "MAVEN", "NODE", "NPM", "NUGET", "PATH", "PIP",
    "PNPM", "POETRY", "PYTHON", "RUST", "SSL", "TZ", "UV",
];

/// The line that sets `name` for the step `run`, and how far down it could go.
pub(super) fn find(context: &Context<'_>, stage: usize, run: usize, name: &str) -> Option<Move> {
    let sets = |instruction: &Instruction| match instruction {
        Instruction::Arg(args) => args.iter().any(|arg| arg.name == name),
        Instruction::Env(pairs) => pairs.iter().any(|pair| pair.name == name),
        _ => false,
    };
    let (own, instruction) = context.steps(stage).filter(|(index, it)| *index < run && sets(it)).last()?;
    let names: Vec<&str> = match instruction {
        Instruction::Arg(args) => args.iter().map(|arg| arg.name.as_str()).collect(),
        Instruction::Env(pairs) => pairs.iter().map(|pair| pair.name.as_str()).collect(),
        _ => return None,
    };
    if names.iter().any(|name| is_heeded(name)) {
        return None;
    }
    let mut behind = None;
    for (index, instruction) in context.steps(stage).filter(|(index, _)| *index > own) {
        let node = context.node(index);
        let says = |text: &str| names.iter().any(|name| text.contains(name));
        let bodies = node.heredocs.iter().any(|heredoc| says(&heredoc.content()));
        if says(node.text.text()) || bodies || sets_what_is_named(context, own, instruction) {
            break;
        }
        match instruction {
            Instruction::Run(_) if context.calls(index).iter().any(dependencies::runs_unknown) => break,
            Instruction::Onbuild(_) => break,
            Instruction::Run(_) => behind = Some(index),
            _ => {}
        }
    }
    let behind = behind?;
    let (line, below) = (context.node(own).line, context.node(behind).line);
    let title = format!("Move line {line} below line {below}, which does not use {}", names.join(" and "));
    Some(Move { title, instruction: own, behind, instead: None, assumes: Vec::new() })
}

fn is_heeded(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    upper.ends_with("_PROXY") || HEEDED.iter().any(|own| upper.starts_with(own))
}

/// True where an instruction sets a variable that the line to be moved expands.
fn sets_what_is_named(context: &Context<'_>, moved: usize, instruction: &Instruction) -> bool {
    let text = context.node(moved).text.text();
    let is_named = |name: &str| text.contains('$') && text.contains(name);
    match instruction {
        Instruction::Arg(args) => args.iter().any(|arg| is_named(&arg.name)),
        Instruction::Env(pairs) => pairs.iter().any(|pair| is_named(&pair.name)),
        _ => false,
    }
}
