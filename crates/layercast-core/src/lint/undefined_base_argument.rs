//! FROM with a variable that no ARG above the first FROM declares.

use super::{Context, Explanation, Rule, Severity, Sink};
use crate::diagnostic::Fix;
use crate::dockerfile::{Instruction, Text};
use crate::suggest::nearest;
use crate::syntax::expansion::Lexer;

pub(super) static RULE: Rule = Rule {
    name: "undefined-base-argument",
    buildkit: Some("UndefinedArgInFrom"),
    hadolint: &[],
    severity: Severity::Warning,
    experimental: false,
    explanation: Explanation {
        what: "FROM uses a variable that no ARG above the first FROM declares.",
        why: "It is empty there, whatever `--build-arg` says: only arguments declared above the first FROM reach it.",
        example: "FROM alpine:3.22${SUFFIX}\n",
        instead: "ARG SUFFIX\nFROM alpine:3.22${SUFFIX}\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    let global = &context.graph.global;
    let declared: Vec<&str> = context.file.global.iter().flat_map(|index| names(context, *index)).collect();
    let lexer = Lexer::new(context.file.parse.directives.escape);
    for lines in &context.file.stages {
        let Some(from) = context.file.from(lines) else { continue };
        for word in std::iter::once(&from.base).chain(&from.platform) {
            let Ok(expanded) = lexer.expand(&word.text, global) else { continue };
            for name in expanded.unset.iter().filter(|name| !declared.contains(&name.as_str())) {
                let meant = nearest(name, declared.iter().copied().chain(global.names()));
                let note = match meant {
                    Some(meant) => format!("Did you mean `{meant}`?"),
                    None => format!("Declare it above the first FROM: ARG {name}=default."),
                };
                let fix = meant.and_then(|meant| fix(context, word, name, meant));
                let message = format!("no ARG above the first FROM declares `{name}`");
                sink.report_with(lines.from, word.range, message, vec![note], fix);
            }
        }
    }
}

fn names<'c>(context: &Context<'c>, index: usize) -> Vec<&'c str> {
    match &context.file.instructions[index] {
        Some(Instruction::Arg(args)) => args.iter().map(|arg| arg.name.as_str()).collect(),
        _ => Vec::new(),
    }
}

/// The nearest name in the place of the one that is not there.
pub(super) fn fix(context: &Context<'_>, word: &Text, name: &str, meant: &str) -> Option<Fix> {
    let written = word.range.of(context.file.parse.source);
    let (plain, braced) = (format!("${name}"), format!("${{{name}"));
    let text = match written {
        _ if written.contains(&braced) => written.replace(&braced, &format!("${{{meant}")),
        _ if written.ends_with(&plain) => written.replace(&plain, &format!("${meant}")),
        _ => return None,
    };
    Some(Fix::replace(format!("Use {meant}"), word.range, text))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::{check_fix, check_rule};

    #[test]
    fn arguments_of_a_stage_do_not_reach_its_from() {
        check_rule(&RULE, "FROM a\nARG V=1\nFROM b:$V", &["3: no ARG above the first FROM declares `V`"]);
        check_rule(&RULE, "ARG V\nFROM a:${V:-1}", &[]);
    }

    #[test]
    fn the_nearest_name_takes_its_place() {
        let source = "FROM --platform=$BULIDPLATFORM a";
        check_fix(&RULE, source, "FROM --platform=$BUILDPLATFORM a");
    }
}
