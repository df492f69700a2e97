//! Two stages of one name.

use super::{Context, Explanation, Rule, Severity, Sink};

pub(super) static RULE: Rule = Rule {
    name: "duplicate-stage-name",
    buildkit: Some("DuplicateStageName"),
    hadolint: &["DL3024"],
    severity: Severity::Warning,
    experimental: false,
    explanation: Explanation {
        what: "A stage has the name of a stage above it.",
        why: "FROM finds the nearest of them, `COPY --from` and `--target` the last: which one is meant is a riddle.",
        example: "FROM alpine AS build\nFROM debian AS build\n",
        instead: "FROM alpine AS build\nFROM debian AS runtime\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    let stages = &context.graph.stages;
    for (index, lines) in context.file.stages.iter().enumerate() {
        let name = &stages[index].name;
        let earlier = stages[..index].iter().any(|stage| !name.is_empty() && stage.name == *name);
        if let (true, Some(written)) = (earlier, context.file.from(lines).and_then(|from| from.name.as_ref()))
        {
            let message = format!("a stage above is called `{name}` too");
            sink.report(lines.from, written.range, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::check_rule;

    #[test]
    fn names_are_compared_in_lower_case() {
        check_rule(&RULE, "FROM a AS b\nFROM a AS B", &["2: a stage above is called `b` too"]);
        check_rule(&RULE, "FROM a\nFROM a", &[]);
    }
}
