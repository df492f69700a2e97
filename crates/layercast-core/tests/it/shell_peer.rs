//! Held against brush-parser 0.4, a whole bash grammar: where both read the text of a RUN, they see the same
//! commands with the same words.

use crate::unbreakable::{read, real_files};
use brush_parser::ast::{
    AndOr, Command, CommandPrefixOrSuffixItem as Item, CompoundCommand, CompoundList, Pipeline, SimpleCommand,
};
use brush_parser::{Parser, ParserOptions};
use layercast_core::dockerfile::command_line::CommandLine;
use layercast_core::dockerfile::{Dockerfile, Instruction};
use layercast_core::shell;

#[test]
fn commands_and_words_agree() {
    let Some(files) = real_files() else { return };
    let (mut n_compared, mut n_unread, mut differences) = (0, 0, Vec::new());
    for path in files {
        let text = read(&path);
        for instruction in Dockerfile::read(&text).instructions.into_iter().flatten() {
            let Instruction::Run(run) = instruction else { continue };
            let CommandLine::Shell(script) = run.command else { continue };
            if has_more_than_ours(&script) {
                continue;
            }
            let Some(peer) = of_peer(&script) else {
                n_unread += 1;
                continue;
            };
            n_compared += 1;
            let ours = of_ours(&script);
            if ours != peer {
                let unlike = ours.iter().zip(&peer).find(|(one, other)| one != other);
                differences.push(format!(
                    "{}\n    {unlike:?}\n    {} and {}",
                    path.display(),
                    ours.len(),
                    peer.len()
                ));
            }
        }
    }
    println!("{n_compared} texts compared with brush-parser, {n_unread} that it does not read");
    assert!(n_compared > 8_000, "only {n_compared} texts compared");
    assert!(differences.is_empty(), "{} of {n_compared}:\n{}", differences.len(), differences.join("\n"));
}

/// What bash has and our grammar leaves out on purpose: arrays, arithmetic commands, `[[ … ]]` as a grammar of its
/// own, process substitution, coprocesses; and scripts of other languages, heredocs, PowerShell.
fn has_more_than_ours(script: &str) -> bool {
    let signs = ["[[", "((", "<(", ">(", "=(", "coproc", "<<", "function ", "select ", "$'", "time "];
    signs.iter().any(|sign| script.contains(sign))
        || script.starts_with("#!")
        || script.contains("powershell")
}

fn of_ours(script: &str) -> Vec<Vec<String>> {
    let parsed = shell::parse(script);
    let words = |command: &&shell::Command| {
        command.words.iter().map(|word| word.range.of(script).to_owned()).collect::<Vec<String>>()
    };
    parsed.commands().iter().map(words).filter(|words| !words.is_empty()).collect()
}

fn of_peer(script: &str) -> Option<Vec<Vec<String>>> {
    let program = Parser::new(script.as_bytes(), &ParserOptions::default()).parse_program().ok()?;
    let mut commands = Vec::new();
    program.complete_commands.iter().for_each(|list| add_list(list, &mut commands));
    Some(commands)
}

fn add_list(list: &CompoundList, commands: &mut Vec<Vec<String>>) {
    for item in &list.0 {
        add_pipeline(&item.0.first, commands);
        for next in &item.0.additional {
            let (AndOr::And(pipeline) | AndOr::Or(pipeline)) = next;
            add_pipeline(pipeline, commands);
        }
    }
}

fn add_pipeline(pipeline: &Pipeline, commands: &mut Vec<Vec<String>>) {
    for command in &pipeline.seq {
        match command {
            Command::Simple(simple) => commands.extend(Some(words(simple)).filter(|words| !words.is_empty())),
            Command::Compound(compound, _) => add_compound(compound, commands),
            Command::Function(function) => add_compound(&function.body.0, commands),
            Command::ExtendedTest(..) => {}
        }
    }
}

fn add_compound(compound: &CompoundCommand, commands: &mut Vec<Vec<String>>) {
    match compound {
        CompoundCommand::BraceGroup(group) => add_list(&group.list, commands),
        CompoundCommand::Subshell(subshell) => add_list(&subshell.list, commands),
        CompoundCommand::ForClause(clause) => add_list(&clause.body.list, commands),
        CompoundCommand::CaseClause(clause) => {
            clause
                .cases
                .iter()
                .filter_map(|case| case.cmd.as_ref())
                .for_each(|list| add_list(list, commands));
        }
        CompoundCommand::IfClause(clause) => {
            add_list(&clause.condition, commands);
            add_list(&clause.then, commands);
            for otherwise in clause.elses.iter().flatten() {
                otherwise.condition.iter().for_each(|list| add_list(list, commands));
                add_list(&otherwise.body, commands);
            }
        }
        CompoundCommand::WhileClause(clause) | CompoundCommand::UntilClause(clause) => {
            add_list(&clause.0, commands);
            add_list(&clause.1.list, commands);
        }
        CompoundCommand::Arithmetic(_)
        | CompoundCommand::ArithmeticForClause(_)
        | CompoundCommand::Coprocess(_) => {}
    }
}

fn words(command: &SimpleCommand) -> Vec<String> {
    let suffix = command.suffix.iter().flat_map(|suffix| &suffix.0).filter_map(|item| match item {
        Item::Word(word) | Item::AssignmentWord(_, word) => Some(word.value.clone()),
        Item::IoRedirect(_) | Item::ProcessSubstitution(..) => None,
    });
    command.word_or_name.iter().map(|word| word.value.clone()).chain(suffix).collect()
}
