//! What a build measured, the next estimate knows: to the byte where nothing changed, near where something did.

use super::{Bench, stdout};
use serde_json::Value;

const FILE: &str = "\
FROM busybox
COPY README /
RUN seq 1 100000 > /numbers
RUN gzip -1 -c /numbers > /packed
";

/// The layers of an estimate, with what the last build measured and without it.
fn layers(bench: &Bench, facts: &str) -> Vec<Value> {
    let mut command = bench.command(env!("CARGO_BIN_EXE_layercast"));
    let args = ["estimate", "--offline", "--format", "json", "--context", ".", "--facts", facts];
    let output = command.args(args).output().expect("the companion starts");
    let answer: Value = serde_json::from_str(&stdout(&output)).expect("an estimate is JSON");
    answer["layers"].as_array().expect("there are layers").clone()
}

fn range(layer: &Value) -> [Option<u64>; 3] {
    ["low", "likely", "high"].map(|side| layer["unpacked"][side].as_u64())
}

#[test]
fn a_measured_step_is_exact_and_one_that_changed_is_near() {
    let files = [
        ("Dockerfile", FILE),
        ("README", "read me\n"),
        (".dockerignore", "*.json\nDockerfile\n"),
        ("none.json", "{\"version\": 1}"),
    ];
    let test = "a_measured_step_is_exact_and_one_that_changed_is_near";
    let Some(bench) = Bench::with(test, &files) else { return };
    let build = |tag: &str| {
        let output = bench.build(&["--tag", tag, "--save-facts", "measured.json", "--calibrate"]).output();
        let output = output.expect("the companion starts");
        assert!(output.status.success(), "{}", stdout(&output));
        // The proposal comes last: of these steps no rule of thumb told.
        let last = stdout(&output).lines().last().unwrap_or_default().to_owned();
        assert!(last.starts_with("no measured step tells of an estimator"), "{last}");
    };
    build("measured-once");
    let history = bench.history("measured-once");
    let exact: Vec<[Option<u64>; 3]> = layers(&bench, "measured.json").iter().skip(1).map(range).collect();
    let real: Vec<[Option<u64>; 3]> =
        history.iter().rev().take(3).rev().map(|bytes| [Some(*bytes); 3]).collect();
    assert_eq!(exact, real);

    std::fs::write(bench.folder.path().join("Dockerfile"), FILE.replace("gzip -1", "gzip -9"))
        .expect("the folder can be written to");
    let without = range(&layers(&bench, "none.json")[3]);
    let [low, likely, high] = range(&layers(&bench, "measured.json")[3]);
    build("measured-twice");
    let real = *bench.history("measured-twice").last().expect("there is a history");
    assert!(low <= Some(real) && Some(real) <= high, "{low:?} {likely:?} {high:?}, really {real}");
    eprintln!("{test}: without {without:?}, with {low:?} {likely:?} {high:?}, really {real}");
}
