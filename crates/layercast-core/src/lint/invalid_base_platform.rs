//! A base image that is not for the platform it is used for.

use super::{Context, Explanation, Rule, Severity, Sink};
use crate::facts::FailureReason;
use crate::graph::Base;

pub(super) static RULE: Rule = Rule {
    name: "invalid-base-platform",
    buildkit: Some("InvalidBaseImagePlatform"),
    hadolint: &[],
    severity: Severity::Warning,
    experimental: false,
    explanation: Explanation {
        what: "The registry has no build of the base image for the platform that the stage is built for.",
        why: "The build fails, or goes on with programs that the platform cannot run.",
        example: "FROM --platform=$TARGETPLATFORM amd64/alpine\n",
        instead: "FROM alpine\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    for (index, stage) in context.visited_stages() {
        let Base::Image(image) = &stage.base else { continue };
        let failure = context.facts.failure_of(image, &stage.platform);
        let lines = &context.file.stages[index];
        let from = context.file.from(lines);
        if let (Some(failure), Some(from)) =
            (failure.filter(|it| it.reason == FailureReason::NoPlatform), from)
        {
            let notes = if failure.hint.is_empty() { Vec::new() } else { vec![failure.hint.clone()] };
            sink.report_with(lines.from, from.base.range, failure.message.clone(), notes, None);
        }
    }
}
