//! A stage called `scratch` or `context`.

use super::{Context, Explanation, Rule, Severity, Sink};

pub(super) static RULE: Rule = Rule {
    name: "reserved-stage-name",
    buildkit: Some("ReservedStageName"),
    hadolint: &["DL3063"],
    severity: Severity::Warning,
    experimental: false,
    explanation: Explanation {
        what: "A stage is called `scratch` or `context`.",
        why: "Both names mean something else: the empty base and the build context.",
        example: "FROM alpine AS scratch\n",
        instead: "FROM alpine AS base\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    for (stage, lines) in context.graph.stages.iter().zip(&context.file.stages) {
        if let ("scratch" | "context", Some(from)) = (stage.name.as_str(), context.file.from(lines)) {
            let range = from.name.as_ref().map_or(from.base.range, |name| name.range);
            sink.report(
                lines.from,
                range,
                format!("`{}` means something else: choose another name", stage.name),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::check_rule;

    #[test]
    fn two_names_are_taken() {
        let message = "1: `context` means something else: choose another name";
        check_rule(&RULE, "FROM a AS context\nFROM a AS contexts", &[message]);
    }
}
