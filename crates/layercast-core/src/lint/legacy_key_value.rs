//! ENV and LABEL without `=`.

use super::{Context, Explanation, Rule, Severity, Sink};
use crate::diagnostic::Fix;
use crate::dockerfile::Instruction;
use crate::dockerfile::pairs::Pair;

pub(super) static RULE: Rule = Rule {
    name: "legacy-key-value",
    buildkit: Some("LegacyKeyValueFormat"),
    hadolint: &[],
    severity: Severity::Info,
    experimental: false,
    explanation: Explanation {
        what: "ENV or LABEL is written `NAME value`, without `=`.",
        why: "That form takes the whole rest of the line as one value, sets one name only, and is kept for old files.",
        example: "FROM scratch\nENV DIRECTORY /app\n",
        instead: "FROM scratch\nENV DIRECTORY=/app\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    for (index, instruction) in context.visited_steps() {
        let (Instruction::Env(pairs) | Instruction::Label(pairs)) = instruction else { continue };
        for pair in pairs.iter().filter(|pair| pair.legacy) {
            let message = format!("`{}` has its value without `=`", pair.name);
            sink.report_with(index, pair.range, message, Vec::new(), fix(context, index, pair));
        }
    }
    for (stage, _) in context.visited_stages() {
        for trigger in &context.graph.stages[stage].triggers {
            let (Instruction::Env(pairs) | Instruction::Label(pairs)) = trigger else { continue };
            for pair in pairs.iter().filter(|pair| pair.legacy) {
                let from = context.file.stages[stage].from;
                let message = format!("the base's ONBUILD gives `{}` its value without `=`", pair.name);
                sink.report(from, context.node(from).arguments_range(), message);
            }
        }
    }
}

/// Quotes the value where it needs them. A value that holds quotes or escapes is left to a person.
fn fix(context: &Context<'_>, index: usize, pair: &Pair) -> Option<Fix> {
    let escape = context.file.parse.directives.escape;
    let single_line = context.node(index).line == context.node(index).end_line;
    let plain = !pair.value.contains(['"', '\'', escape]) && single_line;
    let value = if pair.value.contains(char::is_whitespace) {
        format!("\"{}\"", pair.value)
    } else {
        pair.value.clone()
    };
    let text = format!("{}={value}", pair.name);
    plain.then(|| Fix::replace(format!("Write {}=…", pair.name), pair.range, text))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::{check_fix, check_rule};

    #[test]
    fn the_old_form_is_reported_and_rewritten() {
        check_rule(&RULE, "FROM a\nENV b c d\nLABEL e=f", &["2: `b` has its value without `=`"]);
        check_fix(&RULE, "FROM a\nENV b c d\nENV e f", "FROM a\nENV b=\"c d\"\nENV e=f");
        check_fix(&RULE, "FROM a\nENV b \"c\"", "FROM a\nENV b \"c\"");
    }
}
