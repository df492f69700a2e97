//! MAINTAINER.

use super::{Context, Explanation, Rule, Severity, Sink};
use crate::diagnostic::Fix;
use crate::dockerfile::Instruction;

pub(super) static RULE: Rule = Rule {
    name: "maintainer",
    buildkit: Some("MaintainerDeprecated"),
    hadolint: &["DL4000"],
    severity: Severity::Info,
    experimental: false,
    explanation: Explanation {
        what: "MAINTAINER names the author.",
        why: "The instruction is given up. A label says the same, and tools read it.",
        example: "FROM scratch\nMAINTAINER jo@example.org\n",
        instead: "FROM scratch\nLABEL org.opencontainers.image.authors=\"jo@example.org\"\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    for (index, instruction) in context.file.instructions.iter().enumerate() {
        let Some(Instruction::Maintainer(name)) = instruction else { continue };
        let node = context.node(index);
        let plain = !name.text.contains(['"', '\\', '$', '`']) && node.line == node.end_line;
        let label = format!("LABEL org.opencontainers.image.authors=\"{}\"", name.text);
        let fix = plain.then(|| Fix::replace("Write it as a label", node.range, label));
        let notes = vec!["LABEL org.opencontainers.image.authors=… says the same.".to_owned()];
        sink.report_with(index, node.keyword_range(), "MAINTAINER is given up", notes, fix);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::{check_fix, check_rule};

    #[test]
    fn a_label_takes_its_place() {
        check_rule(&RULE, "FROM a\nMAINTAINER b", &["2: MAINTAINER is given up"]);
        check_fix(
            &RULE,
            "FROM a\nmaintainer b <c>",
            "FROM a\nLABEL org.opencontainers.image.authors=\"b <c>\"",
        );
    }
}
