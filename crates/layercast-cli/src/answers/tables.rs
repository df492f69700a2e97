//! The tables of distributions' packages that this program carries: unpacked when a file first needs one.

use layercast_core::facts::{Facts, Question};
use layercast_core::package_table::Table;
use std::io::Read;

/// A table: distribution, release, architecture, and the packed text.
type Row = (&'static str, &'static str, &'static str, &'static [u8]);

static TABLES: [Row; 5] = [
    ("alpine", "3.22", "amd64", include_bytes!("../../tables/alpine-3.22-amd64.gz")),
    ("debian", "bookworm", "amd64", include_bytes!("../../tables/debian-bookworm-amd64.gz")),
    ("debian", "bookworm", "arm64", include_bytes!("../../tables/debian-bookworm-arm64.gz")),
    ("debian", "trixie", "amd64", include_bytes!("../../tables/debian-trixie-amd64.gz")),
    ("debian", "trixie", "arm64", include_bytes!("../../tables/debian-trixie-arm64.gz")),
];

/// The tables as the page fetches them: `tables/debian-bookworm-amd64.gz`.
#[cfg_attr(not(page_inside), expect(dead_code, reason = "other builds serve those beside the page"))]
pub(crate) fn files() -> impl Iterator<Item = (String, &'static [u8])> {
    TABLES.iter().map(|(distribution, release, architecture, packed)| {
        (format!("tables/{distribution}-{release}-{architecture}.gz"), *packed)
    })
}

/// Answers the question for a table; false for another question, and where there is no such table.
pub(crate) fn answer(question: &Question, facts: &mut Facts) -> bool {
    let Question::PackageTable { distribution, release, architecture } = question else { return false };
    let is_wanted = |row: &&Row| (row.0, row.1, row.2) == (distribution, release, architecture);
    let Some(table) = TABLES.iter().find(is_wanted).and_then(|row| unpack(row.3)) else { return false };
    facts.tables.add(distribution, release, architecture, table);
    true
}

/// None only if the program itself were broken: the test reads each of them.
fn unpack(packed: &[u8]) -> Option<Table> {
    let mut text = String::with_capacity(5_000_000);
    flate2::read::GzDecoder::new(packed).read_to_string(&mut text).ok()?;
    Table::parse(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use layercast_core::packages::debian::{Installed, Request, install};

    #[test]
    fn every_table_is_read_and_knows_its_own_packages() {
        for (distribution, release, architecture, packed) in TABLES {
            let table = unpack(packed).expect("a table that this program carries");
            assert_eq!(table.header("architecture"), Some(architecture), "{distribution}");
            assert_eq!(table.release(), release);
            assert!(packed.len() < 2_000_000, "{release} {architecture}");
            if distribution == "alpine" {
                let closure =
                    install(&table, &mut Installed::default(), &["curl", "git"].map(Request::parse), false);
                assert!(closure.new.len() > 10 && closure.unknown.is_empty(), "{:?}", closure.unknown);
                continue;
            }
            assert!(table.len() > 60_000, "{} packages", table.len());
            assert!((60..120).contains(&table.base().len()), "{} packages in the base", table.base().len());
            let requests = ["git", "build-essential", "postgresql"].map(Request::parse);
            let closure = install(&table, &mut Installed::default(), &requests, true);
            assert!(closure.new.len() > 100 && closure.unknown.is_empty() && closure.problems.is_empty());
        }
    }

    #[test]
    fn a_table_that_nobody_has_is_not_answered() {
        let question = Question::PackageTable {
            distribution: "debian".to_owned(),
            release: "woody".to_owned(),
            architecture: "amd64".to_owned(),
        };
        assert!(!answer(&question, &mut Facts::default()));
    }
}
