//! `layercast estimate`.

use crate::check::Workshop;
use expect_test::expect;
use serde_json::Value;

const TWO_STAGES: &str = "FROM golang:1.22 AS build\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\n\nFROM alpine:3.22\nCOPY --from=build /app /app\nCMD [\"/app\"]\n";
const FACTS: &str = r#"{"version": 1, "images": [{"reference": "docker.io/library/alpine:3.22",
    "platform": "linux/amd64", "source": "a test", "as_of": "2026-11-20",
    "layers": [{"download": 1000, "unpacked": 3000}, {"download": 200, "unpacked": 500}]}]}"#;

#[track_caller]
fn answer(workshop: &Workshop, args: &str) -> Value {
    let ran = workshop.run(args, b"");
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran}"))
}

#[test]
fn what_ships_what_is_left_behind_and_what_is_not_known() {
    Workshop::with(&[("Dockerfile", TWO_STAGES)]).check(
        "estimate --offline",
        expect![[r#"
            $ layercast estimate --offline
            exit: 0
            --- stdout ---
            Dockerfile ▸ stage-1 ▸ linux/amd64

                 20.9 MB unpacked  14.7–30.2 MB       docker images, up to Docker 28
                 11.1 MB download  7.40–16.5 MB       what a pull moves
              ≥ 932.4 MB left behind in build

                                                                                            unpacked    download
                   ● stage-1                                                       ships     20.9 MB     11.1 MB
                6  ├─ FROM alpine:3.22                                                       8.30 MB     3.79 MB
                   │  8.05–8.55 MB · catalogue: docker-library/repo-info, 2026-09-17
                7  └─ COPY --from=build /app /app                                            12.6 MB     7.28 MB
                      6.38–21.9 MB · rule: Go programs

                   ● build                                   left behind, used by line 7  ≥ 932.4 MB  ≥ 342.2 MB
                1  ├─ FROM golang:1.22 AS build                                             823.0 MB    299.4 MB
                   │  798.3–847.7 MB · catalogue: maxmood96/repo-info, another build, 2025-01-16
                2  ├─ WORKDIR /src                                                              0  B      117  B
                3  ├─ COPY . .                                                                     ?           ?
                4  └─ RUN go build -o /app .                                                109.4 MB     42.9 MB

                   heaviest
                7    app                                                                     12.6 MB            
                6    alpine:3.22                                                             8.30 MB            

            In one stage, on the base of build: 932.4 MB; the stages save 98 %

            without --offline a registry is asked for golang:1.22 and alpine:3.22
            1 remark on the file: layercast check Dockerfile
        "#]],
    );
}

#[test]
fn another_target_is_another_image() {
    let workshop = Workshop::with(&[("Dockerfile", TWO_STAGES)]);
    workshop.check(
        "estimate --offline --target build",
        expect![[r#"
            $ layercast estimate --offline --target build
            exit: 0
            --- stdout ---
            Dockerfile ▸ build ▸ linux/amd64

              ≥ 932.4 MB unpacked  0.87–1.30 GB       + 1 step not known
              ≥ 342.2 MB download  317.9–473.1 MB     + 1 step not known

                                                                                            unpacked    download
                   ● build                                                         ships  ≥ 932.4 MB  ≥ 342.2 MB
                1  ├─ FROM golang:1.22 AS build                                             823.0 MB    299.4 MB
                   │  798.3–847.7 MB · catalogue: maxmood96/repo-info, another build, 2025-01-16
                2  ├─ WORKDIR /src                                                              0  B      117  B
                3  ├─ COPY . .                                                                     ?           ?
                   │  unknown: what these files of the build context weigh. Pin it, or build once
                4  └─ RUN go build -o /app .                                                109.4 MB     42.9 MB
                      51.5–479.5 MB · sum of 3 parts

                6  ○ stage-1                                                          not built: nothing uses it

                   heaviest
                1    golang:1.22                                                            823.0 MB            
                       it is there to build: copy what it builds into a stage on a small base
                4    Go build cache                                                          56.8 MB            
                       a cache mount there keeps it out of the layer; or build in a stage of its own
                4    Go modules                                                              40.0 MB            
                       a cache mount there keeps it out of the layer; or build in a stage of its own
                4    app                                                                     12.6 MB            

            without --offline a registry is asked for golang:1.22 and alpine:3.22
            1 remark on the file: layercast check Dockerfile
        "#]],
    );
}

#[test]
fn nothing_but_a_known_base_is_exact() {
    let workshop =
        Workshop::with(&[("Dockerfile", "FROM alpine:3.22\nCMD [\"sh\"]\n"), ("facts.json", FACTS)]);
    workshop.check(
        "estimate --offline --facts facts.json",
        expect![[r#"
        $ layercast estimate --offline --facts facts.json
        exit: 0
        --- stdout ---
        Dockerfile ▸ stage-0 ▸ linux/amd64

             3.50 kB unpacked  exact              docker images, up to Docker 28
             1.20 kB download  exact              what a pull moves

                                                                                        unpacked    download
               ● stage-0                                                       ships     3.50 kB     1.20 kB
            1  └─ FROM alpine:3.22                                                       3.50 kB     1.20 kB
                  manifest from a test, 2026-11-20
    "#]],
    );
}

#[test]
fn json_gives_every_number_with_its_basis() {
    let workshop = Workshop::with(&[("Dockerfile", TWO_STAGES), ("facts.json", FACTS)]);
    let answer = answer(&workshop, "estimate --offline --format json --facts facts.json --context .");
    let layers = answer["layers"].as_array().expect("a list of layers");
    assert_eq!(answer["target"], serde_json::json!({"index": 1, "name": "stage-1"}));
    assert_eq!(layers[0]["unpacked"]["likely"], 3500);
    assert_eq!(layers[0]["download"]["likely"], 1200);
    assert_eq!(layers[0]["basis"], "manifest from a test, 2026-11-20");
    assert_eq!(layers[0]["line"], 6);
    let likely = |layer: &Value| layer["unpacked"]["likely"].as_u64().expect("each layer is known");
    assert_eq!(answer["unpacked"]["likely"].as_u64(), Some(layers.iter().map(likely).sum()));
    assert_eq!(layers[1]["basis"], "rule: Go programs");
    assert_eq!(answer["unknown"], serde_json::json!([]));
    assert_eq!(
        answer["images"],
        serde_json::json!([
            "docker.io/library/alpine:3.22 linux/amd64",
            "docker.io/library/golang:1.22 linux/amd64"
        ])
    );
}

#[test]
fn a_target_that_is_none_suggests_the_nearest() {
    Workshop::with(&[("Dockerfile", TWO_STAGES)]).check(
        "estimate --offline --target biuld",
        expect![[r#"
            $ layercast estimate --offline --target biuld
            exit: 1
            --- stdout ---
            error[unknown-target]: there is no stage `biuld` to build
            --> Dockerfile:1
             = help: Did you mean `build`?
        "#]],
    );
}

#[test]
fn a_broken_file_has_no_weight() {
    Workshop::with(&[("Dockerfile", "FROM alpine:3.22\nRNU true\n")]).check(
        "estimate --offline",
        expect![[r#"
            $ layercast estimate --offline
            exit: 1
            --- stdout ---
            error[unknown-instruction]: `RNU` is no instruction
             --> Dockerfile:2:1
              |
            2 | RNU true
              | ^^^
              |
              = help: Did you mean `RUN`?
        "#]],
    );
}

#[test]
fn empty_text_has_no_weight() {
    Workshop::with(&[("Dockerfile", "")]).check(
        "estimate --offline",
        expect![[r#"
            $ layercast estimate --offline
            exit: 1
            --- stdout ---
            error[empty-file]: the Dockerfile is empty
            --> Dockerfile:1
             = help: Begin with FROM and a base image.
        "#]],
    );
}

#[test]
fn several_files_stand_apart() {
    let workshop = Workshop::with(&[("a", "FROM scratch\n"), ("b", "FROM scratch\n")]);
    workshop.check(
        "estimate --offline a b",
        expect![[r#"
        $ layercast estimate --offline a b
        exit: 0
        --- stdout ---
        a ▸ stage-0 ▸ linux/amd64

                 0 B unpacked  exact              docker images, up to Docker 28
                 0 B download  exact              what a pull moves

                                                                                        unpacked    download
               ● stage-0                                                       ships        0  B        0  B

        b ▸ stage-0 ▸ linux/amd64

                 0 B unpacked  exact              docker images, up to Docker 28
                 0 B download  exact              what a pull moves

                                                                                        unpacked    download
               ● stage-0                                                       ships        0  B        0  B
    "#]],
    );
}

#[test]
fn a_platform_that_is_none_is_refused() {
    Workshop::with(&[]).check("estimate --platform nonsense", expect![[r#"
        $ layercast estimate --platform nonsense
        exit: 2
        --- stderr ---
        error: invalid value 'nonsense' for '--platform <OS/ARCH[/VARIANT]>': `nonsense` is no platform: expected os/architecture[/variant], such as linux/arm64

        For more information, try '--help'.
    "#]]);
}

#[test]
fn facts_that_are_none_are_refused() {
    let workshop =
        Workshop::with(&[("Dockerfile", TWO_STAGES), ("facts.json", "{\"version\": 1, \"images\": 7}")]);
    workshop.check("estimate --offline --facts facts.json", expect![[r#"
        $ layercast estimate --offline --facts facts.json
        exit: 2
        --- stderr ---
        error: failed to understand the facts in facts.json: invalid type: integer `7`, expected a sequence at line 1 column 26
          note: a facts file looks like {"version": 1, "images": [{"reference": "docker.io/library/alpine:3.22", "platform": "linux/amd64", "layers": [{"download": 3792075}]}]}
    "#]]);
    workshop.write("facts.json", b"{\"version\": 99}");
    workshop.check("estimate --offline --facts facts.json", expect![[r#"
        $ layercast estimate --offline --facts facts.json
        exit: 2
        --- stderr ---
        error: failed to understand the facts in facts.json: they are of version 99, this program reads version 1
          note: a facts file looks like {"version": 1, "images": [{"reference": "docker.io/library/alpine:3.22", "platform": "linux/amd64", "layers": [{"download": 3792075}]}]}
    "#]]);
    workshop.check(
        "estimate --offline --facts nowhere.json",
        expect![[r#"
        $ layercast estimate --offline --facts nowhere.json
        exit: 2
        --- stderr ---
        error: failed to read the facts in nowhere.json: there is no such file or folder
    "#]],
    );
}

#[test]
fn facts_name_images_as_people_do() {
    let facts = r#"{"version": 1, "images": [{"reference": "alpine:3.22", "platform": "linux/x86_64",
        "layers": [{"download": 7, "unpacked": 9}]}]}"#;
    let workshop = Workshop::with(&[("Dockerfile", "FROM alpine:3.22\n"), ("facts.json", facts)]);
    assert_eq!(
        answer(&workshop, "estimate --offline --format json --facts facts.json")["unpacked"]["likely"],
        9
    );
    workshop.write("facts.json", facts.replace("alpine:3.22", "Alpine::").as_bytes());
    workshop.check("estimate --offline --facts facts.json", expect![[r#"
        $ layercast estimate --offline --facts facts.json
        exit: 2
        --- stderr ---
        error: failed to understand the facts in facts.json: `Alpine::` names no image: repository name must be lowercase
          note: a facts file looks like {"version": 1, "images": [{"reference": "docker.io/library/alpine:3.22", "platform": "linux/amd64", "layers": [{"download": 3792075}]}]}
    "#]]);
}

#[test]
fn copies_of_the_context_are_weighed_to_the_byte() {
    let workshop = Workshop::with(&[
        ("Dockerfile", "FROM scratch\nCOPY . /app/\nCOPY --exclude=*.md src nope* /src/\n"),
        ("site/src/index.js", "12345"),
        ("site/src/notes.md", "1234567"),
        ("site/logo.png", "123"),
        ("site/secret.txt", "1"),
        ("site/.dockerignore", "secret.txt\n.dockerignore\n"),
    ]);
    let answer = answer(&workshop, "estimate --offline --format json --context site");
    assert_eq!(answer["unpacked"]["likely"], 20);
    assert_eq!(answer["unpacked"]["low"], answer["unpacked"]["high"]);
    assert_eq!(answer["layers"][0]["basis"], "the lengths of 3 files");
    assert_eq!(answer["layers"][1]["unpacked"]["likely"], 5);
    assert_eq!(answer["unknown"], serde_json::json!([]));
}

#[test]
fn a_context_that_is_no_folder_is_refused() {
    let workshop = Workshop::with(&[("Dockerfile", TWO_STAGES)]);
    workshop.check(
        "estimate --offline --context Dockerfile",
        expect![[r#"
        $ layercast estimate --offline --context Dockerfile
        exit: 2
        --- stderr ---
        error: failed to open the build context Dockerfile: it is not a folder
          note: --context takes the folder that `docker build` would get
    "#]],
    );
}

#[test]
fn help_says_what_the_sizes_are() {
    let ran = Workshop::with(&[]).run("estimate --help", b"");
    assert!(ran.stdout.contains("unpacked is what `docker images` shows up to Docker 28"), "{ran}");
}

#[test]
fn the_facts_of_the_documentation_are_taken() {
    let page = include_str!("../../../../docs/command-line.md");
    let (_, after) = page.split_once("```json\n").expect("the page gives an example");
    let (facts, _) = after.split_once("```").expect("the example ends");
    let text = "ARG NODE=20\nFROM node:$NODE AS production\nRUN npm ci --omit=dev\nFROM scratch\n";
    let workshop = Workshop::with(&[("Dockerfile", text), ("facts.json", facts)]);
    let answer = answer(&workshop, "estimate --offline --format json --facts facts.json");
    assert_eq!(answer["target"]["name"], "production");
    assert_eq!(
        (&answer["unpacked"]["low"], &answer["unpacked"]["high"]),
        (&212_000_000.into(), &212_000_000.into())
    );
    assert_eq!(answer["download"]["likely"], 71_000_000);
    assert_eq!(answer["unknown"], serde_json::json!([]));
}
