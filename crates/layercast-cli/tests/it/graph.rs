//! `layercast graph`, and the page of Markdown that `estimate` writes.

use crate::check::Workshop;
use expect_test::expect;
use serde_json::Value;

const STAGES: &str = "FROM golang:1.22 AS build\nCOPY . .\nRUN go build -o /app .\nFROM build AS test\nRUN go test ./...\n\
                      FROM alpine:3.22\nCOPY --from=build /app /app\n";

#[test]
fn an_indented_list() {
    Workshop::with(&[("Dockerfile", STAGES)]).check(
        "graph --offline",
        expect![[r#"
        $ layercast graph --offline
        exit: 0
        --- stdout ---
        stage-2 · 20.9 MB unpacked · 1 step · ships
        ├─ from alpine:3.22 · 8.30 MB unpacked
        └─ copies from build · ≥ 932 MB unpacked · 2 steps · left behind
           └─ from golang:1.22 · 823 MB unpacked

        not built
        └─ test: nothing uses it
    "#]],
    );
}

#[test]
fn another_target_and_a_diagram() {
    Workshop::with(&[("Dockerfile", STAGES)]).check(
        "graph --offline --target build --format mermaid",
        expect![[r#"
            $ layercast graph --offline --target build --format mermaid
            exit: 0
            --- stdout ---
            flowchart LR
              image0(["golang:1.22<br/>823 MB unpacked"])
              image1(["alpine:3.22<br/>8.30 MB unpacked"])
              stage0["build<br/>from golang:1.22<br/>≥ 932 MB unpacked<br/>2 steps · ships"]
              stage1["test<br/>from build<br/>≥ 978 MB unpacked<br/>1 step · not built"]
              stage2["stage-2<br/>from alpine:3.22<br/>20.9 MB unpacked<br/>1 step · not built"]
              image0 ==> stage0
              stage0 ==> stage1
              image1 ==> stage2
              stage0 -->|"/app"| stage2
              classDef ships stroke:#0a7263,stroke-width:3px
              classDef skipped stroke-dasharray:4 4,opacity:0.6
              class stage0 ships
              class stage1,stage2 skipped
        "#]],
    );
}

#[test]
fn a_picture_is_one_document() {
    let ran =
        Workshop::with(&[("Dockerfile", STAGES)]).run("graph --offline --format svg --colours dark", b"");
    assert!(ran.stdout.starts_with("<svg xmlns=") && ran.stdout.ends_with("</svg>\n"), "{ran}");
    assert!(!ran.stdout.contains("prefers-color-scheme"), "{ran}");
}

#[test]
fn json_has_a_role_for_every_stage() {
    let ran = Workshop::with(&[("Dockerfile", STAGES)]).run("graph --offline --format json", b"");
    let graph: Value = serde_json::from_str(&ran.stdout).expect("an object");
    let roles: Vec<&str> = graph["stages"]
        .as_array()
        .expect("stages")
        .iter()
        .filter_map(|stage| stage["role"].as_str())
        .collect();
    assert_eq!(roles, ["left-behind", "skipped", "ships"]);
    assert_eq!(graph["edges"].as_array().map(Vec::len), Some(4));
}

#[test]
fn what_does_not_build_is_drawn_and_said() {
    Workshop::with(&[(
        "Dockerfile",
        "FROM scratch AS a\nFROM a\nCOPY --from=b / /\nRUN --mount=typ=x true\n",
    )])
    .check(
        "graph --offline",
        expect![[r#"
        $ layercast graph --offline
        exit: 1
        --- stdout ---
        stage-1 · size not known · 2 steps · ships
        ├─ from a · 0 B unpacked · 0 steps · inside
        │  └─ from scratch · empty
        └─ copies from b:latest · image
        --- stderr ---
        error[invalid-mount]: a mount has no `typ`
         --> Dockerfile:4:5
          |
        4 | RUN --mount=typ=x true
          |     ^^^^^^^^^^^^^
          |
          = help: Did you mean `type`?
    "#]],
    );
}

#[test]
fn estimate_writes_markdown() {
    Workshop::with(&[("Dockerfile", "FROM alpine:3.22\nADD https://a.example/b|c /\n")])
        .check("estimate --offline --format markdown", expect![[r#"
            $ layercast estimate --offline --format markdown
            exit: 0
            --- stdout ---
            # Dockerfile

            The image of `stage-0` for linux/amd64, before it is built.

            | | likely | range | not known | |
            |---|---:|---:|---:|---|
            | unpacked | **≥ 8.30 MB** | 8.05–8.55 MB | 1 step | what `docker images` shows up to Docker 28 |
            | download | **≥ 3.79 MB** | 3.68–3.91 MB | 1 step | what a pull moves |

            ## Stages

            | stage | from | steps | unpacked | |
            |---|---|---:|---:|---|
            | `stage-0` | `alpine:3.22` | 1 | ≥ 8.30 MB | **ships** |

            ## Layers

            | line | step | unpacked | range | download | how it is known |
            |---:|---|---:|---:|---:|---|
            | 1 | `FROM alpine:3.22` | 8.30 MB | 8.05–8.55 MB | 3.79 MB | catalogue: docker-library/repo-info, 2026-09-17 |
            | 2 | `ADD https://a.example/b\|c /` | ? |  | ? | unknown: what https://a.example/b\|c holds. Pin it, or build once |

            ## Heaviest

            | | unpacked | what would help |
            |---|---:|---|
            | `alpine:3.22` | 8.30 MB |  |

            ## Not known, and not in the sums

            - line 2, `ADD https://a.example/b|c /`: what https://a.example/b\|c holds

            ## Checks

            Nothing to say: every check is content with this file.
        "#]]);
}
