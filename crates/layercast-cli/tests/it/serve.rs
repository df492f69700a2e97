//! `layercast serve`: who may ask, what there is, what it says when it cannot start.

use crate::world::companion::Home;
use crate::world::http;
use crate::world::image::Image;
use crate::world::script::Script;
use layercast_core::registry::{RELAY_VERSION, RelayIndex, sha256};
use reqwest::header::{HOST, HeaderName, ORIGIN};

#[tokio::test]
async fn a_page_finds_out_that_there_is_a_relay() {
    let home = Home::new();
    let companion = home.serve(&["--allow-registry", "corp.example.org"]);
    let index: RelayIndex = serde_json::from_slice(&companion.bytes("/relay/").await).unwrap();
    assert_eq!(index.version, RELAY_VERSION);
    for name in ["docker.io", "ghcr.io", "corp.example.org", "localhost:*"] {
        assert!(index.registries.iter().any(|registry| registry == name), "{name}");
    }
    let offline = home.serve(&["--offline"]);
    let index: RelayIndex = serde_json::from_slice(&offline.bytes("/relay/").await).unwrap();
    assert_eq!(index.registries, [""; 0]);
}

#[tokio::test]
async fn relayed_bytes_are_the_registry_s_own() {
    let registry = Script::start().await;
    let image = Image::of("amd64", &["one"]);
    registry.hold("x", "1", &image);
    let home = Home::new();
    let companion = home.serve(&[]);
    let base = format!("/relay/{}/v2/x", registry.host());
    assert_eq!(companion.bytes(&format!("{base}/manifests/1")).await, image.manifest);
    assert_eq!(companion.bytes(&format!("{base}/blobs/{}", sha256(&image.config))).await, image.config);
    let (layer, tar) = &image.layers[0];
    let trailer = format!("{base}/trailers/{}?size={}", sha256(layer), layer.len());
    assert_eq!(companion.bytes(&trailer).await, u32::try_from(*tar).unwrap().to_le_bytes());

    let header = async |path: &str, name: &str| {
        let response = companion.get(&format!("{base}/{path}")).await;
        response.headers()[name].to_str().unwrap().to_owned()
    };
    let by_digest = format!("manifests/{}", sha256(&image.manifest));
    assert_eq!(header("manifests/1", "docker-content-digest").await, sha256(&image.manifest));
    assert_eq!(header("manifests/1", "content-type").await, "application/vnd.oci.image.manifest.v1+json");
    assert_eq!(header("manifests/1", "cache-control").await, "private, max-age=60");
    assert_eq!(header(&by_digest, "cache-control").await, "private, max-age=31536000, immutable");
}

#[tokio::test]
async fn other_registries_are_not_asked() {
    let home = Home::new();
    let companion = home.serve(&[]);
    let (status, failure) = companion.failure("/relay/corp.example.org/v2/x/manifests/1").await;
    assert_eq!(status, 403);
    assert_eq!(failure.message, "this relay does not ask corp.example.org");
    assert_eq!(failure.hint, "start it again with `layercast serve --allow-registry corp.example.org`");
    let (status, _) = companion.failure("/relay/docker.io/v2/library/debian/tags/list").await;
    assert_eq!(status, 400);
}

/// The status of `/relay/`, asked with one header more.
async fn status_with(origin: &str, header: HeaderName, value: &str) -> u16 {
    let request = http().get(format!("{origin}/relay/")).header(header, value);
    request.send().await.expect("the companion answers").status().as_u16()
}

#[tokio::test]
async fn foreign_pages_and_names_are_refused() {
    let home = Home::new();
    let companion = home.serve(&[]);
    let (origin, port) = (&companion.origin, companion.origin.rsplit(':').next().unwrap().to_owned());
    assert_eq!(status_with(origin, HOST, &format!("rebound.example.org:{port}")).await, 421);
    assert_eq!(status_with(origin, HOST, &format!("localhost:{port}")).await, 200);
    assert_eq!(status_with(origin, ORIGIN, "https://example.org").await, 403);
    assert_eq!(status_with(origin, ORIGIN, origin).await, 200);
    assert_eq!(http().post(format!("{origin}/relay/")).send().await.unwrap().status(), 405);
}

#[tokio::test]
async fn the_page_or_a_word_on_how_to_get_it_stands_at_the_root() {
    let home = Home::new();
    let companion = home.serve(&[]);
    let response = companion.get("/").await;
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    let status = response.status();
    let body = response.text().await.unwrap();
    match status.as_u16() {
        200 => assert!(body.to_lowercase().contains("<!doctype html>"), "{body}"),
        503 => assert!(body.contains("cargo xtask build"), "{body}"),
        other => panic!("{other}: {body}"),
    }
}

#[tokio::test]
async fn a_port_that_is_taken_is_told_with_another() {
    let home = Home::new();
    let companion = home.serve(&[]);
    let port = companion.origin.rsplit(':').next().unwrap();
    let mut second = home.command(&["serve", "--port", port]);
    let output = second.stderr(std::process::Stdio::piped()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains(&format!("listen at 127.0.0.1:{port}: the port is taken")), "{said}");
    assert!(said.contains("--port"), "{said}");
}

#[test]
fn a_mirror_that_is_none_is_told_at_once() {
    let home = Home::new();
    let mut serve = home.command(&["serve", "--registry-mirror", "docker.io=ftp://x"]);
    let output = serve.stderr(std::process::Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("the URL needs http:// or https://"));
}
