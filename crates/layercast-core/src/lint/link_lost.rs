//! COPY --link that is not linked.

use super::{Context, Explanation, Rule, Severity, Sink};
use crate::dockerfile::Instruction;

pub(super) static RULE: Rule = Rule {
    name: "link-lost",
    buildkit: None,
    hadolint: &[],
    severity: Severity::Info,
    experimental: false,
    explanation: Explanation {
        what: "COPY or ADD has both --link and --chmod.",
        why: "With --chmod, BuildKit drops --link without a word: the layer is made again whenever one below it changes.",
        example: "FROM alpine\nCOPY --link --chmod=755 run.sh /\n",
        instead: "FROM alpine\n# run.sh is executable where it comes from\nCOPY --link run.sh /\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    for (index, instruction) in context.visited_steps() {
        let (Instruction::Copy(copy) | Instruction::Add(copy)) = instruction else { continue };
        if let (true, Some(chmod)) = (copy.link, &copy.chmod) {
            let notes = vec!["Set the mode where the file comes from, or leave --link out.".to_owned()];
            sink.report_with(index, chmod.range, "--link has no effect beside --chmod", notes, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::check_rule;

    #[test]
    fn a_mode_undoes_the_link() {
        check_rule(
            &RULE,
            "FROM a\nCOPY --chmod=755 --link b /\nCOPY --link b /\nADD --chmod=644 b /",
            &["2: --link has no effect beside --chmod"],
        );
    }
}
