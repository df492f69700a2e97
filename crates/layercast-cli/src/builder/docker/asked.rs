//! A request in BuildKit's words, and what has none here.
//! <https://docs.docker.com/build/buildkit/frontend/>

use crate::builder::output::Output;
use crate::builder::{BuildError, Request, Settings};
use layercast_core::image_ref::ImageRef;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How named contexts begin that the builder gets by itself.
const REMOTE: [&str; 6] = ["docker-image://", "http://", "https://", "git://", "git@", "ssh://"];

/// A build as BuildKit takes it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Asked {
    /// What is said to BuildKit's reader of Dockerfiles.
    pub(super) attributes: BTreeMap<String, String>,
    /// The names of the image.
    pub(super) names: Vec<String>,
    /// Whether it is pushed by each of them.
    pub(super) is_pushed: bool,
    /// What is made of the result.
    pub(super) output: Output,
    /// The folders of named contexts, by name.
    pub(super) folders: BTreeMap<String, PathBuf>,
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
        asked.say("filename", &asked.dockerfile.clone());
        // Where nobody says `--pull`, the daemon's own images are good enough.
        asked.say("image-resolve-mode", "local");
        for (flag, value) in &request.flags {
            match *flag {
                "--tag" => asked.names.push(value.clone()),
                "--target" => asked.say("target", value),
                "--network" if value == "default" => {}
                "--network" => asked.say("force-network-mode", value),
                "--platform" => asked.say("platform", value),
                "--build-arg" => {
                    if let Some((name, value)) = argument(value) {
                        asked.say(&format!("build-arg:{name}"), &value);
                    }
                }
                "--build-context" => {
                    asked.take_context(value).ok_or_else(|| only_buildx("such a context"))?
                }
                "--secret" => {
                    let (id, secret) = secret(value).ok_or_else(|| only_buildx("a secret of this form"))?;
                    asked.secrets.insert(id, secret);
                }
                "--ssh" => {
                    let (id, agent) = agent(value)?;
                    asked.agents.insert(id, agent);
                }
                "--output" => asked.take_output(value).ok_or_else(|| only_buildx("such an output"))?,
                other => return Err(only_buildx(other)),
            }
        }
        if let (None, Some(platform)) = (asked.attributes.get("platform"), Settings::default_platform()) {
            asked.say("platform", &platform);
        }
        for switch in &request.switches {
            match *switch {
                "--no-cache" => asked.say("no-cache", ""),
                "--push" => asked.is_pushed = true,
                other => return Err(only_buildx(other)),
            }
        }
        // An image is pushed, and files are not.
        let is_file = request.outputs().any(|output| output.destination.is_some());
        if is_file && (asked.is_pushed || request.outputs().count() > 1) {
            return Err(only_buildx("a second output"));
        }
        if asked.is_on("build-arg:BUILDKIT_MULTI_PLATFORM") {
            asked.say("multi-platform", "true");
        }
        Ok(asked)
    }

    fn take_output(&mut self, written: &str) -> Option<()> {
        let output = Output::parse(written)?;
        let is_known = match output.kind.as_str() {
            "local" | "tar" => output.destination.is_some(),
            "oci" | "docker" if output.destination.is_some() => output.is_archive_of_image(),
            "image" | "docker" => output == Output { kind: output.kind.clone(), ..Output::default() },
            _ => false,
        };
        self.output = output;
        is_known.then_some(())
    }

    /// `name=place`: an image, an address, or a folder, which BuildKit asks for by the name.
    fn take_context(&mut self, written: &str) -> Option<()> {
        let (name, place) = written.split_once('=')?;
        let name = ImageRef::parse(name).ok()?.familiar();
        let name = name.strip_suffix(":latest").unwrap_or(&name);
        let is_remote = REMOTE.iter().any(|start| place.starts_with(start));
        if !is_remote && !Path::new(place).is_dir() {
            return None;
        }
        self.say("frontend.caps", "moby.buildkit.frontend.contexts+forward");
        if is_remote {
            self.say(&format!("context:{name}"), place);
            return Some(());
        }
        let own = ["context", "dockerfile"].contains(&name);
        let local = if own { format!("_{name}") } else { name.to_owned() };
        self.say(&format!("context:{name}"), &format!("local:{local}"));
        self.folders.insert(local, PathBuf::from(place));
        Some(())
    }

    fn say(&mut self, name: &str, value: &str) {
        self.attributes.insert(name.to_owned(), value.to_owned());
    }

    /// Whether an attribute says yes.
    pub(super) fn is_on(&self, name: &str) -> bool {
        let is_yes = |value: &String| ["1", "t", "true"].contains(&value.to_lowercase().as_str());
        self.attributes.get(name).is_some_and(is_yes)
    }

    /// What a daemon that keeps images itself cannot make of it.
    pub(super) fn wants_containerd(&self) -> Option<&'static str> {
        if self.attributes.get("platform").is_some_and(|platforms| platforms.contains(',')) {
            return Some("several platforms where Docker keeps images its own way");
        }
        let is_archive = self.output.is_archive_of_image();
        is_archive.then_some("an image in a file where Docker keeps images its own way")
    }

    fn locate(&mut self, request: &Request) {
        self.context = PathBuf::from(&request.context);
        let file = request.file.clone().unwrap_or_else(|| self.context.join("Dockerfile"));
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        self.dockerfile_folder = folder.map_or_else(|| PathBuf::from("."), PathBuf::from);
        let name = file.file_name().unwrap_or_else(|| "Dockerfile".as_ref());
        self.dockerfile = name.to_string_lossy().into_owned();
    }
}

fn only_buildx(what: &str) -> BuildError {
    BuildError::OnlyBuildx { what: what.to_owned() }
}

/// A name alone takes the environment's value, and is dropped where there is none.
fn argument(written: &str) -> Option<(String, String)> {
    let (name, value) = match written.split_once('=') {
        Some((name, value)) => (name, value.to_owned()),
        None => (written, std::env::var(written).ok()?),
    };
    Some((name.to_owned(), value))
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

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(flags: &[(&'static str, &str)], switches: &[&'static str], expected: Expect) {
        let flags = flags.iter().map(|(flag, value)| (*flag, (*value).to_owned())).collect();
        let request =
            Request { context: "ctx".to_owned(), flags, switches: switches.to_vec(), ..Request::default() };
        let said = |asked: Asked| {
            let lines = asked.attributes.iter().map(|(name, value)| format!("{name} = {value}\n"));
            lines.collect::<String>()
        };
        expected.assert_eq(&Asked::of(&request).map_or_else(|error| error.to_string(), said));
    }

    #[test]
    fn flags_are_attributes() {
        check(
            &[
                ("--tag", "app:1"),
                ("--target", "test"),
                ("--build-arg", "A=1 & 2"),
                ("--build-arg", "B=é"),
                ("--build-arg", "NO_SUCH_VARIABLE_HERE"),
                ("--platform", "linux/amd64,linux/arm64"),
                ("--network", "none"),
            ],
            &["--no-cache"],
            expect![[r#"
                build-arg:A = 1 & 2
                build-arg:B = é
                filename = Dockerfile
                force-network-mode = none
                image-resolve-mode = local
                no-cache = 
                platform = linux/amd64,linux/arm64
                target = test
            "#]],
        );
        check(
            &[("--network", "default"), ("--build-arg", "BUILDKIT_MULTI_PLATFORM=1")],
            &[],
            expect![[r#"
            build-arg:BUILDKIT_MULTI_PLATFORM = 1
            filename = Dockerfile
            image-resolve-mode = local
            multi-platform = true
        "#]],
        );
    }

    #[test]
    fn contexts_are_addresses_or_folders() {
        check(
            &[
                ("--build-context", "docker.io/library/busybox=docker-image://debian:bookworm"),
                ("--build-context", "source=https://git.example/a.git#main"),
                ("--build-context", "files=."),
                ("--build-context", "context=."),
            ],
            &[],
            expect![[r#"
                context:busybox = docker-image://debian:bookworm
                context:context = local:_context
                context:files = local:files
                context:source = https://git.example/a.git#main
                filename = Dockerfile
                frontend.caps = moby.buildkit.frontend.contexts+forward
                image-resolve-mode = local
            "#]],
        );
    }

    #[test]
    fn what_only_buildx_can_do_is_refused() {
        check(
            &[("--output", "type=oci,dest=out,tar=false")],
            &[],
            expect!["build: Docker's API does not take such an output"],
        );
        check(
            &[("--output", "a"), ("--output", "b")],
            &[],
            expect!["build: Docker's API does not take a second output"],
        );
        check(
            &[("--output", "a"), ("--output", "type=image")],
            &[],
            expect!["build: Docker's API does not take a second output"],
        );
        check(
            &[("--build-context", "a=oci-layout://b")],
            &[],
            expect!["build: Docker's API does not take such a context"],
        );
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
