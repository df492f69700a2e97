//! A comment that was to describe a stage or an argument and does not begin with its name.

use super::{Context, Explanation, Rule, Severity, Sink};
use crate::dockerfile::Instruction;

pub(super) static RULE: Rule = Rule {
    name: "invalid-description",
    buildkit: Some("InvalidDefinitionDescription"),
    hadolint: &[],
    severity: Severity::Info,
    experimental: true,
    explanation: Explanation {
        what: "The comment above a named stage or an ARG does not begin with its name.",
        why: "BuildKit shows comments of the form `# name what it is` when asked to outline a build. Runs only with \
              `# check=experimental=InvalidDefinitionDescription`.",
        example: "# check=experimental=InvalidDefinitionDescription\n# the version\nARG VERSION=1\nFROM scratch\n",
        instead: "# check=experimental=InvalidDefinitionDescription\n# VERSION is the version\nARG VERSION=1\nFROM scratch\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    for (index, instruction) in context.file.instructions.iter().enumerate() {
        let names: Vec<&str> = match instruction {
            Some(Instruction::From(from)) => from.name.iter().map(|name| name.text.as_str()).collect(),
            Some(Instruction::Arg(args)) => args.iter().map(|arg| arg.name.as_str()).collect(),
            _ => continue,
        };
        let node = context.node(index);
        let Some(comment) = node.comments.last().filter(|_| !names.is_empty()) else { continue };
        let described = |name: &&str| {
            let rest = comment.get(..name.len()).filter(|start| start.eq_ignore_ascii_case(name));
            rest.is_some() && comment[name.len()..].starts_with(' ')
        };
        if !names.iter().any(described) {
            let message = format!("the comment above does not begin with `{}`", names[0]);
            sink.report(index, node.keyword_range(), message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::check_rule;

    #[test]
    fn it_speaks_only_when_asked_for() {
        check_rule(&RULE, "# about it\nARG x=1\nFROM a", &[]);
        let asked = "# check=experimental=all\n# about it\nARG x=1\n# b is it\nFROM a AS b";
        check_rule(&RULE, asked, &["3: the comment above does not begin with `x`"]);
    }
}
