//! What is inside of a wheel by the last bytes of its zip, and of a source archive by its tar.
//! Reference: <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>, sections 4.3.12 to 4.3.16.

use crate::facts::python::PythonArchive;

/// The directory at the end of a zip.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    /// Its files; folders are left out.
    pub entries: Vec<Entry>,
}

/// One file of a zip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path.
    pub path: String,
    /// Its compressed length in bytes.
    pub packed: u64,
    /// Its length in bytes.
    pub unpacked: u64,
    /// 0 where it is stored as it is, 8 where it is deflated.
    pub method: u16,
    /// Where in the zip its own header begins.
    pub offset: u64,
}

/// What the bytes at the end of a zip tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tail {
    /// All of the directory.
    Directory(Directory),
    /// Too little: it begins at this place of the file.
    BeginsAt(u64),
    /// It is no zip.
    NoZip,
}

/// Nobody's wheel holds more; a forged one may say so.
const MOST_ENTRIES: usize = 400_000;

/// Reads `bytes`, which are those of a file of `total` bytes from `start` to its end.
pub fn read_tail(bytes: &[u8], start: u64, total: u64) -> Tail {
    let Some(end) = find_end(bytes) else { return Tail::NoZip };
    let (Some(mut size), Some(mut offset)) = (number(bytes, end + 12, 4), number(bytes, end + 16, 4)) else {
        return Tail::NoZip;
    };
    let is_large = size == u64::from(u32::MAX) || offset == u64::from(u32::MAX);
    let locator = end.checked_sub(20).filter(|at| is_large && number(bytes, *at, 4) == Some(0x0706_4b50));
    if let Some(locator) = locator {
        let Some(record) = number(bytes, locator + 8, 8) else { return Tail::NoZip };
        let Some(at) = place(record, start) else {
            return if record < total { Tail::BeginsAt(record) } else { Tail::NoZip };
        };
        match (number(bytes, at, 4), number(bytes, at + 40, 8), number(bytes, at + 48, 8)) {
            (Some(0x0606_4b50), Some(large_size), Some(large_offset)) => {
                (size, offset) = (large_size, large_offset)
            }
            _ => return Tail::NoZip,
        }
    }
    if offset.checked_add(size).is_none_or(|end| end > total) {
        return Tail::NoZip;
    }
    let Some(first) = place(offset, start) else { return Tail::BeginsAt(offset) };
    let directory = usize::try_from(size).ok().and_then(|size| bytes.get(first..first.checked_add(size)?));
    directory.and_then(entries).map_or(Tail::NoZip, |entries| Tail::Directory(Directory { entries }))
}

fn place(offset: u64, start: u64) -> Option<usize> {
    usize::try_from(offset.checked_sub(start)?).ok()
}

/// The last record of a zip; a comment of up to 64 KiB may stand behind it.
fn find_end(bytes: &[u8]) -> Option<usize> {
    let last = bytes.len().checked_sub(22)?;
    let first = last.saturating_sub(0xffff);
    (first..=last).rev().find(|at| number(bytes, *at, 4) == Some(0x0605_4b50))
}

/// A little-endian number.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(length)?)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

fn entries(mut directory: &[u8]) -> Option<Vec<Entry>> {
    let mut entries = Vec::new();
    while number(directory, 0, 4) == Some(0x0201_4b50) {
        let field = |at, length| number(directory, at, length);
        let lengths = [field(28, 2)?, field(30, 2)?, field(32, 2)?];
        let [name, extra, comment] = lengths.map(|length| length as usize);
        let path = String::from_utf8_lossy(directory.get(46..46 + name)?).into_owned();
        let (mut packed, mut unpacked, mut offset) = (field(20, 4)?, field(24, 4)?, field(42, 4)?);
        let wide = directory.get(46 + name..46 + name + extra)?;
        widen(wide, [&mut unpacked, &mut packed, &mut offset]);
        let method = u16::try_from(field(10, 2)?).ok()?;
        if !path.ends_with('/') {
            entries.push(Entry { path, packed, unpacked, method, offset });
        }
        if entries.len() > MOST_ENTRIES {
            return None;
        }
        directory = directory.get(46 + name + extra + comment..)?;
    }
    Some(entries)
}

/// Numbers that need more than 32 bits stand in an extra field, in this order.
fn widen(mut extra: &[u8], numbers: [&mut u64; 3]) {
    while let (Some(kind), Some(length)) = (number(extra, 0, 2), number(extra, 2, 2)) {
        let length = length as usize;
        if kind == 1 {
            let mut at = 4;
            for wide in numbers {
                if *wide == u64::from(u32::MAX) {
                    *wide = number(extra, at, 8).unwrap_or(*wide);
                    at += 8;
                }
            }
            return;
        }
        extra = extra.get(4 + length..).unwrap_or_default();
    }
}

impl Directory {
    /// The wheel's METADATA.
    pub fn metadata(&self) -> Option<&Entry> {
        let is_metadata = |entry: &&Entry| {
            let folder = entry.path.strip_suffix("/METADATA");
            folder.is_some_and(|folder| folder.ends_with(".dist-info") && !folder.contains('/'))
        };
        self.entries.iter().find(is_metadata)
    }

    /// What an estimate needs of a wheel of `total` bytes with this text of METADATA.
    pub fn reduced(&self, total: u64, metadata: &str) -> PythonArchive {
        let mut archive =
            PythonArchive { bytes: total, requires: requires(metadata), ..PythonArchive::default() };
        for entry in &self.entries {
            archive.add(&entry.path, entry.unpacked, entry.packed);
        }
        archive
    }
}

impl Entry {
    /// The compressed bytes, in the bytes of the zip from [`Entry::offset`] on.
    pub fn data<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        if number(bytes, 0, 4)? != 0x0403_4b50 {
            return None;
        }
        let start = 30 + number(bytes, 26, 2)? as usize + number(bytes, 28, 2)? as usize;
        bytes.get(start..start.checked_add(usize::try_from(self.packed).ok()?)?)
    }
}

impl PythonArchive {
    fn add(&mut self, path: &str, unpacked: u64, packed: u64) {
        let sum = |one: &mut u64, more: u64| *one = one.saturating_add(more);
        sum(&mut self.unpacked, unpacked);
        sum(&mut self.packed, packed);
        sum(&mut self.entries, 1);
        if path.ends_with(".py") {
            sum(&mut self.python, unpacked);
            sum(&mut self.python_packed, packed);
            sum(&mut self.python_entries, 1);
            sum(&mut self.python_paths, path.len() as u64);
        }
    }
}

/// `Requires-Dist` of a METADATA or PKG-INFO.
pub fn requires(metadata: &str) -> Vec<String> {
    // A license in full stands in the headers, its empty lines made of blanks.
    let headers = metadata.lines().take_while(|line| !line.is_empty());
    let requires = headers.filter_map(|line| line.strip_prefix("Requires-Dist:"));
    requires.map(|requires| requires.trim().to_owned()).collect()
}

/// What an estimate needs of a source archive of `total` bytes whose tar is `tar`: what a build of it would
/// install, as far as names tell: packages, not their tests and not the sources of compiled modules.
pub fn read_source(tar: &[u8], total: u64) -> Option<PythonArchive> {
    let mut archive = PythonArchive { bytes: total, ..PythonArchive::default() };
    let (mut requires, mut listed) = (Vec::new(), Vec::new());
    let mut rest = tar;
    let mut seen = 0;
    while rest.first().is_some_and(|first| *first != 0) {
        let text = |from: usize, length: usize| {
            let field = rest.get(from..from + length)?;
            std::str::from_utf8(field.split(|byte| *byte == 0).next()?).ok()
        };
        let size = u64::from_str_radix(text(124, 12)?.trim(), 8).ok()?;
        let length = usize::try_from(size).ok()?;
        let prefix = text(345, 155).unwrap_or_default();
        let path =
            if prefix.is_empty() { text(0, 100)?.to_owned() } else { format!("{prefix}/{}", text(0, 100)?) };
        let is_file = matches!(rest.get(156)?, b'0' | 0);
        let content = rest.get(512..512_usize.checked_add(length)?)?;
        if is_file {
            seen += 1;
            let inside = path.split_once('/').map_or(path.as_str(), |(_, inside)| inside);
            match inside {
                "PKG-INFO" => requires = self::requires(&String::from_utf8_lossy(content)),
                _ if inside.ends_with(".egg-info/requires.txt") => {
                    listed = requires_of_egg(&String::from_utf8_lossy(content));
                }
                _ if is_installed(inside) => archive.add(inside.trim_start_matches("src/"), size, size / 4),
                _ => {}
            }
        }
        rest = rest.get(512_usize.checked_add(length.checked_next_multiple_of(512)?)?..)?;
    }
    archive.requires = if requires.is_empty() { listed } else { requires };
    (seen > 0).then_some(archive)
}

fn is_installed(path: &str) -> bool {
    const NEVER: [&str; 12] = [
        "tests",
        "test",
        "doc",
        "docs",
        "examples",
        "example",
        "benchmarks",
        "scripts",
        "tools",
        ".github",
        "ci",
        "testing",
    ];
    const SOURCES: [&str; 12] =
        [".c", ".h", ".cc", ".cpp", ".hpp", ".cxx", ".pyx", ".rs", ".f", ".f90", ".m", ".in"];
    let Some((folders, _)) = path.rsplit_once('/') else { return false };
    let hidden = folders.split('/').any(|folder| NEVER.contains(&folder) || folder.ends_with(".egg-info"));
    !hidden && !SOURCES.iter().any(|end| path.ends_with(end))
}

/// The form of setuptools: sections `[extra:marker]` above lines.
fn requires_of_egg(text: &str) -> Vec<String> {
    let mut condition = String::new();
    let mut requires = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(section) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            let (extra, marker) = section.split_once(':').unwrap_or((section, ""));
            let extra = if extra.is_empty() { String::new() } else { format!("extra == '{extra}'") };
            condition = match (marker.is_empty(), extra.is_empty()) {
                (true, _) => extra,
                (false, true) => marker.to_owned(),
                (false, false) => format!("({marker}) and {extra}"),
            };
        } else if condition.is_empty() {
            requires.push(line.to_owned());
        } else {
            requires.push(format!("{line} ; {condition}"));
        }
    }
    requires
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A zip of stored files, written by hand.
    fn zip(files: &[(&str, &str)]) -> Vec<u8> {
        let (mut zip, mut directory) = (Vec::new(), Vec::new());
        for (path, text) in files {
            let offset = zip.len() as u32;
            let lengths = [text.len() as u32; 2].map(u32::to_le_bytes).concat();
            let name = (path.len() as u16).to_le_bytes();
            zip.extend(
                [&b"PK\x03\x04"[..], &[0; 14], &lengths, &name, &[0; 2], path.as_bytes(), text.as_bytes()]
                    .concat(),
            );
            let head = [
                &b"PK\x01\x02"[..],
                &[0; 16],
                &lengths,
                &name,
                &[0; 12],
                &offset.to_le_bytes(),
                path.as_bytes(),
            ];
            directory.extend(head.concat());
        }
        let (size, offset) = ((directory.len() as u32).to_le_bytes(), (zip.len() as u32).to_le_bytes());
        zip.extend(directory);
        zip.extend([&b"PK\x05\x06"[..], &[0; 8], &size, &offset, &[0; 2]].concat());
        zip
    }

    const METADATA: &str = "Metadata-Version: 2.1\nLicense: one\n        \n        two\nRequires-Dist: click>=8\nRequires-Dist: tomli ; extra == 'x'\n\nRequires-Dist: none\n";

    #[test]
    fn a_wheel_by_its_last_bytes() {
        let zip = zip(&[
            ("x/a.py", "print(1)\n"),
            ("x/d.bin", "12345"),
            ("x/", ""),
            ("x-1.dist-info/METADATA", METADATA),
        ]);
        let total = zip.len() as u64;
        let Tail::Directory(directory) = read_tail(&zip, 0, total) else { panic!("it is a zip") };
        let metadata = directory.metadata().expect("it has metadata");
        let text = metadata.data(&zip[metadata.offset as usize..]).expect("it is stored");
        assert_eq!(text, METADATA.as_bytes());
        let archive = directory.reduced(total, METADATA);
        assert_eq!(
            (archive.entries, archive.python, archive.python_entries, archive.python_paths),
            (3, 9, 1, 6)
        );
        assert_eq!(archive.unpacked, 9 + 5 + METADATA.len() as u64);
        assert_eq!(archive.requires, ["click>=8", "tomli ; extra == 'x'"]);
    }

    #[test]
    fn too_few_bytes_say_how_many_are_wanted() {
        let zip = zip(&[("x/a.py", "print(1)\n"), ("x/b.py", "")]);
        let total = zip.len() as u64;
        let start = zip.len() - 60;
        let Tail::BeginsAt(at) = read_tail(&zip[start..], start as u64, total) else {
            panic!("it is too little")
        };
        assert!(matches!(read_tail(&zip[at as usize..], at, total), Tail::Directory(_)));
    }

    #[test]
    fn nonsense_is_no_zip() {
        let sound = zip(&[("x/a.py", "print(1)\n")]);
        for bytes in [
            &b""[..],
            b"<html>nothing here, only text that is long enough</html>",
            &sound[..sound.len() - 1],
            b"PK\x05\x06",
        ] {
            assert_eq!(read_tail(bytes, 0, bytes.len() as u64), Tail::NoZip);
        }
        let mut forged = sound.clone();
        let at = forged.len() - 10;
        forged[at..at + 4].copy_from_slice(&[0xff, 0xff, 0xff, 0x7f]);
        assert_eq!(read_tail(&forged, 0, forged.len() as u64), Tail::NoZip);
        for at in 0..sound.len() {
            let mut spoilt = sound.clone();
            spoilt[at] ^= 0xff;
            let _ = read_tail(&spoilt, 0, spoilt.len() as u64); // no panic
        }
    }

    fn tar(files: &[(&str, &str)]) -> Vec<u8> {
        let mut tar = Vec::new();
        for (path, text) in files {
            let mut header = [0_u8; 512];
            header[..path.len()].copy_from_slice(path.as_bytes());
            header[124..135].copy_from_slice(format!("{:011o}", text.len()).as_bytes());
            header[156] = b'0';
            tar.extend(header);
            tar.extend(text.as_bytes());
            tar.resize(tar.len().next_multiple_of(512), 0);
        }
        tar.resize(tar.len() + 1024, 0);
        tar
    }

    #[test]
    fn a_source_archive_by_its_tar() {
        let tar = tar(&[
            ("x-1/PKG-INFO", "Name: x\n"),
            ("x-1/setup.py", "setup()"),
            ("x-1/src/x/__init__.py", "a = 1\n"),
            ("x-1/src/x/fast.c", "int main;"),
            ("x-1/src/x/data.json", "{}"),
            ("x-1/tests/test_x.py", "assert 1"),
            (
                "x-1/src/x.egg-info/requires.txt",
                "click>=8\n\n[socks]\npysocks\n\n[:python_version < '3.8']\ntyping\n",
            ),
        ]);
        let archive = read_source(&tar, 300).expect("it is a tar");
        assert_eq!((archive.bytes, archive.entries, archive.unpacked, archive.python), (300, 2, 8, 6));
        assert_eq!(
            archive.requires,
            ["click>=8", "pysocks ; extra == 'socks'", "typing ; python_version < '3.8'"]
        );
        assert_eq!(read_source(b"no tar", 6), None);
        assert_eq!(read_source(&tar[..700], 6), None);
    }
}
