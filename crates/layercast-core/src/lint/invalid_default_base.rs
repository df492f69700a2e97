//! A base that is no image as long as build arguments have their defaults.

use super::{Context, Explanation, Rule, Severity, Sink};
use crate::graph::scope::Scope;
use crate::image_ref::ImageRef;
use crate::syntax::expansion::Lexer;
use std::borrow::Cow;
use std::collections::BTreeMap;

pub(super) static RULE: Rule = Rule {
    name: "invalid-default-base",
    buildkit: Some("InvalidDefaultArgInFrom"),
    hadolint: &[],
    severity: Severity::Warning,
    experimental: false,
    explanation: Explanation {
        what: "With the defaults of its build arguments, the base of a stage is no name of an image.",
        why: "`docker build .` fails for whoever does not know which `--build-arg` to give.",
        example: "ARG VERSION\nFROM alpine:${VERSION}\n",
        instead: "ARG VERSION=3.22\nFROM alpine:${VERSION}\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    let (graph, given) = (context.graph, &context.facts.build.build_args);
    let defaults = if given.is_empty() {
        // The graph has gone through the defaults already.
        let is_global = |line: usize| context.file.global.iter().any(|arg| context.node(*arg).line == line);
        if graph.fatal.iter().any(|problem| problem.rule == "expansion" && is_global(problem.line)) {
            return;
        }
        Cow::Borrowed(&graph.global)
    } else {
        let target = graph.target.map(|target| graph.stages[target].name.as_str()).unwrap_or_default();
        let (none, mut problems) = (BTreeMap::new(), Vec::new());
        let defaults = Scope::global(context.file, &none, given, &graph.platform, target, &mut problems);
        if !problems.is_empty() {
            return;
        }
        Cow::Owned(defaults)
    };
    let lexer = Lexer::new(context.file.parse.directives.escape);
    for lines in &context.file.stages {
        let Some(from) = context.file.from(lines) else { continue };
        let Ok(expanded) = lexer.expand(&from.base.text, defaults.as_ref()) else { return };
        if ImageRef::parse(&expanded.text).is_err() {
            let message = match expanded.text == from.base.text {
                true => format!("`{}` is no name of an image", from.base.text),
                false => format!(
                    "`{}` is `{}` by default, which is no name of an image",
                    from.base.text, expanded.text
                ),
            };
            sink.report(lines.from, from.base.range, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::check_rule;

    #[test]
    fn defaults_alone_must_give_a_name() {
        check_rule(
            &RULE,
            "ARG V\nFROM a:$V",
            &["2: `a:$V` is `a:` by default, which is no name of an image"],
        );
        check_rule(&RULE, "ARG V=1\nFROM a:$V", &[]);
    }
}
