//! Published sizes of common base images, with their source and date.
//!
//! **Invariant:** every figure is somebody's published one, as `catalogue/images.tsv` carries it. What the
//! catalogue makes of it for another tag says so: see [`Likeness`].

mod tag;

use crate::catalogue::tag::{Build, Tag};
use crate::image_ref::{ImageRef, Platform};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::LazyLock;

static IMAGES: &str = include_str!("catalogue/images.tsv");

/// The published figures of one image on one platform, and how like they are to what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The image they were published of, in its short form: `golang:1.22`.
    pub image: &'static str,
    /// The platform they were published of: `linux/amd64`.
    pub platform: &'static str,
    /// Sum of the compressed layers, in bytes.
    pub download: u64,
    /// The day of that build, `YYYY-MM-DD`.
    pub as_of: &'static str,
    /// What was published of the files' size.
    pub unpacked: Option<PublishedUnpacked>,
    /// How like the published build is to what was asked for.
    pub likeness: Likeness,
    published: &'static str,
    /// What it held, as published: `1.25.12 (trixie)`; empty where nobody said.
    pub version: &'static str,
}

/// A published sum of the files of an image, rounded by who published it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublishedUnpacked {
    /// Bytes, to 0.01 MB; to 0.01 GB from 1 GB on.
    pub bytes: u64,
    /// The day of the build it was published of.
    pub as_of: &'static str,
    /// True where that is the very build whose download is given.
    pub same_build: bool,
}

/// How like a published build is to what was asked for, the likest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Likeness {
    /// The tag itself. It may have been built anew since.
    Tag,
    /// Another name of the same build: `golang:1.25.12-trixie` for `golang:1.25`.
    Name,
    /// Another patch release of the same line, or a pinned build of the tag: `node:22.1-alpine` by `node:22-alpine`.
    Patch,
    /// The same software on another release of the distribution, or on another architecture.
    Distribution,
    /// A shorter version, taken as the newest one listed: `golang:1` by `golang:1.25`.
    Newest,
    /// A tag that moves from version to version: `node:lts`, `python:slim`.
    Moving,
}

impl Likeness {
    /// How far, as a share, the asked image's download may lie from the published one, either way.
    /// How these were chosen: docs/decisions/0010-catalogue.md.
    pub fn spread(self) -> f64 {
        match self {
            Self::Tag | Self::Name => 0.03,
            Self::Patch => 0.10,
            Self::Distribution | Self::Newest => 0.15,
            Self::Moving => 0.30,
        }
    }
}

impl Entry {
    /// Who published the download size, in short: `docker-library/repo-info`.
    pub fn publisher(&self) -> String {
        match self.published.split_once('@') {
            Some((owner, _)) => format!("{owner}/repo-info"),
            None => self.published.trim_start_matches("https://").to_owned(),
        }
    }

    /// The page that gives the download size.
    pub fn url(&self) -> String {
        let Some((owner, rest)) = self.published.split_once('@') else { return self.published.to_owned() };
        let own = self.image.replace(':', "/");
        let (commit, page) = rest.split_once(':').unwrap_or((rest, &own));
        let (repository, page) = page.split_once('/').unwrap_or((page, "latest"));
        format!("https://github.com/{owner}/repo-info/blob/{commit}/repos/{repository}/remote/{page}.md")
    }

    fn tag(&self) -> &'static str {
        self.image.split_once(':').map_or("", |(_, tag)| tag)
    }
}

/// The likest published figures for `image` on `platform`; none where there is nothing like it.
pub fn find(image: &ImageRef, platform: &Platform) -> Option<Entry> {
    let repository = image.repository.strip_prefix("library/").filter(|_| image.registry == "docker.io")?;
    let asked = image.tag.as_deref()?;
    // A digest names one build of the tag, and rarely the one in the catalogue.
    let pinned = if image.digest.is_some() { Likeness::Patch } else { Likeness::Tag };
    let found = likest(repository, asked, &platform.to_string());
    let other_architecture = || {
        let arm64 = platform.os == "linux" && platform.architecture == "arm64";
        likest(repository, asked, "linux/amd64")
            .filter(|_| arm64)
            .map(|entry| at_best(entry, Likeness::Distribution))
    };
    found.or_else(other_architecture).map(|entry| at_best(entry, pinned))
}

fn at_best(entry: Entry, likeness: Likeness) -> Entry {
    Entry { likeness: entry.likeness.max(likeness), ..entry }
}

fn likest(repository: &str, asked: &str, platform: &str) -> Option<Entry> {
    let rows = || rows(repository).iter().filter(|row| row.entry.platform == platform);
    if let Some(exact) = rows().find(|row| row.entry.tag() == asked) {
        return Some(exact.entry);
    }
    let asked = Tag::read(repository, asked);
    let candidates = rows().filter_map(|Row { entry, build }| {
        let likeness = asked.likeness(repository, build)?;
        Some((likeness, Reverse(build.rank()), Reverse(entry.as_of), Entry { likeness, ..*entry }))
    });
    candidates
        .min_by(|one, other| (one.0, &one.1, one.2).cmp(&(other.0, &other.1, other.2)))
        .map(|best| best.3)
}

/// One row of the table, its tag and version taken apart.
struct Row {
    entry: Entry,
    build: Build<'static>,
}

fn rows(repository: &str) -> &'static [Row] {
    BY_REPOSITORY.get(repository).map(Vec::as_slice).unwrap_or_default()
}

/// The table, read once: long files name hundreds of images.
static BY_REPOSITORY: LazyLock<BTreeMap<&str, Vec<Row>>> = LazyLock::new(|| {
    let mut rows: BTreeMap<&str, Vec<Row>> = BTreeMap::new();
    for entry in IMAGES.lines().filter_map(read) {
        let (repository, tag) = entry.image.split_once(':').unwrap_or((entry.image, ""));
        let build = Build::read(repository, tag, entry.version);
        rows.entry(repository).or_default().push(Row { entry, build });
    }
    rows
});

fn read(line: &'static str) -> Option<Entry> {
    let mut columns = line.split('\t');
    let mut next = || columns.next().unwrap_or("");
    let (image, platform, download, as_of) = (next(), next(), next().parse().ok()?, next());
    let (published, version, unpacked, build, unpacked_as_of) = (next(), next(), next(), next(), next());
    let unpacked = unpacked.parse().ok().filter(|_| build != "blocks").map(|bytes| PublishedUnpacked {
        bytes,
        as_of: if unpacked_as_of.is_empty() { as_of } else { unpacked_as_of },
        same_build: build == "same",
    });
    Some(Entry { image, platform, download, as_of, unpacked, likeness: Likeness::Tag, published, version })
}

#[cfg(test)]
mod tests;
