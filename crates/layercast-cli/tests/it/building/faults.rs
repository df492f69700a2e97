//! Builds that fail, or are stopped: what is told, and what is left behind.

use super::{Bench, interrupt, stderr, stdout, wait};
use std::process::{Command, Stdio};

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
    let mut child = bench.build(&[]);
    let child = child.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the companion starts");
    wait("the step begins", &|| sleeps() > 0);
    let output = interrupt(child);
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
fn without_docker_s_programs_buildx_says_what_to_install() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    std::fs::write(folder.path().join("Dockerfile"), "FROM scratch\n").expect("the folder can be written to");
    let mut command = Command::new(env!("CARGO_BIN_EXE_layercast"));
    command
        .args(["build", "--offline", "--via=buildx", "."])
        .current_dir(folder.path())
        .env("PATH", folder.path());
    let output = command.output().expect("the companion starts");
    assert_eq!(output.status.code(), Some(2));
    let text = stderr(&output);
    assert!(text.contains("\nerror: failed to start docker: "), "{text}");
    assert!(text.contains("note: install Docker with its buildx plugin, or put it on the PATH"), "{text}");
}
