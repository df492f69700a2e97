//! The most used packages and all that they need, for when no registry may be asked.
//!
//! **Invariant:** made by `cargo xtask catalogue npm` and never by hand: `table/packages.tsv` holds for each package
//! name, version, bytes of its files, bytes of its archive, and the names of what it needs on linux/amd64 with glibc.
//! Of a package in several majors it has a row for each, the newest first.

use crate::facts::{Answered, NpmFacts, NpmManifest};
use crate::packages::npm::pick::Ask;
use crate::packages::npm::platform::Machine;
use crate::packages::npm::semver::Version;
use crate::packages::npm::spec::Spec;
use crate::packages::npm::tree::{Plan, Root, Wish, plan};
use crate::packages::npm::weigh;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::LazyLock;

static PACKAGES: &str = include_str!("table/packages.tsv");

/// One package of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its version.
    pub version: &'static str,
    /// Sum of its files, in bytes.
    pub unpacked: u64,
    /// Length of its archive, in bytes.
    pub tarball: u64,
    /// The names of what it needs, joined by blanks.
    needs: &'static str,
}

static ROWS: LazyLock<BTreeMap<&'static str, Vec<Row>>> = LazyLock::new(|| {
    let mut rows: BTreeMap<&'static str, Vec<Row>> = BTreeMap::new();
    for (name, row) in PACKAGES.lines().filter(|line| !line.starts_with('#')).filter_map(read) {
        rows.entry(name).or_default().push(row);
    }
    rows
});

fn read(line: &'static str) -> Option<(&'static str, Row)> {
    let mut fields = line.split('\t');
    let name = fields.next()?;
    let version = fields.next()?;
    let unpacked = fields.next()?.parse().ok()?;
    let tarball = fields.next()?.parse().ok()?;
    Some((name, Row { version, unpacked, tarball, needs: fields.next().unwrap_or_default() }))
}

/// The day the table was made, `YYYY-MM-DD`.
pub fn as_of() -> &'static str {
    PACKAGES.lines().next().and_then(|line| line.rsplit(' ').next()).unwrap_or_default()
}

/// The row of a package that is nearest to a version, and whether it is that version.
pub fn nearest(name: &str, version: &str) -> Option<(&'static Row, bool)> {
    let rows = ROWS.get(name)?;
    let major = |version: &str| Version::parse(version).map_or(0, |version| version.major);
    let wanted = major(version);
    let nearest = rows.iter().min_by_key(|row| major(row.version).abs_diff(wanted))?;
    Some((nearest, nearest.version == version))
}

/// The document that stands in for a package's own.
pub(super) fn manifest(spec: &Spec, name: &str) -> Option<NpmManifest> {
    use crate::packages::npm::spec::Source;
    let rows = ROWS.get(name)?;
    let fits = |row: &&Row| match &spec.source {
        Source::Range(_, range) => Version::parse(row.version).is_some_and(|version| range.allows(&version)),
        _ => true,
    };
    let row = rows.iter().find(fits).or_else(|| rows.first())?;
    let needs = row.needs.split_whitespace().filter_map(|need| {
        let (need, version) = need.rsplit_once('@')?;
        Some((need.to_owned(), version.to_owned()))
    });
    let version = match &spec.source {
        Source::Range(_, range) => range.exact().map_or_else(|| row.version.to_owned(), ToString::to_string),
        _ => row.version.to_owned(),
    };
    Some(NpmManifest { version, dependencies: needs.collect(), ..NpmManifest::default() })
}

/// The rows for these packages (`express`, `express@4`) and all that they need, as far as is known, and what must be
/// asked to know more.
pub fn make(words: &[&str], facts: &NpmFacts, machine: &Machine) -> (String, BTreeSet<Ask>) {
    let plans = words.iter().map(|word| {
        let roots = vec![Root { spec: Spec::of_word(word), optional: false }];
        plan(&Wish { roots, ..Wish::default() }, facts, machine)
    });
    let plans: Vec<Plan> = plans.collect();
    let mut asks: BTreeSet<Ask> = plans.iter().flat_map(|plan| plan.asks.iter().cloned()).collect();
    // One row for each major: the newest of it.
    let mut newest: BTreeMap<(&str, u64), (Version, bool)> = BTreeMap::new();
    for package in plans.iter().flat_map(|plan| &plan.packages).filter(|package| !package.stands_in) {
        let Some(version) = Version::parse(&package.version) else { continue };
        let known = newest.entry((&package.name, version.major)).or_insert_with(|| (version.clone(), true));
        if version > known.0 {
            known.0 = version;
        }
    }
    let all = plans.iter().flat_map(|plan| &plan.packages);
    let is_newest = |name: &str, version: &str| {
        let version = Version::parse(version);
        version.is_some_and(|version| newest.get(&(name, version.major)).is_some_and(|one| one.0 == version))
    };
    let kept: Vec<_> = all.filter(|one| !one.stands_in && is_newest(&one.name, &one.version)).collect();
    asks.extend(weigh::asks(kept.iter().copied(), facts));
    let mut text = String::new();
    for ((name, _), (version, _)) in newest.iter().rev() {
        let version = version.to_string();
        let archive = facts.tarball(name, &version).and_then(Answered::known);
        let manifest = facts.manifest(name, &version).and_then(Answered::known);
        let (Some(archive), Some(manifest)) = (archive, manifest) else { continue };
        let needs = manifest.dependencies.iter().chain(&manifest.optional).chain(&manifest.peers);
        let needs = needs.filter_map(|(need, range)| {
            let spec = Spec::new(need, range);
            let major = newest.keys().rev().map(|(name, major)| (*name, *major)).find(|(name, major)| {
                let fits = match &spec.source {
                    crate::packages::npm::spec::Source::Range(_, range) => {
                        newest.get(&(*name, *major)).is_some_and(|one| range.allows(&one.0))
                    }
                    _ => true,
                };
                name == need && fits
            })?;
            let is_optional = manifest.optional.contains_key(need);
            let is_bundled = manifest.bundled.contains(need);
            (!is_bundled && (!is_optional || newest.contains_key(&(need.as_str(), major.1))))
                .then(|| format!("{need}@{}", major.1))
        });
        let needs: Vec<String> = needs.collect();
        let unpacked = manifest.unpacked.unwrap_or(archive.unpacked);
        let _ = writeln!(text, "{name}\t{version}\t{unpacked}\t{}\t{}", archive.bytes, needs.join(" "));
    }
    (text, asks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read_and_names_rows() {
        let written = PACKAGES.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(ROWS.values().map(Vec::len).sum::<usize>(), written);
        for row in ROWS.values().flatten() {
            for need in row.needs.split_whitespace() {
                let (need, _) = need.rsplit_once('@').expect("a major");
                assert!(ROWS.contains_key(need), "{need} is not in the table");
            }
        }
    }

    #[test]
    fn the_table_says_its_day() {
        assert_eq!(as_of().len(), "2026-11-26".len());
    }

    #[test]
    fn rows_are_made_of_facts() {
        let mut facts = NpmFacts::default();
        let (_, asks) = make(&["a"], &facts, &Machine::linux("amd64", false));
        assert_eq!(asks.len(), 1);
        let mut add = |name: &str, version: &str, needs: &[(&str, &str)]| {
            let dependencies = needs.iter().map(|(name, range)| ((*name).to_owned(), (*range).to_owned()));
            let manifest = NpmManifest {
                version: version.to_owned(),
                dependencies: dependencies.collect(),
                ..NpmManifest::default()
            };
            facts.manifests.insert(format!("{name}@{version}"), Answered::Known(manifest.clone()));
            facts.manifests.insert(format!("{name}@latest"), Answered::Known(manifest));
            let archive = crate::facts::NpmTarball { bytes: 10, unpacked: 40, files: 1, exact: true };
            facts.tarballs.insert(format!("{name}@{version}"), Answered::Known(archive));
        };
        add("a", "2.0.0", &[("b", "^1.0.0")]);
        add("b", "1.5.0", &[]);
        let (text, asks) = make(&["a"], &facts, &Machine::linux("amd64", false));
        assert_eq!(text, "b\t1.5.0\t40\t10\t\na\t2.0.0\t40\t10\tb@1\n");
        assert!(asks.is_empty());
    }
}
