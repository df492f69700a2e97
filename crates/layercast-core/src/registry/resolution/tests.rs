//! A registry of documents in memory answers; what was learnt is read as text.

use super::*;
use crate::facts::ImageLayer;

fn platform(text: &str) -> Platform {
    Platform::parse(text).expect("a platform in a test")
}

/// Answers requests from `documents` by digest or tag until nothing is asked any more.
fn resolve(
    documents: &[(&str, Vec<u8>)],
    tag: &str,
    wanted: &str,
    trailer: &[u8],
) -> Result<ImageFact, Box<ImageFailure>> {
    let image = ImageRef::parse(&format!("debian:{tag}")).expect("a reference in a test");
    let mut resolution = Resolution::new(&image, &platform(wanted));
    loop {
        let requests = resolution.next_requests();
        if requests.is_empty() {
            assert!(resolution.is_done());
            return resolution.finish("docker.io", "2026-11-20");
        }
        for request in requests {
            let reply = match &request {
                Request::Trailer { .. } => Reply::Content { body: trailer.to_vec(), digest: String::new() },
                Request::Manifest { reference: name } | Request::Blob { digest: name } => {
                    let known = |(key, body): &&(&str, Vec<u8>)| key == name || sha256(body) == *name;
                    documents.iter().find(known).map_or(Reply::refused(404), |(_, body)| Reply::Content {
                        body: body.clone(),
                        digest: sha256(body),
                    })
                }
            };
            resolution.answer(&request, reply);
        }
    }
}

const LAYER: &str = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const CONFIG: &[u8] = br#"{"os":"linux","config":{"Env":["PATH=/bin"]}}"#;

fn manifest(layer_type: &str) -> Vec<u8> {
    format!(
        r#"{{"schemaVersion":2,"config":{{"digest":"{}","size":1}},
            "layers":[{{"mediaType":"{layer_type}","digest":"{LAYER}","size":1000}}]}}"#,
        sha256(CONFIG)
    )
    .into_bytes()
}

fn index(entries: &[(&str, &str)]) -> Vec<u8> {
    let entry = |(text, digest): &(&str, &str)| {
        let platform = platform(text);
        format!(
            r#"{{"digest":"{digest}","size":1,"platform":{{"os":"{}","architecture":"{}","variant":"{}"}}}}"#,
            platform.os, platform.architecture, platform.variant
        )
    };
    let entries: Vec<String> = entries.iter().map(entry).collect();
    format!(r#"{{"schemaVersion":2,"manifests":[{}]}}"#, entries.join(",")).into_bytes()
}

const GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const ZSTD: &str = "application/vnd.oci.image.layer.v1.tar+zstd";

#[test]
fn an_index_leads_to_layers_configuration_and_the_tar_s_length() {
    let arm = manifest(GZIP);
    let top = index(&[("linux/amd64", LAYER), ("linux/arm/v7", &sha256(&arm))]);
    let documents = [("12", top), ("", arm.clone()), ("", CONFIG.to_vec())];
    let learnt = resolve(&documents, "12", "linux/arm/v7", &2560_u32.to_le_bytes());
    let layer = ImageLayer { digest: LAYER.to_owned(), download: 1000, unpacked: None, tar: Some(2560) };
    let expected = ImageFact {
        reference: "docker.io/library/debian:12".to_owned(),
        platform: platform("linux/arm/v7"),
        digest: sha256(&arm),
        as_of: "2026-11-20".to_owned(),
        source: "docker.io".to_owned(),
        config: ImageConfig { env: vec!["PATH=/bin".to_owned()], ..ImageConfig::default() },
        layers: vec![layer],
    };
    assert_eq!(learnt, Ok(expected));
}

#[track_caller]
fn check_tar(layer_type: &str, trailer: &[u8], expected: Option<u64>) {
    let documents = [("12", manifest(layer_type)), ("", CONFIG.to_vec())];
    let learnt = resolve(&documents, "12", "linux/amd64", trailer).expect("an image");
    assert_eq!(learnt.layers[0].tar, expected);
}

#[test]
fn a_layer_without_a_sound_trailer_keeps_its_tar_unknown() {
    check_tar(GZIP, &2560_u32.to_le_bytes(), Some(2560));
    check_tar(GZIP, &2561_u32.to_le_bytes(), None);
    check_tar(GZIP, b"<html>", None);
    check_tar(ZSTD, &2560_u32.to_le_bytes(), None);
}

#[track_caller]
fn check_failure(documents: &[(&str, Vec<u8>)], expected: &str) {
    let failure = resolve(documents, "12", "linux/amd64", b"").expect_err("a failure");
    assert_eq!(format!("{:?}: {}", failure.reason, failure.message), expected);
}

#[test]
fn what_is_wrong_is_said_in_a_sentence() {
    check_failure(&[], "NotFound: docker.io has no debian:12");
    check_failure(
        &[("12", b"{".to_vec())],
        "Invalid: docker.io answered wrongly for debian:12: the manifest is not what the protocol says: \
         EOF while parsing an object at line 1 column 1",
    );
    check_failure(
        &[("12", br#"{"schemaVersion":1}"#.to_vec())],
        "Invalid: docker.io has debian:12 only in the manifest form of 2015, which says no sizes",
    );
    check_failure(
        &[("12", index(&[("linux/s390x", LAYER), ("windows/amd64", LAYER)]))],
        "NoPlatform: debian:12 has no build for linux/amd64, only for linux/s390x, windows/amd64",
    );
    check_failure(&[("12", index(&[("linux/amd64", LAYER)]))], "NotFound: docker.io has no debian:12");
}

#[test]
fn indexes_that_go_round_in_circles_end() {
    let image = ImageRef::parse("debian").expect("a reference in a test");
    let mut resolution = Resolution::new(&image, &Platform::linux_amd64());
    let mut rounds = 0;
    let mut last = manifest(GZIP);
    let mut chain = Vec::new();
    for _ in 0..10 {
        last = index(&[("linux/amd64", &sha256(&last))]);
        chain.push(last.clone());
    }
    while !resolution.is_done() {
        let body = chain.pop().expect("fewer rounds than indexes");
        for request in resolution.next_requests() {
            resolution.answer(&request, Reply::Content { body: body.clone(), digest: String::new() });
        }
        rounds += 1;
    }
    assert_eq!(rounds, 3);
    let failure = resolution.finish("docker.io", "").expect_err("a failure");
    assert_eq!(failure.message, "debian:latest at docker.io is no image");
}

#[test]
fn content_that_was_changed_on_the_way_is_refused() {
    let image = ImageRef::parse("debian").expect("a reference in a test");
    let mut resolution = Resolution::new(&image, &Platform::linux_amd64());
    let request = resolution.next_requests().remove(0);
    resolution.answer(&request, Reply::Content { body: manifest(GZIP), digest: LAYER.to_owned() });
    let failure = resolution.finish("docker.io", "").expect_err("a failure");
    assert_eq!(failure.reason, crate::facts::FailureReason::DigestMismatch);
}

#[test]
fn a_reply_that_nobody_waits_for_changes_nothing() {
    let image = ImageRef::parse("debian").expect("a reference in a test");
    let mut resolution = Resolution::new(&image, &Platform::linux_amd64());
    let blob = Request::Blob { digest: LAYER.to_owned() };
    resolution.answer(&blob, Reply::refused(500));
    assert!(!resolution.is_done());
    let failure = resolution.finish("docker.io", "").expect_err("a failure");
    assert_eq!(failure.message, "docker.io does not answer: the question was given up");
}
