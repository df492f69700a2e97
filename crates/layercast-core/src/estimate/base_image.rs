//! What a base image weighs: by a fact, else by the catalogue, else unknown.

use crate::catalogue::{self, Entry, Likeness};
use crate::estimate::ratio::ratio_of;
use crate::estimate::{Basis, Estimate};
use crate::facts::{Facts, ImageFact, ImageLayer};
use crate::image_ref::{ImageRef, Platform};

/// Both sizes of a base image, each where it is known.
#[derive(Clone, Debug, PartialEq)]
pub struct BaseImageSize {
    /// Sum of the files in its layers, in bytes.
    pub unpacked: Option<Estimate>,
    /// Sum of its compressed layers, in bytes.
    pub download: Option<Estimate>,
}

/// What is known of the size of `image` on `platform`; none where nothing is.
pub fn estimate_base_image(facts: &Facts, image: &ImageRef, platform: &Platform) -> Option<BaseImageSize> {
    if let Some(fact) = facts.image_of(image, platform) {
        return Some(by_fact(image, fact));
    }
    catalogue::find(image, platform).map(|entry| by_catalogue(image, &entry))
}

fn by_fact(image: &ImageRef, fact: &ImageFact) -> BaseImageSize {
    let (source, digest, as_of) = (fact.source.clone(), fact.digest.clone(), fact.as_of.clone());
    let manifest = Basis::Manifest { source: source.clone(), digest: digest.clone(), as_of: as_of.clone() };
    let download = Estimate::exact(total(fact.layers.iter().map(|layer| layer.download)), manifest.clone());
    let basis = if fact.layers.iter().all(|layer| layer.unpacked.is_some()) {
        manifest
    } else if fact.layers.iter().all(|layer| layer.unpacked.is_some() || layer.tar.is_some()) {
        Basis::Trailer { source, digest, as_of }
    } else {
        Basis::Ratio { content: ratio_of(image).content.to_owned(), of: Box::new(manifest) }
    };
    let layers: Vec<[u64; 3]> = fact.layers.iter().map(|layer| files_of(image, layer)).collect();
    // The errors of an image's layers have one cause, so its ends are the sums of theirs.
    let [low, likely, high] = [0, 1, 2].map(|end| total(layers.iter().map(|layer| layer[end])));
    BaseImageSize { unpacked: Some(Estimate { low, likely, high, basis }), download: Some(download) }
}

/// Low, likely and high of the files in a layer: as told, else by the length of its tar, else by ratio.
fn files_of(image: &ImageRef, layer: &ImageLayer) -> [u64; 3] {
    match (layer.unpacked, layer.tar) {
        (Some(files), _) => [files; 3],
        (None, Some(tar)) => files_in_tar(tar),
        (None, None) => {
            let ratio = ratio_of(image);
            let (low, high) = ratio.range();
            [low, ratio.median, high].map(|ratio| scale(layer.download, ratio))
        }
    }
}

/// A tar is its files, about 743 bytes an entry, and two empty blocks. How many entries there are nobody
/// says: in layers of distributions and languages they come to 4 % of the tar, up to 10 %; a layer may also be
/// one large file behind one header.
fn files_in_tar(tar: u64) -> [u64; 3] {
    const EMPTY_BLOCKS: u64 = 1024;
    const HEADER: u64 = 512;
    const ENTRY: u64 = 743;
    const FEW_ENTRIES: u64 = 64 * ENTRY;
    let content = tar.saturating_sub(EMPTY_BLOCKS);
    if content < FEW_ENTRIES {
        // Links and folders alone may fill it.
        return [0, content.saturating_sub(ENTRY), content];
    }
    [scale(content, 0.90), scale(content, 0.96), content - HEADER]
}

fn by_catalogue(image: &ImageRef, entry: &Entry) -> BaseImageSize {
    let stands_in = match entry.likeness {
        Likeness::Tag => String::new(),
        _ => format!("{} stands in for {}, ", entry.image, image.familiar()),
    };
    let source = format!("{stands_in}{}", entry.publisher());
    let basis = Basis::Catalogue { source: source.clone(), as_of: entry.as_of.to_owned() };
    let spread = entry.likeness.spread();
    let around = |bytes: u64, basis| Estimate {
        low: scale(bytes, 1.0 - spread),
        likely: bytes,
        high: scale(bytes, 1.0 + spread),
        basis,
    };
    let unpacked = match entry.unpacked {
        Some(published) => {
            let build = if published.same_build { "" } else { ", another build" };
            let as_of = published.as_of.to_owned();
            around(published.bytes, Basis::Catalogue { source: format!("{source}{build}"), as_of })
        }
        None => by_ratio(image, entry, basis.clone()),
    };
    BaseImageSize { unpacked: Some(unpacked), download: Some(around(entry.download, basis)) }
}

/// The ratio's range and the download's are independent: their shares add as squares.
fn by_ratio(image: &ImageRef, entry: &Entry, of: Basis) -> Estimate {
    let ratio = ratio_of(image);
    let (low, high) = ratio.range();
    let spread = |end: f64| (end / ratio.median - 1.0).hypot(entry.likeness.spread());
    let likely = scale(entry.download, ratio.median);
    Estimate {
        low: scale(likely, 1.0 - spread(low)),
        likely,
        high: scale(likely, 1.0 + spread(high)),
        basis: Basis::Ratio { content: ratio.content.to_owned(), of: Box::new(of) },
    }
}

fn total(bytes: impl Iterator<Item = u64>) -> u64 {
    bytes.fold(0, u64::saturating_add)
}

fn scale(bytes: u64, by: f64) -> u64 {
    (bytes as f64 * by.max(0.0)).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::ImageConfig;

    const NAME: &str = "registry.example/team/app:1";

    fn layer(download: u64, unpacked: Option<u64>, tar: Option<u64>) -> ImageLayer {
        ImageLayer { digest: String::new(), download, unpacked, tar }
    }

    fn known(reference: &str, layers: Vec<ImageLayer>) -> Facts {
        let mut facts = Facts::default();
        facts.add_image(ImageFact {
            reference: reference.to_owned(),
            platform: Platform::linux_amd64(),
            digest: "sha256:0123456789abcdef0123".to_owned(),
            as_of: "2026-11-20".to_owned(),
            source: "registry.example".to_owned(),
            config: ImageConfig::default(),
            layers,
        });
        facts
    }

    #[track_caller]
    fn check(facts: &Facts, image: &str, expected: [&str; 2]) {
        let image = ImageRef::parse(image).expect("the test names an image");
        let size = estimate_base_image(facts, &image, &Platform::linux_amd64());
        let written = |estimate: Option<Estimate>| {
            estimate.map_or("unknown".to_owned(), |Estimate { low, likely, high, basis }| {
                format!("{low} {likely} {high}: {}", basis.sentence())
            })
        };
        let (unpacked, download) = size.map_or((None, None), |size| (size.unpacked, size.download));
        assert_eq!([written(unpacked), written(download)], expected, "{image}");
    }

    #[test]
    fn a_manifest_is_exact() {
        let facts = known(NAME, vec![layer(100, Some(250), None), layer(32, Some(0), Some(1024))]);
        let basis = "manifest sha256:0123456789ab… from registry.example, 2026-11-20";
        check(&facts, NAME, [&format!("250 250 250: {basis}"), &format!("132 132 132: {basis}")]);
    }

    #[test]
    fn the_length_of_the_tar_leaves_a_range() {
        let facts = known(NAME, vec![layer(100, Some(250), None), layer(1_000_000, None, Some(3_001_024))]);
        check(
            &facts,
            NAME,
            [
                "2700250 2880250 2999738: lengths of the layers of sha256:0123456789ab… from registry.example, 2026-11-20",
                "1000100 1000100 1000100: manifest sha256:0123456789ab… from registry.example, 2026-11-20",
            ],
        );
    }

    #[test]
    fn an_empty_tar_holds_no_files() {
        assert_eq!(files_in_tar(1024), [0, 0, 0]);
        assert_eq!(files_in_tar(2560), [0, 793, 1536]);
    }

    #[test]
    fn one_layer_without_a_length_makes_it_a_ratio() {
        let name = "docker.io/library/node:22-alpine";
        let facts = known(name, vec![layer(1_000_000, Some(2_000_000), None), layer(1_000_000, None, None)]);
        check(
            &facts,
            "node:22-alpine",
            [
                "4631900 4830000 5028100: ratio of node on alpine; download by manifest sha256:0123456789ab… from registry.example, 2026-11-20",
                "2000000 2000000 2000000: manifest sha256:0123456789ab… from registry.example, 2026-11-20",
            ],
        );
    }

    #[test]
    fn an_image_without_layers_weighs_nothing() {
        let basis = "manifest sha256:0123456789ab… from registry.example, 2026-11-20";
        check(&known(NAME, Vec::new()), NAME, [&format!("0 0 0: {basis}"), &format!("0 0 0: {basis}")]);
    }

    #[test]
    fn a_fact_wins_over_the_catalogue() {
        let facts = known("docker.io/library/alpine:3.22", vec![layer(1, Some(2), None)]);
        let basis = "manifest sha256:0123456789ab… from registry.example, 2026-11-20";
        check(&facts, "alpine:3.22", [&format!("2 2 2: {basis}"), &format!("1 1 1: {basis}")]);
    }

    #[test]
    fn a_published_figure_has_room_for_later_builds_of_the_tag() {
        check(
            &Facts::default(),
            "alpine:3.22",
            [
                "8051000 8300000 8549000: catalogue: docker-library/repo-info, 2026-09-17",
                "3678313 3792075 3905837: catalogue: docker-library/repo-info, 2026-09-17",
            ],
        );
        check(
            &Facts::default(),
            "golang:1.22",
            [
                "798290600 822980000 847669400: catalogue: maxmood96/repo-info, another build, 2025-01-16",
                "290400298 299381750 308363203: catalogue: maxmood96/repo-info, 2024-09-05",
            ],
        );
    }

    #[test]
    fn a_stand_in_is_named_and_widens_the_range() {
        check(
            &Facts::default(),
            "node:22.1-alpine",
            [
                "150489000 167210000 183931000: catalogue: node:22-alpine stands in for node:22.1-alpine, docker-library/repo-info, another build, 2026-09-23",
                "54627651 60697390 66767129: catalogue: node:22-alpine stands in for node:22.1-alpine, docker-library/repo-info, 2026-09-23",
            ],
        );
    }

    #[test]
    fn what_is_only_known_compressed_is_unpacked_by_ratio() {
        check(
            &Facts::default(),
            "nginx:alpine",
            [
                "60264044 68933683 74183516: ratio of applications on alpine; download by catalogue: docker-library/repo-info, 2026-09-22",
                "25521249 26310566 27099883: catalogue: docker-library/repo-info, 2026-09-22",
            ],
        );
    }

    #[test]
    fn nothing_known_is_nothing_said() {
        check(&Facts::default(), NAME, ["unknown", "unknown"]);
    }
}
