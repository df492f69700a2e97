//! What builds made of steps: sizes, each with what the step was, so that the same step is known again.
//!
//! **Invariant:** what tells a step apart are digests and names; no value of a variable is kept.

use crate::image_ref::Platform;
use serde::{Deserialize, Serialize};

/// What a build made of one step, or of a base image: the instruction is FROM then. Sizes in bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeasuredStep {
    /// The stage's display name: its name, or `stage-0`.
    pub stage: String,
    /// The instruction's text, as a [`Pin`](super::Pin) has it.
    pub instruction: String,
    /// The lengths of the files that it added; none where the builder told nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unpacked: Option<u64>,
    /// Its compressed layer; none where nothing was pushed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub download: Option<u64>,
    /// How long it took; none where it was not done anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// The day, `YYYY-MM-DD`.
    #[serde(default)]
    pub measured: String,
    /// The image that its stage stands on, normalised: `docker.io/library/debian:12`; or `scratch`.
    pub base: String,
    /// The digest of that image; empty where unknown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub digest: String,
    /// What it was built for.
    pub platform: Platform,
    /// Digest of what the step itself is: keyword, flags, command, and what of the stage's settings it sees.
    pub step: String,
    /// Digest of the steps below it, down to the base.
    pub below: String,
    /// Digest of what it takes from elsewhere: names and lengths of files of the build context, the steps of a stage.
    /// Empty where it takes nothing, or where that was not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub content: String,
    /// What was estimated without any measurement; none where nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimated: Option<EstimatedStep>,
}

/// What was estimated of a step before it was measured. Sizes are low, likely and high, in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EstimatedStep {
    /// The lengths of its files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unpacked: Option<[u64; 3]>,
    /// Its compressed layer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub download: Option<[u64; 3]>,
    /// What most of it stands on: `Debian bookworm`, `files`. Empty where no one thing does.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    /// True where that is a rule of thumb.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_rule: bool,
    /// Digest of what of it was not known, and in no sum; empty where all was.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unknown: String,
}

impl MeasuredStep {
    /// True where this measurement takes the place of an older one: of the same step in the same stage, whatever lies
    /// below it and whatever it copies by now. So a file of facts grows with the steps, not with the builds.
    pub fn replaces(&self, older: &Self) -> bool {
        self.step == older.step
            && self.stage == older.stage
            && self.base == older.base
            && self.platform == older.platform
    }
}
