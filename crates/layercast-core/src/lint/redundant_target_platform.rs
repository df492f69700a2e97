//! FROM --platform=$TARGETPLATFORM.

use super::{Context, Explanation, Rule, Severity, Sink};
use crate::diagnostic::Fix;
use crate::syntax::expansion::{Lexer, Variables};
use crate::text::Range;

pub(super) static RULE: Rule = Rule {
    name: "redundant-target-platform",
    buildkit: Some("RedundantTargetPlatform"),
    hadolint: &["DL3065"],
    severity: Severity::Info,
    experimental: false,
    explanation: Explanation {
        what: "FROM --platform is given $TARGETPLATFORM.",
        why: "That is what a stage is built for anyway.",
        example: "FROM --platform=$TARGETPLATFORM alpine\n",
        instead: "FROM alpine\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    let global = &context.graph.global;
    let lexer = Lexer::new(context.file.parse.directives.escape);
    for lines in &context.file.stages {
        let Some(platform) = context.file.from(lines).and_then(|from| from.platform.as_ref()) else {
            continue;
        };
        let Ok(expanded) = lexer.expand(&platform.text, global) else { continue };
        let alone = expanded.set == ["TARGETPLATFORM"] && expanded.unset.is_empty();
        if alone && Some(expanded.text.as_str()) == global.value("TARGETPLATFORM") {
            let message = "$TARGETPLATFORM is what a stage is built for anyway";
            let after = context.file.parse.source.get(platform.range.end..).unwrap_or_default();
            let blanks = after.len() - after.trim_start_matches([' ', '\t']).len();
            let flag = Range::new(platform.range.start, platform.range.end + blanks);
            let fix = Fix::replace("Leave the flag out", flag, "");
            sink.report_with(lines.from, platform.range, message, Vec::new(), Some(fix));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::{check_fix, check_rule};

    #[test]
    fn the_flag_goes() {
        let message = "1: $TARGETPLATFORM is what a stage is built for anyway";
        check_rule(&RULE, "FROM --platform=${TARGETPLATFORM} a", &[message]);
        check_rule(&RULE, "FROM --platform=$TARGETOS/$TARGETARCH a", &[]);
        check_fix(&RULE, "FROM --platform=$TARGETPLATFORM  a AS b", "FROM a AS b");
    }
}
