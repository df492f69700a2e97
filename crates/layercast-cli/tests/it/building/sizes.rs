//! What a build says of sizes, beside what Docker and the registry say.

use super::{Bench, events, steps};
use serde_json::Value;
use std::collections::BTreeMap;

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
