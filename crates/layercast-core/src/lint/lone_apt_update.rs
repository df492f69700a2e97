//! `apt-get update` in a RUN of its own.

use super::{Context, Explanation, Rule, Severity, Sink};
use crate::dockerfile::Instruction;

pub(super) static RULE: Rule = Rule {
    name: "lone-apt-update",
    buildkit: None,
    hadolint: &[],
    severity: Severity::Warning,
    experimental: false,
    explanation: Explanation {
        what: "`apt-get update` stands in one RUN, the install that needs it in a later one.",
        why: "The update stays in the cache while the install changes: weeks later it asks for versions that are gone. The lists, 19 MB, stay too.",
        example: "FROM debian:12\nRUN apt-get update\nRUN apt-get install -y curl\n",
        instead: "FROM debian:12\nRUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    for (stage, _) in context.visited_stages() {
        let mut lone = None;
        for (index, _) in context.steps(stage).filter(|(_, step)| matches!(step, Instruction::Run(_))) {
            let does = |verbs: &[&str]| {
                let is_apt = |program: &str| matches!(program, "apt-get" | "apt" | "aptitude");
                context
                    .calls(index)
                    .iter()
                    .position(|call| is_apt(&call.program) && verbs.contains(&call.verb()))
            };
            let update = does(&["update"]);
            let install = does(&["install", "upgrade", "dist-upgrade", "full-upgrade", "build-dep"]);
            match (update, install, lone) {
                (Some(_), None, _) => lone = Some(index),
                (Some(_), Some(_), _) => lone = None,
                (None, Some(_), Some(updated)) => {
                    let range = context.node(updated).arguments_range();
                    let line = context.node(index).line;
                    let message = format!("the install of line {line} may run with lists from long ago");
                    let notes = vec!["Update and install in one RUN, joined by `&&`.".to_owned()];
                    sink.report_with(updated, range, message, notes, None);
                    lone = None;
                }
                (None, ..) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::check_rule;

    #[test]
    fn update_and_install_go_together() {
        let message = "2: the install of line 4 may run with lists from long ago";
        check_rule(&RULE, "FROM a\nRUN apt-get update -y\nENV B=c\nRUN apt-get install -y d", &[message]);
    }

    #[test]
    fn an_update_of_its_own_is_enough() {
        check_rule(&RULE, "FROM a\nRUN apt-get update\nRUN apt-get update && apt-get install -y b", &[]);
        check_rule(&RULE, "FROM a\nRUN apt-get update && ./install.sh", &[]);
    }
}
