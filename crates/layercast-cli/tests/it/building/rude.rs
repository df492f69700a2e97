//! Docker's API, and daemons that are missing, too old, rude or gone: what is told, and that nothing is left behind.

use super::daemon::{Daemon, Does, UPGRADED, ok, version};
use super::{Alone, stderr, wait};
use std::process::{Output, Stdio};

/// A folder to build in, beside a daemon at `host`.
fn build(host: &str, args: &[&str]) -> Output {
    let alone = Alone::with(&[("Dockerfile", "FROM busybox\nRUN true\n")]);
    let output = alone.build(host, args).output().expect("the companion starts");
    alone.check_nothing_is_left();
    output
}

/// Its words on standard error, and that it failed.
#[track_caller]
fn check(daemon: &Daemon, expected: &[&str]) {
    let output = build(&daemon.host(), &["--via", "docker"]);
    assert_eq!(output.status.code(), Some(2));
    let text = stderr(&output);
    for words in expected {
        assert!(text.contains(words), "{words} is not in:\n{text}");
    }
    wait("every connection is closed", &|| daemon.n_open() == 0);
}

const GONE: [&str; 2] = [
    "was lost before the build was over",
    "see that Docker still runs, and build again: finished steps are cached",
];
const NO_DOCKER: [&str; 2] =
    ["does not speak as Docker does", "see that DOCKER_HOST names Docker and no other program"];

#[test]
fn where_nobody_listens_it_says_what_to_do() {
    for host in ["unix:///nowhere.sock", &format!("tcp://127.0.0.1:{}", crate::world::free_port())] {
        let output = build(host, &[]);
        assert_eq!(output.status.code(), Some(2));
        let text = stderr(&output);
        assert!(text.contains(&format!("builder: Docker's API at {host}\n")), "{text}");
        assert!(text.contains(&format!("failed to reach Docker at {host}: ")), "{text}");
        assert!(text.contains("start Docker, or name the one to use in DOCKER_HOST"), "{text}");
    }
}

#[test]
fn an_address_that_is_none_is_named() {
    let text = stderr(&build("docker.example:2375", &[]));
    assert!(text.contains("`docker.example:2375`: that is no address that can be used here"), "{text}");
}

#[test]
fn a_daemon_without_buildkit_is_named_with_its_version() {
    check(
        &Daemon::with(|_| version("1.38")),
        &["(99.9) has no BuildKit", "Docker 18.09 for Linux is the first with BuildKit: renew it"],
    );
}

#[test]
fn who_is_no_docker_is_told_so() {
    check(&Daemon::with(|_| ok("<html>It works!</html>")), &NO_DOCKER);
    check(&Daemon::with(|_| ok("{}")), &NO_DOCKER);
    check(&Daemon::with(|_| Does::Says("SSH-2.0-OpenSSH_9.2\r\n".to_owned())), &NO_DOCKER);
    let page = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>";
    check(&Daemon::building(Does::Says(page.to_owned())), &NO_DOCKER);
}

#[test]
fn a_daemon_that_is_gone_is_told_so() {
    check(&Daemon::with(|_| Does::Says(String::new())), &GONE);
    check(&Daemon::building(Does::Says(UPGRADED.to_owned())), &GONE);
    check(&Daemon::building(Does::Says(UPGRADED.to_owned() + "no HTTP/2 at all")), &GONE);
}

#[test]
fn what_the_daemon_refuses_is_told_in_its_words() {
    let refusal = r#"{"message": "the session is not wanted"}"#;
    let length = refusal.len();
    let reply = format!("HTTP/1.1 500 No\r\nContent-Length: {length}\r\n\r\n{refusal}");
    check(&Daemon::building(Does::Says(reply)), &["failed to build: the session is not wanted"]);
}

#[test]
fn a_full_disk_is_told_with_what_frees_room() {
    check(
        &Daemon::building(Does::Refuses("write /x: no space left on device")),
        &["failed to build: write /x: no space left on device", "free room with `docker builder prune`"],
    );
}

#[test]
fn where_no_instruction_is_to_blame_the_builder_s_words_stand() {
    let files = [("Dockerfile", "FROM no-such-image-anywhere:1\n")];
    let Some(bench) = super::Bench::with("where_no_instruction_is_to_blame", &files) else { return };
    for way in ["docker", "buildx"] {
        let output = bench.build(&["--via", way]).output().expect("the companion starts");
        assert_eq!(output.status.code(), Some(2));
        let text = stderr(&output);
        assert!(
            text.contains("error: failed to build: ") && text.contains("no-such-image-anywhere"),
            "{text}"
        );
    }
}

#[test]
fn what_only_buildx_can_do_says_so() {
    let flags: [&[&str]; 2] =
        [&["--output", "type=registry"], &["--build-context", "busybox=oci-layout://here"]];
    for flags in flags {
        let output = build("unix:///nowhere.sock", flags);
        let text = stderr(&output);
        assert!(text.contains("failed to build: Docker's API does not take "), "{text}");
        assert!(text.contains("install Docker's buildx plugin; with it, this can be built"), "{text}");
    }
}

#[test]
fn an_image_without_a_name_is_not_pushed() {
    let daemon = Daemon::building(Does::Refuses("nobody gets this far"));
    let text = stderr(&build(&daemon.host(), &["--push"]));
    assert!(text.contains("failed to push the image: it has no name"), "{text}");
    assert!(text.contains("name it by `--tag REGISTRY/NAME:TAG`"), "{text}");
}

#[test]
fn an_interrupt_before_the_first_word_closes_everything() {
    let holding = |at: &'static str, said: &'static str| {
        Daemon::with(move |request| match () {
            () if request.contains(at) => Does::Holds(said.to_owned()),
            () if request.contains("/version") => version("1.47"),
            () => Does::Holds(UPGRADED.to_owned()),
        })
    };
    for (at, said) in [("/version", ""), ("/session", ""), ("/grpc", ""), ("/grpc", UPGRADED)] {
        let daemon = holding(at, said);
        let alone = Alone::with(&[("Dockerfile", "FROM busybox\n")]);
        let mut build = alone.build(&daemon.host(), &[]);
        let child = build.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the companion starts");
        wait("the daemon is asked", &|| daemon.was_asked(at));
        let output = super::interrupt(child);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("failed to build: interrupted"), "{}", stderr(&output));
        wait("every connection is closed", &|| daemon.n_open() == 0);
        assert!(daemon.socket().exists());
        alone.check_nothing_is_left();
    }
}
