//! What is known from outside: the user's build options, base images, pins, measured steps. And what is still asked.
//!
//! **Invariant:** facts are data; nothing here fetches them. One versioned JSON form serves the facts file
//! (`--facts`), the page's storage and the static mirror.

mod calibration;
mod measured;
mod npm;
pub mod python;

use crate::facts::python::PythonFacts;
use crate::image_ref::{ImageRef, Platform};
use crate::package_table::Tables;
pub use calibration::{Calibration, Correction, RATIOS};
pub use measured::{EstimatedStep, MeasuredStep};
pub use npm::{Answered, NpmFacts, NpmManifest, NpmPackage, NpmRelease, NpmTarball, NpmWanted};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the JSON form that this program writes.
pub const VERSION: u32 = 1;

/// Everything known from outside the Dockerfile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Version of this form: [`VERSION`].
    pub version: u32,
    /// What the user would say to `docker build`.
    #[serde(default)]
    pub build: BuildOptions,
    /// What registries or measurements said of base images. They win over the catalogue.
    #[serde(default)]
    pub images: Vec<ImageFact>,
    /// What could not be learnt of base images, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub image_failures: Vec<ImageFailure>,
    /// What the build context holds, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<BuildContext>,
    /// Sizes the user typed. They win over everything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<Pin>,
    /// What an index of Python distributions said.
    #[serde(default, skip_serializing_if = "PythonFacts::is_empty")]
    pub python: PythonFacts,
    /// Tables of distributions' packages that are at hand. They are no part of the JSON form.
    #[serde(skip)]
    pub tables: Tables,
    /// What npm registries said of packages.
    #[serde(default, skip_serializing_if = "NpmFacts::is_empty")]
    pub npm: NpmFacts,
    /// What builds made of steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measured: Vec<MeasuredStep>,
    /// What builds say of estimators. It holds for steps that no build measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calibration: Vec<Calibration>,
}

impl Default for Facts {
    fn default() -> Self {
        Self {
            version: VERSION,
            build: BuildOptions::default(),
            images: Vec::new(),
            image_failures: Vec::new(),
            context: None,
            pins: Vec::new(),
            python: PythonFacts::default(),
            tables: Tables::default(),
            npm: NpmFacts::default(),
            measured: Vec::new(),
            calibration: Vec::new(),
        }
    }
}

/// The options of a build, as `docker build` takes them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BuildOptions {
    /// `--target`: a stage's name; none for the last stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// `--platform`: what the image is built for; linux/amd64 where none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// `--build-arg NAME=VALUE`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub build_args: BTreeMap<String, String>,
    /// The text of the .dockerignore in force, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dockerignore: Option<String>,
    /// `--build-context NAME=VALUE`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub build_contexts: BTreeMap<String, String>,
}

/// What is known of one image on one platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageFact {
    /// The normalised reference: `docker.io/library/debian:bookworm-slim`.
    pub reference: String,
    /// The platform: `linux/amd64`.
    pub platform: Platform,
    /// Digest of the platform's manifest; empty where unknown.
    #[serde(default)]
    pub digest: String,
    /// The day the figures were true, `YYYY-MM-DD`; empty where unknown.
    #[serde(default)]
    pub as_of: String,
    /// Where they come from: a registry's host, a page, a person.
    #[serde(default)]
    pub source: String,
    /// The part of the image's configuration that a build inherits.
    #[serde(default)]
    pub config: ImageConfig,
    /// The layers, lowest first.
    pub layers: Vec<ImageLayer>,
}

/// The part of an image's configuration that a build inherits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImageConfig {
    /// `NAME=value` in order.
    pub env: Vec<String>,
    /// The user; empty for root.
    pub user: String,
    /// The working directory; empty for `/`.
    pub workdir: String,
    /// `ONBUILD` triggers in order.
    pub onbuild: Vec<String>,
    /// The shell of shell-form commands; empty for the default.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shell: Vec<String>,
}

/// One layer of an image. Sizes in bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageLayer {
    /// Digest of the compressed blob; empty where unknown.
    #[serde(default)]
    pub digest: String,
    /// Compressed size, as a pull moves it.
    pub download: u64,
    /// Size of the files; none where nobody said.
    #[serde(default)]
    pub unpacked: Option<u64>,
    /// Length of the uncompressed tar, where the gzip trailer told: a little more than the files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tar: Option<u64>,
}

/// A listing of the build context, before .dockerignore: names and sizes, no content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildContext {
    /// Its files, in any order.
    pub files: Vec<ContextFile>,
    /// True where only some files are known, and nothing of what else there is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
}

/// One file of the build context.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ContextFile {
    /// Its path from the root of the context, parts joined by `/`: `src/main.rs`.
    pub path: String,
    /// Its length; 0 for a symbolic link.
    pub bytes: u64,
    /// Where a symbolic link points, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Its text, where it was asked for: a list of packages, a lock file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What it holds, where it is an archive and was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<Vec<ArchiveEntry>>,
    /// Why its text or its content cannot be had: one sentence without a full stop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// A file in an archive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ArchiveEntry {
    /// Its path in the archive, parts joined by `/`.
    pub path: String,
    /// Its length.
    pub bytes: u64,
}

impl ContextFile {
    /// A file of which the length is known.
    pub fn new(path: impl Into<String>, bytes: u64) -> Self {
        Self { path: path.into(), bytes, link: None, text: None, archive: None, failure: None }
    }

    /// A symbolic link, and where it points as written.
    pub fn to(path: impl Into<String>, link: impl Into<String>) -> Self {
        Self { link: Some(link.into()), ..Self::new(path, 0) }
    }
}

/// What is wanted of a file of the build context.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wanted {
    /// Its text.
    Text,
    /// Names and lengths of what the archive holds.
    Archive,
}

/// Why nothing could be learnt of an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageFailure {
    /// The normalised reference.
    pub reference: String,
    /// The platform asked for.
    pub platform: Platform,
    /// What went wrong.
    pub reason: FailureReason,
    /// One sentence, without a full stop, that reads alone.
    pub message: String,
    /// What to do next.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
}

/// The kinds of failure of a registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureReason {
    /// There is no such repository, tag or digest (404).
    NotFound,
    /// Not allowed, or not without signing in (401, 403).
    Denied,
    /// Asked too often (429).
    RateLimited,
    /// Down, too slow, or out of reach from here.
    Unreachable,
    /// The answer is not what the protocol says.
    Invalid,
    /// The content's digest is not the one announced.
    DigestMismatch,
    /// The image has no build for the platform.
    NoPlatform,
}

/// Sizes that the user typed for one step. They hold while the step's text stays the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// The stage's display name: its name, or `stage-0`.
    pub stage: String,
    /// The instruction's text, runs of white space folded to one blank: `RUN npm ci`.
    pub instruction: String,
    /// Unpacked bytes, where typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unpacked: Option<u64>,
    /// Download bytes, where typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub download: Option<u64>,
}

/// A fact that a report lacks.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Question {
    /// The manifest and configuration of an image.
    Image {
        /// The normalised reference.
        reference: String,
        /// The platform it is wanted for.
        platform: Platform,
        /// The lines that name it, from 1.
        lines: Vec<usize>,
        /// True where the catalogue stands in for it meanwhile.
        estimated: bool,
    },
    /// The versions and files of a Python project.
    PythonProject {
        /// Its normalised name.
        name: String,
    },
    /// What is inside of a wheel or source archive.
    PythonArchive {
        /// The project's normalised name.
        project: String,
        /// The file's name.
        file: String,
    },
    /// What a file of the build context says.
    ContextFile {
        /// Its path from the root of the context.
        path: String,
        /// What is wanted of it.
        wanted: Wanted,
    },
    /// The table of a distribution's packages.
    PackageTable {
        /// The distribution: `debian`.
        distribution: String,
        /// The release: `bookworm`.
        release: String,
        /// The architecture as images have it: `amd64`.
        architecture: String,
    },
    /// What a step adds to its layer.
    Step {
        /// The stage's display name.
        stage: String,
        /// The instruction's text, as a [`Pin`] takes it.
        instruction: String,
        /// Its line, from 1.
        line: usize,
        /// Why it is not known, and what would make it known.
        why: String,
    },
    /// What an npm registry says of a package.
    NpmPackage {
        /// Its name, with its scope: `@nestjs/core`.
        name: String,
        /// The version, or `latest`; empty where all are asked for.
        version: String,
        /// Which document.
        wanted: NpmWanted,
    },
}

impl Facts {
    /// What is known of an image on a platform, the catalogue left aside.
    pub fn image(&self, reference: &str, platform: &Platform) -> Option<&ImageFact> {
        self.images.iter().find(|image| image.reference == reference && image.platform == *platform)
    }

    /// The same for a reference that was read; nothing is written out where no image is known.
    pub(crate) fn image_of(&self, image: &ImageRef, platform: &Platform) -> Option<&ImageFact> {
        if self.images.is_empty() { None } else { self.image(&image.to_string(), platform) }
    }

    /// Why nothing could be learnt of a reference that was read.
    pub(crate) fn failure_of(&self, image: &ImageRef, platform: &Platform) -> Option<&ImageFailure> {
        if self.image_failures.is_empty() { None } else { self.image_failure(&image.to_string(), platform) }
    }

    /// Why nothing could be learnt of an image on a platform.
    pub fn image_failure(&self, reference: &str, platform: &Platform) -> Option<&ImageFailure> {
        self.image_failures
            .iter()
            .find(|failure| failure.reference == reference && failure.platform == *platform)
    }

    /// Takes in an answer; it replaces an older one, and the failure before it.
    pub fn add_image(&mut self, image: ImageFact) {
        let same = |reference: &str, platform: &Platform| {
            reference == image.reference && *platform == image.platform
        };
        self.image_failures.retain(|failure| !same(&failure.reference, &failure.platform));
        self.images.retain(|known| !same(&known.reference, &known.platform));
        self.images.push(image);
    }

    /// Takes in a failure; what was known before stays known beside it.
    pub fn add_image_failure(&mut self, failure: ImageFailure) {
        self.image_failures
            .retain(|known| known.reference != failure.reference || known.platform != failure.platform);
        self.image_failures.push(failure);
    }
}
