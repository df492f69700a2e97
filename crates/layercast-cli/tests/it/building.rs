//! `layercast build`, with a real BuildKit: the lab's, which `cargo xtask test` brings up and names in LAYERCAST_LAB.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Heredocs, an empty layer, two stages that do the same, a stage that nobody needs.
const STAGES: &str = "\
FROM busybox AS files
WORKDIR /files
RUN seq 1 1000 > numbers
RUN <<END
head -c 5000 /dev/zero > zeros
cp numbers more
END

FROM busybox AS same
WORKDIR /files
RUN seq 1 1000 > numbers

FROM busybox AS unneeded
RUN false

FROM busybox AS final
ENV A=1
COPY --from=files /files /files
COPY --from=same /files/numbers /numbers
COPY README /
RUN chmod 600 /numbers
CMD [\"true\"]
";

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

#[test]
fn every_step_weighs_what_docker_history_says() {
    let files = [("Dockerfile", STAGES), ("README", "read me\n")];
    let Some(bench) = Bench::with("every_step_weighs_what_docker_history_says", &files) else { return };
    let tag = "every-step-weighs";
    let args = ["--format", "json", "--tag", tag, "--no-cache"];
    let events = events(&bench.build(&args).output().expect("the companion starts"));
    let steps = steps(&events);
    let real: Vec<(u64, u64)> = steps
        .iter()
        .map(|step| (step["line"].as_u64().unwrap_or(0), step["unpacked"]["real"].as_u64().unwrap_or(0)))
        .collect();
    // FROM stands for the base image; ENV and CMD make no layer.
    let history = bench.history(tag);
    let own: Vec<u64> = history.iter().rev().take(6).rev().copied().collect();
    let base = history.iter().sum::<u64>() - own.iter().sum::<u64>();
    assert_eq!(real, [(16, base), (18, own[1]), (19, own[2]), (20, own[3]), (21, own[4])]);
    assert_eq!((own[1], own[2], own[3], own[4]), (3893 * 2 + 5000, 3893, 8, 3893), "{history:?}");
    assert!(steps[1]["seconds"].is_number(), "{}", steps[1]);

    // Output has its line, steps that two stages share too, and what nobody needs is never run.
    let mut began: BTreeMap<u64, usize> = BTreeMap::new();
    for event in events.iter().filter(|event| event["event"] == "began") {
        *began.entry(event["line"].as_u64().unwrap_or(0)).or_default() += 1;
    }
    assert!(began.contains_key(&4) && began.contains_key(&21), "{began:?}");
    assert!(began.contains_key(&3) || began.contains_key(&11), "{began:?}");
    assert!(!began.contains_key(&14), "{began:?}");
}

#[test]
fn a_pushed_image_is_weighed_as_it_travels() {
    let files = [("Dockerfile", "FROM busybox\nENV A=1\nWORKDIR /x\nRUN seq 1 9999 > numbers\n")];
    let Some(bench) = Bench::with("a_pushed_image_is_weighed_as_it_travels", &files) else { return };
    let port = std::fs::read_to_string(bench.lab.join("registry.port")).expect("the lab has a registry");
    let tag = format!("127.0.0.1:{port}/building/pushed:1");
    let output = bench.build(&["--format", "json", "--push", "--tag", &tag]).output();
    let steps = steps(&events(&output.expect("the companion starts")));
    let mut docker = bench.command(bench.lab.join("bin/docker"));
    docker.args(["buildx", "imagetools", "inspect", "--raw", &tag]);
    let manifest: Value =
        serde_json::from_str(&stdout(&docker.output().expect("docker starts"))).expect("JSON");
    let layers = manifest["layers"].as_array().expect("a manifest has layers");
    let pushed: Vec<&Value> = layers.iter().map(|layer| &layer["size"]).collect();
    let told: Vec<&Value> = steps.iter().map(|step| &step["download"]["real"]).collect();
    assert_eq!(told, pushed, "{steps:?}");
    let lines: Vec<_> = steps.iter().map(|step| (&step["line"], &step["unpacked"]["real"])).collect();
    assert_eq!((lines[1], lines[2]), ((&3.into(), &0.into()), (&4.into(), &48888.into())));
}

#[test]
fn a_second_build_is_cached() {
    let files = [("Dockerfile", "FROM busybox\nRUN seq 1 77 > /numbers\nRUN echo said\n")];
    let Some(bench) = Bench::with("a_second_build_is_cached", &files) else { return };
    let build = |args: &[&str]| events(&bench.build(args).output().expect("the companion starts"));
    let cached = |events: &[Value]| -> Vec<bool> {
        steps(events).iter().skip(1).map(|step| step["cached"] == true).collect()
    };
    let first = build(&["--format", "json", "--no-cache"]);
    assert_eq!(cached(&first), [false, false]);
    let said = first.iter().find(|event| event["event"] == "log").expect("a step prints");
    assert_eq!(
        (&said["text"], &said["line"], &said["stream"]),
        (&"said".into(), &3.into(), &"stdout".into())
    );
    assert_eq!(cached(&build(&["--format", "json"])), [true, true]);
}

#[test]
fn a_failing_step_is_shown_with_its_lines_and_its_exit_code() {
    let files = [("Dockerfile", "FROM busybox\nRUN echo before \\\n && exit 3\n")];
    let Some(bench) = Bench::with("a_failing_step_is_shown", &files) else { return };
    let output = bench.build(&[]).output().expect("the companion starts");
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    assert!(text.contains("    2  │ before\n"), "{text}");
    assert!(text.contains("this command ended with exit code: 3\n --> ./Dockerfile:2:1\n"), "{text}");
}

#[test]
fn what_does_not_parse_is_told_in_the_builder_s_words() {
    let files = [("Dockerfile", "FROM busybox\nRUNN true\n")];
    let Some(bench) = Bench::with("what_does_not_parse", &files) else { return };
    let output = bench.build(&[]).output().expect("the companion starts");
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("unknown instruction: RUNN"), "{}", stderr(&output));
}

#[test]
fn an_interrupted_build_leaves_nothing_running() {
    let files = [("Dockerfile", "FROM busybox\nRUN echo begun && sleep 4242\n")];
    let Some(bench) = Bench::with("an_interrupted_build_leaves_nothing_running", &files) else { return };
    let sleeps = || {
        let all = Command::new("ps").args(["-eo", "args"]).output().expect("ps starts");
        stdout(&all).lines().filter(|line| line.ends_with("sleep 4242")).count()
    };
    let wait = |what: &str, holds: &dyn Fn() -> bool| {
        let start = Instant::now();
        while !holds() {
            assert!(start.elapsed() < Duration::from_secs(60), "{what}");
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    let mut child = bench.build(&[]);
    let child = child.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the companion starts");
    wait("the step begins", &|| sleeps() > 0);
    let killed = Command::new("kill").args(["-s", "INT", &child.id().to_string()]).status();
    assert!(killed.expect("kill starts").success());
    let output = child.wait_with_output().expect("the companion ends");
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("failed to build: interrupted"), "{}", stderr(&output));
    wait("the step ends", &|| sleeps() == 0);
}

#[test]
fn without_a_daemon_it_says_what_to_do() {
    let Some(bench) = Bench::with("without_a_daemon", &[("Dockerfile", "FROM busybox\n")]) else { return };
    let mut build = bench.build(&[]);
    let output = build.env("DOCKER_HOST", "unix:///nowhere.sock").output().expect("the companion starts");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("start Docker, or name the one to use in DOCKER_HOST"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn without_docker_it_says_what_to_install() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    std::fs::write(folder.path().join("Dockerfile"), "FROM scratch\n").expect("the folder can be written to");
    let mut command = Command::new(env!("CARGO_BIN_EXE_layercast"));
    command.args(["build", "--offline", "."]).current_dir(folder.path()).env("PATH", folder.path());
    let output = command.output().expect("the companion starts");
    assert_eq!(output.status.code(), Some(2));
    let text = stderr(&output);
    assert!(text.contains("\nerror: failed to start docker: "), "{text}");
    assert!(text.contains("note: install Docker with its buildx plugin, or put it on the PATH"), "{text}");
}
