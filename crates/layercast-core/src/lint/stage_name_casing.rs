//! A stage's name with upper-case letters.

use super::{Context, Explanation, Rule, Severity, Sink};
use crate::diagnostic::{Edit, Fix};
use crate::dockerfile::Text;

pub(super) static RULE: Rule = Rule {
    name: "stage-name-casing",
    buildkit: Some("StageNameCasing"),
    hadolint: &[],
    severity: Severity::Info,
    experimental: false,
    explanation: Explanation {
        what: "The name of a stage has upper-case letters.",
        why: "Names of stages are kept in lower case: a FROM that repeats the capitals does not find the stage.",
        example: "FROM alpine AS Build\n",
        instead: "FROM alpine AS build\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    for lines in &context.file.stages {
        let Some(name) = context.file.from(lines).and_then(|from| from.name.as_ref()) else { continue };
        let lower = name.text.to_ascii_lowercase();
        if name.text != lower {
            let message = format!("`{}` becomes `{lower}`", name.text);
            let fix = Fix { title: format!("Write {lower}"), edits: edits(context, name, &lower) };
            sink.report_with(lines.from, name.range, message, Vec::new(), Some(fix));
        }
    }
}

/// The name itself, and each FROM that spells it the same: that one was meant to find it.
fn edits(context: &Context<'_>, name: &Text, lower: &str) -> Vec<Edit> {
    let bases =
        context.file.stages.iter().filter_map(|lines| context.file.from(lines)).map(|from| &from.base);
    let meant = bases.filter(|base| base.text == name.text && base.range.start > name.range.start);
    std::iter::once(name)
        .chain(meant)
        .map(|text| Edit { range: text.range, text: lower.to_owned() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::{check_fix, check_rule};

    #[test]
    fn the_name_and_its_uses_are_lowered() {
        check_rule(&RULE, "FROM a AS Build\nFROM a AS test", &["1: `Build` becomes `build`"]);
        check_fix(&RULE, "FROM a AS Build\nFROM Build", "FROM a AS build\nFROM build");
    }
}
