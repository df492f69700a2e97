//! What a build really made of each instruction: `docker history` entry by entry, the pushed manifest layer by layer,
//! the contents of the image where Docker keeps images as containerd does, and those of the file that it was put into.

mod chain;
mod kept;
mod saved;

use super::buildx::Buildx;
use super::docker::{CONTAINERD, Docker};
use super::{BuildError, Builder, Built, Place};
use crate::answers::{Cache, Registry};
use chain::{laid_over, layers_laid_over};
use layercast_core::Report;
use layercast_core::image_ref::{ImageRef, Platform};
use layercast_core::registry::Request;
use saved::Layer;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;

/// The bytes that a step of the image really added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Truth {
    /// The instruction; that of FROM stands for all layers of the base image.
    pub(crate) place: Place,
    /// The files of its layer, as `docker history` counts them; none where the builder keeps no image here.
    pub(crate) unpacked: Option<u64>,
    /// Its compressed layer, as the manifest in the registry counts it; none where nothing was pushed, and for what
    /// makes no layer.
    pub(crate) download: Option<u64>,
}

/// An entry of an image's history.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    by: String,
    bytes: u64,
}

/// Bytes of an instruction, in one of the two ways of counting.
type Counted = (Place, u64);

/// The truth of every step of the image that was built, lowest first; none where nobody tells.
pub(crate) async fn measured(
    builder: &Builder,
    built: &Built,
    report: &Report,
    cache: &Cache,
) -> Option<Vec<Truth>> {
    let platform = report.stages.get(report.target()?.stage)?.built_for.clone();
    measured_on(builder, built, report, &platform, None, cache).await
}

/// The same of the image for one of several platforms. `report` is on that platform. Where the image was pushed,
/// `pushed_to` are the registries.
pub(crate) async fn measured_on(
    builder: &Builder,
    built: &Built,
    report: &Report,
    platform: &Platform,
    pushed_to: Option<&Registry>,
    cache: &Cache,
) -> Option<Vec<Truth>> {
    if let Some(archive) = built.archive()
        && let Some(layers) = archived_layers(archive, platform.clone()).await
    {
        return of_layers(&layers, report);
    }
    // Only a Docker that keeps images as containerd does has their contents: asking for them asks that as well.
    if built.has_descriptor() {
        if let Some(layers) = kept_layers(builder, built, platform, cache).await {
            return of_layers(&layers, report);
        }
        if builder.keeps_images_as_containerd().await {
            return of_layers(&saved_layers(&builder.command_line(), built, platform).await?, report);
        }
    }
    let unpacked = history(builder, built).await.and_then(|entries| laid_over(&entries, report));
    let pushed = match pushed_to {
        Some(registry) => pushed_layers(builder, registry, built, platform).await,
        None => None,
    };
    let download = pushed.and_then(|layers| layers_laid_over(&layers, report));
    joined(unpacked, download)
}

fn of_layers(layers: &[Layer], report: &Report) -> Option<Vec<Truth>> {
    let lengths: Vec<u64> = layers.iter().map(|layer| layer.download).collect();
    let download = layers_laid_over(&lengths, report);
    let unpacked: Option<Vec<u64>> = layers.iter().map(|layer| layer.unpacked).collect();
    joined(unpacked.and_then(|unpacked| layers_laid_over(&unpacked, report)), download)
}

/// The layers of the image, as the daemon keeps them.
async fn kept_layers(
    builder: &Builder,
    built: &Built,
    platform: &Platform,
    cache: &Cache,
) -> Option<Vec<Layer>> {
    let calls = builder.daemon()?.calls().await?;
    kept::layers(&calls, built.metadata["containerimage.digest"].as_str()?, platform, cache).await
}

/// The layers of the image, in the file that it was put into.
async fn archived_layers(archive: PathBuf, platform: Platform) -> Option<Vec<Layer>> {
    let read = move || saved::layers(File::open(archive)?, &platform);
    tokio::task::spawn_blocking(read).await.ok()?.ok()?
}

/// The layers of the image, as `docker save` hands them out.
async fn saved_layers(docker: &Buildx, built: &Built, platform: &Platform) -> Option<Vec<Layer>> {
    let image = built.metadata["containerimage.digest"].as_str()?;
    // While other builds end on the same daemon it was seen to fail, and to do the next time.
    match saved_once(docker, image, platform).await {
        None => saved_once(docker, image, platform).await,
        saved => saved,
    }
}

async fn saved_once(docker: &Buildx, image: &str, platform: &Platform) -> Option<Vec<Layer>> {
    let (wanted, platform) = (platform.to_string(), platform.clone());
    // Where it is given up half-way, the program ends, and the thread with it.
    let (mut child, archive) = docker.pipe(&["save", "--platform", &wanted, image]).ok()?;
    let layers = tokio::task::spawn_blocking(move || saved::layers(archive, &platform)).await;
    let is_whole = child.wait().await.is_ok_and(|status| status.success());
    layers.ok()?.ok()?.filter(|_| is_whole)
}

impl Built {
    /// The file that has the whole image.
    fn archive(&self) -> Option<PathBuf> {
        let output = self.output.as_ref().filter(|output| output.is_archive_of_image())?;
        output.destination.as_ref().map(PathBuf::from)
    }

    /// Docker that keeps images itself gives a build none.
    fn has_descriptor(&self) -> bool {
        self.metadata["containerimage.descriptor"].is_object()
    }
}

impl Builder {
    /// Whether Docker keeps images as containerd does, where its history does not tell the lengths of files.
    async fn keeps_images_as_containerd(&self) -> bool {
        let told = async { self.daemon()?.keeps_images_as_containerd().await };
        if let Some(told) = told.await {
            return told;
        }
        let info = ["info", "--format", "{{json .DriverStatus}}"];
        self.command_line().ask(&info).await.is_some_and(|status| status.contains(CONTAINERD))
    }

    /// Docker's own program, where it is installed.
    fn command_line(&self) -> Buildx {
        match self {
            Self::Buildx(docker) => docker.clone(),
            Self::Docker(_) => Buildx::on_path(),
        }
    }

    /// The daemon itself, where it can be spoken to: it takes a tenth of the time that `docker` needs to begin.
    fn daemon(&self) -> Option<Docker> {
        match self {
            Self::Docker(daemon) => Some(daemon.clone()),
            Self::Buildx(_) => Docker::in_use().ok(),
        }
    }
}

async fn history(builder: &Builder, built: &Built) -> Option<Vec<Entry>> {
    let daemon = builder.daemon();
    for key in ["containerimage.config.digest", "containerimage.digest"] {
        let Some(image) = built.metadata[key].as_str() else { continue };
        let told = match &daemon {
            Some(daemon) => Some(daemon.history(image).await),
            None => None,
        };
        let found = match (told, builder) {
            (Some(Ok(entries)), _) => {
                Some(entries.into_iter().rev().map(|(by, bytes)| Entry { by, bytes }).collect())
            }
            // It answers, and has no such image.
            (Some(Err(BuildError::Builder { .. })), _) | (_, Builder::Docker(_)) => None,
            (_, Builder::Buildx(docker)) => {
                let args = ["history", "--no-trunc", "--human=false", "--format", "{{json .}}", image];
                docker.ask(&args).await.as_deref().and_then(entries)
            }
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// Lengths of the layers that were pushed, lowest first.
async fn pushed_layers(
    builder: &Builder,
    registry: &Registry,
    built: &Built,
    platform: &Platform,
) -> Option<Vec<u64>> {
    let name = built.metadata["image.name"].as_str()?.split(',').next()?;
    let mut digest = built.metadata["containerimage.digest"].as_str()?.to_owned();
    for _ in 0..2 {
        let manifest = pushed_manifest(builder, registry, name, &digest).await?;
        if let Some(layers) = manifest["layers"].as_array() {
            return layers.iter().map(|layer| layer["size"].as_u64()).collect();
        }
        digest = of_platform(&manifest, platform)?;
    }
    None
}

/// What the registry says: asked by ourselves in a part of the time that `docker` takes to begin, and by `docker` where
/// only that is let in.
async fn pushed_manifest(builder: &Builder, registry: &Registry, name: &str, digest: &str) -> Option<Value> {
    let own = async {
        let request = Request::Manifest { reference: digest.to_owned() };
        let content = registry.content(&ImageRef::parse(name).ok()?, &request).await.ok()?;
        serde_json::from_slice(&content.body).ok()
    };
    if let Some(manifest) = own.await {
        return Some(manifest);
    }
    let image = format!("{name}@{digest}");
    let text = builder.command_line().ask(&["buildx", "imagetools", "inspect", "--raw", &image]).await?;
    serde_json::from_str(&text).ok()
}

/// The digest that an index has for a platform.
fn of_platform(index: &Value, platform: &Platform) -> Option<String> {
    let manifests = index["manifests"].as_array()?;
    let same = |it: &&Value| is_of(&it["platform"], platform);
    Some(manifests.iter().find(same)?["digest"].as_str()?.to_owned())
}

/// Whether a descriptor or a configuration is of a platform.
fn is_of(it: &Value, platform: &Platform) -> bool {
    let text = |key: &str| it[key].as_str().unwrap_or_default();
    let written = format!("{}/{}/{}", text("os"), text("architecture"), text("variant"));
    Platform::parse(written.trim_end_matches('/')).is_ok_and(|it| it == *platform)
}

/// One list of two.
fn joined(unpacked: Option<Vec<Counted>>, download: Option<Vec<Counted>>) -> Option<Vec<Truth>> {
    if unpacked.is_none() && download.is_none() {
        return None;
    }
    let mut truths: BTreeMap<Place, Truth> = BTreeMap::new();
    let mut truth = |place: Place, count: fn(&mut Truth) -> &mut Option<u64>, bytes| {
        let empty = Truth { place, unpacked: None, download: None };
        // What the base had run stands at FROM, beside the base itself.
        *count(truths.entry(place).or_insert(empty)).get_or_insert(0) += bytes;
    };
    unpacked.into_iter().flatten().for_each(|(place, bytes)| truth(place, |it| &mut it.unpacked, bytes));
    download.into_iter().flatten().for_each(|(place, bytes)| truth(place, |it| &mut it.download, bytes));
    Some(truths.into_values().collect())
}

/// The history, oldest first.
fn entries(text: &str) -> Option<Vec<Entry>> {
    let entry = |line: &str| {
        let it: Value = serde_json::from_str(line).ok()?;
        Some(Entry { by: it["CreatedBy"].as_str()?.to_owned(), bytes: it["Size"].as_str()?.parse().ok()? })
    };
    text.lines().rev().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_index_has_one_manifest_a_platform() {
        let index = json!({"manifests": [
            {"digest": "sha256:aa", "platform": {"os": "linux", "architecture": "arm64"}},
            {"digest": "sha256:bb", "platform": {"os": "linux", "architecture": "amd64"}},
        ]});
        assert_eq!(of_platform(&index, &Platform::linux_amd64()).as_deref(), Some("sha256:bb"));
        assert_eq!(of_platform(&json!({}), &Platform::linux_amd64()), None);
    }

    #[test]
    fn history_is_read_oldest_first() {
        let text = "{\"CreatedBy\":\"RUN b\",\"Size\":\"2\"}\n{\"CreatedBy\":\"ADD a\",\"Size\":\"1\"}\n";
        let entry = |by: &str, bytes| Entry { by: by.to_owned(), bytes };
        assert_eq!(entries(text), Some(vec![entry("ADD a", 1), entry("RUN b", 2)]));
        assert_eq!(entries("not JSON"), None);
    }
}
