//! A service started by a RUN that ends right after.

use super::{Context, Explanation, Rule, Severity, Sink};
use crate::dockerfile::Instruction;

pub(super) static RULE: Rule = Rule {
    name: "service-started-in-run",
    buildkit: None,
    hadolint: &["DL3001"],
    severity: Severity::Warning,
    experimental: false,
    explanation: Explanation {
        what: "The last thing that a RUN does is to start a service.",
        why: "Processes end with their RUN; only files stay. Neither later steps nor the container will find it running.",
        example: "FROM debian:12\nRUN service nginx start\n",
        instead: "FROM debian:12\nCMD [\"nginx\", \"-g\", \"daemon off;\"]\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    for (index, instruction) in context.visited_steps() {
        let Instruction::Run(_) = instruction else { continue };
        let Some(call) = context.calls(index).last() else { continue };
        let starts = |word: &str| matches!(word, "start" | "restart");
        let words: Vec<&str> = call.arguments.iter().map(String::as_str).collect();
        let is_start = match (call.program.as_str(), words.as_slice()) {
            ("service", [_, word, ..]) => starts(word),
            ("systemctl" | "rc-service", words) => words.iter().any(|word| starts(word)),
            _ => false,
        };
        if is_start {
            let range = call.range().unwrap_or_else(|| context.node(index).arguments_range());
            let notes = vec!["Start it with CMD or ENTRYPOINT.".to_owned()];
            sink.report_with(index, range, "what is started here ends with this step", notes, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::check_rule;

    #[test]
    fn processes_do_not_outlive_their_run() {
        let message = "2: what is started here ends with this step";
        check_rule(&RULE, "FROM a\nRUN apt-get install b && service b start", &[message]);
        check_rule(&RULE, "FROM a\nRUN systemctl start b", &[message]);
    }

    #[test]
    fn a_service_may_run_for_the_rest_of_the_step() {
        check_rule(
            &RULE,
            "FROM a\nRUN service mysql start && mysql < schema.sql\nRUN systemctl enable b",
            &[],
        );
    }
}
