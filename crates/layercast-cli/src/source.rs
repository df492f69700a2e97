//! The texts to look at: Dockerfiles by path, or standard input.

use crate::error::CliError;
use crate::output;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// One Dockerfile, read.
pub(crate) struct Source {
    /// Its path as given; `-` for standard input.
    pub(crate) path: String,
    /// Its text, as many bytes long as the file.
    pub(crate) text: String,
    /// How many bytes of it are no UTF-8, each read as [`SUBSTITUTE`].
    pub(crate) substituted: usize,
}

/// What stands for a byte that is no UTF-8: one byte long, so that every range still holds in the file,
/// and neither white space nor of any meaning in a Dockerfile. It is what ASCII has for the purpose.
const SUBSTITUTE: u8 = 0x1a;

/// Refuses a list of files that names standard input twice.
pub(crate) fn check_paths(paths: &[PathBuf]) -> Result<(), CliError> {
    let n_stdin = paths.iter().filter(|path| path.as_os_str() == "-").count();
    if n_stdin > 1 { Err(CliError::StandardInputTwice) } else { Ok(()) }
}

/// Reads the file at `path`, or standard input where it is `-`.
pub(crate) fn read(path: &Path) -> Result<Source, CliError> {
    let bytes = if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    let bytes = bytes.map_err(|source| CliError::Dockerfile { path: path.to_owned(), source })?;
    let (text, substituted) = decode(bytes);
    Ok(Source { path: path.to_string_lossy().into_owned(), text, substituted })
}

/// Puts `text` in the place of the file at `path`, all at once: whoever reads it sees the old text or the new.
/// The file keeps its permissions, and where it is a link, the link stays.
pub(crate) fn save(path: &Path, text: &str) -> Result<(), CliError> {
    let write = || {
        // A Dockerfile that is gone by now is not made anew.
        path.metadata()?;
        write_whole(path, text)
    };
    write().map_err(|source| CliError::Save { path: path.to_owned(), source })
}

/// The same for a file that may not be there yet.
pub(crate) fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    if !path.exists() {
        return std::fs::write(path, text);
    }
    let path = path.canonicalize()?;
    let permissions = path.metadata()?.permissions();
    if permissions.readonly() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(permissions)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

impl Source {
    /// Tells on standard error where the text is not quite the file.
    pub(crate) fn note_substituted(&self) {
        if self.substituted > 0 {
            let bytes =
                if self.substituted == 1 { "1 byte is" } else { &format!("{} bytes are", self.substituted) };
            output::note(&format!("{}: {bytes} no UTF-8; U+001A stands for each", self.path));
        }
    }
}

/// BuildKit takes any bytes; text is UTF-8 here. Bytes that are none keep their place.
fn decode(bytes: Vec<u8>) -> (String, usize) {
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return (text, 0),
        Err(error) => error.into_bytes(),
    };
    let mut text = String::with_capacity(bytes.len());
    let mut substituted = 0;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        substituted += chunk.invalid().len();
        text.extend(chunk.invalid().iter().map(|_| char::from(SUBSTITUTE)));
    }
    (text, substituted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_that_is_no_text_keeps_its_place() {
        let (text, substituted) = decode(b"# caf\xe9\nFROM \xff\xfea\n".to_vec());
        assert_eq!((text.as_str(), substituted), ("# caf\u{1a}\nFROM \u{1a}\u{1a}a\n", 3));
    }

    #[test]
    fn text_is_taken_as_it_is() {
        assert_eq!(decode("# café\n".as_bytes().to_vec()), ("# café\n".to_owned(), 0));
    }
}
