//! A tiny image, made and pushed by the protocol itself.

use flate2::Compression;
use flate2::write::GzEncoder;
use layercast_core::registry::sha256;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use serde_json::{Value, json};
use std::io::Write;

pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// One platform's image with all its contents.
#[derive(Clone)]
pub(crate) struct Image {
    pub(crate) manifest: Vec<u8>,
    pub(crate) config: Vec<u8>,
    /// Compressed, with the length of the tar inside.
    pub(crate) layers: Vec<(Vec<u8>, u64)>,
}

impl Image {
    /// An image of one gzip layer for each text, with one file that holds it.
    pub(crate) fn of(architecture: &str, texts: &[&str]) -> Self {
        let layers: Vec<(Vec<u8>, u64)> = texts.iter().map(|text| layer(text)).collect();
        let config = json!({
            "os": "linux", "architecture": architecture,
            "config": {"Env": ["PATH=/bin", format!("ARCH={architecture}")], "WorkingDir": "/srv"},
            "rootfs": {"type": "layers", "diff_ids": []},
        });
        let config = config.to_string().into_bytes();
        let kind = "application/vnd.oci.image.layer.v1.tar+gzip";
        let described = layers.iter().map(|(blob, _)| descriptor(kind, blob)).collect::<Vec<_>>();
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST,
            "config": descriptor("application/vnd.oci.image.config.v1+json", &config),
            "layers": described,
        });
        Self { manifest: manifest.to_string().into_bytes(), config, layers }
    }

    pub(crate) fn download(&self) -> u64 {
        self.layers.iter().map(|(blob, _)| blob.len() as u64).sum()
    }

    /// Pushes it under a tag or its own digest.
    pub(crate) async fn push(&self, registry: &Push<'_>, reference: &str) {
        registry.blob(&self.config).await;
        for (blob, _) in &self.layers {
            registry.blob(blob).await;
        }
        registry.manifest(reference, MANIFEST, &self.manifest).await;
    }
}

/// An index over images, with an attestation that is no image.
pub(crate) fn index(images: &[(Value, &Image)]) -> Vec<u8> {
    let mut entries: Vec<Value> = Vec::new();
    for (platform, image) in images {
        let mut entry = descriptor(MANIFEST, &image.manifest);
        entry["platform"] = platform.clone();
        entries.push(entry);
    }
    let (_, first) = images.first().expect("an index has an image");
    let mut attestation = descriptor(MANIFEST, &first.manifest);
    attestation["platform"] = json!({"os": "unknown", "architecture": "unknown"});
    entries.insert(0, attestation);
    json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}).to_string().into_bytes()
}

fn descriptor(media_type: &str, content: &[u8]) -> Value {
    json!({"mediaType": media_type, "digest": sha256(content), "size": content.len()})
}

fn layer(text: &str) -> (Vec<u8>, u64) {
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(text.len() as u64);
    header.set_mode(0o644);
    header.set_cksum();
    tar.append_data(&mut header, "srv/text", text.as_bytes()).expect("memory takes everything");
    let tar = tar.into_inner().expect("memory takes everything");
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(&tar).expect("memory takes everything");
    (gzip.finish().expect("memory takes everything"), tar.len() as u64)
}

/// A repository to push to.
pub(crate) struct Push<'a> {
    /// `http://127.0.0.1:5000`.
    pub(crate) origin: &'a str,
    pub(crate) repository: &'a str,
    /// A bearer token; empty where none is needed.
    pub(crate) token: &'a str,
}

impl Push<'_> {
    pub(crate) async fn manifest(&self, reference: &str, media_type: &str, content: &[u8]) {
        let url = format!("{}/v2/{}/manifests/{reference}", self.origin, self.repository);
        let request = super::http().put(url).header(CONTENT_TYPE, media_type).body(content.to_vec());
        self.sent(request).await;
    }

    async fn blob(&self, content: &[u8]) {
        let url = format!("{}/v2/{}/blobs/uploads/", self.origin, self.repository);
        let started = self.sent(super::http().post(url)).await;
        let location = started.headers()[LOCATION].to_str().expect("a location is text").to_owned();
        let url = format!("{location}&digest={}", sha256(content));
        let request = super::http().put(url).header(CONTENT_TYPE, "application/octet-stream");
        self.sent(request.body(content.to_vec())).await;
    }

    async fn sent(&self, mut request: reqwest::RequestBuilder) -> reqwest::Response {
        if !self.token.is_empty() {
            request = request.header(AUTHORIZATION, format!("Bearer {}", self.token));
        }
        let response = request.send().await.expect("the registry answers a push");
        let status = response.status();
        assert!(status.is_success(), "{} to {}", status, response.url());
        response
    }
}
