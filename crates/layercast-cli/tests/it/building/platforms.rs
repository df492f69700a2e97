//! Several platforms, and a Docker that keeps images as containerd does.

use super::{Bench, events, stderr, stdout, steps};
use serde_json::Value;
use std::collections::HashMap;
use std::io::Read;
use std::process::Command;

/// The companion, with the lab's Docker that keeps images as containerd does. None, said aloud, where the lab's
/// Docker is too old for it.
fn build(bench: &Bench, args: &[&str]) -> Option<Command> {
    let socket = bench.lab.join("containerd.sock");
    if !socket.exists() {
        eprintln!("left out: this lab's Docker keeps no images as containerd does");
        return None;
    }
    let mut command = bench.build(args);
    command.env("DOCKER_HOST", format!("unix://{}", socket.display()));
    Some(command)
}

/// Line, unpacked, and whether the download is known.
fn sizes(steps: &[Value]) -> Vec<(u64, u64, bool)> {
    let size = |step: &Value| {
        let real = step["unpacked"]["real"].as_u64()?;
        Some((step["line"].as_u64()?, real, step["download"]["real"].as_u64().is_some_and(|it| it > 0)))
    };
    steps.iter().filter_map(size).collect()
}

const FILE: &str = "\
FROM busybox
WORKDIR /files
COPY README .
RUN --network=none seq 1 1000 > numbers && ln numbers hard && ln -s numbers soft
RUN --network=none rm README
";

#[test]
fn sizes_are_the_same_however_images_are_kept() {
    let files = [("Dockerfile", FILE), ("README", "read me\n")];
    let Some(bench) = Bench::with("sizes_are_the_same", &files) else { return };
    let Some(mut as_containerd) = build(&bench, &["--format", "json", "--tag", "kept-as-containerd"]) else {
        return;
    };
    let as_containerd = steps(&events(&as_containerd.output().expect("the companion starts")));
    let usual = bench.build(&["--format", "json", "--tag", "kept-as-usual"]).output();
    let usual = steps(&events(&usual.expect("the companion starts")));
    let unpacked = |steps: &[Value]| {
        sizes(steps).into_iter().map(|(line, unpacked, _)| (line, unpacked)).collect::<Vec<_>>()
    };
    assert_eq!(unpacked(&as_containerd), unpacked(&usual));
    assert_eq!(unpacked(&usual)[1..], [(2, 0), (3, 8), (4, 3893), (5, 0)]);
    assert!(sizes(&as_containerd).iter().all(|(_, _, has_download)| *has_download), "{as_containerd:?}");
}

/// Beside its image, BuildKit's account of the build: how it was built, and from where. It is the same by both ways.
#[test]
fn both_ways_lay_the_same_account_beside_the_image() {
    let files = [("Dockerfile", FILE), ("README", "read me\n")];
    let Some(bench) = Bench::with("both_ways_lay_the_same_account", &files) else { return };
    let git = |args: &[&str]| {
        let git = bench
            .command("git")
            .args(["-c", "user.name=me", "-c", "user.email=me@git.example"])
            .args(args)
            .output();
        assert!(git.expect("git starts").status.success(), "{args:?}");
    };
    git(&["init", "--quiet"]);
    git(&["commit", "--quiet", "--allow-empty", "--message=first"]);
    git(&["remote", "add", "origin", "https://me:secret@git.example/a.git"]);
    let account = |way: &str| {
        let mut command = build(&bench, &["--via", way, "--tag=with-account", "--build-arg=A=1"])?;
        let host =
            command.get_envs().find(|(name, _)| *name == "DOCKER_HOST").and_then(|(_, host)| host?.to_str());
        let host = host.expect("it is set").to_owned();
        let output = command.output().expect("the companion starts");
        assert!(output.status.success(), "{}", stderr(&output));
        let mut docker = bench.command(bench.lab.join("bin/docker"));
        let saved =
            docker.args(["save", "with-account"]).env("DOCKER_HOST", host).output().expect("docker starts");
        Some(account_in(&saved.stdout))
    };
    let (Some(by_api), Some(by_buildx)) = (account("docker"), account("buildx")) else { return };
    assert_eq!(by_api, by_buildx);
    let vcs = &by_api["predicate"]["metadata"]["https://mobyproject.org/buildkit@v1#metadata"]["vcs"];
    assert_eq!(
        (&vcs["source"], &vcs["localdir:context"]),
        (&"https://git.example/a.git".into(), &".".into())
    );
}

/// The account in an archive of `docker save`, without what differs from build to build.
fn account_in(archive: &[u8]) -> Value {
    let mut documents = HashMap::new();
    for entry in tar::Archive::new(archive).entries().expect("it is an archive") {
        let mut entry = entry.expect("it is whole");
        let name = entry.path().expect("it has a name").to_string_lossy().replace("blobs/sha256/", "sha256:");
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("it can be read");
        if let Ok(document) = serde_json::from_slice::<Value>(&bytes) {
            documents.insert(name, document);
        }
    }
    let account = documents.values().find(|it| it["predicateType"].is_string());
    let mut account = account.expect("there is an account").clone();
    account["subject"].take();
    let metadata = &mut account["predicate"]["metadata"];
    for name in ["buildInvocationID", "buildStartedOn", "buildFinishedOn"] {
        assert!(metadata[name].take().is_string(), "{name}");
    }
    account
}

const PLATFORMS: &str = "\
FROM scratch AS base-amd64
COPY README /one
FROM scratch AS base-arm64
COPY README more /
FROM base-$TARGETARCH
COPY more /last
";

#[test]
fn each_platform_has_its_own_sizes() {
    let files = [("Dockerfile", PLATFORMS), ("README", "read me\n"), ("more", "more of it\n")];
    let Some(bench) = Bench::with("each_platform_has_its_own_sizes", &files) else { return };
    let platforms = "--platform=linux/amd64,linux/arm64";
    let Some(mut command) = build(&bench, &["--format", "json", "--tag", "two-platforms", platforms]) else {
        return;
    };
    let events = events(&command.output().expect("the companion starts"));
    let built: Vec<&Value> = events.iter().filter(|event| event["event"] == "built").collect();
    let told = built.iter().map(|event| {
        let steps = event["steps"].as_array().expect("its layers can be weighed");
        (event["platform"].as_str().unwrap_or_default(), sizes(steps))
    });
    let expected = [
        ("linux/amd64", vec![(2, 8, true), (6, 11, true)]),
        ("linux/arm64", vec![(4, 19, true), (6, 11, true)]),
    ];
    assert_eq!(told.collect::<Vec<_>>(), expected);
    let ended = |platform: &str| {
        let its = events.iter().filter(|it| it["event"] == "ended" && it["platform"] == platform);
        its.filter_map(|it| it["line"].as_u64()).collect::<Vec<_>>()
    };
    assert_eq!((ended("linux/amd64"), ended("linux/arm64")), (vec![2, 6], vec![4, 6]));

    let args = [platforms, "--save-facts", "measured.json"];
    let mut command = build(&bench, &args).expect("it was there a moment ago");
    let text = stdout(&command.output().expect("the companion starts"));
    assert!(text.contains("unpacked, linux/amd64") && text.contains("download, linux/arm64"), "{text}");

    // Each platform's steps are kept for later estimates.
    let facts = std::fs::read_to_string(bench.folder.path().join("measured.json")).expect("facts are saved");
    let facts: Value = serde_json::from_str(&facts).expect("JSON");
    let kept = facts["measured"].as_array().expect("steps").iter().map(|step| {
        (
            step["platform"].as_str().unwrap_or_default(),
            step["instruction"].as_str().unwrap_or_default(),
            step["unpacked"].as_u64(),
        )
    });
    let expected = [
        ("linux/amd64", "COPY README /one", Some(8)),
        ("linux/amd64", "COPY more /last", Some(11)),
        ("linux/arm64", "COPY README more /", Some(19)),
        ("linux/arm64", "COPY more /last", Some(11)),
    ];
    assert_eq!(kept.collect::<Vec<_>>(), expected);
}

#[test]
fn the_usual_docker_says_why_it_builds_for_one_platform() {
    let files = [("Dockerfile", PLATFORMS), ("README", "read me\n"), ("more", "more of it\n")];
    let Some(bench) = Bench::with("the_usual_docker_says_why", &files) else { return };
    let said = |way: &str| {
        let args = ["--platform=linux/amd64,linux/arm64", "--via", way];
        let output = bench.build(&args).output().expect("the companion starts");
        assert_eq!(output.status.code(), Some(2));
        stderr(&output).to_lowercase()
    };
    let (by_buildx, by_api) = (said("buildx"), said("docker"));
    assert!(by_buildx.contains("multi-platform build is not supported"), "{by_buildx}");
    assert!(by_api.contains("several platforms where docker keeps images its own way"), "{by_api}");
}
