//! `--output`: what comes of a build as files of this machine, by either way.

use super::{Bench, events, interrupt, stderr, stdout, steps, wait};
use serde_json::Value;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Everything that BuildKit sends: links of both kinds, rights, times, a pipe, names and lengths of all sorts.
const FILES: &str = "FROM busybox AS made
RUN --network=none mkdir -p /out/a/empty /out/closed && cd /out && seq 1 99999 > a/long && : > a/none \\
    && ln -s long a/link && ln a/long second && mkfifo pipe && echo \"read me\" > \"a/name é\" \\
    && chmod 4750 a/long && touch -d '2001-02-03 04:05:06' a a/none closed && chmod 500 closed
FROM scratch
COPY --from=made /out /
";

/// What lies in a folder, a line each: rights, time to the nanosecond, names, and what it holds. buildx loses the time of
/// a folder now and then, as it writes into it.
fn tree(root: &Path) -> Vec<String> {
    let mut told = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("it is a folder") {
            let path = entry.expect("it can be read").path();
            let it = path.symlink_metadata().expect("it is there");
            let holds = match it.file_type() {
                kind if kind.is_symlink() => format!("{:?}", std::fs::read_link(&path).expect("a link")),
                kind if !kind.is_file() => String::new(),
                _ => format!("{} names, {:?}", it.nlink(), std::fs::read(&path).expect("it is a file").len()),
            };
            let name = path.strip_prefix(root).expect("it is inside").display();
            if it.is_dir() {
                told.push(format!("{name} {:o}", it.mode()));
                folders.push(path);
            } else {
                told.push(format!("{name} {:o} {}.{:09} {holds}", it.mode(), it.mtime(), it.mtime_nsec()));
            }
        }
    }
    told.sort();
    told
}

fn check_built(mut build: Command) -> String {
    let output = build.output().expect("the companion starts");
    assert!(output.status.success(), "{}", stderr(&output));
    stderr(&output).lines().next().unwrap_or_default().to_owned()
}

#[test]
fn a_folder_is_filled_alike_by_either_way() {
    let Some(bench) = Bench::with("a_folder_is_filled_alike", &[("Dockerfile", FILES)]) else { return };
    for socket in bench.sockets() {
        let written = |way: &str, folder: &str| {
            let mut build = bench.build(&["--via", way, "--output", folder]);
            build.env("DOCKER_HOST", format!("unix://{}", socket.display()));
            check_built(build);
            tree(&bench.folder.path().join(folder))
        };
        let by_api = written("docker", "by-api");
        assert_eq!(by_api, written("buildx", "by-buildx"), "{}", socket.display());
        assert_eq!(by_api, written("docker", "by-api"), "over what lies there, {}", socket.display());
        let pipe = by_api.iter().any(|line| line.starts_with("pipe 1"));
        assert!(by_api.len() == 9 && pipe, "{by_api:#?}");
        let folder = bench.folder.path().join("by-api/a").metadata().expect("it is there");
        assert_eq!(folder.mtime(), 981_173_106);
    }
}

/// A builder names files faster than they can be written: none of its words may be taken for a flood.
#[test]
fn a_folder_of_many_small_files_comes_whole() {
    let file = "FROM busybox AS made\nRUN --network=none mkdir /out && cd /out && seq 20000 | xargs touch\n\
                FROM scratch\nCOPY --from=made /out /\n";
    let Some(bench) = Bench::with("a_folder_of_many_small_files", &[("Dockerfile", file)]) else { return };
    for socket in bench.sockets() {
        let mut build = bench.build(&["--via", "docker", "--output", "out"]);
        build.env("DOCKER_HOST", format!("unix://{}", socket.display()));
        check_built(build);
        let folder = std::fs::read_dir(bench.folder.path().join("out")).expect("it was made");
        assert_eq!(folder.count(), 20_000);
    }
}

#[test]
fn where_the_files_are_is_said() {
    let Some(bench) = Bench::with("where_the_files_are_is_said", &[("Dockerfile", FILES)]) else { return };
    let output = bench.build(&["--output", "out"]).output().expect("the companion starts");
    let expected =
        "\nbuilt into out; files alone do not tell of which step they are, so steps cannot be weighed\n";
    assert!(stdout(&output).ends_with(expected), "{}", stdout(&output));
}

#[test]
fn an_archive_is_the_same_by_either_way() {
    let Some(bench) = Bench::with("an_archive_is_the_same", &[("Dockerfile", FILES)]) else { return };
    let written = |way: &str, name: &str| {
        check_built(bench.build(&["--via", way, "--output", &format!("type=tar,dest={name}")]));
        std::fs::read(bench.folder.path().join(name)).expect("it was written")
    };
    let by_api = written("docker", "by-api.tar");
    assert!(by_api == written("buildx", "by-buildx.tar"), "they differ");
    let mut archive = tar::Archive::new(by_api.as_slice());
    let mut names = archive.entries().expect("it is an archive").flatten();
    assert!(names.any(|entry| entry.path().is_ok_and(|path| path.ends_with("name é"))));
}

/// What is in the file is weighed, and the same builder may keep no image at all.
#[test]
fn an_image_in_a_file_is_weighed_by_either_way() {
    let file = "FROM busybox\nRUN --network=none seq 1 99999 > /numbers\nCOPY Dockerfile /more\n";
    let Some(bench) = Bench::with("an_image_in_a_file", &[("Dockerfile", file)]) else { return };
    let build = |way: &str, kind: &str, name: &str, socket: &Path| {
        let output = format!("type={kind},dest={name}");
        let mut build =
            bench.build(&["--via", way, "--format", "json", "--output", &output, "--tag", "kept"]);
        build.env("DOCKER_HOST", format!("unix://{}", socket.display()));
        build.output().expect("the companion starts")
    };
    let real = |output: &Output| -> Vec<(Value, Value)> {
        assert!(output.status.success(), "{}", stderr(output));
        let events = events(output);
        steps(&events)
            .iter()
            .map(|it| (it["unpacked"]["real"].clone(), it["download"]["real"].clone()))
            .collect()
    };
    let sockets: Vec<_> = bench.sockets().collect();
    let refused = stderr(&build("docker", "oci", "refused.tar", &sockets[0]));
    assert!(
        refused.contains("does not take an image in a file where Docker keeps images its own way\n"),
        "{refused}"
    );
    let Some(socket) = sockets.get(1) else { return };
    for kind in ["oci", "docker"] {
        let by_api = real(&build("docker", kind, "by-api.tar", socket));
        assert_eq!(by_api, real(&build("buildx", kind, "by-buildx.tar", socket)), "{kind}");
        let unpacked: Vec<_> = by_api.iter().map(|(unpacked, _)| unpacked.clone()).collect();
        assert_eq!(unpacked[1..], [Value::from(588_888), Value::from(file.len())], "{kind}: {by_api:?}");
        assert!(by_api.iter().all(|(_, download)| download.as_u64() > Some(0)), "{kind}: {by_api:?}");
    }
}

#[test]
fn several_platforms_have_a_folder_each() {
    let file = "FROM scratch\nARG TARGETARCH\nCOPY $TARGETARCH /\n";
    let files = [("Dockerfile", file), ("amd64", "1\n"), ("arm64", "22\n")];
    let Some(bench) = Bench::with("several_platforms_have_a_folder_each", &files) else { return };
    // The usual Docker builds for one.
    let Some(socket) = bench.sockets().nth(1) else { return };
    let mut build = bench.build(&["--platform=linux/amd64,linux/arm64", "--output=type=local,dest=out"]);
    build.env("DOCKER_HOST", format!("unix://{}", socket.display()));
    let way = check_built(build);
    assert!(way.starts_with("builder: Docker's API"), "{way}");
    let held = |path: &str| std::fs::read_to_string(bench.folder.path().join("out").join(path)).ok();
    assert_eq!(held("linux_amd64/amd64").as_deref(), Some("1\n"));
    assert_eq!(held("linux_arm64/arm64").as_deref(), Some("22\n"));
}

#[test]
fn what_cannot_be_written_to_is_told_with_what_to_do() {
    let files = [("Dockerfile", "FROM scratch\nCOPY file /\n"), ("file", "kept\n")];
    let Some(bench) = Bench::with("what_cannot_be_written_to", &files) else { return };
    let check = |output: &str, expected: &str| {
        let told =
            bench.build(&["--via", "docker", "--output", output]).output().expect("the companion starts");
        let text = stderr(&told);
        assert_eq!(told.status.code(), Some(2), "{output}: {text}");
        assert!(text.contains(expected), "{output}: {text}");
    };
    check(
        "file",
        "failed to write the result to file: a file is in its way\n  note: type=local fills a folder",
    );
    check("type=tar,dest=.", "failed to write the result to .: it is a folder\n");
    check("type=local,dest=file/in", "failed to write the result to file/in: a file is in its way\n");
    check(
        "type=tar,dest=no/out.tar",
        "failed to write the result to no/out.tar: there is no folder for it\n",
    );
    check("/proc/out", "failed to build: /proc/out cannot be written: No such file or directory");
    check("-", "failed to build: the result and this report cannot both go to stdout\n  note: name a file");
    check("type=oci,dest=out,tar=false", "Docker's API does not take such an output");
    assert_eq!(std::fs::read_to_string(bench.folder.path().join("file")).ok().as_deref(), Some("kept\n"));
}

/// A part of an archive is of no use to anybody.
#[test]
fn an_archive_that_is_given_up_leaves_nothing() {
    let file = "FROM busybox AS made\nRUN --network=none dd if=/dev/zero of=/big bs=1M count=400 2> /dev/null\n\
                FROM scratch\nCOPY --from=made /big /\n";
    let Some(bench) = Bench::with("an_archive_that_is_given_up", &[("Dockerfile", file)]) else { return };
    let archive = bench.folder.path().join("out.tar");
    let mut build = bench.build(&["--via", "docker", "--output", "type=tar,dest=out.tar"]);
    let child = build.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the companion starts");
    wait("the archive is begun", &|| archive.metadata().is_ok_and(|it| it.len() > 0));
    let output = interrupt(child);
    assert!(stderr(&output).contains("failed to build: interrupted"), "{}", stderr(&output));
    assert!(!archive.exists(), "half an archive is left");
}
