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
    outputs: &'a [&'a str],
}

impl<'a> Stamp<'a> {
    /// Paths are relative to the project; a folder stands for all that is in it, a missing path for nothing.
    pub(crate) fn new(name: &'a str, inputs: &'a [&'a str], outputs: &'a [&'a str]) -> Self {
        Self { name, inputs, outputs }
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
        Ok(format!("in {:016x}\nout {:016x}\n", hash_of(self.inputs)?, hash_of(self.outputs)?))
    }

    fn file(&self) -> PathBuf {
        project::target().join("stamps").join(self.name)
    }
}

fn hash_of(paths: &[&str]) -> Result<u64, Failed> {
    // Its keys are fixed: the same contents give the same number tomorrow. A change of Rust's only costs a rebuild.
    let mut hasher = DefaultHasher::new();
    let root = project::root();
    for path in paths {
        path.hash(&mut hasher);
        for file in files_below(&root.join(path))? {
            file.strip_prefix(&root).unwrap_or(&file).hash(&mut hasher);
            fs::read(&file)?.hash(&mut hasher);
        }
    }
    Ok(hasher.finish())
}

/// Every file at or below `path`, in a fixed order.
pub(crate) fn files_below(path: &Path) -> Result<Vec<PathBuf>, Failed> {
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
        if !entry.ends_with("node_modules") {
            files.extend(files_below(&entry)?);
        }
    }
    Ok(files)
}
