//! Instructions in upper case and in lower case in one file.

use super::{Context, Explanation, Rule, Severity, Sink};
use crate::diagnostic::Fix;

pub(super) static RULE: Rule = Rule {
    name: "consistent-instruction-casing",
    buildkit: Some("ConsistentInstructionCasing"),
    hadolint: &[],
    severity: Severity::Info,
    experimental: false,
    explanation: Explanation {
        what: "A keyword is not in the case that most keywords of the file are in.",
        why: "Keywords in one case, commonly upper case, stand out from their arguments.",
        example: "FROM alpine\nrun echo hello\n",
        instead: "FROM alpine\nRUN echo hello\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    let stages = &context.file.stages;
    let nodes = || stages.iter().flat_map(|stage| std::iter::once(&stage.from).chain(&stage.steps));
    let count = |recased: fn(&str) -> String| {
        nodes()
            .filter(|index| recased(context.node(**index).keyword()) == context.node(**index).keyword())
            .count()
    };
    let lower_wins = count(str::to_ascii_lowercase) > count(str::to_ascii_uppercase);
    let case = if lower_wins { "lower" } else { "upper" };
    for &index in nodes() {
        let node = context.node(index);
        let keyword = node.keyword();
        let wanted = if lower_wins { keyword.to_ascii_lowercase() } else { keyword.to_ascii_uppercase() };
        if keyword != wanted {
            let message = format!("`{keyword}` stands among keywords in {case} case");
            let fix = Fix::replace(format!("Write {wanted}"), node.keyword_range(), wanted);
            sink.report_with(index, node.keyword_range(), message, Vec::new(), Some(fix));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::{check_fix, check_rule};

    #[test]
    fn the_majority_decides_and_upper_case_wins_a_tie() {
        check_rule(&RULE, "FROM a\nrun b", &["2: `run` stands among keywords in upper case"]);
        check_rule(&RULE, "from a\nrun b\nCMD c", &["3: `CMD` stands among keywords in lower case"]);
        check_rule(&RULE, "from a\nrun b\nArg c", &["3: `Arg` stands among keywords in lower case"]);
        check_rule(&RULE, "arg x\nFROM a", &[]);
        check_fix(&RULE, "FROM a\nrun b", "FROM a\nRUN b");
    }
}
