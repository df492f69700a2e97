//! COPY of a file that .dockerignore keeps out of the context.

use super::{Context, Explanation, Rule, Severity, Sink};

pub(super) static RULE: Rule = Rule {
    name: "copy-ignored-file",
    buildkit: Some("CopyIgnoredFile"),
    hadolint: &[],
    severity: Severity::Warning,
    experimental: false,
    explanation: Explanation {
        what: "COPY or ADD names a path that .dockerignore leaves out.",
        why: "The path never reaches the builder: the build fails, or goes on without the file.",
        example: "FROM scratch\nCOPY notes.md /\n",
        instead: "FROM scratch\nCOPY app /\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    let Some(ignore) = &context.ignore else { return };
    if ignore.has_exceptions() {
        return;
    }
    for (_, stage) in context.visited_stages() {
        for source in &stage.trace.context_sources {
            if let Some(line) = ignore.ignores(&source.path) {
                let message =
                    format!("`{}` never reaches the builder: .dockerignore leaves it out", source.path);
                let notes = vec![format!("Line {} of .dockerignore decides: {}", line.number, line.text)];
                sink.report_with(source.instruction, source.range, message, notes, None);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::Facts;
    use crate::lint::tests::check_rule_with;

    #[track_caller]
    fn check(ignore: &str, source: &str, expected: &[&str]) {
        let mut facts = Facts::default();
        facts.build.dockerignore = Some(ignore.to_owned());
        check_rule_with(&RULE, source, &facts, expected);
    }

    #[test]
    fn a_copied_file_must_not_be_ignored() {
        let message = "2: `Dockerfile` never reaches the builder: .dockerignore leaves it out";
        check("Dockerfile", "FROM a\nCOPY Dockerfile .", &[message]);
        check("Dockerfile", "FROM a AS b\nFROM c\nCOPY --from=b Dockerfile .\nCOPY . .", &[]);
    }

    #[test]
    fn exceptions_make_it_silent() {
        check("*\n!app", "FROM a\nCOPY notes .", &[]);
    }
}
