//! What a build really made of each instruction: `docker history` entry by entry, the pushed manifest layer by layer.

use super::buildx::Buildx;
use super::{Builder, Built, Place};
use layercast_core::Report;
use layercast_core::image_ref::Platform;
use layercast_core::report::Source;
use serde_json::Value;
use std::collections::BTreeMap;

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
    is_pushed: bool,
) -> Option<Vec<Truth>> {
    let unpacked = history(builder, built).await.and_then(|entries| laid_over(&entries, report));
    let pushed = match builder {
        Builder::Buildx(docker) if is_pushed => manifest(docker, built, &platform(report)?).await,
        Builder::Buildx(_) | Builder::Docker(_) => None,
    };
    let download = pushed.and_then(|layers| layers_laid_over(&layers, report));
    joined(unpacked, download)
}

async fn history(builder: &Builder, built: &Built) -> Option<Vec<Entry>> {
    for key in ["containerimage.config.digest", "containerimage.digest"] {
        let Some(image) = built.metadata[key].as_str() else { continue };
        let found = match builder {
            Builder::Buildx(docker) => {
                let args = ["history", "--no-trunc", "--human=false", "--format", "{{json .}}", image];
                docker.ask(&args).await.as_deref().and_then(entries)
            }
            Builder::Docker(docker) => docker
                .history(image)
                .await
                .map(|entries| entries.into_iter().rev().map(|(by, bytes)| Entry { by, bytes }).collect()),
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// Lengths of the layers that were pushed, lowest first.
async fn manifest(docker: &Buildx, built: &Built, platform: &Platform) -> Option<Vec<u64>> {
    let name = built.metadata["image.name"].as_str()?.split(',').next()?;
    let mut digest = built.metadata["containerimage.digest"].as_str()?.to_owned();
    for _ in 0..2 {
        let image = format!("{name}@{digest}");
        let text = docker.ask(&["buildx", "imagetools", "inspect", "--raw", &image]).await?;
        let manifest: Value = serde_json::from_str(&text).ok()?;
        if let Some(layers) = manifest["layers"].as_array() {
            return layers.iter().map(|layer| layer["size"].as_u64()).collect();
        }
        digest = of_platform(&manifest, platform)?;
    }
    None
}

/// The digest that an index has for a platform.
fn of_platform(index: &Value, platform: &Platform) -> Option<String> {
    let manifests = index["manifests"].as_array()?;
    let same = |it: &&Value| {
        let it = &it["platform"];
        it["os"] == platform.os.as_str() && it["architecture"] == platform.architecture.as_str()
    };
    Some(manifests.iter().find(same)?["digest"].as_str()?.to_owned())
}

fn platform(report: &Report) -> Option<Platform> {
    Some(report.stages.get(report.target()?.stage)?.built_for.clone())
}

/// One list of two.
fn joined(unpacked: Option<Vec<Counted>>, download: Option<Vec<Counted>>) -> Option<Vec<Truth>> {
    if unpacked.is_none() && download.is_none() {
        return None;
    }
    let mut truths: BTreeMap<Place, Truth> = BTreeMap::new();
    let mut truth = |place: Place, count: fn(&mut Truth) -> &mut Option<u64>, bytes| {
        let empty = Truth { place, unpacked: None, download: None };
        *count(truths.entry(place).or_insert(empty)) = Some(bytes);
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

/// The last entries are those of the Dockerfile, one for each instruction of the target and of the stages below it;
/// what is before them is the base image's. None where the two do not fit.
fn laid_over(entries: &[Entry], report: &Report) -> Option<Vec<Counted>> {
    let (from, chain) = chain(report)?;
    let (base, own) = entries.split_at_checked(entries.len().checked_sub(chain.len())?)?;
    let mut truths = Vec::new();
    if let Some(place) = from {
        truths.push((place, base.iter().map(|entry| entry.bytes).sum()));
    } else if !base.is_empty() {
        return None;
    }
    for (entry, (keyword, place)) in own.iter().zip(chain) {
        if !entry.by.starts_with(keyword) {
            return None;
        }
        truths.push((place, entry.bytes));
    }
    Some(truths)
}

/// The last layers are those of the instructions that make one; what is below is the base image's.
fn layers_laid_over(layers: &[u64], report: &Report) -> Option<Vec<Counted>> {
    let (from, chain) = chain(report)?;
    let makes_layer = |(keyword, place): &Written<'_>| match *keyword {
        "WORKDIR" => {
            let instruction = report.instructions.get(place.instruction);
            instruction.is_none_or(|it| it.sets.iter().all(|set| set.value.as_deref() != Some("/")))
        }
        _ => ["RUN", "COPY", "ADD"].contains(keyword),
    };
    let makers: Vec<Place> = chain.iter().filter(|it| makes_layer(it)).map(|(_, place)| *place).collect();
    let (base, own) = layers.split_at_checked(layers.len().checked_sub(makers.len())?)?;
    let base = match from {
        Some(place) => Some((place, base.iter().sum())),
        None if base.is_empty() => None,
        None => return None,
    };
    Some(base.into_iter().chain(makers.into_iter().zip(own.iter().copied())).collect())
}

/// An instruction with its keyword.
type Written<'a> = (&'a str, Place);

/// The FROM of the base image, where there is one, and every instruction above it that leaves an entry.
fn chain(report: &Report) -> Option<(Option<Place>, Vec<Written<'_>>)> {
    let mut stage = report.stages.get(report.target()?.stage)?;
    let mut chain = Vec::new();
    loop {
        let own = stage.instructions.iter().filter_map(|at| Some((*at, report.instructions.get(*at)?)));
        let own = own.filter(|(_, instruction)| instruction.keyword != "ONBUILD");
        let own = own.map(|(at, it)| (it.keyword.as_str(), Place { instruction: at, line: it.line }));
        chain.splice(0..0, own.collect::<Vec<_>>());
        let Source::Stage(below) = stage.source else { break };
        stage = report.stages.get(below)?;
    }
    let from = report.instructions.iter().position(|instruction| instruction.line == stage.line)?;
    let is_empty = matches!(&stage.source, Source::Image(name) if name == "scratch");
    Some(((!is_empty).then_some(Place { instruction: from, line: stage.line }), chain))
}

#[cfg(test)]
mod tests {
    use super::*;
    use layercast_core::{Facts, analyse};
    use serde_json::json;

    const FILE: &str = "\
FROM debian AS a
ENV A=1
ONBUILD RUN never
RUN make
FROM a
WORKDIR /x
COPY . .
";

    #[track_caller]
    fn check(file: &str, history: &[(&str, u64)], expected: Option<&[(usize, u64)]>) {
        let report = analyse(file, &Facts::default());
        let entries: Vec<Entry> =
            history.iter().map(|(by, bytes)| Entry { by: (*by).to_owned(), bytes: *bytes }).collect();
        let truths = laid_over(&entries, &report);
        let lines: Option<Vec<(usize, u64)>> =
            truths.map(|truths| truths.iter().map(|(place, bytes)| (place.line, *bytes)).collect());
        assert_eq!(lines.as_deref(), expected);
    }

    #[test]
    fn the_last_entries_are_the_file_s() {
        let base = [("ADD rootfs.tar /", 100), ("CMD [\"bash\"]", 0)];
        let own = [("ENV A=1", 0), ("RUN /bin/sh -c make", 7), ("WORKDIR /x", 0), ("COPY . . # buildkit", 5)];
        let all: Vec<_> = base.into_iter().chain(own).collect();
        check(FILE, &all, Some(&[(1, 100), (2, 0), (4, 7), (6, 0), (7, 5)]));
    }

    #[test]
    fn nothing_is_below_scratch() {
        check("FROM scratch\nADD a /\n", &[("ADD a /", 3)], Some(&[(2, 3)]));
        check("FROM scratch\nADD a /\n", &[("RUN b", 1), ("ADD a /", 3)], None);
    }

    #[test]
    fn a_history_of_something_else_is_refused() {
        check(FILE, &[("ENV A=1", 0)], None);
        let other = [("ENV A=1", 0), ("COPY b", 7), ("WORKDIR /x", 0), ("COPY . .", 5)];
        check(FILE, &other, None);
    }

    #[track_caller]
    fn check_layers(file: &str, layers: &[u64], expected: Option<&[(usize, u64)]>) {
        let report = analyse(file, &Facts::default());
        let counted = layers_laid_over(layers, &report);
        let lines: Option<Vec<(usize, u64)>> =
            counted.map(|counted| counted.iter().map(|(place, bytes)| (place.line, *bytes)).collect());
        assert_eq!(lines.as_deref(), expected);
    }

    #[test]
    fn the_last_layers_are_the_file_s() {
        check_layers(FILE, &[40, 2, 7, 1, 5], Some(&[(1, 42), (4, 7), (6, 1), (7, 5)]));
        check_layers(FILE, &[40], None);
        check_layers("FROM scratch\nADD a /\nWORKDIR /\n", &[3], Some(&[(2, 3)]));
        check_layers("FROM scratch\nADD a /\n", &[1, 3], None);
    }

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
