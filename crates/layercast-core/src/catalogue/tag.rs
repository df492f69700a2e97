//! What the tags of official images mean: version, variant and release of the distribution.

use crate::catalogue::Likeness;

/// A tag taken apart: `1.25.12-slim-bookworm` is version 1.25.12, variant slim, release bookworm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    version: Vec<&'a str>,
    variant: Vec<&'a str>,
    release: Option<String>,
    moves: bool,
}

/// What was published: a tag, with the version and release that stood behind it on the day.
pub(super) struct Build<'a> {
    tag: Tag<'a>,
    version: Vec<&'a str>,
    release: Option<String>,
}

/// Releases of Debian and Ubuntu by name and number.
const RELEASES: &[(&str, &str)] = &[
    ("buster", "10"),
    ("bullseye", "11"),
    ("bookworm", "12"),
    ("trixie", "13"),
    ("bionic", "18.04"),
    ("focal", "20.04"),
    ("jammy", "22.04"),
    ("noble", "24.04"),
    ("resolute", "26.04"),
];

/// The release that `debian:latest` and `debian:stable` meant when the catalogue was made.
const DEBIAN_STABLE: &str = "trixie";

impl<'a> Tag<'a> {
    pub(super) fn read(repository: &str, tag: &'a str) -> Self {
        let mut read = Self { version: Vec::new(), variant: Vec::new(), release: None, moves: false };
        for (place, part) in tag.split('-').enumerate() {
            read.take(repository, place, part);
        }
        read.variant.sort_unstable();
        if repository == "debian" && read.release.is_none() {
            read.release = Some(DEBIAN_STABLE.to_owned());
        }
        read
    }

    fn take(&mut self, repository: &str, place: usize, part: &'a str) {
        let distribution = matches!(repository, "debian" | "ubuntu");
        let numbered = |(name, number): &&(&str, &str)| {
            part == *name
                || part
                    .strip_prefix(number)
                    .is_some_and(|rest| matches!(rest.bytes().next(), None | Some(b'.')))
        };
        let dated = part.len() == 8 && part.bytes().all(|byte| byte.is_ascii_digit());
        if let Some((name, _)) = RELEASES.iter().find(|(name, _)| part == *name) {
            self.release = Some((*name).to_owned());
        } else if distribution
            && place == 0
            && let Some((name, _)) = RELEASES.iter().find(numbered)
        {
            self.release = Some((*name).to_owned());
        } else if place == 0 && part.starts_with(|first: char| first.is_ascii_digit()) {
            self.version = part.split(['.', '_', '+', 'u']).collect();
        } else if part.starts_with("alpine") {
            self.variant.push("alpine");
            self.release = (part.len() > "alpine".len()).then(|| part.to_owned());
        } else if matches!(part, "lts" | "stable" | "mainline" | "current") {
            self.moves = true;
        } else if !dated && !matches!(part, "latest" | "jdk") {
            // `jdk` is what a tag of Java means anyway: 17-jdk is 17.
            self.variant.push(part);
        }
    }

    /// How like the build is to what this tag asks for; none where it is something else.
    pub(super) fn likeness(&self, repository: &str, build: &Build<'_>) -> Option<Likeness> {
        if self.variant != build.tag.variant {
            return None;
        }
        Some(self.version_likeness(build)?.max(self.release_likeness(repository, build)?))
    }

    fn version_likeness(&self, build: &Build<'_>) -> Option<Likeness> {
        let (asked, named) = (&self.version, &build.tag.version);
        let same_line =
            |length: usize| asked.len() >= length && build.version.get(..length) == asked.get(..length);
        if self.moves || (asked.is_empty() && !named.is_empty()) {
            Some(Likeness::Moving)
        } else if asked == named {
            Some(Likeness::Name)
        } else if build.version.starts_with(asked) {
            Some(if asked.starts_with(named) { Likeness::Name } else { Likeness::Newest })
        } else if !named.is_empty() && asked.starts_with(named) || named.is_empty() && same_line(2) {
            Some(Likeness::Patch)
        } else {
            None
        }
    }

    fn release_likeness(&self, repository: &str, build: &Build<'_>) -> Option<Likeness> {
        let is_the_image = matches!(repository, "debian" | "ubuntu" | "buildpack-deps");
        match (&self.release, &build.release) {
            (Some(asked), Some(known)) if asked == known => Some(Likeness::Name),
            (Some(_), _) => (!is_the_image).then_some(Likeness::Distribution),
            (None, _) if build.tag.release.is_none() => Some(Likeness::Name),
            (None, _) => Some(if is_the_image { Likeness::Moving } else { Likeness::Distribution }),
        }
    }
}

impl<'a> Build<'a> {
    /// Reads a row's tag, and what its version column says: `1.25.12 (trixie)`, `17.0.20 (alpine 3.24)`.
    pub(super) fn read(repository: &str, tag: &'a str, version: &'a str) -> Self {
        let tag = Tag::read(repository, tag);
        let number = version.split([' ', ';']).next().unwrap_or("");
        let digits = number.starts_with(|first: char| first.is_ascii_digit());
        let version_parts = if digits { Tag::read("", number).version } else { tag.version.clone() };
        let release = tag.release.clone().or_else(|| release_in(version));
        Self { tag, version: version_parts, release }
    }

    /// The version as numbers, then the release's number: to tell the newest.
    pub(super) fn rank(&self) -> (Vec<u64>, Option<&'static str>) {
        let numbers = self.version.iter().map(|part| part.parse().unwrap_or(0)).collect();
        let number = RELEASES.iter().find(|(name, _)| self.release.as_deref() == Some(*name));
        (numbers, number.map(|(_, number)| *number))
    }
}

fn release_in(version: &str) -> Option<String> {
    if let Some((_, rest)) = version.split_once("alpine ") {
        let number = rest.split(|end: char| end != '.' && !end.is_ascii_digit()).next()?;
        return Some(format!("alpine{number}"));
    }
    let named = |(name, number): &&(&str, &str)| {
        version.contains(name) || version.contains(&format!("ubuntu {number}"))
    };
    RELEASES.iter().find(named).map(|(name, _)| (*name).to_owned())
}
