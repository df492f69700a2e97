//! An image without a tag, or by the tag `latest`.

use super::{Context, Explanation, Rule, Severity, Sink};
use crate::graph::{Base, EdgeKind};
use crate::image_ref::ImageRef;

pub(super) static RULE: Rule = Rule {
    name: "latest-tag",
    buildkit: None,
    hadolint: &["DL3006", "DL3007"],
    severity: Severity::Warning,
    experimental: false,
    explanation: Explanation {
        what: "FROM or --from names an image by `latest`, or without a tag, which means the same.",
        why: "What it stands for changes without notice: the same file builds another image tomorrow, and nothing tells which one this was.",
        example: "FROM alpine\n",
        instead: "FROM alpine:3.22\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    for (index, stage) in context.visited_stages() {
        let lines = &context.file.stages[index];
        let written = context.file.from(lines).map(|from| &from.base);
        // What a build argument decides is not judged by its default.
        if let (Base::Image(image), Some(written)) = (&stage.base, written)
            && !stage.replaced
            && !written.text.contains('$')
            && let Some(message) = moves(image)
        {
            sink.report_with(lines.from, written.range, message, note(), None);
        }
        let mut seen = Vec::new();
        for dependency in stage.dependencies.iter().filter(|dependency| dependency.kind != EdgeKind::Base) {
            let implicit = dependency.source.checked_sub(context.graph.stages.len());
            let base =
                implicit.and_then(|implicit| context.graph.implicit.get(implicit)).map(|one| &one.base);
            if let Some(Base::Image(image)) = base
                && !seen.contains(&image)
                && let Some(message) = moves(image)
            {
                seen.push(image);
                sink.report_with(dependency.instruction, dependency.range, message, note(), None);
            }
        }
    }
}

fn moves(image: &ImageRef) -> Option<String> {
    let moves = image.digest.is_none() && image.tag.as_deref().is_none_or(|tag| tag == "latest");
    let name = image.familiar();
    let name = name.strip_suffix(":latest").unwrap_or(&name);
    moves.then(|| format!("`{name}` is taken by `latest`, which changes without notice"))
}

fn note() -> Vec<String> {
    vec!["Name a version, or a digest.".to_owned()]
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::check_rule;

    #[test]
    fn no_tag_means_latest() {
        let message =
            |line, name| format!("{line}: `{name}` is taken by `latest`, which changes without notice");
        check_rule(&RULE, "FROM alpine", &[&message(1, "alpine")]);
        check_rule(
            &RULE,
            "FROM localhost:5000/a/b:latest\nCOPY --from=busybox c /\nCOPY --from=busybox d /",
            &[&message(1, "localhost:5000/a/b"), &message(2, "busybox")],
        );
    }

    #[test]
    fn versions_digests_stages_and_arguments_are_left_alone() {
        check_rule(&RULE, "FROM a:1 AS b\nFROM b\nCOPY --from=b /c /\nFROM scratch", &[]);
        check_rule(&RULE, "ARG TAG=latest\nFROM a:$TAG", &[]);
        let digest = "0123456789abcdef".repeat(4);
        check_rule(&RULE, &format!("FROM a@sha256:{digest}"), &[]);
    }
}
