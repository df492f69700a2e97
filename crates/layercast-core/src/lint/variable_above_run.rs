//! A build argument that changes with every build, above a RUN that does not use it.

use super::dependencies;
use super::{Context, Explanation, Rule, Severity, Sink};
use crate::dockerfile::Instruction;
use crate::dockerfile::arg::Arg;

pub(super) static RULE: Rule = Rule {
    name: "variable-above-run",
    buildkit: None,
    hadolint: &[],
    severity: Severity::Warning,
    experimental: false,
    explanation: Explanation {
        what: "An ARG for a commit, date or version stands above an installation that does not use it.",
        why: "Every RUN below an ARG has it in its environment: a new value runs them all again.",
        example: "FROM alpine:3.22\nARG GIT_COMMIT\nRUN apk add --no-cache curl\nLABEL commit=$GIT_COMMIT\n",
        instead: "FROM alpine:3.22\nRUN apk add --no-cache curl\nARG GIT_COMMIT\nLABEL commit=$GIT_COMMIT\n",
    },
    check,
};

/// What names of arguments hold that get another value with each build.
const CHANGING: [&str; 12] = [
    "COMMIT",
    "GIT_SHA",
    "GIT_HASH",
    "GIT_REF",
    "GIT_REV",
    "REVISION",
    "BUILD_DATE",
    "BUILD_TIME",
    "BUILD_NUMBER",
    "BUILD_ID",
    "VCS_REF",
    "BUILD_VERSION",
];

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    for (stage, _) in context.visited_stages() {
        for (index, instruction) in context.steps(stage) {
            let Instruction::Arg(args) = instruction else { continue };
            for arg in args.iter().filter(|arg| changes(arg)) {
                let Some(run) = first_stranger(context, stage, index, &arg.name) else { continue };
                let line = context.node(run).line;
                let message =
                    format!("every new `{}` runs line {line} again, which does not use it", arg.name);
                let notes = vec!["Move the ARG down to where it is used.".to_owned()];
                sink.report_with(index, arg.word.range, message, notes, None);
            }
        }
    }
}

/// By its name; and nothing is written that would hold it still.
fn changes(arg: &Arg) -> bool {
    let name = format!("_{}_", arg.name.to_ascii_uppercase().replace("BUILDDATE", "BUILD_DATE"));
    let has = |word: &&str| name.contains(&format!("_{word}_"));
    let held =
        arg.default.as_deref().is_some_and(|default| default.contains(|digit: char| digit.is_ascii_digit()));
    !held && CHANGING.iter().any(has)
}

/// The first RUN below that only installs and says nothing of the variable; none where one above it uses it.
pub(super) fn first_stranger(context: &Context<'_>, stage: usize, above: usize, name: &str) -> Option<usize> {
    for (index, instruction) in context.steps(stage).filter(|(index, _)| *index > above) {
        let node = context.node(index);
        let says = |text: &str| text.contains(name);
        if says(node.arguments()) || node.heredocs.iter().any(|heredoc| says(&heredoc.content())) {
            let is_run = matches!(instruction, Instruction::Run(_));
            if is_run { return None } else { continue }
        }
        let calls = context.calls(index);
        if calls.iter().any(dependencies::runs_unknown) {
            continue;
        }
        if calls.iter().any(|call| dependencies::fetch(call).is_some()) {
            return Some(index);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::check_rule;

    #[test]
    fn what_changes_stands_below_what_installs() {
        let message = "2: every new `VCS_REF` runs line 3 again, which does not use it";
        check_rule(&RULE, "FROM a\nARG VCS_REF\nRUN apk add b\nLABEL c=$VCS_REF", &[message]);
    }

    #[test]
    fn used_pinned_or_below_is_fine() {
        check_rule(&RULE, "FROM a\nARG GIT_COMMIT\nRUN apk add b && echo $GIT_COMMIT", &[]);
        check_rule(&RULE, "FROM a\nARG LLVM_COMMIT=0a1b\nRUN apk add b", &[]);
        check_rule(&RULE, "FROM a\nRUN apk add b\nARG GIT_COMMIT\nRUN make", &[]);
    }
}
