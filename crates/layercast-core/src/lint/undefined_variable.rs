//! A variable that is not set where it is used.

use super::{Context, Explanation, Rule, Severity, Sink};

pub(super) static RULE: Rule = Rule {
    name: "undefined-variable",
    buildkit: Some("UndefinedVar"),
    hadolint: &[],
    severity: Severity::Warning,
    experimental: false,
    explanation: Explanation {
        what: "An instruction uses a variable that neither ENV, ARG nor the base image sets.",
        why: "It is empty there: a path shrinks, a version goes missing, and nothing says so.",
        example: "FROM alpine\nCOPY app ${TARGET}/\n",
        instead: "FROM alpine\nARG TARGET=/srv\nCOPY app ${TARGET}/\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    for (_, stage) in context.visited_stages() {
        for unset in &stage.trace.unset {
            let note = match &unset.nearest {
                Some(nearest) => format!("Did you mean `{nearest}`?"),
                None => format!("Set it above: ARG {0}=default or ENV {0}=value.", unset.name),
            };
            let message = format!("`{}` is not set here, so it is empty", unset.name);
            sink.report_with(unset.instruction, unset.range, message, vec![note], None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::check_rule;

    #[test]
    fn a_declared_argument_may_be_unset() {
        check_rule(&RULE, "FROM a\nARG v\nENV w=$v x=$y", &["3: `y` is not set here, so it is empty"]);
    }

    #[test]
    fn commands_are_the_shells_affair() {
        check_rule(&RULE, "FROM a\nRUN echo $x\nCMD echo $y", &[]);
    }
}
