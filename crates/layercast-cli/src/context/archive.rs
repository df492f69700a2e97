//! Files of the build context, read: the text of a list or a lock file, what an archive holds.

use flate2::read::MultiGzDecoder;
use layercast_core::facts::ArchiveEntry;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// The longest text that is read, in bytes: the largest lock files have some 10 MB.
const LONGEST_TEXT: u64 = 64 << 20;
/// So many entries of an archive are listed.
const MOST_ENTRIES: usize = 1_000_000;

/// The text of a file; else why it cannot be had, as one sentence without a full stop.
pub(super) fn read_text(path: &Path) -> Result<String, String> {
    let file = File::open(path).map_err(|error| format!("it cannot be read: {error}"))?;
    let mut bytes = Vec::new();
    file.take(LONGEST_TEXT + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("it cannot be read: {error}"))?;
    if bytes.len() as u64 > LONGEST_TEXT {
        return Err(format!("it is longer than {} MB", LONGEST_TEXT >> 20));
    }
    String::from_utf8(bytes).map_err(|_| "it is no text in UTF-8".to_owned())
}

/// Names and lengths of the files in a tar, compressed with gzip or not.
pub(super) fn list(path: &Path) -> Result<Vec<ArchiveEntry>, String> {
    let mut file = File::open(path).map_err(|error| format!("it cannot be read: {error}"))?;
    let mut magic = [0; 6];
    let n_read = file.read(&mut magic).map_err(|error| format!("it cannot be read: {error}"))?;
    file.seek(SeekFrom::Start(0)).map_err(|error| format!("it cannot be read: {error}"))?;
    let file = BufReader::with_capacity(1 << 18, file);
    match magic.get(..n_read).unwrap_or_default() {
        [0x1f, 0x8b, ..] => entries(MultiGzDecoder::new(file)),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => {
            Err("archives compressed with xz are not looked into".to_owned())
        }
        [b'B', b'Z', b'h', ..] => Err("archives compressed with bzip2 are not looked into".to_owned()),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Err("archives compressed with zstd are not looked into".to_owned()),
        _ => entries(file),
    }
}

fn entries(reader: impl Read) -> Result<Vec<ArchiveEntry>, String> {
    let broken = |error: std::io::Error| format!("it is no archive that can be read: {error}");
    let mut found = Vec::new();
    for entry in tar::Archive::new(reader).entries().map_err(broken)? {
        let entry = entry.map_err(broken)?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let path = entry.path().map_err(broken)?.to_string_lossy().trim_start_matches("./").to_owned();
        found.push(ArchiveEntry { path, bytes: entry.size() });
        if found.len() > MOST_ENTRIES {
            return Err(format!("it holds more than {MOST_ENTRIES} files"));
        }
    }
    Ok(found)
}
