//! ARG or ENV whose name says that it holds a secret.

use super::{Context, Explanation, Rule, Severity, Sink};
use crate::graph::scope::Assignment;

pub(super) static RULE: Rule = Rule {
    name: "secret-in-variable",
    buildkit: Some("SecretsUsedInArgOrEnv"),
    hadolint: &["DL3064"],
    severity: Severity::Warning,
    experimental: false,
    explanation: Explanation {
        what: "The name of an ARG or ENV says that it holds a secret.",
        why: "Build arguments stay in the image's history and variables in its configuration: whoever pulls the image \
              reads them. A secret mount leaves nothing behind.",
        example: "FROM alpine\nARG API_TOKEN\n",
        instead: "FROM alpine\nRUN --mount=type=secret,id=api_token cat /run/secrets/api_token >/dev/null\n",
    },
    check,
};

const SECRET: [&str; 10] =
    ["apikey", "auth", "credential", "credentials", "key", "password", "pword", "passwd", "secret", "token"];
const HARMLESS: [&str; 3] = ["public", "file", "version"];

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    for (_, stage) in context.visited_stages() {
        let named = |(_, assignment): &&(usize, Assignment)| is_secret(&assignment.name);
        for (instruction, Assignment { name, .. }) in stage.trace.assigned.iter().filter(named) {
            let node = context.node(*instruction);
            let message = format!("`{name}` will be readable in the image by whoever has it");
            let notes = vec!["Use RUN --mount=type=secret where it is needed.".to_owned()];
            sink.report_with(*instruction, node.arguments_range(), message, notes, None);
        }
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let has = |words: &[&str]| name.split('_').any(|part| words.contains(&part));
    has(&SECRET) && !has(&HARMLESS)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::check_rule;

    #[test]
    fn words_of_the_name_tell() {
        let message = |name| format!("2: `{name}` will be readable in the image by whoever has it");
        check_rule(&RULE, "FROM a\nENV DB_PASSWORD=x keyboard=y PUBLIC_KEY=z", &[&message("DB_PASSWORD")]);
        check_rule(&RULE, "ARG TOKEN\nFROM a", &[]);
    }
}
