//! Measures the .debs that Dockerfiles name most: each is fetched once, read in memory, and only its figures kept.

use crate::Failed;
use crate::child::fetch;
use crate::deb;
use crate::index::Index;
use layercast_core::package_table::{Measured, PackageId, Table};
use layercast_core::packages::debian::{Installed, Request, install};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;

/// What is measured at most, of one release.
const MOST_PACKAGES: usize = 2_000;
const MOST_BYTES: u64 = 1_500_000_000;
/// A single .deb over this is not worth what it takes from the mirror.
const LONGEST: u64 = 120_000_000;
/// How many of the names are also followed to what they recommend.
const WITH_RECOMMENDS: usize = 60;
/// Connections to the mirror at a time.
const CONNECTIONS: usize = 3;

const NAMES: &str = include_str!("names.txt");

/// Figures by package: those kept from an earlier run, and with `fetches` the others of the list.
pub(crate) fn all(
    table: &Table,
    index: &Index,
    kept: &Path,
    fetches: bool,
) -> Result<BTreeMap<String, Measured>, Failed> {
    let path = kept.join("measured.tsv");
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    let known: BTreeMap<(&str, &str), Measured> = known.lines().filter_map(read_line).collect();
    let wanted = wanted(table);
    let mut figures = BTreeMap::new();
    let mut missing = Vec::new();
    for id in wanted {
        match known.get(&(table.name(id), table.version(id))) {
            Some(measured) => {
                figures.insert(table.name(id).to_owned(), *measured);
            }
            None => missing.push(id),
        }
    }
    if !fetches {
        return Ok(figures);
    }
    let total: u64 = missing.iter().map(|id| table.archive_size(*id)).sum();
    println!("{}: measuring {} packages, {} MB", table.release(), missing.len(), total / 1_000_000);
    missing.reverse();
    let open = Mutex::new(missing);
    let file = Mutex::new(OpenOptions::new().create(true).append(true).open(&path)?);
    let figures = Mutex::new(figures);
    std::thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| {
                while let Some(id) = open.lock().ok().and_then(|mut open| open.pop()) {
                    match one(table, index, id) {
                        Ok(measured) => {
                            let line = written_line(table.name(id), table.version(id), &measured);
                            if let Ok(mut file) = file.lock() {
                                // A line that is not kept is measured again the next time.
                                file.write_all(line.as_bytes()).ok();
                            }
                            if let Ok(mut figures) = figures.lock() {
                                figures.insert(table.name(id).to_owned(), measured);
                            }
                        }
                        Err(Failed(why)) => eprintln!("{}: {why}", table.name(id)),
                    }
                }
            });
        }
    });
    figures.into_inner().map_err(|_| Failed("a thread that measured broke off".to_owned()))
}

/// The packages to measure: the base's own, the named ones with what they depend on, then what the first of them
/// recommend.
fn wanted(table: &Table) -> Vec<PackageId> {
    let names: Vec<&str> = NAMES
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(' '))
        .map(|(_, name)| name)
        .filter(|name| table.find(name).is_some())
        .collect();
    let (mut wanted, mut seen, mut bytes) = (Vec::new(), BTreeSet::new(), 0);
    let mut add = |ids: Vec<PackageId>| {
        for id in ids {
            let length = table.archive_size(id);
            if length > LONGEST || wanted.len() >= MOST_PACKAGES || bytes + length > MOST_BYTES {
                continue;
            }
            if seen.insert(id) {
                wanted.push(id);
                bytes += length;
            }
        }
    };
    let closure = |name: &str, recommends| {
        install(table, &mut Installed::default(), &[Request::parse(name)], recommends).new
    };
    add(table.base().to_vec());
    for name in &names {
        add(closure(name, false));
    }
    for name in names.iter().take(WITH_RECOMMENDS) {
        add(closure(name, true));
    }
    wanted
}

fn one(table: &Table, index: &Index, id: PackageId) -> Result<Measured, Failed> {
    let entry = index.packages.get(table.name(id)).ok_or_else(|| Failed("not in the index".to_owned()))?;
    let archive = fetch(&format!("{}/{}", entry.uri, entry.field("Filename")))?;
    if archive.len() as u64 != table.archive_size(id) {
        return Err(Failed("the .deb has not the length that the index says".to_owned()));
    }
    deb::measure(&archive)
}

fn written_line(name: &str, version: &str, measured: &Measured) -> String {
    let mut line = format!("{name}\t{version}");
    let Measured { kept, dropped, kept_gzip, dropped_gzip, entries, python, info, control } = *measured;
    for figure in [kept, dropped, kept_gzip, dropped_gzip, entries, python, info, control] {
        // Writing to a String does not fail.
        write!(line, "\t{figure}").ok();
    }
    line + "\n"
}

fn read_line(line: &str) -> Option<((&str, &str), Measured)> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [name, version, figures @ ..] = fields.as_slice() else { return None };
    let figures: Vec<u64> = figures.iter().filter_map(|figure| figure.parse().ok()).collect();
    let [kept, dropped, kept_gzip, dropped_gzip, entries, python, info, control] = figures[..] else {
        return None;
    };
    let measured = Measured { kept, dropped, kept_gzip, dropped_gzip, entries, python, info, control };
    Some(((name, version), measured))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_was_written_is_read_again() {
        let measured = Measured {
            kept: 1,
            dropped: 2,
            kept_gzip: 3,
            dropped_gzip: 4,
            entries: 5,
            python: 6,
            info: 7,
            control: 8,
        };
        let line = written_line("a", "1-1", &measured);
        assert_eq!(read_line(line.trim_end()), Some((("a", "1-1"), measured)));
        assert_eq!(read_line("a\t1-1\t3"), None, "a line cut off");
    }
}
