//! CMD, ENTRYPOINT or HEALTHCHECK twice in a stage.

use super::{Context, Explanation, Rule, Severity, Sink};

pub(super) static RULE: Rule = Rule {
    name: "repeated-setting",
    buildkit: Some("MultipleInstructionsDisallowed"),
    hadolint: &["DL4003", "DL4004", "DL3012"],
    severity: Severity::Warning,
    experimental: false,
    explanation: Explanation {
        what: "A stage has a second CMD, ENTRYPOINT or HEALTHCHECK.",
        why: "Only the last one counts; the others mislead.",
        example: "FROM scratch\nCMD [\"a\"]\nCMD [\"b\"]\n",
        instead: "FROM scratch\nCMD [\"b\"]\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    for (_, stage) in context.visited_stages() {
        let settings = &stage.trace.settings;
        for (at, (instruction, keyword)) in settings.iter().enumerate() {
            if settings[at + 1..].iter().any(|(_, later)| later == keyword) {
                let message = format!("a later {keyword} of this stage takes the place of this one");
                sink.report(*instruction, context.node(*instruction).keyword_range(), message);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::check_rule;

    #[test]
    fn the_one_without_effect_is_named() {
        let message = "2: a later CMD of this stage takes the place of this one";
        check_rule(&RULE, "FROM a\nCMD [\"b\"]\nCMD [\"c\"]\nFROM d\nCMD [\"e\"]", &[message]);
    }
}
