//! A request in the words of Docker's API, and what that API has no words for.
//! <https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Image/operation/ImageBuild>

use crate::builder::{BuildError, Request};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A build as the API takes it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Asked {
    /// Parameters of the address.
    pub(super) query: Vec<(&'static str, String)>,
    /// Where each secret is, by its id. Nothing is read before a step asks for it.
    pub(super) secrets: BTreeMap<String, Secret>,
    /// The socket of each agent, by its id.
    pub(super) agents: BTreeMap<String, PathBuf>,
    /// The folder of the context.
    pub(super) context: PathBuf,
    /// The folder of the Dockerfile.
    pub(super) dockerfile_folder: PathBuf,
    /// Its name there.
    pub(super) dockerfile: String,
    /// Whether the daemon is to tell in the end which step is of which lines.
    pub(super) tells_lines: bool,
}

/// Where a secret is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Secret {
    /// In the environment, under this name.
    Variable(String),
    /// In a file.
    File(PathBuf),
}

impl Asked {
    /// Refuses what only buildx can do.
    pub(super) fn of(request: &Request) -> Result<Self, BuildError> {
        let mut asked = Self { tells_lines: request.tells_lines, ..Self::default() };
        asked.locate(request);
        if request.builder.is_some() {
            return Err(only_buildx("--builder"));
        }
        let mut arguments = Map::new();
        for (flag, value) in &request.flags {
            match *flag {
                "--tag" => asked.query.push(("t", value.clone())),
                "--target" => asked.query.push(("target", value.clone())),
                "--network" => asked.query.push(("networkmode", value.clone())),
                "--platform" if value.contains(',') => return Err(only_buildx("several platforms")),
                "--platform" => asked.query.push(("platform", value.clone())),
                "--build-arg" => arguments.extend(argument(value)),
                "--secret" => {
                    let (id, secret) = secret(value).ok_or_else(|| only_buildx("a secret of this form"))?;
                    asked.secrets.insert(id, secret);
                }
                "--ssh" => {
                    let (id, agent) = agent(value)?;
                    asked.agents.insert(id, agent);
                }
                "--output" if ["type=image", "type=docker"].contains(&value.as_str()) => {}
                other => return Err(only_buildx(other)),
            }
        }
        if !arguments.is_empty() {
            asked.query.push(("buildargs", Value::Object(arguments).to_string()));
        }
        for switch in &request.switches {
            match *switch {
                "--no-cache" => asked.query.push(("nocache", "1".to_owned())),
                other => return Err(only_buildx(other)),
            }
        }
        asked.query.push(("dockerfile", asked.dockerfile.clone()));
        Ok(asked)
    }

    fn locate(&mut self, request: &Request) {
        self.context = PathBuf::from(&request.context);
        let file = request.file.clone().unwrap_or_else(|| self.context.join("Dockerfile"));
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        self.dockerfile_folder = folder.map_or_else(|| PathBuf::from("."), PathBuf::from);
        let name = file.file_name().unwrap_or_else(|| "Dockerfile".as_ref());
        self.dockerfile = name.to_string_lossy().into_owned();
    }

    /// The address, with everything that goes along in it.
    pub(super) fn path(&self, version: &str, session: &str) -> String {
        let fixed = [("version", "2"), ("remote", "client-session"), ("session", session), ("rm", "1")];
        let own = self.query.iter().map(|(name, value)| (*name, value.as_str()));
        let pairs = fixed.into_iter().chain(own).map(|(name, value)| format!("{name}={}", escaped(value)));
        format!("/v{version}/build?{}", pairs.collect::<Vec<_>>().join("&"))
    }
}

fn only_buildx(what: &str) -> BuildError {
    BuildError::OnlyBuildx { what: what.to_owned() }
}

/// A name alone takes the environment's value, and is dropped where there is none.
fn argument(written: &str) -> Option<(String, Value)> {
    let (name, value) = match written.split_once('=') {
        Some((name, value)) => (name, value.to_owned()),
        None => (written, std::env::var(written).ok()?),
    };
    Some((name.to_owned(), Value::String(value)))
}

/// `id=token,env=TOKEN`, `id=token,src=file`, `id=token`: without either, a variable of that name, else such a file.
fn secret(written: &str) -> Option<(String, Secret)> {
    let (mut id, mut file, mut variable) = (None, None, None);
    let mut kind = "";
    for part in written.split(',') {
        match part.split_once('=')? {
            ("id", value) => id = Some(value),
            ("src" | "source", value) => file = Some(value),
            ("env", value) => variable = Some(value),
            ("type", value @ ("file" | "env")) => kind = value,
            _ => return None,
        }
    }
    // With type=env, the source is a variable.
    if kind == "env" && variable.is_none() {
        variable = file.take();
    }
    let id = id.or(file).or(variable)?;
    let secret = match (file, variable) {
        (_, Some(name)) => Secret::Variable(name.to_owned()),
        (Some(path), None) => Secret::File(path.into()),
        (None, None) if kind != "file" && std::env::var_os(id).is_some() => Secret::Variable(id.to_owned()),
        (None, None) => Secret::File(id.into()),
    };
    Some((id.to_owned(), secret))
}

/// `default` for the agent in SSH_AUTH_SOCK, `id=SOCKET` for another one. Keys in files want an agent first.
fn agent(written: &str) -> Result<(String, PathBuf), BuildError> {
    let (id, socket) = match written.split_once('=') {
        Some((id, socket)) => (id, Some(PathBuf::from(socket))),
        None => (written, std::env::var_os("SSH_AUTH_SOCK").map(PathBuf::from)),
    };
    let Some(socket) = socket else { return Err(BuildError::NoAgent) };
    if socket.is_file() {
        return Err(only_buildx("a key in a file"));
    }
    Ok((id.to_owned(), socket))
}

/// For an address: all but letters, digits and what never means anything there.
fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b':' | b'/' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(flags: &[(&'static str, &str)], switches: &[&'static str], expected: Expect) {
        let flags = flags.iter().map(|(flag, value)| (*flag, (*value).to_owned())).collect();
        let request =
            Request { context: "ctx".to_owned(), flags, switches: switches.to_vec(), ..Request::default() };
        expected.assert_eq(&match Asked::of(&request) {
            Ok(asked) => asked.path("1.47", "id"),
            Err(error) => error.to_string(),
        });
    }

    #[test]
    fn flags_are_parameters_of_the_address() {
        check(
            &[("--tag", "app:1"), ("--target", "test"), ("--build-arg", "A=1 & 2"), ("--build-arg", "B=é")],
            &["--no-cache"],
            expect![
                "/v1.47/build?version=2&remote=client-session&session=id&rm=1&t=app:1&target=test&buildargs=%7B%22A%22:%221%20%26%202%22%2C%22B%22:%22%C3%A9%22%7D&nocache=1&dockerfile=Dockerfile"
            ],
        );
    }

    #[test]
    fn what_only_buildx_can_do_is_refused() {
        check(
            &[("--output", "type=local,dest=out")],
            &[],
            expect!["build: Docker's API does not take --output"],
        );
        check(
            &[("--platform", "linux/amd64,linux/arm64")],
            &[],
            expect!["build: Docker's API does not take several platforms"],
        );
        check(
            &[("--build-context", "a=b")],
            &[],
            expect!["build: Docker's API does not take --build-context"],
        );
        check(&[], &["--push"], expect!["build: Docker's API does not take --push"]);
        check(
            &[("--secret", "id=a,type=vault")],
            &[],
            expect!["build: Docker's API does not take a secret of this form"],
        );
    }

    #[test]
    fn a_secret_is_named_and_not_read() {
        let file = |path: &str| Secret::File(path.into());
        let id = |id: &str, secret| Some((id.to_owned(), secret));
        assert_eq!(secret("id=a,src=b"), id("a", file("b")));
        assert_eq!(secret("id=a,env=B"), id("a", Secret::Variable("B".to_owned())));
        assert_eq!(secret("type=env,id=a,src=B"), id("a", Secret::Variable("B".to_owned())));
        assert_eq!(secret("id=no-such-variable"), id("no-such-variable", file("no-such-variable")));
        assert_eq!(secret("src=b"), id("b", file("b")));
        assert_eq!(secret("a"), None);
    }

    #[test]
    fn the_dockerfile_may_be_elsewhere() {
        let located = |file: Option<&str>| {
            let mut asked = Asked::default();
            let file = file.map(PathBuf::from);
            asked.locate(&Request { context: "ctx".to_owned(), file, ..Request::default() });
            (asked.dockerfile_folder.display().to_string(), asked.dockerfile)
        };
        assert_eq!(located(None), ("ctx".to_owned(), "Dockerfile".to_owned()));
        assert_eq!(located(Some("b.Dockerfile")), (".".to_owned(), "b.Dockerfile".to_owned()));
        assert_eq!(located(Some("../c/D")), ("../c".to_owned(), "D".to_owned()));
    }
}
