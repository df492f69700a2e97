//! `layercast build`, with a real BuildKit: the lab's, which `cargo xtask test` brings up and names in LAYERCAST_LAB.

mod faults;
mod sizes;
mod terminal;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

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
            .env_remove("BUILDX_BUILDER")
            .env_remove("DOCKER_CONTEXT")
            .current_dir(self.folder.path());
        command
    }

    /// The companion, asked to build offline.
    fn build(&self, args: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_layercast"));
        command.args(["build", "--offline"]).args(args).arg(".");
        command
    }

    /// Bytes of each entry of an image's history, oldest first.
    fn history(&self, image: &str) -> Vec<u64> {
        let mut docker = self.command(self.lab.join("bin/docker"));
        docker.args(["history", "--human=false", "--format", "{{.Size}}", image]);
        let sizes = stdout(&docker.output().expect("docker starts"));
        sizes.lines().rev().map(|size| size.trim().parse().expect("a size is a number")).collect()
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
