//! Real builds through Docker's API: what buildx builds is built here as well, of the same bytes.

use super::daemon::Wire;
use super::{Alone, Bench, check_nothing_is_left, events, interrupt, stderr, stdout, steps, wait};
use serde_json::Value;
use std::process::{Command, Stdio};
use std::time::Instant;

const API: [&str; 4] = ["--via", "docker", "--format", "json"];

fn real(events: &[Value]) -> Vec<(Value, Value)> {
    steps(events).iter().map(|step| (step["line"].clone(), step["unpacked"]["real"].clone())).collect()
}

#[test]
fn both_ways_build_the_same() {
    let file = "FROM busybox AS files\nARG N=1\nRUN seq 1 $N > /numbers\nFROM busybox\nWORKDIR /x\n\
                COPY --from=files /numbers .\nCOPY folder /folder\nRUN --network=none ls -l /folder > list\n";
    let files = [("Dockerfile", file)];
    let Some(bench) = Bench::with("both_ways_build_the_same", &files) else { return };
    let folder = bench.folder.path().join("folder");
    std::fs::create_dir(&folder).expect("it can be made");
    std::fs::write(folder.join("text"), "x".repeat(100_000)).expect("it can be written to");
    std::os::unix::fs::symlink("text", folder.join("link")).expect("it can be made");
    let build = |way: &str, tag: &str| {
        let args = ["--via", way, "--format", "json", "--no-cache", "--tag", tag, "--build-arg", "N=5000"];
        let output = bench.build(&args).output().expect("the companion starts");
        (real(&events(&output)), stderr(&output))
    };
    let (by_buildx, said) = build("buildx", "both-ways-buildx");
    assert!(said.starts_with("builder: docker buildx, builder \"default\"\n"), "{said}");
    let (by_api, said) = build("docker", "both-ways-api");
    assert!(said.starts_with("builder: Docker's API at unix:///"), "{said}");
    assert_eq!(by_api, by_buildx);
    assert_eq!(bench.history("both-ways-api"), bench.history("both-ways-buildx"));
    assert!(by_api.contains(&(7.into(), 100_000.into())), "{by_api:?}");
}

/// The API is the quicker way; buildx builds what only it can, or what is set for it alone.
#[test]
fn the_api_is_chosen_where_buildx_would_do_the_same() {
    let files = [("Dockerfile", "FROM busybox\nRUN true\n")];
    let Some(bench) = Bench::with("the_api_is_chosen", &files) else { return };
    let way = |args: &[&str], set: &[(&str, &str)]| {
        let output = bench.build(args).envs(set.iter().copied()).output().expect("the companion starts");
        let said = stderr(&output);
        said.lines().next().unwrap_or_default().split([' ', ',']).nth(1).unwrap_or_default().to_owned()
    };
    let containerd = format!("unix://{}", bench.lab.join("containerd.sock").display());
    assert_eq!(way(&[], &[]), "Docker's");
    assert_eq!(way(&["--tag", "chosen", "--build-arg", "A=1"], &[]), "Docker's");
    assert_eq!(way(&["--build-context", "other=."], &[]), "Docker's");
    assert_eq!(way(&["--output", "type=local,dest=out"], &[]), "Docker's");
    assert_eq!(way(&["--output", "type=oci,dest=out.tar"], &[]), "docker");
    assert_eq!(way(&["--builder", "default"], &[]), "docker");
    assert_eq!(way(&[], &[("BUILDX_NO_DEFAULT_ATTESTATIONS", "1")]), "docker");
    assert_eq!(way(&[], &[("SOURCE_DATE_EPOCH", "0")]), "docker");
    let platforms = "--platform=linux/amd64,linux/arm64";
    assert_eq!(way(&[platforms], &[]), "docker");
    if bench.lab.join("containerd.sock").exists() {
        assert_eq!(way(&[], &[("DOCKER_HOST", &containerd)]), "Docker's");
        assert_eq!(way(&[platforms], &[("DOCKER_HOST", &containerd)]), "Docker's");
    }
}

/// It may take a twentieth longer. With nothing to do it takes half, though this program is not optimised here.
#[test]
fn a_build_takes_no_longer_than_docker_s() {
    let files = [("Dockerfile", "FROM busybox\nRUN --network=none seq 1 9 > /numbers\nCOPY Dockerfile /\n")];
    let Some(bench) = Bench::with("a_build_takes_no_longer_than_docker_s", &files) else { return };
    let seconds = |mut command: Command| {
        let start = Instant::now();
        let output = command.output().expect("it starts");
        assert!(output.status.success(), "{}", stderr(&output));
        start.elapsed().as_secs_f64()
    };
    for (socket, flags) in bench.sockets().flat_map(|it| [(it.clone(), &[][..]), (it, &["--output=out"][..])])
    {
        let on = |mut command: Command| {
            command.env("DOCKER_HOST", format!("unix://{}", socket.display()));
            command
        };
        let of_docker_s = || {
            let mut docker = bench.command(bench.lab.join("bin/docker"));
            docker.args(["buildx", "build"]).args(flags).arg(".");
            on(docker)
        };
        seconds(of_docker_s());
        let ratio = |_| seconds(on(bench.build(flags))) / seconds(of_docker_s());
        let mut ratios: Vec<f64> = (0..5).map(ratio).collect();
        ratios.sort_by(f64::total_cmp);
        assert!(ratios[2] <= 1.05, "{} {flags:?}: {ratios:?}", socket.display());
    }
}

#[test]
fn the_platform_of_the_environment_holds_by_either_way() {
    let file = "FROM scratch AS amd64\nCOPY one /\nFROM scratch AS arm64\nCOPY other /\nFROM $TARGETARCH\n";
    let files = [("Dockerfile", file), ("one", "1\n"), ("other", "22\n")];
    let Some(bench) = Bench::with("the_platform_of_the_environment", &files) else { return };
    for way in ["docker", "buildx"] {
        let mut build = bench.build(&["--via", way, "--format", "json"]);
        let output =
            build.env("DOCKER_DEFAULT_PLATFORM", "linux/arm64").output().expect("the companion starts");
        assert_eq!(real(&events(&output)), [(4.into(), 3.into())], "{way}: {}", stderr(&output));
    }
}

/// Stages that do the same are one step of the builder's: each of their lines has its time.
#[test]
fn steps_that_stages_share_are_told_by_either_way() {
    let file = "FROM busybox AS one\nRUN seq 1 9 > /numbers\nFROM busybox AS two\nRUN seq 1 9 > /numbers\n\
                COPY --from=one /numbers /more\n";
    let files = [("Dockerfile", file)];
    let Some(bench) = Bench::with("steps_that_stages_share", &files) else { return };
    for way in ["docker", "buildx"] {
        let output = bench.build(&["--via", way, "--format", "json", "--no-cache"]).output();
        let events = events(&output.expect("the companion starts"));
        let told: Vec<(u64, u64, bool)> = steps(&events)
            .iter()
            .map(|step| {
                let number = |value: &Value| value.as_u64().unwrap_or(0);
                (number(&step["line"]), number(&step["unpacked"]["real"]), step["seconds"].is_number())
            })
            .collect();
        assert_eq!(told[1..], [(4, 18, true), (5, 18, true)], "{way}: {told:?}");
    }
}

#[test]
fn without_buildx_the_api_is_chosen() {
    let files = [("Dockerfile", "FROM busybox\nRUN echo said\n")];
    let Some(bench) = Bench::with("without_buildx_the_api_is_chosen", &files) else { return };
    let alone = Alone::with(&files);
    let host = format!("unix://{}", bench.lab.join("docker.sock").display());
    let output = alone.build(&host, &["--no-cache"]).output().expect("the companion starts");
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains(&format!("builder: Docker's API at {host}\n")), "{}", stderr(&output));
    assert!(stdout(&output).contains("    2  │ said\n"), "{}", stdout(&output));
    alone.check_nothing_is_left();
}

#[test]
fn a_context_of_docker_s_says_where() {
    let files = [("Dockerfile", "FROM scratch\nCOPY Dockerfile /\n")];
    let Some(bench) = Bench::with("a_context_of_docker_s_says_where", &files) else { return };
    let config = tempfile::tempdir().expect("a temporary folder can be made");
    let meta = config.path().join("contexts/meta/aa");
    std::fs::create_dir_all(&meta).expect("it can be made");
    let host = format!("unix://{}", bench.lab.join("docker.sock").display());
    let text = format!(r#"{{"Name": "lab", "Endpoints": {{"docker": {{"Host": "{host}"}}}}}}"#);
    std::fs::write(meta.join("meta.json"), text).expect("it can be written to");
    let build = |context: &str| {
        let mut build = bench.build(&API);
        build.env_remove("DOCKER_HOST").env("DOCKER_CONFIG", config.path()).env("DOCKER_CONTEXT", context);
        build.output().expect("the companion starts")
    };
    let output = build("lab");
    assert!(stderr(&output).contains(&format!("builder: Docker's API at {host}\n")), "{}", stderr(&output));
    assert_eq!(real(&events(&output)), [(2.into(), 31.into())]);
    let text = stderr(&build("other"));
    assert!(text.contains("failed to reach Docker: there is no context `other`"), "{text}");
}

#[test]
fn the_ignore_file_holds_and_the_dockerfile_may_lie_elsewhere() {
    let files = [
        ("keep", "kept"),
        ("drop.log", "dropped"),
        (".dockerignore", "*.log\nDockerfile\n"),
        ("Dockerfile", "FROM nothing-of-the-kind\n"),
    ];
    let Some(bench) = Bench::with("the_ignore_file_holds", &files) else { return };
    let elsewhere = tempfile::tempdir().expect("a temporary folder can be made");
    let file = elsewhere.path().join("other.Dockerfile");
    std::fs::write(&file, "FROM busybox\nCOPY . /all\nRUN ls -A /all\n").expect("it can be written to");
    let file = file.to_string_lossy().into_owned();
    let args = [&API[..], &["--no-cache", "--file", &file]].concat();
    let events = events(&bench.build(&args).output().expect("the companion starts"));
    let printed: Vec<_> = events.iter().filter_map(|event| event["text"].as_str()).collect();
    assert_eq!(printed, [".dockerignore", "keep"]);
}

#[test]
fn a_secret_reaches_its_step_and_nothing_else() {
    let file = "FROM busybox\nRUN --mount=type=secret,id=token,required=true \\\n    \
                --mount=type=secret,id=file wc -c /run/secrets/token /run/secrets/file\n\
                RUN --mount=type=ssh test -S $SSH_AUTH_SOCK && false\n";
    let files = [("Dockerfile", file)];
    let Some(bench) = Bench::with("a_secret_reaches_its_step", &files) else { return };
    let elsewhere = tempfile::tempdir().expect("a temporary folder can be made");
    let secret = "not-to-be-seen-4711";
    let path = elsewhere.path().join("secret");
    std::fs::write(&path, secret.repeat(2)).expect("it can be written to");
    let agent = elsewhere.path().join("agent");
    let _agent = std::os::unix::net::UnixListener::bind(&agent).expect("a socket can be made");
    for way in ["docker", "buildx"] {
        let from_file = format!("id=file,src={}", path.display());
        let flags = ["--secret", "id=token,env=TOKEN", "--secret", &from_file, "--ssh", "default"];
        let args = [&["--via", way, "--format", "json", "--no-cache"][..], &flags].concat();
        let mut build = bench.build(&args);
        build.env("TOKEN", secret).env("SSH_AUTH_SOCK", &agent);
        let output = build.output().expect("the companion starts");
        // The last step fails, as it comes to `false`: errors are looked at too.
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        let text = stdout(&output);
        assert!(text.contains("19 /run/secrets/token") && text.contains("38 /run/secrets/file"), "{text}");
        assert!(text.contains("exit code: 1"), "{text}");
        assert!(!format!("{text}{}", stderr(&output)).contains(secret), "{way}");
    }
}

#[test]
fn an_agent_is_spoken_to_from_a_step() {
    use std::io::{Read, Write};
    let ask = "use IO::Socket::UNIX; my $s = IO::Socket::UNIX->new($ENV{SSH_AUTH_SOCK}) or die; \
               syswrite $s, pack(q(NC), 1, 11); sysread $s, my $r, 9; print unpack(q(H*), $r), qq(\\n)";
    let file = format!("FROM debian:bookworm\nRUN --mount=type=ssh perl -e '{ask}'\n");
    let files = [("Dockerfile", file.as_str())];
    let Some(bench) = Bench::with("an_agent_is_spoken_to_from_a_step", &files) else { return };
    let elsewhere = tempfile::tempdir().expect("a temporary folder can be made");
    let path = elsewhere.path().join("agent");
    let agent = std::os::unix::net::UnixListener::bind(&path).expect("a socket can be made");
    std::thread::spawn(move || {
        for mut stream in agent.incoming().map_while(Result::ok) {
            // It is asked for its keys, and has none.
            let mut asked = [0; 5];
            if stream.read_exact(&mut asked).is_ok() && asked == [0, 0, 0, 1, 11] {
                let _ = stream.write_all(&[0, 0, 0, 5, 12, 0, 0, 0, 0]);
            }
        }
    });
    let agent = format!("default={}", path.display());
    let args = [&API[..], &["--no-cache", "--ssh", &agent]].concat();
    let events = events(&bench.build(&args).output().expect("the companion starts"));
    assert!(events.iter().any(|event| event["text"] == "000000050c00000000"), "{events:?}");
}

#[test]
fn two_builds_at_once_do_not_disturb_each_other() {
    let files = [("Dockerfile", "FROM busybox\nARG WHO\nRUN echo $WHO && sleep 1\nCOPY . /all\n")];
    let Some(bench) = Bench::with("two_builds_at_once", &files) else { return };
    let start = |way: &str, who: &str| {
        let mut build = bench.build(&["--via", way, "--no-cache", "--build-arg", &format!("WHO={who}")]);
        build.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the companion starts")
    };
    let both = [start("docker", "one"), start("docker", "two"), start("buildx", "three")];
    for (child, who) in both.into_iter().zip(["one", "two", "three"]) {
        let output = child.wait_with_output().expect("the companion ends");
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(stdout(&output).contains(&format!("    3  │ {who}\n")), "{}", stdout(&output));
    }
}

/// Processes with these words at the end of their command.
fn n_running(words: &str) -> usize {
    let all = Command::new("ps").args(["-eo", "args"]).output().expect("ps starts");
    stdout(&all).lines().filter(|line| line.ends_with(words)).count()
}

#[test]
fn a_context_of_200_000_files_is_told_of_and_not_sent() {
    let files = [("Dockerfile", "FROM busybox\nCOPY 7/9 /\nRUN cat /9\n")];
    let Some(bench) = Bench::with("a_context_of_200_000_files", &files) else { return };
    for folder in 0..200 {
        let folder = bench.folder.path().join(folder.to_string());
        std::fs::create_dir(&folder).expect("it can be made");
        for file in 0..1000 {
            std::fs::write(folder.join(file.to_string()), "text\n").expect("it can be written to");
        }
    }
    for way in ["docker", "buildx"] {
        let output = bench.build(&["--via", way, "--no-cache"]).output().expect("the companion starts");
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(stdout(&output).contains("    3  │ text\n"), "{}", stdout(&output));
    }
}

#[test]
fn a_registry_that_says_nothing_does_not_hold_up_the_end() {
    let files = [("Dockerfile", "FROM busybox\nRUN true\n")];
    let Some(bench) = Bench::with("a_registry_that_says_nothing", &files) else { return };
    let registry = std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let mirror = format!("docker.io=http://{}", registry.local_addr().expect("it has an address"));
    let cache = tempfile::tempdir().expect("a temporary folder can be made");
    let cache = cache.path().to_string_lossy().into_owned();
    let mut build = bench.command(env!("CARGO_BIN_EXE_layercast"));
    build.args(["build", "--registry-timeout=600", "--registry-mirror", &mirror, "--cache-dir", &cache, "."]);
    let start = std::time::Instant::now();
    let output = build.output().expect("the companion starts");
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stdout(&output).contains("the image"), "{}", stdout(&output));
    assert!(start.elapsed() < std::time::Duration::from_secs(300), "it waited for the registry");
}

#[test]
fn an_interrupt_in_a_step_ends_the_step() {
    let files = [("Dockerfile", "FROM busybox\nRUN sleep 4343\n")];
    let Some(bench) = Bench::with("an_interrupt_in_a_step_ends_the_step", &files) else { return };
    for way in ["docker", "buildx"] {
        let scratch = tempfile::tempdir().expect("a temporary folder can be made");
        let mut build = bench.build(&["--via", way]);
        build.env("TMPDIR", scratch.path()).stdout(Stdio::null()).stderr(Stdio::piped());
        let child = build.spawn().expect("the companion starts");
        wait("the step begins", &|| n_running("sleep 4343") > 0);
        let output = interrupt(child);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("failed to build: interrupted"), "{}", stderr(&output));
        wait("the step ends", &|| n_running("sleep 4343") == 0);
        check_nothing_is_left(scratch.path());
    }
}

#[test]
fn an_interrupt_while_the_context_is_sent_leaves_nothing() {
    let files = [("Dockerfile", "FROM scratch\nCOPY . /\n")];
    let Some(bench) = Bench::with("an_interrupt_while_the_context_is_sent", &files) else { return };
    let large = std::fs::File::create(bench.folder.path().join("large")).expect("it can be made");
    large.set_len(64 << 30).expect("it can be as long as one likes, with nothing in it");
    for way in ["docker", "buildx"] {
        let scratch = tempfile::tempdir().expect("a temporary folder can be made");
        let mut build = bench.build(&["--via", way, "--format", "json"]);
        build.env("TMPDIR", scratch.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = build.spawn().expect("the companion starts");
        let mut lines =
            std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().expect("a pipe")));
        assert!(lines.any(|line| line.is_ok_and(|line| line.contains("load build context"))), "{way}");
        std::thread::sleep(std::time::Duration::from_millis(300));
        let output = interrupt(child);
        assert!(stderr(&output).contains("failed to build: interrupted"), "{}", stderr(&output));
        check_nothing_is_left(scratch.path());
    }
}

#[test]
fn a_daemon_that_is_lost_while_it_builds_is_told_of() {
    let files = [("Dockerfile", "FROM busybox\nRUN echo begun && sleep 4445\n")];
    let Some(bench) = Bench::with("a_daemon_that_is_lost_while_it_builds", &files) else { return };
    let alone = Alone::with(&files);
    let sockets = tempfile::tempdir().expect("a temporary folder can be made");
    let wire = Wire::to(bench.lab.join("docker.sock"), sockets.path().join("docker.sock"));
    let mut build = alone.build(&format!("unix://{}", wire.socket.display()), &[]);
    let child = build.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the companion starts");
    wait("the step begins", &|| n_running("sleep 4445") > 0);
    wire.cut();
    let output = child.wait_with_output().expect("the companion ends");
    assert_eq!(output.status.code(), Some(2));
    let text = stderr(&output);
    assert!(text.contains("was lost before the build was over"), "{text}");
    assert!(text.contains("see that Docker still runs, and build again"), "{text}");
    wait("the step ends", &|| n_running("sleep 4445") == 0);
    alone.check_nothing_is_left();
}

/// BuildKit sends the whole file along with its error.
#[test]
fn a_step_that_fails_in_a_long_file_is_told_of() {
    let comments = "# nothing is said here, and said at length, again and again\n".repeat(5000);
    let file = format!("FROM busybox\n{comments}RUN --network=none exit 7\n");
    let files = [("Dockerfile", file.as_str())];
    let Some(bench) = Bench::with("a_step_that_fails_in_a_long_file", &files) else { return };
    let output = bench.build(&["--via", "docker"]).output().expect("the companion starts");
    let text = stdout(&output);
    assert!(text.contains("this command ended with exit code: 7\n    --> ./Dockerfile:5002:1\n"), "{text}");
}

#[test]
fn a_builder_that_is_killed_is_told_of() {
    let files = [("Dockerfile", "FROM busybox\nRUN sleep 4444\n")];
    let Some(bench) = Bench::with("a_builder_that_is_killed_is_told_of", &files) else { return };
    let scratch = tempfile::tempdir().expect("a temporary folder can be made");
    let mut build = bench.build(&["--via", "buildx"]);
    build.env("TMPDIR", scratch.path()).stdout(Stdio::null()).stderr(Stdio::piped());
    let child = build.spawn().expect("the companion starts");
    wait("the step begins", &|| n_running("sleep 4444") > 0);
    let killed = Command::new("pkill").args(["-KILL", "-P", &child.id().to_string()]).status();
    assert!(killed.expect("pkill starts").success());
    let output = child.wait_with_output().expect("the companion ends");
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("was ended from outside"), "{}", stderr(&output));
    wait("the step ends", &|| n_running("sleep 4444") == 0);
    check_nothing_is_left(scratch.path());
}
