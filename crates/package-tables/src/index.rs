//! A release's index of packages: fetched, held against the digests of the Release file, newest versions kept.

use crate::Failed;
use crate::child::{fetch, unpack};
use crate::sources::Source;
use layercast_core::package_table::compare;
use sha2::{Digest, Sha256};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Length of a list as LZ4 over that of its text (apt 2.6, 2026-11). Lists of security repeat themselves more: many
/// packages of few sources.
const LZ4: f64 = 0.3764;
const LZ4_SECURITY: f64 = 0.303;

/// A package's paragraph.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    pub(crate) fields: BTreeMap<String, String>,
    /// The mirror's address that its .deb lies below.
    pub(crate) uri: String,
    /// True where the suites of updates or of security have a newer version than the release itself.
    pub(crate) is_update: bool,
}

/// What the suites of a release hold for one architecture.
#[derive(Debug, Default)]
pub(crate) struct Index {
    pub(crate) packages: BTreeMap<String, Entry>,
    /// When each name is met first, as apt reads the lists: it decides between providers that are alike.
    pub(crate) mentions: BTreeMap<String, usize>,
    /// Suite, version and date of each Release file.
    pub(crate) suites: Vec<String>,
    /// Bytes of the lists of packages, unpacked.
    pub(crate) plain_lists: u64,
    /// The same as LZ4, which apt keeps where it is told to compress them.
    pub(crate) packed_lists: u64,
    /// Bytes of the signed Release files, which apt keeps beside the lists.
    pub(crate) releases: u64,
}

impl Entry {
    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields.get(name).map(String::as_str).unwrap_or_default()
    }
}

/// Fetches what `sources` have of a release.
pub(crate) fn fetch_index(sources: &[Source], release: &str, architecture: &str) -> Result<Index, Failed> {
    let mut index = Index::default();
    for suite in [release.to_owned(), format!("{release}-updates"), format!("{release}-security")] {
        let Some(source) = source_of(sources, &suite, release) else { continue };
        let signed = fetch(&format!("{}/dists/{suite}/InRelease", source.uri))?;
        let text = String::from_utf8_lossy(&signed).into_owned();
        let component = source.components.first().map_or("main", String::as_str);
        let name = format!("{component}/binary-{architecture}/Packages.xz");
        let digest = digest_of(&text, &name)
            .ok_or_else(|| Failed(format!("the Release file of {suite} does not list {name}")))?;
        let packed = fetch(&format!("{}/dists/{suite}/{name}", source.uri))?;
        let found: String = Sha256::digest(&packed).iter().map(|byte| format!("{byte:02x}")).collect();
        if found != digest {
            return Err(Failed(format!("{suite}: {name} is not what the Release file says")));
        }
        let unpacked = unpack("xz", &packed)?;
        index.plain_lists += unpacked.len() as u64;
        let ratio = if suite.ends_with("-security") { LZ4_SECURITY } else { LZ4 };
        index.packed_lists += (unpacked.len() as f64 * ratio).round() as u64;
        index.releases += signed.len() as u64;
        let line =
            |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim();
        index.suites.push(format!("{suite} {} {}", line("Version:"), line("Date:")).replace("  ", " "));
        add(&mut index, &String::from_utf8_lossy(&unpacked), &source.uri, suite != release);
    }
    if index.packages.is_empty() {
        return Err(Failed(format!("no source has {release} for {architecture}")));
    }
    Ok(index)
}

/// The source of a suite. A machine's apt names its own release's suites: those of another one lie beside them.
fn source_of<'a>(sources: &'a [Source], suite: &str, release: &str) -> Option<&'a Source> {
    let kind = suite.strip_prefix(release).unwrap_or_default();
    let has = |source: &&Source, test: &dyn Fn(&str) -> bool| source.suites.iter().any(|one| test(one));
    sources.iter().find(|source| has(source, &|one| one == suite)).or_else(|| {
        sources.iter().find(|source| {
            has(source, &|one| match kind {
                "" => !one.contains('-'),
                kind => one.ends_with(kind),
            })
        })
    })
}

/// The SHA-256 that a Release file gives for a file.
fn digest_of<'a>(release: &'a str, name: &str) -> Option<&'a str> {
    let digests = release.split_once("\nSHA256:").map(|(_, rest)| rest)?;
    digests.lines().skip(1).take_while(|line| line.starts_with(' ')).find_map(|line| {
        let mut words = line.split_whitespace();
        let digest = words.next()?;
        (words.nth(1) == Some(name)).then_some(digest)
    })
}

/// Adds the paragraphs of a list; of two versions the newer one wins.
fn add(index: &mut Index, text: &str, uri: &str, is_update: bool) {
    let packages = &mut index.packages;
    for paragraph in text.split("\n\n") {
        let fields: BTreeMap<String, String> = paragraph
            .lines()
            .filter(|line| !line.starts_with(' '))
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let (Some(name), Some(version)) = (fields.get("Package"), fields.get("Version")) else { continue };
        let mut mention = |name: &str| {
            let rank = index.mentions.len();
            index.mentions.entry(name.to_owned()).or_insert(rank);
        };
        mention(name);
        for field in [
            "Pre-Depends",
            "Depends",
            "Suggests",
            "Recommends",
            "Conflicts",
            "Breaks",
            "Replaces",
            "Enhances",
            "Provides",
        ] {
            let targets = fields.get(field).map(String::as_str).unwrap_or_default().split([',', '|']);
            targets
                .filter_map(|target| target.split([' ', ':', '(']).find(|word| !word.is_empty()))
                .for_each(&mut mention);
        }
        let known = packages.get(name).map(|entry| entry.field("Version"));
        if known.is_none_or(|known| compare(version, known) == Ordering::Greater) {
            packages.insert(name.clone(), Entry { fields, uri: uri.to_owned(), is_update });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newer_version_wins() {
        let mut index = Index::default();
        add(
            &mut index,
            "Package: a\nVersion: 1.10\n\nPackage: b\nVersion: 2\n",
            "http://mirror.example/one",
            false,
        );
        add(
            &mut index,
            "Package: a\nVersion: 1.9\n\nPackage: b\nVersion: 2+deb12u1\n",
            "http://mirror.example/two",
            true,
        );
        let packages = index.packages;
        assert_eq!(packages["a"].field("Version"), "1.10");
        assert!(packages["b"].is_update && !packages["a"].is_update);
        assert_eq!(
            (packages["b"].field("Version"), packages["b"].uri.as_str()),
            ("2+deb12u1", "http://mirror.example/two")
        );
    }

    #[test]
    fn the_digest_is_that_of_the_named_file_and_of_the_right_kind() {
        let text = "MD5Sum:\n aa 1 main/x\nSHA256:\n bb 1 main/y\n cc 1 main/x\n";
        assert_eq!(digest_of(text, "main/x"), Some("cc"));
        assert_eq!(digest_of(text, "main/z"), None);
    }

    #[test]
    fn another_release_lies_beside_the_one_that_is_configured() {
        let source = |uri: &str, suites: &[&str]| Source {
            uri: uri.to_owned(),
            suites: suites.iter().map(|suite| (*suite).to_owned()).collect(),
            components: Vec::new(),
        };
        let sources =
            [source("one", &["bookworm", "bookworm-updates"]), source("two", &["bookworm-security"])];
        let uri = |suite| source_of(&sources, suite, "trixie").map(|source| source.uri.as_str());
        assert_eq!(
            [uri("trixie"), uri("trixie-updates"), uri("trixie-security")],
            [Some("one"), Some("one"), Some("two")]
        );
    }
}
