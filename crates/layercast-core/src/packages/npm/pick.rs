//! Which version a dependency gets, as npm chooses: what `latest` stands for where that will do, else the newest that
//! will, rather one that runs on this Node and is not given up.
//! Reference: <https://github.com/npm/npm-pick-manifest>.

use crate::facts::{Answered, NpmFacts, NpmManifest, NpmPackage, NpmWanted};
use crate::packages::npm::platform::Machine;
use crate::packages::npm::semver::{Range, Version};
use crate::packages::npm::spec::Source;

/// A document that a registry has to be asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ask {
    /// The package's name.
    pub name: String,
    /// The version, `latest`, or empty for all.
    pub version: String,
    /// Which document.
    pub wanted: NpmWanted,
}

/// What came of a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pick<'a> {
    /// The package's own name and its document.
    Chosen(String, &'a NpmManifest),
    /// Something must be known first.
    Asks(Ask),
    /// There is none, and why.
    None(String),
    /// A link to a folder of the project.
    Link,
}

/// Chooses by what is known.
pub(super) fn pick<'a>(source: &Source, facts: &'a NpmFacts, machine: &Machine) -> Pick<'a> {
    match source {
        Source::Folder(_) => Pick::Link,
        Source::Elsewhere(at) => Pick::None(format!("`{at}` is in no registry")),
        Source::Tag(name, tag) if tag == "latest" => by_version(name, "latest", facts),
        Source::Tag(name, tag) => match facts.packages.get(name) {
            None => asks(name, "", NpmWanted::Versions),
            Some(Answered::Failed { message, .. }) => Pick::None(message.clone()),
            Some(Answered::Known(package)) => match package.tags.get(tag) {
                Some(version) => by_version(name, version, facts),
                None => Pick::None(format!("{name} has no version tagged `{tag}`")),
            },
        },
        Source::Range(name, range) => by_range(name, range, facts, machine),
    }
}

fn by_range<'a>(name: &str, range: &Range, facts: &'a NpmFacts, machine: &Machine) -> Pick<'a> {
    if let Some(version) = range.exact() {
        return by_version(name, &version.to_string(), facts);
    }
    match facts.manifests.get(&format!("{name}@latest")) {
        None => return asks(name, "latest", NpmWanted::Manifest),
        Some(Answered::Known(latest)) => {
            let version = Version::parse(&latest.version);
            let allowed = range.is_any() || version.is_some_and(|version| range.allows(&version));
            if allowed && !latest.deprecated && machine.runs(&latest.node) {
                return Pick::Chosen(name.to_owned(), latest);
            }
        }
        // Not every package has a `latest`; the list of versions tells.
        Some(Answered::Failed { .. }) => {}
    }
    match facts.packages.get(name) {
        None => asks(name, "", NpmWanted::Versions),
        Some(Answered::Failed { message, .. }) => Pick::None(message.clone()),
        Some(Answered::Known(package)) => match best(package, range, machine) {
            Some(version) => by_version(name, &version, facts),
            None => Pick::None(format!("no version of {name} is what was asked for")),
        },
    }
}

/// The best of the versions that a range allows.
pub(super) fn best(package: &NpmPackage, range: &Range, machine: &Machine) -> Option<String> {
    let allowed = package.versions.iter().filter_map(|(name, release)| {
        let version = Version::parse(name)?;
        range.allows(&version).then(|| {
            let runs = machine.runs(&release.node);
            (runs && !release.deprecated, runs, !release.deprecated, version)
        })
    });
    allowed.max().map(|(.., version)| version.to_string())
}

fn by_version<'a>(name: &str, version: &str, facts: &'a NpmFacts) -> Pick<'a> {
    match facts.manifest(name, version) {
        None => asks(name, version, NpmWanted::Manifest),
        Some(Answered::Failed { message, .. }) => Pick::None(message.clone()),
        Some(Answered::Known(manifest)) => Pick::Chosen(name.to_owned(), manifest),
    }
}

fn asks<'a>(name: &str, version: &str, wanted: NpmWanted) -> Pick<'a> {
    Pick::Asks(Ask { name: name.to_owned(), version: version.to_owned(), wanted })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::NpmRelease;

    #[track_caller]
    fn check(range: &str, node: &str, expected: Option<&str>) {
        let release = |node: &str, deprecated| NpmRelease { node: node.to_owned(), deprecated };
        let versions = [
            ("1.0.0", release("", false)),
            ("1.2.0", release(">=18", false)),
            ("1.3.0", release(">=20", false)),
            ("1.4.0", release("", true)),
            ("2.0.0-rc.1", release("", false)),
        ];
        let versions = versions.map(|(name, release)| (name.to_owned(), release)).into();
        let package = NpmPackage { bytes: 0, tags: [].into(), versions };
        let machine = Machine { node: Version::parse(node), ..Machine::linux("amd64", false) };
        let range = Range::parse(range).expect("a range");
        assert_eq!(best(&package, &range, &machine).as_deref(), expected);
    }

    #[test]
    fn the_newest_that_runs_and_is_not_given_up() {
        check("^1", "22.0.0", Some("1.3.0"));
        check("^1", "18.0.0", Some("1.2.0"));
        check("^1.4", "18.0.0", Some("1.4.0"));
        check("^1.2", "16.0.0", Some("1.4.0"));
        check("^2", "22.0.0", None);
        check("^2.0.0-rc.0", "22.0.0", Some("2.0.0-rc.1"));
    }
}
