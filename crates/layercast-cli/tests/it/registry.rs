//! Live registries: a real one with and without tokens, and rude ones.

use crate::world::companion::Home;
use crate::world::docker_registry::{DockerRegistry, is_installed};
use crate::world::image::{INDEX, Image, Push, index};
use crate::world::script::{Answer, Script};
use crate::world::token_server::TokenServer;
use layercast_core::facts::FailureReason;
use layercast_core::registry::sha256;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn an_image_of_a_real_registry_is_known_to_the_byte() {
    if !is_installed("an image of a real registry") {
        return;
    }
    let registry = DockerRegistry::start("").await;
    let (origin, host) = (registry.origin(), registry.host());
    let push = Push { origin: &origin, repository: "team/app", token: "" };
    let amd64 = Image::of("amd64", &["one", &"two ".repeat(1000)]);
    let arm = Image::of("arm", &["three"]);
    for image in [&amd64, &arm] {
        image.push(&push, &sha256(&image.manifest)).await;
    }
    let platforms = [
        (json!({"os": "linux", "architecture": "amd64"}), &amd64),
        (json!({"os": "linux", "architecture": "arm", "variant": "v7"}), &arm),
    ];
    let top = index(&platforms);
    push.manifest("1.0", INDEX, &top).await;

    let home = Home::new();
    let companion = home.serve(&[]);
    let path = format!("/relay/{host}/v2/team/app/manifests/1.0");
    assert_eq!(companion.bytes(&path).await, top);

    let name = format!("{host}/team/app:1.0");
    for (platform, image) in [("linux/amd64", &amd64), ("linux/arm/v7", &arm)] {
        let fact = companion.resolve(&name, platform).await.unwrap();
        assert_eq!(fact.digest, sha256(&image.manifest), "{platform}");
        let layers: Vec<_> = fact.layers.iter().map(|layer| (layer.download, layer.tar)).collect();
        let pushed: Vec<_> = image.layers.iter().map(|(blob, tar)| (blob.len() as u64, Some(*tar))).collect();
        assert_eq!(layers, pushed, "{platform}");
        assert_eq!(fact.config.workdir, "/srv");
    }
    let missing = companion.resolve(&name, "linux/s390x").await.unwrap_err();
    assert_eq!(missing.reason, FailureReason::NoPlatform);
    assert_eq!(
        missing.message,
        "team/app:1.0 has no build for linux/s390x, only for linux/amd64, linux/arm/v7"
    );
    let missing = companion.resolve(&format!("{host}/team/app:2.0"), "linux/amd64").await.unwrap_err();
    assert_eq!(missing.message, format!("{host} has no team/app:2.0"));
}

#[tokio::test]
async fn a_blob_elsewhere_is_fetched_without_authorization() {
    if !is_installed("blobs redirected to another host") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let tokens = TokenServer::start().await;
    let storage = Script::start().await;
    let config = format!(
        "{}middleware: {{storage: [{{name: redirect, options: {{baseurl: 'http://{}/'}}}}]}}\n",
        tokens.registry_config(folder.path()),
        storage.host()
    );
    let registry = DockerRegistry::start(&config).await;
    let image = Image::of("amd64", &["one", "two"]);
    let (origin, token) = (registry.origin(), tokens.push_token("public/app"));
    image.push(&Push { origin: &origin, repository: "public/app", token: &token }, "1").await;
    // The storage has the registry's own files, at the paths the registry names.
    for blob in std::iter::once(&image.config).chain(image.layers.iter().map(|(blob, _)| blob)) {
        let digest = sha256(blob);
        let hex = digest.trim_start_matches("sha256:");
        let path = format!("docker/registry/v2/blobs/sha256/{}/{hex}/data", &hex[..2]);
        let kept = std::fs::read(registry.storage().join(&path)).unwrap();
        storage.say(&format!("/{path}"), Answer::Content(kept));
    }
    let home = Home::new();
    let companion = home.serve(&[]);
    let fact = companion.resolve(&format!("{}/public/app:1", registry.host()), "linux/amd64").await.unwrap();
    assert!(fact.layers.iter().all(|layer| layer.tar.is_some()), "{:?}", fact.layers);
    let asked = storage.log.take();
    assert_eq!(asked.len(), 3, "the configuration and two trailers: {asked:?}");
    assert!(asked.iter().all(|line| !line.contains("Authorization")), "{asked:?}");
}

/// A page's question about `bad:1` of a registry that answers so.
async fn check_bad(answer: Answer, reason: FailureReason, status: u16, message: &str, hint: &str) {
    let registry = Script::start().await;
    registry.say("bad/manifests/1", answer);
    let home = Home::new();
    let companion = home.serve(&["--registry-timeout", "1"]);
    let host = registry.host();
    let path = format!("/relay/{host}/v2/bad/manifests/1");
    let (answered, failure) = companion.failure(&path).await;
    assert_eq!((answered, failure.reason), (status, reason), "{}", failure.message);
    assert_eq!(failure.message, message.replace("$HOST", &host));
    assert_eq!(failure.hint, hint.replace("$HOST", &host));
    let failure = companion.resolve(&format!("{host}/bad:1"), "linux/amd64").await;
    let failure = failure.expect_err("a bad answer");
    assert_eq!((failure.reason, failure.message), (reason, message.replace("$HOST", &host)));
}

#[tokio::test]
async fn a_missing_image_is_404() {
    let spelling = "check the spelling of the name and the tag";
    check_bad(Answer::Status(404, &[]), FailureReason::NotFound, 404, "$HOST has no bad:1", spelling).await;
}

#[tokio::test]
async fn a_private_image_is_denied() {
    for status in [401, 403] {
        check_bad(
            Answer::Status(status, &[]),
            FailureReason::Denied,
            403,
            "$HOST does not show bad:1 without signing in, or it does not exist",
            "check the spelling; for a private image, run `docker login $HOST` first",
        )
        .await;
    }
}

#[tokio::test]
async fn a_rate_limit_says_when_to_try_again() {
    let message = "$HOST allows no more requests for now";
    let login = "signing in by `docker login $HOST` may raise the limit";
    check_bad(
        Answer::Status(429, &[("retry-after", "600")]),
        FailureReason::RateLimited,
        429,
        message,
        &format!("try again in 10 minutes; {login}"),
    )
    .await;
    check_bad(
        Answer::Status(429, &[("ratelimit-limit", "100;w=21600")]),
        FailureReason::RateLimited,
        429,
        message,
        &format!("it allows 100 pulls in 6 hours: try again later; {login}"),
    )
    .await;
}

#[tokio::test]
async fn the_relay_hands_retry_after_on() {
    let registry = Script::start().await;
    registry.say("bad/manifests/1", Answer::Status(429, &[("retry-after", "600")]));
    let home = Home::new();
    let companion = home.serve(&[]);
    let response = companion.get(&format!("/relay/{}/v2/bad/manifests/1", registry.host())).await;
    assert_eq!(response.headers()["retry-after"], "600");
}

#[tokio::test]
async fn a_registry_in_trouble_is_named() {
    let again = "check the network, then try again";
    let broken = Answer::Status(503, &[]);
    check_bad(broken, FailureReason::Unreachable, 502, "$HOST answered bad:1 with status 503", again).await;
}

#[tokio::test]
async fn a_slow_registry_is_not_waited_for() {
    let silence = Answer::Silence(Duration::from_secs(60));
    let again = "check the network, then try again";
    let message = "$HOST did not answer within 1 seconds";
    check_bad(silence, FailureReason::Unreachable, 504, message, again).await;
}

#[tokio::test]
async fn a_registry_that_is_down_is_named() {
    let host = format!("127.0.0.1:{}", crate::world::free_port());
    let home = Home::new();
    let companion = home.serve(&[]);
    let (status, failure) = companion.failure(&format!("/relay/{host}/v2/x/manifests/1")).await;
    assert_eq!((status, failure.reason), (502, FailureReason::Unreachable));
    assert_eq!(failure.message, format!("{host} does not answer: connection refused"));
}

#[tokio::test]
async fn a_digest_that_does_not_fit_is_refused() {
    let announced = sha256(b"something else");
    let body = Image::of("amd64", &["one"]).manifest;
    let actual = sha256(&body);
    check_bad(
        Answer::Announced(announced.clone(), body),
        FailureReason::DigestMismatch,
        502,
        &format!(
            "$HOST answered wrongly for bad:1: the content has digest {actual} where {announced} was announced"
        ),
        "a proxy or cache on the way may have changed it; do not trust this copy",
    )
    .await;
}

#[tokio::test]
async fn a_configuration_that_was_changed_is_refused() {
    let registry = Script::start().await;
    let image = Image::of("amd64", &["one"]);
    registry.hold("x", "1", &image);
    registry.say(&format!("x/blobs/{}", sha256(&image.config)), Answer::Content(b"{}".to_vec()));
    let home = Home::new();
    let failure = home.serve(&[]).resolve(&format!("{}/x:1", registry.host()), "linux/amd64").await;
    assert_eq!(failure.unwrap_err().reason, FailureReason::DigestMismatch);
}

#[tokio::test]
async fn a_manifest_without_end_is_cut_off() {
    check_bad(
        Answer::Content(vec![b' '; (4 << 20) + 1]),
        FailureReason::Invalid,
        502,
        "$HOST answered wrongly for bad:1: the manifest is larger than 4194304 bytes",
        "check that $HOST is a registry, and not a sign-in page on the way",
    )
    .await;
}

#[tokio::test]
async fn what_is_no_json_is_no_manifest() {
    let registry = Script::start().await;
    registry.say("bad/manifests/1", Answer::Content(b"<html>Sign in to the hotel".to_vec()));
    let home = Home::new();
    let host = registry.host();
    let failure = home.serve(&[]).resolve(&format!("{host}/bad:1"), "linux/amd64").await.unwrap_err();
    assert_eq!(failure.reason, FailureReason::Invalid);
    let message = format!("{host} answered wrongly for bad:1: the manifest is not what the protocol says: ");
    assert!(failure.message.starts_with(&message), "{}", failure.message);
}

#[tokio::test]
async fn a_mirror_is_asked_instead() {
    let registry = Script::start().await;
    let image = Image::of("amd64", &["one"]);
    registry.hold("library/debian", "12", &image);
    let home = Home::new();
    let mirror = format!("docker.io=http://{}", registry.host());
    let companion = home.serve(&["--registry-mirror", &mirror]);
    let fact = companion.resolve("debian:12", "linux/amd64").await.unwrap();
    assert_eq!(fact.reference, "docker.io/library/debian:12");
    assert_eq!(fact.layers[0].tar, Some(image.layers[0].1));
}

#[tokio::test]
async fn https_is_spoken_where_it_is_asked_for() {
    let plain = Script::start().await;
    let home = Home::new();
    let mirror = format!("docker.io=https://{}", plain.host());
    let companion = home.serve(&["--registry-mirror", &mirror]);
    let failure = companion.resolve("debian:12", "linux/amd64").await.unwrap_err();
    assert_eq!(failure.message, "docker.io does not answer: it does not speak https");
    assert_eq!(plain.log.take(), [""; 0]);
}
