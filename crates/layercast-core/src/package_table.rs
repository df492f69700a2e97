//! The table of a release's packages: what `cargo xtask catalogue debian` writes, read where it is needed.
//!
//! A header of `name value` lines up to an empty line; then columns of one line a package, in the order of names:
//! name, version, Installed-Size in KiB, bytes of the .deb, class, Depends, Recommends; then the virtual packages
//! with their providers, best first; then what was measured. Packages in dependencies are their numbers in base 64.
//!
//! **Invariant:** reading finds the beginnings of lines, no more: 63,000 packages take some milliseconds.

mod version;

pub use version::{compare, is_wanted};

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;

/// The first line of a table that this program reads.
pub const FIRST_LINE: &str = "layercast-debian 1";
/// The digits of package numbers in dependencies.
pub const DIGITS: &[u8; 64] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-";

const COLUMNS: usize = 7;

/// Why a text is no table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// It does not begin as a table does.
    #[error("not a table of packages that this version reads")]
    Unknown,
    /// A line of the header is missing or not a number.
    #[error("the table's header has no `{0}`")]
    Header(&'static str),
    /// It has fewer lines than its header says.
    #[error("the table ends after {found} of {expected} lines")]
    Truncated {
        /// Lines that are there.
        found: usize,
        /// Lines that the header announces.
        expected: usize,
    },
}

/// A package of a table: its place in the order of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageId(pub(crate) u32);

/// One alternative of a dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A package, or what provides its name.
    Package(PackageId),
    /// A package itself: what provides its name has not the version that is needed.
    Exactly(PackageId),
    /// A virtual package: its line.
    Virtual(u32),
    /// Not in the release.
    Missing,
}

/// Figures of a package's .deb, unpacked once. All in bytes but `entries`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Regular files, hard links once, without those in `dropped`.
    pub kept: u64,
    /// Files in the folders of documentation and translations that -slim images leave out.
    pub dropped: u64,
    /// `kept` as gzip packs it.
    pub kept_gzip: u64,
    /// `dropped` as gzip packs it.
    pub dropped_gzip: u64,
    /// Files, folders and links, those dropped left out.
    pub entries: u64,
    /// Python's source text among `kept` that the package's script compiles.
    pub python: u64,
    /// What lands in dpkg's folder of scripts and lists.
    pub info: u64,
    /// The package's paragraph in dpkg's status file.
    pub control: u64,
}

/// Tables that are at hand: by distribution, release and architecture. Two are equal where they hold the same tables,
/// not where those hold the same text.
#[derive(Clone, Debug, Default)]
pub struct Tables(BTreeMap<(String, String, String), Arc<Table>>);

impl Tables {
    /// Takes in a table.
    pub fn add(&mut self, distribution: &str, release: &str, architecture: &str, table: Table) {
        let key = (distribution.to_owned(), release.to_owned(), architecture.to_owned());
        self.0.insert(key, Arc::new(table));
    }

    /// The table of a release for an architecture.
    pub fn get(&self, distribution: &str, release: &str, architecture: &str) -> Option<Arc<Table>> {
        let key = (distribution.to_owned(), release.to_owned(), architecture.to_owned());
        self.0.get(&key).cloned()
    }
}

impl PartialEq for Tables {
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len()
            && self.0.iter().zip(&other.0).all(|(one, other)| one.0 == other.0 && Arc::ptr_eq(one.1, other.1))
    }
}

/// The packages of one release of a distribution for one architecture.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    text: String,
    header: BTreeMap<String, String>,
    /// Beginnings of all lines behind the header, and the end.
    lines: Vec<u32>,
    n_packages: usize,
    n_virtuals: usize,
    n_measured: usize,
    sections: Vec<String>,
    base: Vec<PackageId>,
}

impl Table {
    /// Reads a table: the text, not its compressed form.
    pub fn parse(text: String) -> Result<Self, TableError> {
        if !text.strip_prefix(FIRST_LINE).is_some_and(|rest| rest.starts_with('\n')) {
            return Err(TableError::Unknown);
        }
        let end = text.find("\n\n").ok_or(TableError::Header("end"))?;
        let header: BTreeMap<String, String> = text
            .get(..end)
            .unwrap_or_default()
            .lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let count = |name: &'static str| -> Result<usize, TableError> {
            header.get(name).and_then(|value| value.parse().ok()).ok_or(TableError::Header(name))
        };
        let (n_packages, n_virtuals, n_measured) =
            (count("packages")?, count("virtuals")?, count("measured")?);
        let expected =
            n_packages.saturating_mul(COLUMNS).saturating_add(n_virtuals).saturating_add(n_measured);
        let mut lines = Vec::with_capacity(expected.min(text.len()) + 1);
        let begin = end + 2;
        lines.push(begin as u32);
        let body = text.get(begin..).unwrap_or_default();
        lines.extend(body.match_indices('\n').map(|(at, _)| (begin + at + 1) as u32));
        if lines.len() <= expected {
            return Err(TableError::Truncated { found: lines.len() - 1, expected });
        }
        let sections = header.get("sections").map(String::as_str).unwrap_or_default();
        let sections = sections.split(' ').map(str::to_owned).collect();
        let mut table =
            Self { text, header, lines, n_packages, n_virtuals, n_measured, sections, base: Vec::new() };
        table.base = table.ids().filter(|id| table.has_flag(*id, b'!')).collect();
        Ok(table)
    }

    /// A line of the header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.header.get(name).map(String::as_str)
    }

    /// The release: `bookworm`.
    pub fn release(&self) -> &str {
        self.header("release").unwrap_or_default()
    }

    /// The day the table was written, `YYYY-MM-DD`.
    pub fn as_of(&self) -> &str {
        self.header("as-of").unwrap_or_default()
    }

    /// Bytes of the lists of packages as official images keep them: compressed.
    pub fn lists(&self) -> u64 {
        self.number("lists")
    }

    /// Bytes of the lists of packages as apt keeps them by default: plain.
    pub fn plain_lists(&self) -> u64 {
        self.number("plain-lists")
    }

    fn number(&self, name: &str) -> u64 {
        self.header(name).and_then(|value| value.parse().ok()).unwrap_or(0)
    }

    /// How many packages there are.
    pub fn len(&self) -> usize {
        self.n_packages
    }

    /// True where there is no package.
    pub fn is_empty(&self) -> bool {
        self.n_packages == 0
    }

    /// Every package, in the order of names.
    pub fn ids(&self) -> impl Iterator<Item = PackageId> + use<> {
        (0..self.n_packages as u32).map(PackageId)
    }

    /// The packages of the distribution's own base image: essential, required, and apt with what they need.
    pub fn base(&self) -> &[PackageId] {
        &self.base
    }

    /// The package of this name.
    pub fn find(&self, name: &str) -> Option<PackageId> {
        let (mut low, mut high) = (0, self.n_packages as u32);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.name(PackageId(middle)).cmp(name) {
                std::cmp::Ordering::Equal => return Some(PackageId(middle)),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// The packages that provide a name, best first.
    pub fn providers_of(&self, name: &str) -> Vec<PackageId> {
        self.virtual_of(name).map(|line| self.providers(line).collect()).unwrap_or_default()
    }

    /// The line of a name among the virtual packages, for [`Table::providers`].
    pub(crate) fn virtual_of(&self, name: &str) -> Option<u32> {
        let first = self.n_packages * COLUMNS;
        let (mut low, mut high) = (0, self.n_virtuals as u32);
        while low < high {
            let middle = low + (high - low) / 2;
            let line = self.line(first + middle as usize);
            match line.split(' ').next().unwrap_or_default().cmp(name) {
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// Its name.
    pub fn name(&self, id: PackageId) -> &str {
        self.cell(0, id)
    }

    /// Its version.
    pub fn version(&self, id: PackageId) -> &str {
        self.cell(1, id)
    }

    /// Installed-Size, in bytes.
    pub fn installed_size(&self, id: PackageId) -> u64 {
        parse::<u64>(self.cell(2, id)).saturating_mul(1024)
    }

    /// Bytes of the .deb.
    pub fn archive_size(&self, id: PackageId) -> u64 {
        parse(self.cell(3, id))
    }

    /// Its section: `libs`.
    pub fn section(&self, id: PackageId) -> &str {
        let digit = self.cell(4, id).bytes().next().and_then(value_of).unwrap_or(usize::MAX);
        self.sections.get(digit).map(String::as_str).unwrap_or_default()
    }

    /// True where it asks questions by debconf.
    pub fn uses_debconf(&self, id: PackageId) -> bool {
        self.has_flag(id, b'd')
    }

    /// True where the suites of updates and security have a newer version than the release itself.
    pub fn is_update(&self, id: PackageId) -> bool {
        self.has_flag(id, b'u')
    }

    /// The class is the section's digit and then flags.
    fn has_flag(&self, id: PackageId, flag: u8) -> bool {
        self.cell(4, id).bytes().skip(1).any(|byte| byte == flag)
    }

    /// What was measured of its .deb, where it was.
    pub fn measured(&self, id: PackageId) -> Option<Measured> {
        let first = self.n_packages * COLUMNS + self.n_virtuals;
        let (mut low, mut high) = (first, first + self.n_measured);
        while low < high {
            let middle = low + (high - low) / 2;
            let mut fields = self.line(middle).split(' ');
            let of: u32 = parse(fields.next().unwrap_or_default());
            match of.cmp(&id.0) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => {
                    let mut next = || parse(fields.next().unwrap_or_default());
                    return Some(Measured {
                        kept: next(),
                        dropped: next(),
                        kept_gzip: next(),
                        dropped_gzip: next(),
                        entries: next(),
                        python: next(),
                        info: next(),
                        control: next(),
                    });
                }
            }
        }
        None
    }

    /// Its dependencies: groups of alternatives. Those on the base's own packages are left out of the table.
    pub(crate) fn depends(&self, id: PackageId) -> impl Iterator<Item = &str> {
        groups(self.cell(5, id))
    }

    /// What it recommends, in the same form.
    pub(crate) fn recommends(&self, id: PackageId) -> impl Iterator<Item = &str> {
        groups(self.cell(6, id))
    }

    /// The alternatives of a group.
    pub(crate) fn targets<'a>(&'a self, group: &'a str) -> impl Iterator<Item = Target> + 'a {
        group.split('|').map(|word| self.target(word))
    }

    fn target(&self, word: &str) -> Target {
        let (kind, digits) = match word.as_bytes().first() {
            Some(kind @ (b'*' | b'=' | b'!')) => (*kind, word.get(1..).unwrap_or_default()),
            _ => (b' ', word),
        };
        if kind == b'!' || digits.is_empty() {
            return Target::Missing;
        }
        let number =
            digits.bytes().try_fold(0_usize, |sum, digit| Some(sum.checked_mul(64)? + value_of(digit)?));
        let limit = if kind == b'*' { self.n_virtuals } else { self.n_packages };
        match number.filter(|number| *number < limit) {
            Some(number) if kind == b'*' => Target::Virtual(number as u32),
            Some(number) if kind == b'=' => Target::Exactly(PackageId(number as u32)),
            Some(number) => Target::Package(PackageId(number as u32)),
            None => Target::Missing,
        }
    }

    /// The providers in a line of the virtual packages, best first.
    pub(crate) fn providers(&self, line: u32) -> impl Iterator<Item = PackageId> {
        let line = self.line(self.n_packages * COLUMNS + line as usize);
        line.split(' ').skip(1).filter_map(|word| match self.target(word) {
            Target::Package(id) => Some(id),
            _ => None,
        })
    }

    fn cell(&self, column: usize, id: PackageId) -> &str {
        self.line(column * self.n_packages + id.0 as usize)
    }

    fn line(&self, line: usize) -> &str {
        let (Some(begin), Some(end)) = (self.lines.get(line), self.lines.get(line + 1)) else { return "" };
        self.text.get(*begin as usize..(*end as usize).saturating_sub(1)).unwrap_or_default()
    }
}

impl PackageId {
    /// The number that stands for it in the table's dependencies.
    pub fn written(number: usize) -> String {
        let mut digits = vec![DIGITS[number % 64]];
        let mut rest = number / 64;
        while rest > 0 {
            digits.push(DIGITS[rest % 64]);
            rest /= 64;
        }
        digits.iter().rev().map(|digit| char::from(*digit)).collect()
    }

    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

fn groups(cell: &str) -> impl Iterator<Item = &str> {
    cell.split(',').filter(|group| !group.is_empty())
}

fn parse<T: FromStr + Default>(text: &str) -> T {
    text.parse().unwrap_or_default()
}

fn value_of(digit: u8) -> Option<usize> {
    match digit {
        b'0'..=b'9' => Some(usize::from(digit - b'0')),
        b'a'..=b'z' => Some(usize::from(digit - b'a') + 10),
        b'A'..=b'Z' => Some(usize::from(digit - b'A') + 36),
        b'_' => Some(62),
        b'-' => Some(63),
        _ => None,
    }
}

/// Tables written by hand, for tests.
#[cfg(test)]
pub(crate) mod sample {
    use super::{FIRST_LINE, PackageId, Table};

    /// A package: name, flags, what it depends on and what it recommends, by names: `a,b|c`, `*virtual`.
    pub(crate) type Row<'a> = (&'a str, &'a str, &'a str, &'a str);

    /// A table of these packages, sorted by name, with virtual packages and their providers, sorted too. Each package
    /// has version 1-1, 100 KiB and a .deb of 40,000 bytes; `measured` are lines as the table has them.
    pub(crate) fn table(rows: &[Row<'_>], virtuals: &[(&str, &[&str])], measured: &[&str]) -> Table {
        let number = |name: &str| rows.iter().position(|row| row.0 == name).map(PackageId::written);
        let word = |name: &str| match name.strip_prefix('*') {
            Some(own) => {
                let at = virtuals
                    .iter()
                    .position(|(name, _)| *name == own)
                    .expect("a virtual package of the test");
                format!("*{}", PackageId::written(at))
            }
            None => number(name).unwrap_or_else(|| format!("!{name}")),
        };
        let cell = |text: &str| {
            let group = |group: &str| group.split('|').map(word).collect::<Vec<_>>().join("|");
            text.split(',').filter(|text| !text.is_empty()).map(group).collect::<Vec<_>>().join(",")
        };
        let mut text = format!(
            "{FIRST_LINE}\nrelease bookworm\narchitecture amd64\nas-of 2026-11-26\npackages {}\nvirtuals {}\nmeasured {}\n\
             lists 19000000\nplain-lists 50000000\nsections libs python utils\n\n",
            rows.len(),
            virtuals.len(),
            measured.len()
        );
        let columns: [&dyn Fn(&Row<'_>) -> String; 7] = [
            &|row| row.0.to_owned(),
            &|_| "1-1".to_owned(),
            &|_| "100".to_owned(),
            &|_| "40000".to_owned(),
            &|row| format!("2{}", row.1),
            &|row| cell(row.2),
            &|row| cell(row.3),
        ];
        for column in columns {
            rows.iter().for_each(|row| text.push_str(&(column(row) + "\n")));
        }
        for (name, providers) in virtuals {
            let providers: Vec<String> = providers.iter().filter_map(|name| number(name)).collect();
            text.push_str(&format!("{name} {}\n", providers.join(" ")));
        }
        measured.iter().for_each(|line| text.push_str(&format!("{line}\n")));
        Table::parse(text).expect("the sample is a table")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_gives_back_what_was_written() {
        let table = sample::table(
            &[("apt", "!", "", ""), ("curl", "u", "libcurl4", ""), ("libcurl4", "d", "", "")],
            &[("www-browser", &["curl"])],
            &["1 7 6 5 4 3 2 1 9"],
        );
        let curl = table.find("curl").expect("it is there");
        assert_eq!((table.name(curl), table.version(curl), table.section(curl)), ("curl", "1-1", "utils"));
        assert_eq!((table.installed_size(curl), table.archive_size(curl)), (102_400, 40_000));
        assert!(table.is_update(curl) && !table.uses_debconf(curl));
        assert_eq!(table.base().iter().map(|id| table.name(*id)).collect::<Vec<_>>(), ["apt"]);
        assert_eq!(table.providers_of("www-browser"), [curl]);
        let measured = table.measured(curl).expect("it was measured");
        assert_eq!((measured.kept, measured.dropped, measured.entries, measured.control), (7, 6, 3, 9));
        assert_eq!(table.find("crul"), None);
        assert_eq!((table.release(), table.as_of(), table.len()), ("bookworm", "2026-11-26", 3));
    }

    #[test]
    fn what_is_no_table_is_refused() {
        assert_eq!(Table::parse("<html>".to_owned()), Err(TableError::Unknown));
        assert_eq!(
            Table::parse(format!("{FIRST_LINE}\npackages x\n\n")),
            Err(TableError::Header("packages"))
        );
        let short = format!("{FIRST_LINE}\npackages 2\nvirtuals 0\nmeasured 0\n\na\nb\n");
        assert_eq!(Table::parse(short), Err(TableError::Truncated { found: 2, expected: 14 }));
        let huge = format!("{FIRST_LINE}\npackages 18446744073709551615\nvirtuals 1\nmeasured 1\n\n");
        assert!(Table::parse(huge).is_err());
    }
}
