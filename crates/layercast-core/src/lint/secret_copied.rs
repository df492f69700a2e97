//! COPY of a file that holds a secret.

use super::{Context, Explanation, Rule, Severity, Sink};
use crate::dockerfile::Instruction;

pub(super) static RULE: Rule = Rule {
    name: "secret-copied",
    buildkit: None,
    hadolint: &[],
    severity: Severity::Warning,
    experimental: false,
    explanation: Explanation {
        what: "COPY or ADD puts a file into the shipped image that by its name holds a secret: .env, id_rsa, .npmrc, …",
        why: "Whoever pulls the image reads it. A later rm does not help: the layer below keeps the file.",
        example: "FROM node:24\nCOPY .npmrc ./\nRUN npm ci\n",
        instead: "FROM node:24\nRUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci\n",
    },
    check,
};

/// Files and folders that hold secrets whatever else they are called.
const NAMES: [&str; 21] = [
    ".env",
    ".npmrc",
    ".pypirc",
    ".netrc",
    ".git-credentials",
    ".htpasswd",
    ".pgpass",
    ".my.cnf",
    ".aws",
    ".ssh",
    ".gnupg",
    ".kube",
    ".dockercfg",
    "kubeconfig",
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    "credentials.json",
    "secrets.json",
    "secrets.yml",
];

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    for (index, instruction) in context.shipped_steps() {
        let (Instruction::Copy(copy) | Instruction::Add(copy)) = instruction else { continue };
        let secrets = copy.sources.iter().filter(|source| is_secret(&source.text));
        for source in secrets {
            let never_arrives = copy.from.is_none()
                && context.ignore.as_ref().is_some_and(|ignore| ignore.ignores(&source.text).is_some());
            if never_arrives {
                continue;
            }
            let message = format!("`{}` likely holds a secret, and is in the image for good", source.text);
            let mut notes = vec!["Use RUN --mount=type=secret, or give it to the container.".to_owned()];
            notes.extend(context.shipping_note());
            sink.report_with(index, source.range, message, notes, None);
        }
    }
}

/// True where a path, by its name, holds a secret.
pub fn is_secret(path: &str) -> bool {
    let path = path.trim_end_matches(['/', '*']).trim_end_matches('/').to_ascii_lowercase();
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_example = ["example", "sample", "template", "dist", "test", "default", "defaults"]
        .iter()
        .any(|word| name.split(['.', '-', '_']).any(|part| part == *word));
    let of_environment = name
        .strip_prefix(".env.")
        .is_some_and(|rest| ["local", "production", "prod", "staging"].contains(&rest));
    let stem = name.strip_suffix(".pem").or_else(|| name.strip_suffix(".key"));
    let of_key = stem.is_some_and(|stem| {
        let is_public =
            stem.contains("pub") || stem.contains("cert") || stem.contains("gpg") || stem.contains("repo");
        let is_private = name.ends_with(".key") || stem.contains("key") || stem.contains("priv");
        is_private && !is_public && !stem.contains('*')
    });
    let of_store = name.ends_with(".p12") || name.ends_with(".pfx");
    !is_example && (NAMES.contains(&name) || of_environment || of_key || of_store)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::Facts;
    use crate::lint::tests::{check_rule, check_rule_with};

    const MESSAGE: &str = "2: `.env` likely holds a secret, and is in the image for good";

    #[test]
    fn names_tell_secrets() {
        check_rule(
            &RULE,
            "FROM a\nCOPY .env /app/\nCOPY .env.example .env.test id_rsa.pub ca.pem /app/",
            &[MESSAGE],
        );
        let key = "2: `tls/server.key` likely holds a secret, and is in the image for good";
        check_rule(&RULE, "FROM a\nADD tls/server.key /", &[key]);
    }

    #[test]
    fn what_does_not_ship_is_left_alone() {
        check_rule(&RULE, "FROM a AS build\nCOPY .npmrc ./\nFROM b\nCOPY --from=build /app /app", &[]);
        let mut facts = Facts::default();
        facts.build.dockerignore = Some(".env".to_owned());
        check_rule_with(&RULE, "FROM a\nCOPY .env /app/", &facts, &[]);
    }
}
