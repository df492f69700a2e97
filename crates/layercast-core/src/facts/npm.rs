//! What an npm registry said, reduced to what a size needs. Answers and failures alike, so that nothing is asked twice.

use crate::facts::FailureReason;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What npm registries said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NpmFacts {
    /// The documents of versions, by `name@version` or `name@latest`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub manifests: BTreeMap<String, Answered<NpmManifest>>,
    /// The versions of packages, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub packages: BTreeMap<String, Answered<NpmPackage>>,
    /// The archives of versions, by `name@version`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tarballs: BTreeMap<String, Answered<NpmTarball>>,
    /// Where it was asked and when, for the basis of a number: a host, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The day of the answers, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub as_of: String,
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answered<T> {
    /// The answer.
    Known(T),
    /// Why there is none.
    Failed {
        /// What kind of failure.
        reason: FailureReason,
        /// One sentence, without a full stop, that reads alone.
        message: String,
    },
}

impl<T> Answered<T> {
    /// The answer, where there is one.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(answer) => Some(answer),
            Self::Failed { .. } => None,
        }
    }
}

/// What one version of a package says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NpmManifest {
    /// The version.
    pub version: String,
    /// What it needs, by name: ranges.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub dependencies: BTreeMap<String, String>,
    /// What it can do without.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub optional: BTreeMap<String, String>,
    /// What it wants beside it; those it can do without are left out.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub peers: BTreeMap<String, String>,
    /// The dependencies that its archive brings along.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bundled: Vec<String>,
    /// The systems it is for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub os: Vec<String>,
    /// The processors it is for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cpu: Vec<String>,
    /// The C libraries it is for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub libc: Vec<String>,
    /// The versions of Node it runs on.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub node: String,
    /// True where its authors gave it up.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
    /// True where it runs a program when it is installed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub install_script: bool,
    /// Sum of the files in its archive, in bytes, where the registry says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unpacked: Option<u64>,
}

/// The versions of a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NpmPackage {
    /// Length of the document that says so, in bytes: npm keeps it in its cache. 0 where unknown.
    #[serde(default)]
    pub bytes: u64,
    /// The version behind each tag.
    pub tags: BTreeMap<String, String>,
    /// Every version that a range could mean.
    pub versions: BTreeMap<String, NpmRelease>,
}

/// What decides between the versions of a package, beside their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NpmRelease {
    /// The versions of Node it runs on.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub node: String,
    /// True where its authors gave it up.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
}

/// The archive of one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NpmTarball {
    /// Its length, in bytes.
    pub bytes: u64,
    /// Sum of the files in it, in bytes.
    pub unpacked: u64,
    /// The number of files in it.
    pub files: u64,
    /// True where every file was seen; else the number of files, and with it the sum, is taken from its beginning.
    #[serde(default)]
    pub exact: bool,
}

/// What is asked of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NpmWanted {
    /// Its versions: [`NpmPackage`].
    Versions,
    /// The document of a version or of `latest`: [`NpmManifest`].
    Manifest,
    /// The archive of a version: [`NpmTarball`].
    Tarball,
}

impl NpmFacts {
    /// True where nothing is known.
    pub fn is_empty(&self) -> bool {
        self.manifests.is_empty() && self.packages.is_empty() && self.tarballs.is_empty()
    }

    /// The document of a version, be it by the tag `latest`.
    pub fn manifest(&self, name: &str, version: &str) -> Option<&Answered<NpmManifest>> {
        let own = self.manifests.get(&format!("{name}@{version}"));
        own.or_else(|| {
            let latest = self.manifests.get(&format!("{name}@latest"))?;
            latest.known().is_some_and(|manifest| manifest.version == version).then_some(latest)
        })
    }

    /// The archive of a version.
    pub fn tarball(&self, name: &str, version: &str) -> Option<&Answered<NpmTarball>> {
        self.tarballs.get(&format!("{name}@{version}"))
    }
}
