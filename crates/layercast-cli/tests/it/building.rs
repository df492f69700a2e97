//! `layercast build`, with a real BuildKit: the lab's, which `cargo xtask test` brings up and names in LAYERCAST_LAB.

mod api;
mod daemon;
mod far;
mod faults;
mod flags;
mod measuring;
mod platforms;
mod pushing;
mod results;
mod rewritten;
mod rude;
mod sizes;
mod terminal;
mod truth;
mod what_if;
mod whole;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::time::{Duration, Instant};

/// The lab, and a folder to build in.
struct Bench {
    lab: PathBuf,
    folder: tempfile::TempDir,
}

impl Bench {
    /// None where there is no lab, which is said; in CI that is a failure.
    fn with(test: &str, files: &[(&str, &str)]) -> Option<Self> {
        let Some(lab) = std::env::var_os("LAYERCAST_LAB") else {
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "there is no lab to build in");
            eprintln!("left out: {test}, as there is no lab (cargo xtask test brings it up)");
            return None;
        };
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).expect("the temporary folder can be written to");
        }
        Some(Self { lab: lab.into(), folder })
    }

    /// `program`, with the lab's Docker as the one on the PATH.
    fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        let inherited = std::env::var("PATH").unwrap_or_default();
        command
            .env("PATH", format!("{}:{inherited}", self.lab.join("bin").display()))
            .env("DOCKER_HOST", format!("unix://{}", self.lab.join("docker.sock").display()))
            .env("DOCKER_CONFIG", self.lab.join("config"))
            .env("XDG_CACHE_HOME", self.lab.join("cache"))
            .env_remove("BUILDX_BUILDER")
            .env_remove("DOCKER_CONTEXT")
            .current_dir(self.folder.path());
        command
    }

    /// Where the lab's Dockers listen: the usual one, and that which keeps images as containerd does.
    fn sockets(&self) -> impl Iterator<Item = PathBuf> {
        ["docker.sock", "containerd.sock"]
            .map(|name| self.lab.join(name))
            .into_iter()
            .filter(|it| it.exists())
    }

    /// The companion, asked to build offline.
    fn build(&self, args: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_layercast"));
        command.args(["build", "--offline"]).args(args).arg(".");
        command
    }

    /// Lengths of the layers that the lab's registry has of an image, lowest first.
    fn pushed(&self, image: &str) -> Vec<Value> {
        let inspect = |image: &str| -> Value {
            let mut docker = self.command(self.lab.join("bin/docker"));
            docker.args(["buildx", "imagetools", "inspect", "--raw", image]);
            serde_json::from_str(&stdout(&docker.output().expect("docker starts"))).expect("JSON")
        };
        let mut manifest = inspect(image);
        if let Some(digest) = manifest["manifests"][0]["digest"].as_str() {
            manifest = inspect(&format!("{image}@{digest}"));
        }
        let layers = manifest["layers"].as_array().expect("a manifest has layers");
        layers.iter().map(|layer| layer["size"].clone()).collect()
    }

    /// Bytes of each entry of an image's history, oldest first.
    fn history(&self, image: &str) -> Vec<u64> {
        let mut docker = self.command(self.lab.join("bin/docker"));
        docker.args(["history", "--human=false", "--format", "{{.Size}}", image]);
        let sizes = stdout(&docker.output().expect("docker starts"));
        sizes.lines().rev().map(|size| size.trim().parse().expect("a size is a number")).collect()
    }
}

/// A folder to build in without any program of Docker's on the PATH.
struct Alone {
    folder: tempfile::TempDir,
    /// Where the companion keeps what it needs for a while. Its name marks what it starts.
    scratch: tempfile::TempDir,
}

impl Alone {
    fn with(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let scratch = tempfile::tempdir().expect("a temporary folder can be made");
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).expect("the temporary folder can be written to");
        }
        Self { folder, scratch }
    }

    /// The companion, asked to build offline, with the daemon at `host`.
    fn build(&self, host: &str, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_layercast"));
        command
            .args(["build", "--offline"])
            .args(args)
            .arg(".")
            .env("PATH", self.scratch.path())
            .env("TMPDIR", self.scratch.path())
            .env("DOCKER_CONFIG", self.scratch.path())
            .env("DOCKER_HOST", host)
            .env_remove("BUILDX_BUILDER")
            .env_remove("DOCKER_CONTEXT")
            .env_remove("DOCKER_TLS_VERIFY")
            .current_dir(self.folder.path());
        command
    }

    /// Neither files nor processes, when the companion has ended.
    #[track_caller]
    fn check_nothing_is_left(&self) {
        check_nothing_is_left(self.scratch.path());
    }
}

/// Nothing in a folder for temporary files, and no process that was told to keep its own there.
#[track_caller]
fn check_nothing_is_left(scratch: &Path) {
    let files = std::fs::read_dir(scratch).expect("it can be read").flatten();
    assert_eq!(files.map(|file| file.path()).collect::<Vec<_>>(), Vec::<PathBuf>::new());
    let mark = scratch.to_string_lossy().into_owned();
    let processes = || {
        let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let environments = all.filter_map(|process| std::fs::read(process.path().join("environ")).ok());
        environments.filter(|it| String::from_utf8_lossy(it).contains(&mark)).count()
    };
    wait("no process is left", &|| processes() == 0);
}

/// Presses Ctrl-C, and waits for the end.
fn interrupt(child: Child) -> Output {
    let killed = Command::new("kill").args(["-s", "INT", &child.id().to_string()]).status();
    assert!(killed.expect("kill starts").success());
    child.wait_with_output().expect("the companion ends")
}

/// Waits until something holds; a minute is enough for everything.
#[track_caller]
fn wait(what: &str, holds: &dyn Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The lines of JSON that the companion printed.
fn events(output: &Output) -> Vec<Value> {
    let text = stdout(output);
    assert!(output.status.success(), "{text}{}", stderr(output));
    text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
}

/// The steps of the image, as the last event tells them.
fn steps(events: &[Value]) -> Vec<Value> {
    let last = events.last().expect("there are events");
    assert_eq!(last["event"], "built", "{last}");
    last["steps"].as_array().unwrap_or_else(|| panic!("no steps: {last}")).clone()
}
