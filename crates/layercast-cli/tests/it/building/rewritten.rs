//! What the assistant writes builds for real, starts the same program, and weighs what was said.

use super::{Bench, stderr, stdout};
use serde_json::Value;

/// What needs packages builds in the network of this machine, as not every machine lets a lab make its own.
const NETWORK: &str = "--network=host";

const GO: &str = "\
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends golang-go && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY go.mod *.go ./
RUN go build -ldflags=\"-s -w\" -o /hello .
ENTRYPOINT [\"/hello\"]
";

/// It serves where it is given an address, as programs of middling size do.
const HELLO: &str = "\
package main

import (
	\"fmt\"
	\"net/http\"
	\"os\"
)

func main() {
	fmt.Println(\"hello\")
	if len(os.Args) > 1 {
		http.ListenAndServe(os.Args[1], nil)
	}
}
";

#[test]
fn a_go_program_parted_from_its_compiler() {
    let files = [("Dockerfile", GO), ("go.mod", "module a.example/hello\n\ngo 1.19\n"), ("main.go", HELLO)];
    let Some(bench) = Bench::with("a_go_program_parted_from_its_compiler", &files) else { return };
    let before = built(&bench, "rewritten-before");
    let mut rewrite = bench.command(env!("CARGO_BIN_EXE_layercast"));
    let args = ["rewrite", "--offline", "--context", ".", "--format", "json", "--write"];
    let output = rewrite.args(args).output().expect("the companion starts");
    let answer: Value = serde_json::from_str(&stdout(&output)).expect("it is JSON");
    let after = built(&bench, "rewritten-after");
    let said = &answer["rewrite"]["after"]["unpacked"];
    let range = said["low"].as_u64().unwrap_or(u64::MAX)..=said["high"].as_u64().unwrap_or(0);
    assert!(range.contains(&after), "{after} bytes, and said were {said}");
    assert!(after < before / 50, "{before} bytes before, {after} after");
}

/// Builds the folder, runs what it built, and gives the image's bytes.
#[track_caller]
fn built(bench: &Bench, tag: &str) -> u64 {
    let docker = || bench.command(bench.lab.join("bin/docker"));
    let build = docker().args(["build", NETWORK, "-q", "-t", tag, "."]).output().expect("docker starts");
    assert!(build.status.success(), "{}", stderr(&build));
    let run = docker().args(["run", "--rm", NETWORK, tag]).output().expect("docker starts");
    assert_eq!(stdout(&run), "hello\n", "{}", stderr(&run));
    bench.history(tag).iter().sum()
}
