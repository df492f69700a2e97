//! A first WORKDIR that is relative.

use super::{Context, Explanation, Rule, Severity, Sink};

pub(super) static RULE: Rule = Rule {
    name: "relative-workdir",
    buildkit: Some("WorkdirRelativePath"),
    hadolint: &["DL3000"],
    severity: Severity::Warning,
    experimental: false,
    explanation: Explanation {
        what: "The first WORKDIR of a stage is a relative path.",
        why: "It joins whatever working directory the base image happens to have, which may change with its next build.",
        example: "FROM alpine\nWORKDIR app\n",
        instead: "FROM alpine\nWORKDIR /app\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    for (_, stage) in context.visited_stages() {
        if let Some((instruction, path)) = &stage.trace.relative_workdir {
            let message = format!("`{path}` joins whatever directory the base image leaves");
            let notes = vec![format!("Begin it with a slash: /{path}.")];
            sink.report_with(
                *instruction,
                context.node(*instruction).arguments_range(),
                message,
                notes,
                None,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::check_rule;

    #[test]
    fn only_the_first_of_a_chain_of_stages_counts() {
        let message = "2: `b` joins whatever directory the base image leaves";
        check_rule(&RULE, "FROM a AS x\nWORKDIR b\nWORKDIR c\nFROM x\nWORKDIR d", &[message]);
        check_rule(&RULE, "FROM a\nWORKDIR /b\nWORKDIR c", &[]);
    }
}
