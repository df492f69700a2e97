//! A TARGET argument above what all platforms could share.

use super::variable_above_run::first_stranger;
use super::{Context, Explanation, Rule, Severity, Sink};
use crate::dockerfile::Instruction;

pub(super) static RULE: Rule = Rule {
    name: "platform-argument-early",
    buildkit: None,
    hadolint: &[],
    severity: Severity::Warning,
    experimental: false,
    explanation: Explanation {
        what: "In a --platform=$BUILDPLATFORM stage, a TARGET… argument stands above an installation that does not use it.",
        why: "Below it, nothing is shared any more: a build for two platforms installs twice.",
        example: "FROM --platform=$BUILDPLATFORM golang:1.25\nARG TARGETARCH\nCOPY go.mod go.sum ./\nRUN go mod download\nCOPY . .\nRUN GOARCH=$TARGETARCH go build ./...\n",
        instead: "FROM --platform=$BUILDPLATFORM golang:1.25\nCOPY go.mod go.sum ./\nRUN go mod download\nCOPY . .\nARG TARGETARCH\nRUN GOARCH=$TARGETARCH go build ./...\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    for (stage, _) in context.visited_stages() {
        let from = context.file.from(&context.file.stages[stage]);
        let platform = from.and_then(|from| from.platform.as_ref());
        if !platform.is_some_and(|platform| platform.text.contains("BUILDPLATFORM")) {
            continue;
        }
        for (index, instruction) in context.steps(stage) {
            let Instruction::Arg(args) = instruction else { continue };
            let Some(arg) = args.iter().find(|arg| is_target(&arg.name) && arg.default.is_none()) else {
                continue;
            };
            // A RUN that names any of them is not the same for all platforms.
            let Some(run) = first_stranger(context, stage, index, "TARGET") else { continue };
            let line = context.node(run).line;
            let message =
                format!("line {line} runs once for each platform because of `{}` above it", arg.name);
            let notes = vec!["Move the ARG down to where it is used.".to_owned()];
            sink.report_with(index, arg.word.range, message, notes, None);
            break;
        }
    }
}

fn is_target(name: &str) -> bool {
    matches!(name, "TARGETPLATFORM" | "TARGETOS" | "TARGETARCH" | "TARGETVARIANT")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::check_rule;

    #[test]
    fn what_all_platforms_share_stands_above() {
        check_rule(
            &RULE,
            "FROM --platform=$BUILDPLATFORM a\nARG TARGETOS TARGETARCH\nRUN go mod download\nRUN go build",
            &["2: line 3 runs once for each platform because of `TARGETOS` above it"],
        );
    }

    #[test]
    fn a_stage_of_each_platform_or_a_run_that_uses_it_is_fine() {
        check_rule(&RULE, "FROM a\nARG TARGETARCH\nRUN npm ci", &[]);
        check_rule(
            &RULE,
            "FROM --platform=$BUILDPLATFORM a\nARG TARGETARCH\nRUN npm ci --cpu=$TARGETARCH",
            &[],
        );
        check_rule(&RULE, "FROM --platform=$BUILDPLATFORM a\nARG TARGETARCH\nRUN xx-apk add b", &[]);
    }
}
