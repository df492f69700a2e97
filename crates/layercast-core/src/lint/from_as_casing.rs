//! `FROM … as`: the two keywords in different cases.

use super::{Context, Explanation, Rule, Severity, Sink};
use crate::diagnostic::Fix;

pub(super) static RULE: Rule = Rule {
    name: "from-as-casing",
    buildkit: Some("FromAsCasing"),
    hadolint: &[],
    severity: Severity::Info,
    experimental: false,
    explanation: Explanation {
        what: "AS is not in the same case as its FROM.",
        why: "The two are one instruction, and read better in one case.",
        example: "FROM alpine as build\n",
        instead: "FROM alpine AS build\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    for lines in &context.file.stages {
        let Some(as_word) = context.file.from(lines).and_then(|from| from.as_word.as_ref()) else { continue };
        let keyword = context.node(lines.from).keyword();
        let wanted = match keyword {
            lower if lower == lower.to_ascii_lowercase() => "as",
            upper if upper == upper.to_ascii_uppercase() => "AS",
            _ => continue,
        };
        if as_word.text != wanted {
            let message = format!("`{}` is not in the case of `{keyword}`", as_word.text);
            let fix = Fix::replace(format!("Write {wanted}"), as_word.range, wanted);
            sink.report_with(lines.from, as_word.range, message, Vec::new(), Some(fix));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::{check_fix, check_rule};

    #[test]
    fn as_follows_from() {
        check_rule(
            &RULE,
            "FROM a as b\nfrom a AS c\nFrom a as d\nFROM a AS e",
            &["1: `as` is not in the case of `FROM`", "2: `AS` is not in the case of `from`"],
        );
        check_fix(&RULE, "FROM a as b", "FROM a AS b");
    }
}
