//! The replies of an npm registry, reduced to facts.
//! Reference: <https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md>.
//!
//! **Invariant:** the bytes are a stranger's; what does not fit the form is refused with a sentence.

use crate::facts::{NpmManifest, NpmPackage, NpmRelease, NpmTarball};
use crate::packages::npm::manifest::{Manifest, list};
use crate::packages::npm::semver::Version;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Nightly builds come in thousands; a range that means one means a new one.
const MOST_PRERELEASES: usize = 100;
const BLOCK: usize = 512;

/// The document of one version.
pub fn manifest(body: &[u8]) -> Result<NpmManifest, String> {
    let object: Map<String, Value> =
        serde_json::from_slice(body).map_err(|error| format!("its answer is no document: {error}"))?;
    let version = object.get("version").and_then(Value::as_str).unwrap_or_default().to_owned();
    if Version::parse(&version).is_none() {
        return Err("its answer names no version".to_owned());
    }
    let dist = object.get("dist");
    let number = |name: &str| dist.and_then(|dist| dist.get(name)).and_then(Value::as_u64);
    let scripts = object.get("scripts");
    let runs = |name: &str| scripts.is_some_and(|scripts| scripts.get(name).is_some());
    let flag = object.get("hasInstallScript").and_then(Value::as_bool).unwrap_or(false);
    let own = Manifest::of(&object);
    Ok(NpmManifest {
        version,
        dependencies: own.dependencies,
        optional: own.optional,
        peers: own.peers,
        bundled: own.bundled,
        os: list(object.get("os")),
        cpu: list(object.get("cpu")),
        libc: list(object.get("libc")),
        node: node(object.get("engines")),
        deprecated: is_deprecated(object.get("deprecated")),
        install_script: flag || ["preinstall", "install", "postinstall"].into_iter().any(runs),
        unpacked: number("unpackedSize"),
    })
}

/// Every version of a package, by its document or the shortened form of it.
pub fn package(body: &[u8]) -> Result<NpmPackage, String> {
    #[derive(Deserialize)]
    struct Form {
        #[serde(default, rename = "dist-tags")]
        tags: BTreeMap<String, String>,
        versions: BTreeMap<String, Entry>,
    }
    #[derive(Deserialize)]
    struct Entry {
        #[serde(default)]
        engines: Value,
        #[serde(default)]
        deprecated: Value,
    }
    let form: Form = serde_json::from_slice(body)
        .map_err(|error| format!("its answer is no list of versions: {error}"))?;
    let mut read: Vec<(Version, String, NpmRelease)> = Vec::new();
    for (name, entry) in form.versions {
        let Some(version) = Version::parse(&name) else { continue };
        let release = NpmRelease {
            node: node(Some(&entry.engines)),
            deprecated: is_deprecated(Some(&entry.deprecated)),
        };
        read.push((version, name, release));
    }
    read.sort_by(|one, other| other.0.cmp(&one.0));
    let mut prereleases = 0;
    let mut versions = BTreeMap::new();
    for (version, name, release) in read {
        prereleases += usize::from(version.is_prerelease());
        let is_tagged = form.tags.values().any(|tagged| *tagged == name);
        if is_tagged || !version.is_prerelease() || prereleases <= MOST_PRERELEASES {
            versions.insert(name, release);
        }
    }
    Ok(NpmPackage { bytes: body.len() as u64, tags: form.tags, versions })
}

fn node(engines: Option<&Value>) -> String {
    engines.and_then(|engines| engines.get("node")).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A sentence, or `true`; an empty one takes it back.
fn is_deprecated(value: Option<&Value>) -> bool {
    match value {
        Some(Value::String(why)) => !why.is_empty(),
        Some(Value::Bool(is)) => *is,
        _ => false,
    }
}

/// What an archive holds, by the beginning of its tar. `whole` says that the beginning is all of it; else `tar` is the
/// length of the tar and the rest is taken to be like the beginning. None where it is no tar.
pub fn tarball(bytes: u64, beginning: &[u8], whole: bool, tar: Option<u64>) -> Option<NpmTarball> {
    let (mut files, mut unpacked, mut padding) = (0_u64, 0_u64, 0_u64);
    let mut at = 0_usize;
    while let Some(header) = beginning.get(at..at.saturating_add(BLOCK)) {
        if header.iter().all(|byte| *byte == 0) {
            break;
        }
        let length = length(header)?;
        let kind = header.get(156).copied().unwrap_or_default();
        let blocks = length.div_ceil(BLOCK as u64).checked_mul(BLOCK as u64)?;
        // A file; the long names and attributes (`x`, `g`, `L`) that stand before one are overhead.
        if matches!(kind, 0 | b'0' | b'7') {
            files += 1;
            unpacked = unpacked.checked_add(length)?;
            padding = padding.checked_add(blocks - length + BLOCK as u64)?;
        } else {
            padding = padding.checked_add(blocks.checked_add(BLOCK as u64)?)?;
        }
        at = usize::try_from(blocks).ok().and_then(|blocks| at.checked_add(blocks)?.checked_add(BLOCK))?;
    }
    if files == 0 {
        return None;
    }
    if whole {
        return Some(NpmTarball { bytes, unpacked, files, exact: true });
    }
    // Two empty blocks end a tar. The last file seen may reach past the beginning: the tar's length bounds it.
    let tar = tar?.checked_sub(2 * BLOCK as u64)?;
    let seen = unpacked.saturating_add(padding);
    if seen >= tar {
        let unpacked = tar.saturating_sub(padding);
        return Some(NpmTarball { bytes, unpacked, files, exact: seen == tar });
    }
    let share = tar as f64 / seen as f64;
    let rest = (tar - seen) as f64;
    let unpacked_rest = rest * (unpacked as f64 / seen as f64);
    Some(NpmTarball {
        bytes,
        unpacked: unpacked.saturating_add(unpacked_rest as u64),
        files: (files as f64 * share).round() as u64,
        exact: false,
    })
}

/// The length in a header: octal digits.
fn length(header: &[u8]) -> Option<u64> {
    let field = header.get(124..136)?;
    let digits = field.iter().copied().skip_while(|byte| *byte == b' ').take_while(u8::is_ascii_digit);
    let mut length = 0_u64;
    for digit in digits {
        length = length.checked_mul(8)?.checked_add(u64::from(digit - b'0'))?;
    }
    let magic = header.get(257..262)?;
    // Very old archives have no magic; a stranger's bytes have no checksum.
    (magic == b"ustar" || checksum_holds(header)).then_some(length)
}

fn checksum_holds(header: &[u8]) -> bool {
    let sum: u64 = header
        .iter()
        .enumerate()
        .map(|(at, byte)| u64::from(if (148..156).contains(&at) { b' ' } else { *byte }))
        .sum();
    let field = header.get(148..156).unwrap_or_default();
    let digits = field.iter().copied().skip_while(|byte| *byte == b' ').take_while(u8::is_ascii_digit);
    digits.fold(0_u64, |told, digit| told * 8 + u64::from(digit - b'0')) == sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_reduced_to_what_a_size_needs() {
        let read = manifest(
            br#"{"name": "sharp", "version": "0.33.5", "description": "long", "license": "x",
                "dependencies": {"semver": "^7.6.3"}, "optionalDependencies": {"@img/x": "0.33.5"},
                "engines": {"node": ">=18"}, "os": ["linux"], "libc": "glibc", "scripts": {"install": "node x"},
                "dist": {"unpackedSize": 500, "fileCount": 3}}"#,
        );
        let expected = NpmManifest {
            version: "0.33.5".to_owned(),
            dependencies: BTreeMap::from([("semver".to_owned(), "^7.6.3".to_owned())]),
            optional: BTreeMap::from([("@img/x".to_owned(), "0.33.5".to_owned())]),
            os: vec!["linux".to_owned()],
            libc: vec!["glibc".to_owned()],
            node: ">=18".to_owned(),
            install_script: true,
            unpacked: Some(500),
            ..NpmManifest::default()
        };
        assert_eq!(read, Ok(expected));
    }

    #[test]
    fn an_answer_that_is_none_is_refused() {
        assert!(manifest(b"<html>").is_err());
        assert_eq!(manifest(b"{}"), Err("its answer names no version".to_owned()));
        assert!(package(br#"{"error": "not found"}"#).is_err());
    }

    #[test]
    fn the_list_of_versions_keeps_what_decides() {
        let read = package(
            br#"{"dist-tags": {"latest": "2.0.0"}, "versions": {
                "2.0.0": {"engines": {"node": ">=20"}, "dependencies": {"x": "1"}},
                "1.0.0": {"deprecated": "no longer"}, "nonsense": {}, "1.1.0": {"engines": ["node"]}}}"#,
        )
        .expect("a list");
        let told: Vec<String> = read
            .versions
            .iter()
            .map(|(name, release)| format!("{name} {} {}", release.node, release.deprecated))
            .collect();
        assert_eq!(told, ["1.0.0  true", "1.1.0  false", "2.0.0 >=20 false"]);
    }

    #[test]
    fn of_nightly_builds_the_newest_are_kept() {
        let nightly: Vec<String> = (0..500).map(|day| format!("\"1.0.0-dev.{day}\": {{}}")).collect();
        let text = format!("{{\"versions\": {{{}, \"0.9.0\": {{}}}}}}", nightly.join(","));
        let read = package(text.as_bytes()).expect("a list");
        assert_eq!(read.versions.len(), 101);
        assert!(read.versions.contains_key("1.0.0-dev.499") && read.versions.contains_key("0.9.0"));
    }

    /// A tar of files with these lengths.
    fn tar(lengths: &[usize]) -> Vec<u8> {
        let mut tar = Vec::new();
        for length in lengths {
            let mut header = vec![0; BLOCK];
            header[..9].copy_from_slice(b"package/x");
            header[124..135].copy_from_slice(format!("{length:011o}").as_bytes());
            header[156] = b'0';
            header[257..262].copy_from_slice(b"ustar");
            tar.extend(header);
            tar.resize(tar.len() + length.div_ceil(BLOCK) * BLOCK, 1);
        }
        tar.resize(tar.len() + 2 * BLOCK, 0);
        tar
    }

    #[test]
    fn a_whole_archive_is_counted_and_the_rest_of_a_long_one_is_taken_to_be_alike() {
        let whole = tar(&[100, 600, 0]);
        let expected = NpmTarball { bytes: 77, unpacked: 700, files: 3, exact: true };
        assert_eq!(tarball(77, &whole, true, None), Some(expected));
        let long = tar(&[300; 100]);
        let expected = NpmTarball { bytes: 77, unpacked: 30_000, files: 100, exact: false };
        assert_eq!(tarball(77, &long[..8 * 1024], false, Some(long.len() as u64)), Some(expected));
        // One big file reaches past the beginning.
        let big = tar(&[100_000]);
        let expected = NpmTarball { bytes: 77, unpacked: 100_352, files: 1, exact: false };
        let read = tarball(77, &big[..1024], false, Some(big.len() as u64)).expect("a tar");
        assert!(read.unpacked.abs_diff(expected.unpacked) < BLOCK as u64, "{read:?}");
        assert_eq!(tarball(77, &[7; 2000], true, None), None);
    }
}
