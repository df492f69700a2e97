//! `layercast diff`.

use crate::check::Workshop;
use expect_test::expect;
use serde_json::Value;

const FAT: &str = "FROM debian:bookworm\nCOPY <<EOF /one\n1234567890\nEOF\nRUN true\n";
const SLIM: &str =
    "FROM alpine:3.22 AS tools\nRUN apk add git\n\nFROM debian:bookworm-slim\nCOPY <<EOF /one\n12345\nEOF\n";

#[test]
fn two_files() {
    Workshop::with(&[("fat", FAT), ("slim", SLIM)]).check(
        "diff --offline fat slim",
        expect![[r#"
            $ layercast diff --offline fat slim
            exit: 0
            --- stdout ---
            fat ▸ slim

            slim is 52.7 MB smaller than fat unpacked (42.7–62.6 MB): 128 MB becomes 74.8 MB.
            slim is 20.2 MB smaller than fat to download (18.6–21.9 MB): 48.5 MB becomes 28.2 MB.
            `FROM debian:bookworm-slim` in place of `FROM debian:bookworm`: 52.7 MB less.
            Only slim has the stage tools.
            Stage stage-0 starts from debian:bookworm-slim instead of debian:bookworm, has 1 step in place of 2.

                                                                                            unpacked    download
                1  − FROM debian:bookworm                                                                       
                4  + FROM debian:bookworm-slim                                              −52.7 MB    −20.2 MB
                2  − COPY <<EOF /one 1234567890                                                                 
                5  + COPY <<EOF /one 12345                                                     −5  B       −2  B
                5  − RUN true                                                                      =      −32  B
        "#]],
    );
}

#[test]
fn two_targets_of_one_file() {
    Workshop::with(&[("Dockerfile", SLIM)])
        .check("diff --offline Dockerfile --target-b tools", expect![[r#"
            $ layercast diff --offline Dockerfile --target-b tools
            exit: 0
            --- stdout ---
            stage-1 ▸ tools

            tools is 53.9 MB smaller than stage-1 unpacked (51.6–56.2 MB): 74.8 MB becomes 20.9 MB.
            tools is 18.3 MB smaller than stage-1 to download (17.4–19.2 MB): 28.2 MB becomes 9.93 MB.
            `FROM alpine:3.22` in place of `FROM debian:bookworm-slim`: 66.5 MB less.
            With `RUN apk add git`: 12.6 MB more.

                                                                                            unpacked    download
                4  − FROM debian:bookworm-slim                                                                  
                1  + FROM alpine:3.22 AS tools                                              −66.5 MB    −24.4 MB
                5  − COPY <<EOF /one 12345                                                     −6  B      −94  B
                2  + RUN apk add git                                                        +12.6 MB    +6.14 MB
        "#]]);
}

#[test]
fn two_platforms_of_standard_input() {
    let ran = Workshop::with(&[])
        .run("diff --offline - --platform-b linux/arm64 --format json", b"FROM alpine:3.22\nRUN true\n");
    let answer: Value = serde_json::from_str(&ran.stdout).expect("an object");
    assert_eq!(answer["first"]["name"], "stage-0");
    assert_eq!(answer["second"]["name"], "stage-0 for linux/arm64");
    assert_eq!(answer["layers"][1]["second"]["instruction"], "RUN true");
    let unpacked = &answer["unpacked"];
    assert!(unpacked["low"].as_i64() <= unpacked["likely"].as_i64(), "{ran}");
}

#[test]
fn a_file_is_not_compared_with_itself() {
    Workshop::with(&[("Dockerfile", SLIM)]).check(
        "diff Dockerfile",
        expect![[r#"
        $ layercast diff Dockerfile
        exit: 2
        --- stderr ---
        error: failed to compare Dockerfile with itself
          note: name a second Dockerfile, or another target or platform: --target-b, --platform-b
    "#]],
    );
}

#[test]
fn what_does_not_build_ends_with_one() {
    Workshop::with(&[("a", "FROM scratch\n"), ("b", "FROM scratch\nCOPY --form=a b c\n")]).check(
        "diff --offline a b",
        expect![[r#"
            $ layercast diff --offline a b
            exit: 1
            --- stdout ---
            a ▸ b

            b does not build: line 2, COPY has no flag `--form`.
            Stage stage-0 has 1 step more.
        "#]],
    );
}
