//! `layercast estimate` with registries that answer, fail, or are slow: the report is whole in every case.

use crate::world::companion::Home;
use crate::world::docker_registry::{DockerRegistry, is_installed};
use crate::world::image::{INDEX, Image, Push, index};
use crate::world::script::{Answer, Script};
use layercast_core::registry::sha256;
use serde_json::{Value, json};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// The report on a Dockerfile, as JSON, with more arguments. Ends the test where there is none.
async fn estimate(home: &Home, dockerfile: &str, args: &[&str]) -> Value {
    let path = home.path().join("Dockerfile");
    std::fs::write(&path, dockerfile).expect("the folder is ours");
    let file = path.to_str().expect("a temporary folder's name is text").to_owned();
    let mut command = home.command(&[&["estimate", "--format", "json", &file], args].concat());
    // On a thread, as the registries of a test run on this one.
    let run = tokio::task::spawn_blocking(move || command.stderr(Stdio::inherit()).output());
    let output = run.await.expect("the thread ends").expect("the companion starts");
    serde_json::from_slice(&output.stdout).expect("standard output is one object")
}

fn warnings(report: &Value) -> Vec<String> {
    let warnings = report["warnings"].as_array().expect("warnings are a list");
    warnings.iter().map(|one| one["message"].as_str().expect("a message is text").to_owned()).collect()
}

#[tokio::test]
async fn the_base_weighs_what_its_manifest_says() {
    if !is_installed("estimates with a real registry") {
        return;
    }
    let registry = DockerRegistry::start("").await;
    let origin = registry.origin();
    let push = Push { origin: &origin, repository: "library/debian", token: "" };
    let image = Image::of("amd64", &["one", &"two ".repeat(5000), "three"]);
    image.push(&push, &sha256(&image.manifest)).await;
    let top = index(&[(json!({"os": "linux", "architecture": "amd64"}), &image)]);
    push.manifest("12-slim", INDEX, &top).await;

    let home = Home::new();
    let mirror = format!("docker.io={origin}");
    let dockerfile = "FROM debian:12-slim AS build\nRUN make\nFROM debian:12-slim\nENV A=1\n";
    let report = estimate(&home, dockerfile, &["--registry-mirror", &mirror]).await;
    assert_eq!(report["download"]["likely"], image.download(), "{report}");
    assert_eq!(report["download"]["low"], report["download"]["high"]);
    let basis = report["layers"][0]["download"]["basis"].clone();
    assert_eq!(basis["kind"], "manifest");
    assert_eq!(basis["digest"], sha256(&image.manifest));
    assert_eq!(basis["source"], format!("docker.io at {}", registry.host()));
    assert_eq!(report["layers"][0]["unpacked"]["basis"]["kind"], "trailer");
    assert_eq!(warnings(&report), [""; 0]);
}

#[tokio::test]
async fn one_registry_in_trouble_leaves_the_rest_of_the_report() {
    let registry = Script::start().await;
    let good = Image::of("amd64", &["one"]);
    registry.hold("good", "1", &good);
    registry.say("private/manifests/1", Answer::Status(403, &[]));
    registry.say("limited/manifests/1", Answer::Status(429, &[("retry-after", "60")]));
    registry.say("slow/manifests/1", Answer::Silence(Duration::from_secs(60)));
    registry.say("nonsense/manifests/1", Answer::Content(b"<html>".to_vec()));
    let host = registry.host();
    let mut dockerfile = String::new();
    for name in ["missing", "private", "limited", "slow", "nonsense"] {
        dockerfile += &format!("FROM {host}/{name}:1 AS {name}\n");
    }
    dockerfile += &format!("FROM {host}/good:1\n");
    let started = Instant::now();
    let report = estimate(&Home::new(), &dockerfile, &["--registry-timeout", "1"]).await;
    assert!(started.elapsed() < Duration::from_secs(10));
    assert_eq!(report["download"]["likely"], good.download(), "{report}");
    let warnings = warnings(&report);
    for said in [
        "has no missing:1",
        "does not show private:1 without signing in, or it does not exist",
        "allows no more requests for now",
        "did not answer within 1 seconds",
        "answered wrongly for nonsense:1",
    ] {
        assert!(warnings.iter().any(|warning| warning.contains(said)), "{said}: {warnings:#?}");
    }
}

#[tokio::test]
async fn many_slow_images_are_waited_for_once() {
    let registry = Script::start().await;
    let mut dockerfile = String::new();
    for place in 0..40 {
        registry.say(&format!("slow{place}/manifests/1"), Answer::Silence(Duration::from_secs(60)));
        dockerfile += &format!("FROM {}/slow{place}:1 AS slow{place}\n", registry.host());
    }
    let started = Instant::now();
    let report = estimate(&Home::new(), &dockerfile, &["--registry-timeout", "1"]).await;
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
    assert_eq!(warnings(&report).len(), 40);
}

#[tokio::test]
async fn an_older_answer_stands_in_with_a_word_on_why() {
    let (registry, home) = (Script::start().await, Home::new());
    let image = Image::of("amd64", &["one"]);
    registry.hold("x", "1", &image);
    let dockerfile = format!("FROM {}/x:1\n", registry.host());
    estimate(&home, &dockerfile, &[]).await;
    crate::cache::let_time_pass(&home.cache());
    registry.say("x/manifests/1", Answer::Status(503, &[]));
    let report = estimate(&home, &dockerfile, &[]).await;
    assert_eq!(report["download"]["likely"], image.download());
    let warnings = warnings(&report);
    assert!(warnings.iter().any(|warning| warning.contains("status 503")), "{warnings:?}");
}

#[tokio::test]
async fn offline_nobody_is_asked() {
    let registry = Script::start().await;
    registry.hold("x", "1", &Image::of("amd64", &["one"]));
    let dockerfile = format!("FROM {}/x:1\n", registry.host());
    let report = estimate(&Home::new(), &dockerfile, &["--offline"]).await;
    assert_eq!(registry.log.take(), [""; 0]);
    assert_eq!(report["questions"][0]["kind"], "image");
}
