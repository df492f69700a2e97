//! What a page may ask for: a Dockerfile, a target, a platform, build arguments. Nothing else is read.

use layercast_core::facts::BuildOptions;
use layercast_core::image_ref::Platform;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A build as it was ordered.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    /// The text, as it stands in the editor.
    pub(super) dockerfile: String,
    /// The stage; none for the last one.
    #[serde(default)]
    target: Option<String>,
    /// The platform; none for the builder's own.
    #[serde(default)]
    platform: Option<Platform>,
    /// The build arguments.
    #[serde(default)]
    args: BTreeMap<String, String>,
}

impl Order {
    pub(super) fn read(body: &[u8]) -> Result<Self, String> {
        let order: Self =
            serde_json::from_slice(body).map_err(|error| format!("That is no order of a build: {error}."))?;
        let names = order.target.iter().chain(order.args.keys());
        if let Some(name) = names.clone().find(|name| name.is_empty() || name.contains(['=', '\0', '\n'])) {
            return Err(format!("`{}` names neither a stage nor an argument.", name.escape_default()));
        }
        if order.args.values().any(|value| value.contains('\0')) {
            return Err("A build argument holds no NUL.".to_owned());
        }
        Ok(order)
    }

    /// As the builder takes it. An argument always has its value: without one, docker would take that of the
    /// companion's own environment.
    pub(super) fn flags(&self) -> Vec<(&'static str, String)> {
        let target = self.target.iter().map(|target| ("--target", target.clone()));
        let platform = self.platform.iter().map(|platform| ("--platform", platform.to_string()));
        let arguments = self.args.iter().map(|(name, value)| ("--build-arg", format!("{name}={value}")));
        target.chain(platform).chain(arguments).collect()
    }

    /// As the core takes it.
    pub(super) fn options(&self, dockerignore: Option<String>) -> BuildOptions {
        BuildOptions {
            target: self.target.clone(),
            platform: self.platform.clone(),
            build_args: self.args.clone(),
            dockerignore,
            ..BuildOptions::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(body: &str, expected: Expect) {
        let said = match Order::read(body.as_bytes()) {
            Ok(order) => format!("{:?}", order.flags()),
            Err(why) => why,
        };
        expected.assert_eq(&said);
    }

    #[test]
    fn an_order_is_a_file_and_its_options() {
        check(r#"{"dockerfile": "FROM a"}"#, expect!["[]"]);
        check(
            r#"{"dockerfile": "", "target": "app", "platform": "linux/arm64", "args": {"A": "--push", "B": ""}}"#,
            expect![[
                r#"[("--target", "app"), ("--platform", "linux/arm64"), ("--build-arg", "A=--push"), ("--build-arg", "B=")]"#
            ]],
        );
    }

    #[test]
    fn whatever_else_it_names_is_refused() {
        check(
            r#"{"dockerfile": "", "flags": ["--push"]}"#,
            expect![
                "That is no order of a build: unknown field `flags`, expected one of `dockerfile`, `target`, `platform`, `args` at line 1 column 26."
            ],
        );
        check(
            r#"{"dockerfile": "", "context": "/"}"#,
            expect![
                "That is no order of a build: unknown field `context`, expected one of `dockerfile`, `target`, `platform`, `args` at line 1 column 28."
            ],
        );
        check(
            r#"{"dockerfile": "", "platform": "linux/amd64,linux/arm64"}"#,
            expect![
                "That is no order of a build: `linux/amd64,linux/arm64` is no platform: expected os/architecture[/variant], such as linux/arm64 at line 1 column 57."
            ],
        );
        check(
            r#"{"dockerfile": "", "args": {"A=B": ""}}"#,
            expect!["`A=B` names neither a stage nor an argument."],
        );
        check(r#"{"dockerfile": "", "args": {"A": "\u0000"}}"#, expect!["A build argument holds no NUL."]);
        check("", expect!["That is no order of a build: EOF while parsing a value at line 1 column 0."]);
    }
}
