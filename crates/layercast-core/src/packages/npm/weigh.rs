//! What a package's files weigh, by the best of what is known: its archive, the registry's document, the table inside,
//! or what packages weigh on the whole.

use crate::facts::{Answered, NpmFacts, NpmTarball, NpmWanted};
use crate::packages::npm::pick::Ask;
use crate::packages::npm::table;
use crate::packages::npm::tree::Planned;
use std::collections::BTreeSet;

/// What one package weighs. Low, likely and high, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight {
    /// Sum of its files.
    pub unpacked: [u64; 3],
    /// What they take in a compressed layer.
    pub download: [u64; 3],
    /// Length of its archive, as npm's cache keeps it.
    pub tarball: [u64; 3],
    /// How that is known.
    pub how: How,
}

/// How a weight is known, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// Every file of the archive was seen, or the registry says the sum.
    Archive,
    /// The archive's length and its beginning were seen.
    Beginning,
    /// The table inside has this version.
    Table,
    /// The table inside has another version.
    OtherVersion,
    /// By what packages weigh on the whole.
    Typical,
}

/// A layer of package files takes about what their archives take: both are gzip over the same files, and the layer's
/// longer headers are made up for by what files of several packages have in common.
const LAYER_OF_ARCHIVE: [f64; 3] = [0.94, 1.01, 1.08];
/// Of files alone: `design/sizes.md`, 38 layers of node_modules.
const COMPRESSED: [f64; 3] = [0.14, 0.25, 0.45];
/// The mean of packages in the closures of common projects is 60 to 90 kB, most are far smaller.
const TYPICAL: [u64; 3] = [6_000, 75_000, 320_000];

/// Weighs one package.
pub fn weigh(package: &Planned, facts: &NpmFacts) -> Weight {
    let archive = facts.tarball(&package.name, &package.version).and_then(Answered::known);
    if let Some(archive) = archive {
        // What the document says is exact, and was counted when it was published.
        let unpacked = match package.unpacked {
            Some(told) => [told; 3],
            None if archive.exact => [archive.unpacked; 3],
            None => sampled(archive),
        };
        let how = if archive.exact || package.unpacked.is_some() { How::Archive } else { How::Beginning };
        return by_archive(unpacked, [archive.bytes; 3], how);
    }
    if let Some(told) = package.unpacked {
        let tarball = COMPRESSED.map(|ratio| scaled(told, ratio));
        return by_archive([told; 3], tarball, How::Archive);
    }
    if let Some((row, is_same)) = table::nearest(&package.name, &package.version) {
        let (low, high) = if is_same { (0.99, 1.01) } else { (0.72, 1.35) };
        let how = if is_same { How::Table } else { How::OtherVersion };
        return by_archive(around(row.unpacked, low, high), around(row.tarball, low, high), how);
    }
    let tarball = [0, 1, 2].map(|side| scaled(TYPICAL[side], COMPRESSED[side]));
    by_archive(TYPICAL, tarball, How::Typical)
}

/// The archives that are not known yet.
pub fn asks<'p>(packages: impl IntoIterator<Item = &'p Planned>, facts: &NpmFacts) -> BTreeSet<Ask> {
    let asked =
        packages.into_iter().filter(|one| !one.stands_in && facts.tarball(&one.name, &one.version).is_none());
    asked
        .map(|one| Ask { name: one.name.clone(), version: one.version.clone(), wanted: NpmWanted::Tarball })
        .collect()
}

fn by_archive(unpacked: [u64; 3], tarball: [u64; 3], how: How) -> Weight {
    let download = [0, 1, 2].map(|side| scaled(tarball[side], LAYER_OF_ARCHIVE[side]));
    Weight { unpacked, download, tarball, how }
}

/// The length of the tar is known, the number of files in its unseen rest is not: each takes a header and, on the whole,
/// half a block of padding, and there may be half as many or half as many again.
fn sampled(archive: &NpmTarball) -> [u64; 3] {
    const OVERHEAD: u64 = 512 + 256;
    let unsure = archive.files.saturating_mul(OVERHEAD) / 2 + archive.unpacked / 200;
    [archive.unpacked.saturating_sub(unsure), archive.unpacked, archive.unpacked.saturating_add(unsure)]
}

fn around(likely: u64, low: f64, high: f64) -> [u64; 3] {
    [scaled(likely, low), likely, scaled(likely, high)]
}

fn scaled(bytes: u64, factor: f64) -> u64 {
    (bytes as f64 * factor).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(unpacked: Option<u64>) -> Planned {
        let (name, version) = ("made-up".to_owned(), "1.0.0".to_owned());
        Planned { name, version, unpacked, ..Planned::default() }
    }

    #[test]
    fn the_archive_wins_then_the_document_then_the_table() {
        let mut facts = NpmFacts::default();
        assert_eq!(weigh(&package(None), &facts).how, How::Typical);
        assert_eq!(weigh(&package(Some(1000)), &facts).download, [132, 253, 486]);
        let archive = NpmTarball { bytes: 300, unpacked: 1200, files: 2, exact: false };
        facts.tarballs.insert("made-up@1.0.0".to_owned(), Answered::Known(archive));
        let weight = weigh(&package(None), &facts);
        assert_eq!((weight.unpacked, weight.how), ([426, 1200, 1974], How::Beginning));
        assert_eq!(weigh(&package(Some(1000)), &facts).unpacked, [1000; 3]);
    }

    #[test]
    fn each_archive_is_asked_for_once() {
        let packages = [package(None), package(None)];
        assert_eq!(asks(&packages, &NpmFacts::default()).len(), 1);
    }
}
