//! A stage that no build can ever need.

use super::{Context, Explanation, Rule, Severity, Sink};

pub(super) static RULE: Rule = Rule {
    name: "unreachable-stage",
    buildkit: None,
    hadolint: &[],
    severity: Severity::Warning,
    experimental: false,
    explanation: Explanation {
        what: "A stage without a name is used by no other stage and is not the last.",
        why: "--target takes names only, so no build ever runs it. Often a `--from=` is missing further down.",
        example: "FROM golang\nRUN go install example.org/tool@v1\nFROM alpine\nCOPY tool /bin/\n",
        instead: "FROM golang AS build\nRUN go install example.org/tool@v1\nFROM alpine\nCOPY --from=build /go/bin/tool /bin/\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    let stages = &context.graph.stages;
    if stages.len() < 2 {
        return;
    }
    let is_root = |stage: &usize| stage + 1 == stages.len() || !stages[*stage].name.is_empty();
    let mut needed = vec![false; stages.len()];
    for root in (0..stages.len()).filter(is_root) {
        if !needed[root] {
            let reached = context.graph.reach(root).stages;
            needed.iter_mut().zip(reached).for_each(|(needed, reached)| *needed |= reached);
        }
    }
    for (stage, _) in needed.iter().enumerate().filter(|(_, needed)| !**needed) {
        let from = context.file.stages[stage].from;
        let message =
            format!("no build runs this stage: it has no name, and nothing takes from stage {stage}");
        let notes = vec!["Name it with `AS name`, and copy from it with --from=name.".to_owned()];
        sink.report_with(from, context.node(from).arguments_range(), message, notes, None);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::check_rule;

    #[test]
    fn a_stage_without_a_name_must_be_used() {
        let message = "1: no build runs this stage: it has no name, and nothing takes from stage 0";
        check_rule(&RULE, "FROM a\nRUN b\nFROM c\nCOPY d /", &[message]);
    }

    #[test]
    fn a_stage_with_a_name_or_a_user_may_be_wanted() {
        check_rule(&RULE, "FROM a AS test\nRUN b\nFROM c", &[]);
        check_rule(&RULE, "FROM a\nFROM c\nCOPY --from=0 d /", &[]);
        check_rule(&RULE, "FROM a\nFROM b AS debug\nCOPY --from=0 d /\nFROM c", &[]);
    }
}
