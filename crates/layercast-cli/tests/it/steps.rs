//! What steps hand on to later ones, as far as a whole file tells it.

use crate::check::Workshop;
use serde_json::Value;

const POM: &str = "<project><artifactId>shop</artifactId><version>2.1</version><dependencies>\
    <dependency><artifactId>spring-boot-starter-web</artifactId></dependency></dependencies></project>\n";

/// Instruction, likely megabytes, and what is not known of each layer of `Dockerfile`.
#[track_caller]
fn check(dockerfile: &str, files: &[(&str, &str)], expected: &[(&str, f64, &[&str])]) {
    let workshop = Workshop::with(files);
    workshop.write("Dockerfile", dockerfile.as_bytes());
    let ran = workshop.run("estimate --offline --format json --context .", b"");
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran}"));
    let layers = answer["layers"].as_array().expect("a list of layers");
    let found: Vec<(&str, f64, Vec<&str>)> = layers
        .iter()
        .map(|layer| {
            let unknown =
                layer["unknown"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let megabytes = layer["unpacked"]["likely"].as_f64().unwrap_or(0.0) / 1e6;
            let instruction = layer["instruction"].as_str().unwrap_or_default();
            (instruction, (megabytes * 10.0).round() / 10.0, unknown)
        })
        .collect();
    let expected: Vec<(&str, f64, Vec<&str>)> =
        expected.iter().map(|(instruction, size, unknown)| (*instruction, *size, unknown.to_vec())).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_pattern_finds_the_archive_that_maven_builds() {
    check(
        "FROM maven:3.9-eclipse-temurin-21 AS build\nWORKDIR /app\nCOPY pom.xml .\nRUN mvn package\n\
         FROM scratch\nCOPY --from=build /app/target/*.jar app.jar\n",
        &[("pom.xml", POM)],
        &[("COPY --from=build /app/target/*.jar app.jar", 19.5, &[])],
    );
}

#[test]
fn a_pattern_that_matches_nothing_known_is_not_nothing() {
    check(
        "FROM alpine:3.22 AS build\nRUN wonder --make /out\nFROM scratch\nCOPY --from=build /out/*.bin /\n",
        &[],
        &[("COPY --from=build /out/*.bin /", 0.0, &["what /out/*.bin of stage build holds"])],
    );
}

#[test]
fn a_folder_of_a_stage_that_is_not_wholly_known_may_hold_more() {
    check(
        "FROM alpine:3.22 AS build\nRUN mkdir /out && truncate -s 1M /out/a && wonder /out\nFROM scratch\n\
         COPY --from=build /out /out\nCOPY --from=build /out/a /a\n",
        &[],
        &[
            (
                "COPY --from=build /out /out",
                1.0,
                &["what else /out of stage build holds: not all of its steps are known"],
            ),
            ("COPY --from=build /out/a /a", 1.0, &[]),
        ],
    );
}

#[test]
fn a_cache_mount_at_the_gopath_of_the_official_image_takes_the_modules() {
    let sum = "example.com/a v1.0.0 h1:a=\nexample.com/b v1.0.0 h1:b=\n";
    check(
        "FROM golang:1.22\nCOPY go.mod go.sum ./\nRUN --mount=type=cache,target=/go/pkg/mod go mod download\n\
         RUN go mod download\n",
        &[("go.mod", "module a\n"), ("go.sum", sum)],
        &[
            ("FROM golang:1.22", 823.0, &[]),
            ("COPY go.mod go.sum ./", 0.0, &[]),
            ("RUN --mount=type=cache,target=/go/pkg/mod go mod download", 0.0, &[]),
            ("RUN go mod download", 4.0, &[]),
        ],
    );
}

#[test]
fn the_site_of_angulars_application_builder_lies_below_browser() {
    let settings = r#"{"projects": {"shop": {"architect": {"build": {
        "builder": "@angular-devkit/build-angular:application", "options": {"outputPath": "out/shop"}}}}}}"#;
    let manifest = r#"{"name": "shop", "scripts": {"build": "ng build"}}"#;
    let index = "x".repeat(1_000_000);
    check(
        "FROM node:22 AS build\nWORKDIR /app\nCOPY . .\nRUN npm run build\n\
         FROM scratch\nCOPY --from=build /app/out/shop/browser /site\n",
        &[("package.json", manifest), ("angular.json", settings), ("src/main.ts", &index)],
        &[("COPY --from=build /app/out/shop/browser /site", 0.6, &[])],
    );
}
