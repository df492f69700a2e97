//! What the catalogue finds, and that its figures are the published ones.

use super::*;

#[track_caller]
fn check(asked: &str, expected: &str) {
    check_on(asked, "linux/amd64", expected);
}

#[track_caller]
fn check_on(asked: &str, platform: &str, expected: &str) {
    let image = ImageRef::parse(asked).expect("the test names an image");
    let platform = Platform::parse(platform).expect("the test names a platform");
    let found = find(&image, &platform)
        .map_or("unknown".to_owned(), |entry| format!("{} {:?}", entry.image, entry.likeness));
    assert_eq!(found, expected, "{asked}");
}

#[test]
fn a_tag_is_found_as_published() {
    check("golang:1.22", "golang:1.22 Tag");
    check("docker.io/library/alpine", "alpine:latest Tag");
    check_on("alpine:3.22", "linux/arm64", "alpine:3.22 Tag");
    check_on("node:20", "linux/arm/v7", "node:20 Tag");
}

#[test]
fn another_name_of_the_same_build_is_the_same_figure() {
    check("golang:1.25.12-trixie", "golang:1.25 Name");
    check("python:3.12-slim-trixie", "python:3.12-slim Name");
    check("alpine:3", "alpine:latest Name");
    check("debian:12-slim", "debian:bookworm-slim Name");
    check("debian", "debian:trixie Name");
    check("ubuntu:jammy", "ubuntu:22.04 Name");
    check("eclipse-temurin:17-jdk", "eclipse-temurin:17 Name");
    check("nginx:1.30-alpine", "nginx:stable-alpine Name");
    check("rust:1-slim", "rust:slim Name");
}

#[test]
fn what_stands_in_says_how_like_it_is() {
    check("node:22.1-alpine", "node:22-alpine Patch");
    check("alpine:3.19.1", "alpine:3.19 Patch");
    check("python:3.12-slim-bookworm", "python:3.12-slim Distribution");
    check("node:16.14.0-alpine3.15", "node:16-alpine Distribution");
    check("golang:1", "golang:1.25 Newest");
    check("node:lts", "node:24 Moving");
    check("node:latest", "node:24 Moving");
    check("ubuntu", "ubuntu:26.04 Moving");
    check_on("node:22-alpine", "linux/arm64", "node:22-alpine Distribution");
    check(&format!("golang:1.22@sha256:{}", "0a".repeat(32)), "golang:1.22 Patch");
}

#[test]
fn what_is_something_else_stays_unknown() {
    for asked in [
        "node:14",
        "nginx:1.25-alpine",
        "php:8.2-fpm-alpine",
        "rust:1.74-slim",
        "debian:jessie",
        "ubuntu:16.04",
        "bitnami/node:22",
        "ghcr.io/library/node:22",
        "nodejs:22",
    ] {
        check(asked, "unknown");
    }
    check(&format!("golang@sha256:{}", "0a".repeat(32)), "unknown");
    check_on("golang:1.22", "linux/s390x", "unknown");
    check_on("golang:1.22", "windows/amd64", "unknown");
}

#[test]
fn a_figure_names_the_page_that_gives_it() {
    let url = |asked| {
        let image = ImageRef::parse(asked).expect("the test names an image");
        find(&image, &Platform::linux_amd64()).map(|entry| entry.url()).unwrap_or_default()
    };
    let blob = "https://github.com/docker-library/repo-info/blob";
    assert_eq!(url("alpine:3.22"), format!("{blob}/1746b58749/repos/alpine/remote/3.22.md"));
    assert_eq!(url("alpine:3.21"), format!("{blob}/1742085aa3/repos/redis/remote/7-alpine.md"));
}

#[test]
fn every_row_can_be_read() {
    let rows: Vec<&str> = IMAGES.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(rows.len(), 238);
    for row in rows {
        let entry = read(row).expect(row);
        let (repository, tag) = entry.image.split_once(':').expect(row);
        let image = ImageRef::parse(&format!("{repository}:{tag}")).expect(row);
        let platform = Platform::parse(entry.platform).expect(row);
        assert_eq!(find(&image, &platform), Some(entry));
        assert_eq!(entry.as_of.len(), "2026-11-20".len(), "{row}");
        if let Some(unpacked) = entry.unpacked {
            assert!(unpacked.bytes > entry.download, "{row}");
        }
    }
}

/// The figures are held against the folder they were carried over from, where it is present.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the test reads the folder the catalogue was carried over from"
)]
fn the_figures_are_those_of_the_shared_folder() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/images.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("left out: there is no ../shared/data/images.json beside this checkout");
        return;
    };
    let published: Vec<serde_json::Value> = serde_json::from_str(&text).expect("images.json is a list");
    assert_eq!(published.len(), IMAGES.lines().filter(|line| !line.starts_with('#')).count());
    for row in published {
        let text = |name: &str| row[name].as_str().unwrap_or("");
        let entry = rows(text("repository"))
            .iter()
            .map(|row| row.entry)
            .find(|entry| entry.image == text("image") && entry.platform == text("platform"))
            .unwrap_or_else(|| panic!("{} {} is not carried over", text("image"), text("platform")));
        assert_eq!(Some(entry.download), row["compressed_bytes"].as_u64(), "{}", entry.image);
        assert_eq!((entry.as_of, entry.version), (text("as_of"), text("version")), "{}", entry.image);
        let in_blocks = text("uncompressed_note").contains("disk blocks");
        let unpacked = row["uncompressed_bytes"].as_u64().filter(|_| !in_blocks);
        assert_eq!(entry.unpacked.map(|unpacked| unpacked.bytes), unpacked, "{}", entry.image);
        let commit = text("source_commit");
        let whole = entry.url().replace(&commit[..commit.len().min(10)], commit);
        assert!(text("source").contains(&whole), "{}: {whole}", entry.image);
    }
}
