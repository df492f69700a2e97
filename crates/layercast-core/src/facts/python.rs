//! What an index of Python distributions said, reduced to what an estimate needs.

use crate::facts::FailureReason;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is known of distributions of Python.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PythonFacts {
    /// What an index lists of each project, by its normalised name.
    pub projects: BTreeMap<String, PythonProject>,
    /// What is inside of wheels and source archives, by file name.
    pub archives: BTreeMap<String, PythonArchive>,
    /// Why nothing was learnt, by a project's normalised name or by file name.
    pub failures: BTreeMap<String, PythonFailure>,
}

/// What an index lists of one project: what may run on Linux, newest version first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PythonProject {
    /// Who said so: the index's host.
    pub source: String,
    /// When, `YYYY-MM-DD`.
    pub as_of: String,
    /// Length of the list of its files as it was sent, in bytes: what pip's cache keeps of it.
    #[serde(skip_serializing_if = "is_zero")]
    pub listing_bytes: u64,
    /// True where that was compressed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub listing_compressed: bool,
    /// Its versions.
    pub versions: Vec<PythonVersion>,
}

/// One version of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PythonVersion {
    /// As its file names write it.
    pub version: String,
    /// `Requires-Python`, where it is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requires_python: Option<String>,
    /// True where its author took it back: only `==` gets it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub yanked: bool,
    /// Its wheels and source archives.
    pub files: Vec<PythonFile>,
}

/// One file of a version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PythonFile {
    /// Its name: `flask-3.0.3-py3-none-any.whl`.
    pub name: String,
    /// Its length in bytes, where the index says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

/// What is inside of a wheel, or of a source archive where there is no wheel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PythonArchive {
    /// Length of the archive in bytes.
    pub bytes: u64,
    /// Sum of the lengths of its files in bytes.
    pub unpacked: u64,
    /// Sum of their compressed lengths in the archive, in bytes.
    pub packed: u64,
    /// How many files.
    pub entries: u64,
    /// Sum of the lengths of its `.py` files in bytes.
    pub python: u64,
    /// Sum of their compressed lengths, in bytes.
    pub python_packed: u64,
    /// How many `.py` files.
    pub python_entries: u64,
    /// Sum of the lengths of their paths, in bytes.
    pub python_paths: u64,
    /// `Requires-Dist` of its metadata.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<String>,
}

/// Why nothing was learnt of a project or a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PythonFailure {
    /// The kind.
    pub reason: FailureReason,
    /// One sentence, without a full stop, that reads alone.
    pub message: String,
}

fn is_zero(bytes: &u64) -> bool {
    *bytes == 0
}

impl PythonFacts {
    /// True where nothing is known.
    pub fn is_empty(&self) -> bool {
        self.projects.is_empty() && self.archives.is_empty() && self.failures.is_empty()
    }
}
