//! The documents of a registry, as far as they are read here: index, manifest, image configuration.
//!
//! <https://github.com/opencontainers/image-spec> and Docker's image manifest version 2, schema 2.

use crate::facts::{ImageConfig, ImageLayer};
use crate::image_ref::Platform;
use crate::registry::{RegistryError, Subject, is_sha256};
use serde::Deserialize;

/// The `Accept` header of a request for a manifest.
pub const ACCEPT_MANIFEST: &str = "application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, \
    application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json";

/// What stands behind a tag or a digest.
#[derive(Debug, PartialEq)]
pub(super) enum Document {
    Index(Vec<Entry>),
    Manifest(Manifest),
}

/// One image of an index.
#[derive(Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) digest: String,
    /// None where the index does not say.
    pub(super) platform: Option<Platform>,
}

/// One platform's image.
#[derive(Debug, PartialEq)]
pub(super) struct Manifest {
    pub(super) config: String,
    pub(super) layers: Vec<(ImageLayer, Compression)>,
}

/// How a layer's tar is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
    /// zstd, or one we have never heard of.
    Other,
}

/// Reads an index or a manifest; the content decides which, as media types are often missing.
pub(super) fn decode_document(content: &[u8]) -> Result<Document, RegistryError> {
    let wire: WireDocument = serde_json::from_slice(content)
        .map_err(|error| RegistryError::NotJson { subject: Subject::Manifest, detail: error.to_string() })?;
    if wire.schema_version == 1 {
        return Err(RegistryError::OldSchema);
    }
    match wire {
        WireDocument { manifests: Some(entries), .. } => {
            Ok(Document::Index(entries.into_iter().filter_map(WireDescriptor::into_entry).collect()))
        }
        WireDocument { config: Some(config), layers: Some(layers), .. } => {
            let layers = layers.into_iter().map(WireDescriptor::into_layer).collect::<Result<_, _>>()?;
            Ok(Document::Manifest(Manifest { config: sound(config.digest)?, layers }))
        }
        WireDocument { media_type, .. } => Err(RegistryError::NoImage { media_type }),
    }
}

/// Reads an image's configuration.
pub(super) fn decode_config(content: &[u8]) -> Result<ImageConfig, RegistryError> {
    let wire: WireConfigFile = serde_json::from_slice(content)
        .map_err(|error| RegistryError::NotJson { subject: Subject::Config, detail: error.to_string() })?;
    let config = wire.config.unwrap_or_default();
    Ok(ImageConfig {
        env: config.env.unwrap_or_default(),
        user: config.user.unwrap_or_default(),
        workdir: config.working_dir.unwrap_or_default(),
        onbuild: config.on_build.unwrap_or_default(),
        shell: config.shell.unwrap_or_default(),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireDocument {
    #[serde(default)]
    schema_version: u32,
    #[serde(default)]
    media_type: String,
    manifests: Option<Vec<WireDescriptor>>,
    config: Option<WireDescriptor>,
    layers: Option<Vec<WireDescriptor>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireDescriptor {
    #[serde(default)]
    media_type: String,
    digest: String,
    #[serde(default)]
    size: u64,
    platform: Option<WirePlatform>,
}

#[derive(Deserialize)]
struct WirePlatform {
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    variant: String,
}

#[derive(Deserialize)]
struct WireConfigFile {
    config: Option<WireConfig>,
}

/// Docker writes null for an empty list.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct WireConfig {
    env: Option<Vec<String>>,
    user: Option<String>,
    working_dir: Option<String>,
    on_build: Option<Vec<String>>,
    shell: Option<Vec<String>>,
}

impl WireDescriptor {
    /// None for an attestation (`unknown/unknown`), which is no image.
    fn into_entry(self) -> Option<Entry> {
        let platform = match self.platform {
            None => None,
            Some(wire) if wire.os == "unknown" || wire.architecture == "unknown" => return None,
            Some(wire) => {
                let variant = if wire.variant.is_empty() { "" } else { "/" };
                let text = format!("{}/{}{variant}{}", wire.os, wire.architecture, wire.variant);
                Some(Platform::parse(&text).ok()?)
            }
        };
        Some(Entry { digest: self.digest, platform })
    }

    fn into_layer(self) -> Result<(ImageLayer, Compression), RegistryError> {
        let compression = match self.media_type.as_str() {
            kind if kind.ends_with("gzip") => Compression::Gzip,
            kind if kind.ends_with(".tar") => Compression::None,
            _ => Compression::Other,
        };
        let tar = (compression == Compression::None).then_some(self.size);
        let digest = sound(self.digest)?;
        Ok((ImageLayer { digest, download: self.size, unpacked: None, tar }, compression))
    }
}

/// A digest that may stand in a request's path.
pub(super) fn sound(digest: String) -> Result<String, RegistryError> {
    if is_sha256(&digest) { Ok(digest) } else { Err(RegistryError::UnknownDigest { digest }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    fn decode(json: &str) -> Result<Document, RegistryError> {
        decode_document(json.replace("$A", A).as_bytes())
    }

    #[test]
    fn an_index_lists_its_platforms_and_no_attestation() {
        let read = decode(
            r#"{"schemaVersion":2,"manifests":[
                {"digest":"$A","size":1,"platform":{"os":"linux","architecture":"arm64","variant":"v8"}},
                {"digest":"$A","size":1,"platform":{"os":"unknown","architecture":"unknown"}},
                {"digest":"$A","size":1}]}"#,
        );
        let arm64 = Platform::parse("linux/arm64").ok();
        let entry = |platform| Entry { digest: A.to_owned(), platform };
        assert_eq!(read, Ok(Document::Index(vec![entry(arm64), entry(None)])));
    }

    #[test]
    fn a_manifest_lists_its_layers_and_how_they_are_packed() {
        let read = decode(
            r#"{"schemaVersion":2,"config":{"digest":"$A","size":1},"layers":[
                {"mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip","digest":"$A","size":100},
                {"mediaType":"application/vnd.oci.image.layer.v1.tar+zstd","digest":"$A","size":90},
                {"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"$A","size":512}]}"#,
        );
        let Ok(Document::Manifest(manifest)) = read else { panic!("{read:?}") };
        let packed: Vec<_> = manifest.layers.iter().map(|(layer, kind)| (layer.tar, *kind)).collect();
        let expected =
            [(None, Compression::Gzip), (None, Compression::Other), (Some(512), Compression::None)];
        assert_eq!(packed, expected);
    }

    #[test]
    fn what_is_no_manifest_is_named() {
        let not_json = decode("<html>");
        assert!(matches!(not_json, Err(RegistryError::NotJson { subject: Subject::Manifest, .. })));
        assert_eq!(decode(r#"{"schemaVersion":1,"fsLayers":[]}"#), Err(RegistryError::OldSchema));
        let none = RegistryError::NoImage { media_type: String::new() };
        assert_eq!(decode(r#"{"errors":[]}"#), Err(none));
    }

    #[test]
    fn a_digest_that_is_no_digest_never_reaches_a_path() {
        let read = decode(r#"{"schemaVersion":2,"config":{"digest":"../../x","size":1},"layers":[]}"#);
        assert_eq!(read, Err(RegistryError::UnknownDigest { digest: "../../x".to_owned() }));
    }

    #[test]
    fn a_configuration_keeps_what_a_build_inherits() {
        let read = decode_config(
            br#"{"architecture":"amd64","config":{"Env":["A=1"],"User":"app","WorkingDir":"/srv","OnBuild":null}}"#,
        );
        let expected = ImageConfig {
            env: vec!["A=1".to_owned()],
            user: "app".to_owned(),
            workdir: "/srv".to_owned(),
            ..ImageConfig::default()
        };
        assert_eq!(read, Ok(expected));
        assert_eq!(decode_config(b"{}"), Ok(ImageConfig::default()));
        assert!(matches!(decode_config(b"["), Err(RegistryError::NotJson { subject: Subject::Config, .. })));
    }
}
