//! Stamps: what a step's inputs and outputs were when it last went well.
//!
//! Contents are compared, not times: a fresh checkout or a copied folder has times that mean nothing.

use crate::project;
use crate::step::Failed;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The files that a step reads and the ones that it writes.
#[derive(Debug)]
pub(crate) struct Stamp<'a> {
    name: &'a str,
    inputs: &'a [&'a str],
    except: &'a [&'a str],
    outputs: &'a [&'a str],
}

impl<'a> Stamp<'a> {
    /// Paths are relative to the project; a folder stands for all that is in it, a missing path for nothing.
    /// Inputs at or below a path of `except` are none.
    pub(crate) fn new(
        name: &'a str,
        inputs: &'a [&'a str],
        except: &'a [&'a str],
        outputs: &'a [&'a str],
    ) -> Self {
        Self { name, inputs, except, outputs }
    }

    /// Whether nothing changed since [`Self::press`].
    pub(crate) fn holds(&self) -> bool {
        let written = fs::read_to_string(self.file()).unwrap_or_default();
        self.text().is_ok_and(|now| now == written)
    }

    /// Records the present state as the one that the step made.
    pub(crate) fn press(&self) -> Result<(), Failed> {
        let file = self.file();
        fs::create_dir_all(file.parent().expect("a stamp lies in a folder"))?;
        Ok(fs::write(file, self.text()?)?)
    }

    fn text(&self) -> Result<String, Failed> {
        Ok(format!(
            "in {:016x}\nout {:016x}\n",
            hash_of(self.inputs, self.except)?,
            hash_of(self.outputs, &[])?
        ))
    }

    fn file(&self) -> PathBuf {
        project::target().join("stamps").join(self.name)
    }
}

fn hash_of(paths: &[&str], except: &[&str]) -> Result<u64, Failed> {
    // Its keys are fixed: the same contents give the same number tomorrow. A change of Rust's only costs a rebuild.
    let mut hasher = DefaultHasher::new();
    let root = project::root();
    let except: Vec<PathBuf> = except.iter().map(|path| root.join(path)).collect();
    for path in paths {
        path.hash(&mut hasher);
        for file in files_below(&root.join(path), &except)? {
            file.strip_prefix(&root).unwrap_or(&file).hash(&mut hasher);
            fs::read(&file)?.hash(&mut hasher);
        }
    }
    Ok(hasher.finish())
}

/// Every file at or below `path` but those at or below a path of `except`, in a fixed order.
pub(crate) fn files_below(path: &Path, except: &[PathBuf]) -> Result<Vec<PathBuf>, Failed> {
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
        Ok(metadata) if metadata.is_file() => return Ok(vec![path.to_path_buf()]),
        Ok(_) => {}
    }
    let mut entries: Vec<PathBuf> =
        fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    entries.sort();
    let mut files = Vec::new();
    for entry in entries {
        if !entry.ends_with("node_modules") && !except.contains(&entry) {
            files.extend(files_below(&entry, except)?);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_seen_unless_it_is_excepted() {
        let folder = project::target().join("stamp-test");
        let write = |name: &str, text: &str| {
            fs::create_dir_all(folder.join("out"))
                .and_then(|()| fs::write(folder.join(name), text))
                .expect("writes")
        };
        let hash = || hash_of(&["target/stamp-test"], &["target/stamp-test/out"]).expect("reads");
        write("a", "1");
        write("out/b", "1");
        let before = hash();
        write("out/b", "2");
        assert_eq!(hash(), before);
        write("a", "2");
        assert_ne!(hash(), before);
        write("a", "1");
        assert_eq!(hash(), before, "contents count, not times");
        write("c", "");
        assert_ne!(hash(), before, "a new file counts, empty or not");
        fs::remove_dir_all(&folder).expect("removes what it wrote");
    }
}
