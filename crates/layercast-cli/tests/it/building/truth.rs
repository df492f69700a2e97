//! The truth of each kind of instruction, to the byte what `docker history` says.

use super::{Bench, events, steps};
use serde_json::Value;
use std::collections::BTreeMap;

/// Builds, and compares each step of the image with the history. `lines` are those of the entries that the file makes,
/// oldest first; what is older belongs to the base, at line `from`.
#[track_caller]
pub(super) fn check(bench: &Bench, tag: &str, args: &[&str], from: usize, lines: &[usize]) -> Vec<Value> {
    let mut all = vec!["--format", "json", "--tag", tag];
    all.extend(args);
    let events = events(&bench.build(&all).output().expect("the companion starts"));
    let steps = steps(&events);
    let history = bench.history(tag);
    let n_base = history.len().checked_sub(lines.len()).expect("an entry for each line");
    let mut expected: BTreeMap<usize, u64> = BTreeMap::new();
    for (at, bytes) in history.iter().enumerate() {
        let line = at.checked_sub(n_base).map_or(from, |at| lines[at]);
        *expected.entry(line).or_default() += bytes;
    }
    let line = |step: &Value| step["line"].as_u64().and_then(|line| usize::try_from(line).ok());
    let told = steps.iter().map(|step| (line(step).unwrap_or(0), step["unpacked"]["real"].as_u64()));
    let told: BTreeMap<usize, Option<u64>> = told.collect();
    for (line, bytes) in expected {
        // What adds nothing need not be told.
        let real = told.get(&line).copied().unwrap_or(Some(0));
        assert_eq!(real, Some(bytes), "line {line} of {told:?}, {history:?}");
    }
    steps
}

/// Those that weigh something.
fn heavy(steps: &[Value]) -> Vec<(u64, u64)> {
    let sizes = steps.iter().map(|step| (step["line"].as_u64(), step["unpacked"]["real"].as_u64()));
    sizes.filter_map(|(line, real)| Some((line?, real.filter(|real| *real > 0)?))).collect()
}

#[test]
fn every_kind_of_instruction() {
    let file = "\
FROM busybox AS numbers
RUN seq 1 10 > /numbers
FROM scratch
COPY --from=numbers /bin /bin
SHELL [\"/bin/sh\", \"-ec\"]
ARG COUNT=30
ENV A=1 B=2
RUN seq 1 $COUNT > /counted
RUN true
MAINTAINER me
HEALTHCHECK NONE
EXPOSE 80
VOLUME /volume
STOPSIGNAL TERM
LABEL a=b \\
  c=d
COPY --link README /linked/
copy --from=numbers --chmod=600 /numbers /copied/
ADD README /added
WORKDIR /
WORKDIR made
RUN <<FIRST cat > /heredoc && cat <<SECOND >> /heredoc
one
FIRST
two
SECOND
COPY <<A <<B /files/
aaa
A
bb
B
USER 1000
ENTRYPOINT [\"/bin/sh\"]
CMD [\"-c\", \"true\"]
";
    let files = [("Dockerfile", file), ("README", "read me\n")];
    let Some(bench) = Bench::with("every_kind_of_instruction", &files) else { return };
    let lines = [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 22, 27, 32, 33, 34];
    let steps = check(&bench, "every-kind", &[], 3, &lines);
    let own: Vec<(u64, u64)> = heavy(&steps).into_iter().filter(|(line, _)| *line > 4).collect();
    assert_eq!(own, [(8, 81), (17, 8), (18, 21), (19, 8), (22, 8), (27, 7)]);
    assert!(steps.iter().all(|step| step["line"] == 3 || !step["seconds"].is_null()), "{steps:?}");
}

#[test]
fn what_a_stage_has_the_next_one_run() {
    let file = "\
FROM busybox AS below
WORKDIR /below
ONBUILD RUN seq 1 50 > numbers
ONBUILD ENV A=1
ONBUILD COPY README .
FROM below AS child
RUN seq 1 9 > more
FROM child
RUN seq 1 8 > most
";
    let files = [("Dockerfile", file), ("README", "read me\n")];
    let Some(bench) = Bench::with("what_a_stage_has_the_next_one_run", &files) else { return };
    let steps = check(&bench, "onbuild-stage", &[], 1, &[2, 6, 6, 6, 7, 9]);
    assert_eq!(heavy(&steps)[1..], [(6, 141 + 8), (7, 18), (9, 16)]);
}

#[test]
fn what_a_base_image_has_the_next_one_run() {
    let file = "FROM busybox\nONBUILD COPY README /\nONBUILD RUN seq 1 50 > /numbers\n";
    let files = [("Dockerfile", file), ("README", "read me\n")];
    let Some(bench) = Bench::with("what_a_base_image_has_the_next_one_run", &files) else { return };
    let port = std::fs::read_to_string(bench.lab.join("registry.port")).expect("the lab has a registry");
    let base = format!("127.0.0.1:{port}/building/onbuild:1");
    let pushed = bench.build(&["--push", "--tag", &base]).output().expect("the companion starts");
    assert!(pushed.status.success(), "{}", super::stderr(&pushed));
    let child = format!("FROM {base} AS child\nRUN seq 1 9 > /more\nRUN seq 1 8 > /most\n");
    std::fs::write(bench.folder.path().join("Dockerfile"), child).expect("the folder can be written to");
    let output = bench.build(&["--format", "json", "--tag", "onbuild-image"]).output();
    let events = events(&output.expect("the companion starts"));
    let own: Vec<u64> = bench.history("onbuild-image").into_iter().rev().take(4).collect();
    assert_eq!(own, [16, 18, 141, 8]);
    let steps = heavy(&steps(&events));
    assert_eq!((steps[1], steps[2]), ((2, 18), (3, 16)));
    assert!(steps[0].1 > 141 + 8, "{steps:?}");
    // The numbers of BuildKit's names count what the base has run.
    let began = |line: u64| events.iter().filter(move |it| it["event"] == "began" && it["line"] == line);
    assert!(began(1).any(|it| it["step"].as_str().is_some_and(|step| step.contains("ONBUILD RUN"))));
    for line in [2, 3] {
        assert_eq!(began(line).count(), 1, "{events:?}");
    }
}
