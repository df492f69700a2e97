//! Whole Dockerfiles of the kinds that people write, built for real. Packages come from the mirror that the lab's
//! images are set up with.

use super::truth::check;
use super::{Bench, events, stderr, stdout};
use serde_json::Value;

/// What needs packages builds in the network of this machine, as not every machine lets a lab make its own.
const NETWORK: &str = "--network=host";

const C: &str = "\
FROM debian:bookworm-slim AS build
RUN apt-get update \\
 && apt-get install -y --no-install-recommends gcc libc6-dev \\
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY hello.c .
RUN gcc -O2 -static -s -o hello hello.c
RUN ./hello

FROM scratch
COPY --from=build /src/hello /hello
ENTRYPOINT [\"/hello\"]
";

const HELLO: &str = "\
#include <stdio.h>
int main(void) { puts(\"hello\"); return 0; }
";

#[test]
fn a_program_in_c_on_an_empty_image() {
    let files = [("Dockerfile", C), ("hello.c", HELLO)];
    let Some(bench) = Bench::with("a_program_in_c_on_an_empty_image", &files) else { return };
    let tag = "whole-c";
    let steps = check(&bench, tag, &[NETWORK], 10, &[11, 12]);
    assert_eq!(steps.len(), 1, "the image is one program: {steps:?}");
    let bytes = steps[0]["unpacked"]["real"].as_u64().unwrap_or(0);
    assert!((10_000..5_000_000).contains(&bytes), "{bytes}");
    let mut docker = bench.command(bench.lab.join("bin/docker"));
    let output = docker.args(["run", "--rm", NETWORK, tag]).output().expect("docker starts");
    assert_eq!(stdout(&output), "hello\n", "{}", stderr(&output));

    // Nothing is left to do the second time, and the sizes are the same.
    let again = check(&bench, tag, &[NETWORK], 10, &[11, 12]);
    assert_eq!(again[0]["unpacked"]["real"], bytes);
    assert_eq!(again[0]["cached"], true, "{again:?}");
}

const APT: &str = "\
FROM debian:bookworm-slim
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get update \\
 && apt-get install -y --no-install-recommends tree netcat-openbsd \\
 && rm -rf /var/lib/apt/lists/*
RUN tree --version
";

#[test]
fn packages_of_debian() {
    let Some(bench) = Bench::with("packages_of_debian", &[("Dockerfile", APT)]) else { return };
    let steps = check(&bench, "whole-apt", &[NETWORK], 1, &[2, 3, 6]);
    let apt = steps.iter().find(|step| step["line"] == 3).expect("apt makes a layer");
    let likely = apt["unpacked"]["estimated"]["likely"].as_u64();
    assert!(likely.is_some_and(|likely| likely > 100_000), "{apt}");
}

const TARGETS: &str = "\
FROM busybox AS base
WORKDIR /app
COPY app .

FROM base AS dev
RUN seq 1 2000 > debugger
CMD [\"./app\"]

FROM base AS test
COPY test .
RUN ./test > report

FROM scratch AS prod
COPY --from=base /bin /bin
COPY --from=test /app/report /report
COPY --from=base /app /app
";

#[test]
fn one_file_for_development_tests_and_production() {
    let app = "#!/bin/sh\necho app\n";
    let test = "#!/bin/sh\ncat app && echo tested\n";
    let files = [("Dockerfile", TARGETS), ("app", app), ("test", test)];
    let Some(bench) = Bench::with("one_file_for_development", &files) else { return };
    for name in ["app", "test"] {
        make_executable(&bench.folder.path().join(name));
    }
    let build = |target: &str, from, lines: &[usize]| {
        let steps = check(&bench, &format!("whole-{target}"), &["--target", target], from, lines);
        let sizes = steps.iter().map(|step| (step["line"].as_u64(), step["unpacked"]["real"].as_u64()));
        let sizes = sizes.filter_map(|(line, real)| Some((line?, real?)));
        sizes.filter(|(line, real)| *line > 3 && *real > 0).collect::<Vec<_>>()
    };
    let n_app = app.len() as u64;
    assert_eq!(build("dev", 1, &[2, 3, 6, 7]), [(6, 8893)]);
    assert_eq!(build("test", 1, &[2, 3, 10, 11]), [(10, test.len() as u64), (11, n_app + 7)]);
    let prod = build("prod", 13, &[14, 15, 16]);
    assert_eq!((prod.len(), prod[1], prod[2]), (3, (15, n_app + 7), (16, n_app)));

    // Only what the target needs is run.
    let output = bench.build(&["--format", "json", "--target", "dev", "--no-cache"]).output();
    let events = events(&output.expect("the companion starts"));
    let lines: Vec<&Value> =
        events.iter().filter(|it| it["event"] == "began").map(|it| &it["line"]).collect();
    assert!(lines.contains(&&6.into()) && !lines.contains(&&11.into()), "{lines:?}");
}

fn make_executable(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    let permissions = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(path, permissions).expect("it is ours");
}
