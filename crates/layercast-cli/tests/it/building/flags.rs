//! Flags that buildx gets as they are written.

use super::{Alone, Bench, stderr, stdout};
use std::os::unix::fs::PermissionsExt;

/// A `docker` that does as the script says.
fn with_docker(script: &str, args: &[&str]) -> (Alone, std::process::Output) {
    let alone = Alone::with(&[("Dockerfile", "FROM busybox\nRUN true\n")]);
    let bin = alone.folder.path().join("bin");
    std::fs::create_dir(&bin).expect("it can be made");
    let docker = bin.join("docker");
    std::fs::write(&docker, format!("#!/bin/sh\n{script}\n")).expect("it can be written to");
    std::fs::set_permissions(&docker, PermissionsExt::from_mode(0o755)).expect("it is ours");
    let mut build = alone.build("unix:///nowhere.sock", args);
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let output = build.env("PATH", path).env("TOKEN", "not-to-be-seen").output().expect("it starts");
    alone.check_nothing_is_left();
    (alone, output)
}

#[test]
fn buildx_gets_every_flag() {
    let (alone, output) = with_docker(
        "test \"$2\" = build && printf '%s\\n' \"$@\" > asked; exit 0",
        &[
            "--platform=linux/amd64,linux/arm64",
            "--build-context=busybox=docker-image://debian",
            "--build-context=files=../elsewhere",
            "--secret=id=token,env=TOKEN",
            "--ssh=default",
            "--output=type=local,dest=out",
            "--tag=a:1",
            "--tag=a:2",
            "--network=none",
            "--no-cache",
            "--push",
            "--builder=far",
        ],
    );
    assert!(stderr(&output).contains("builder: docker buildx, builder \"far\"\n"), "{}", stderr(&output));
    let asked = std::fs::read_to_string(alone.folder.path().join("asked")).expect("docker was asked");
    let asked: Vec<&str> = asked.lines().filter(|word| !word.contains("metadata-file")).collect();
    // The file for what it tells in the end has another name each time.
    assert!(asked[3].starts_with(&*alone.scratch.path().to_string_lossy()), "{asked:?}");
    expect_test::expect![[r#"
        --platform=linux/amd64,linux/arm64
        --build-context=busybox=docker-image://debian
        --build-context=files=../elsewhere
        --tag=a:1
        --tag=a:2
        --output=type=local,dest=out
        --secret=id=token,env=TOKEN
        --ssh=default
        --network=none
        --no-cache
        --push
        --builder=far
        --
        .
    "#]]
    .assert_eq(&(asked[4..].join("\n") + "\n"));
}

#[test]
fn what_buildx_says_is_told_with_what_to_do() {
    let check = |says: &str, hint: &str| {
        let (_, output) = with_docker(&format!("echo 'ERROR: {says}' >&2; exit 1"), &["--via", "buildx"]);
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(&format!("failed to build: {says}\n")) && text.contains(hint), "{text}");
    };
    check("write /var/lib/x: no space left on device", "free room with `docker builder prune`");
    check("permission denied while trying to connect to the docker API", "join the group `docker`");
    check("no builder \"far\" found", "`docker buildx ls` lists the builders there are");
    check("unknown command: docker buildx", "install Docker's buildx plugin, or build by `--via docker`");
}

#[test]
fn a_docker_without_buildx_is_not_asked_to_build() {
    let (_, output) = with_docker("exit 1", &[]);
    assert!(stderr(&output).contains("builder: Docker's API at unix:///nowhere.sock"), "{}", stderr(&output));
}

#[test]
fn named_contexts_are_images_and_folders() {
    let file = "FROM named:latest\nCOPY --from=files . /files\nRUN ls -A /files\n";
    let files = [("Dockerfile", file), ("README", "read me\n")];
    let Some(bench) = Bench::with("named_contexts_are_images_and_folders", &files) else { return };
    let elsewhere = tempfile::tempdir().expect("a temporary folder can be made");
    for (name, text) in [("more", "more\n"), ("less", "less\n"), (".dockerignore", "less\n.dockerignore\n")] {
        std::fs::write(elsewhere.path().join(name), text).expect("it can be written to");
    }
    let named = format!("files={}", elsewhere.path().display());
    let named = ["--build-context", "named=docker-image://busybox", "--build-context", &named];
    for way in ["docker", "buildx"] {
        let args = [&["--via", way, "--no-cache"], &named[..]].concat();
        let output = bench.build(&args).output().expect("the companion starts");
        assert!(output.status.success(), "{}", stderr(&output));
        let text = stdout(&output);
        assert!(text.contains("    3  │ more\n") && !text.contains("    3  │ less\n"), "{way}: {text}");
    }
}
