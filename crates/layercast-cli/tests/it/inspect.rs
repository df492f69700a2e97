//! `layercast inspect`.

use crate::check::Workshop;
use expect_test::expect;
use serde_json::Value;
use std::process::{Command, Stdio};

const TWO_STAGES: &str =
    "FROM golang:1.22 AS build\nRUN go build -o /app .\n\nFROM scratch\nCOPY --from=build /app /app\n";

#[track_caller]
fn answers(lines: &str) -> Vec<Value> {
    lines.lines().map(|line| serde_json::from_str(line).expect("each line is an object")).collect()
}

#[test]
fn stages_and_what_they_take_from_where() {
    Workshop::with(&[("Dockerfile", TWO_STAGES)]).check(
        "inspect",
        expect![[r#"
            $ layercast inspect
            exit: 0
            --- stdout ---
            Dockerfile ▸ 2 stages, 4 instructions
                1  build
                1  └─ from docker.io/library/golang:1.22
                4  stage-1                                                                                target
                4  ├─ from scratch
                5  └─ copies from build

            info[missing-cache-mount]: go starts with an empty cache whenever this step runs
             --> Dockerfile:2:5
              |
            2 | RUN go build -o /app .
              |     ^^^^^^^^^^^^^^^^^^
              |
              = help: As root: RUN --mount=type=cache,target=/root/.cache/go-build …
        "#]],
    );
}

#[test]
fn json_is_one_object_a_line_in_the_order_given() {
    let workshop = Workshop::with(&[("a", TWO_STAGES), ("b", "FROM scratch\n")]);
    let ran = workshop.run("inspect --format json b a", b"");
    let answers = answers(&ran.stdout);
    assert_eq!((ran.status, answers.len()), (Some(0), 2));
    assert_eq!((answers[0]["path"].as_str(), answers[1]["path"].as_str()), (Some("b"), Some("a")));
    let fields: Vec<&str> = answers[0].as_object().expect("an object").keys().map(String::as_str).collect();
    let expected =
        ["edges", "errors", "instructions", "path", "stages", "target", "targets", "version", "warnings"];
    assert_eq!(fields, expected);
    assert_eq!(answers[1]["targets"][1]["reachable"], serde_json::json!([0, 1]));
}

#[test]
fn standard_input_is_a_file_called_dash() {
    let ran = Workshop::with(&[]).run("inspect -", TWO_STAGES.as_bytes());
    assert!(ran.stdout.starts_with("- ▸ 2 stages"), "{ran}");
}

#[test]
fn standard_input_cannot_be_read_twice() {
    Workshop::with(&[]).check(
        "inspect - -",
        expect![[r#"
        $ layercast inspect - -
        exit: 2
        --- stderr ---
        error: failed to read standard input twice
          note: give `-` once
    "#]],
    );
}

#[test]
fn a_missing_file_is_named_and_the_others_are_answered() {
    let workshop = Workshop::with(&[("a", "FROM scratch\n")]);
    workshop.check(
        "inspect nowhere/Dockerfile a",
        expect![[r#"
        $ layercast inspect nowhere/Dockerfile a
        exit: 2
        --- stdout ---
        a ▸ 1 stage, 1 instruction
            1  stage-0                                                                                target
            1  └─ from scratch
        --- stderr ---
        error: failed to read nowhere/Dockerfile: there is no such file or folder
    "#]],
    );
}

#[test]
fn no_file_at_all_says_what_to_give() {
    Workshop::with(&[]).check(
        "inspect",
        expect![[r#"
        $ layercast inspect
        exit: 2
        --- stderr ---
        error: failed to read Dockerfile: there is no such file or folder
          note: name a Dockerfile, or `-` for standard input
    "#]],
    );
}

#[test]
fn a_folder_is_no_file() {
    Workshop::with(&[]).check(
        "inspect .",
        expect![[r#"
        $ layercast inspect .
        exit: 2
        --- stderr ---
        error: failed to read .: it is a folder, not a file
          note: name the file in it, such as ./Dockerfile
    "#]],
    );
}

#[test]
fn empty_text_has_no_stage() {
    Workshop::with(&[("Dockerfile", "")]).check(
        "inspect",
        expect![[r#"
            $ layercast inspect
            exit: 1
            --- stdout ---
            Dockerfile ▸ 0 stages, 0 instructions

            error[empty-file]: the Dockerfile is empty
            --> Dockerfile:1
             = help: Begin with FROM and a base image.
        "#]],
    );
}

#[test]
fn text_without_from_has_no_stage() {
    Workshop::with(&[("Dockerfile", "RUN true\n")]).check(
        "inspect",
        expect![[r#"
            $ layercast inspect
            exit: 1
            --- stdout ---
            Dockerfile ▸ 0 stages, 1 instruction

            error[before-first-from]: RUN stands before the first FROM
             --> Dockerfile:1:1
              |
            1 | RUN true
              | ^^^
              |
              = help: Only ARG, comments and directives may stand there.
        "#]],
    );
}

#[test]
fn binary_noise_is_answered() {
    let workshop = Workshop::with(&[]);
    let noise: Vec<u8> = (0_u32..4096).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    workshop.write("Dockerfile", &noise);
    let ran = workshop.run("inspect --format json", b"");
    assert_eq!((ran.status, answers(&ran.stdout).len()), (Some(1), 1), "{ran}");
    assert!(ran.stderr.contains("no UTF-8; U+001A stands for each"), "{ran}");
}

#[test]
fn a_byte_that_is_no_text_does_not_move_the_others() {
    let workshop = Workshop::with(&[]);
    workshop.write("Dockerfile", b"# caf\xe9\nFROM scratch AS last\n");
    let ran = workshop.run("inspect --format json", b"");
    assert_eq!(ran.stderr.trim(), "note: Dockerfile: 1 byte is no UTF-8; U+001A stands for each");
    assert_eq!(answers(&ran.stdout)[0]["stages"][0]["range"], serde_json::json!([7, 27]));
}

#[test]
fn five_megabytes_are_answered_in_time() {
    let text =
        format!("FROM scratch\n{}", "RUN echo something rather long to fill the line with\n".repeat(98_000));
    let workshop = Workshop::with(&[("Dockerfile", &text)]);
    assert!(text.len() > 5_000_000);
    let started = std::time::Instant::now();
    let ran = workshop.run("inspect --format json", b"");
    assert_eq!((ran.status, answers(&ran.stdout).len()), (Some(0), 1));
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let workshop = Workshop::with(&[("Dockerfile", &"FROM scratch\n".repeat(5_000))]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_layercast"))
        .arg("inspect")
        .current_dir(workshop.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the companion starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the companion ends");
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}

#[test]
fn a_target_that_is_none_suggests_the_nearest() {
    Workshop::with(&[("Dockerfile", TWO_STAGES)]).check(
        "inspect --target biuld",
        expect![[r#"
            $ layercast inspect --target biuld
            exit: 1
            --- stdout ---
            Dockerfile ▸ 2 stages, 4 instructions
                1  build
                1  └─ from docker.io/library/golang:1.22
                4  stage-1
                4  ├─ from scratch
                5  └─ copies from build

            error[unknown-target]: there is no stage `biuld` to build
            --> Dockerfile:1
             = help: Did you mean `build`?
        "#]],
    );
}

#[test]
fn a_build_argument_without_value_is_the_environments() {
    let workshop = Workshop::with(&[(
        "Dockerfile",
        "ARG VERSION_FROM_ENVIRONMENT\nFROM alpine:$VERSION_FROM_ENVIRONMENT\n",
    )]);
    let ran = workshop.run("inspect --build-arg VERSION_FROM_ENVIRONMENT", b"");
    assert!(ran.stdout.contains("from docker.io/library/alpine:3.22"), "{ran}");
    let ran = workshop.run("inspect --build-arg VERSION_FROM_ENVIRONMENT=3.21", b"");
    assert!(ran.stdout.contains("from docker.io/library/alpine:3.21"), "{ran}");
}

#[test]
fn colour_comes_on_demand_alone() {
    let workshop = Workshop::with(&[("Dockerfile", TWO_STAGES)]);
    assert!(!workshop.run("inspect", b"").stdout.contains('\u{1b}'));
    assert!(workshop.run("inspect --color always", b"").stdout.contains('\u{1b}'));
}
