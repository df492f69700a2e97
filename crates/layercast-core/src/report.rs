//! What `analyse` says of a Dockerfile: structure, targets, sizes, problems, questions.
//!
//! One versioned JSON form. Lines count from 1, stages and instructions from 0, sizes are bytes.

use crate::diagnostic::Diagnostic;
pub use crate::estimate::tree::Cause;
use crate::estimate::{Basis, Change, Estimate};
use crate::facts::Question;
pub use crate::graph::scope::{Assignment, Origin, Setting};
pub use crate::graph::{EdgeKind, Skipped};
use crate::image_ref::Platform;
use crate::lint;
use crate::text::Range;
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};

/// The version of the JSON form.
pub const VERSION: u32 = 1;

/// Everything there is to say of one Dockerfile.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Version of this form: [`VERSION`].
    pub version: u32,
    /// What makes the file unusable before any stage is looked at, in the order of the text.
    pub errors: Vec<Diagnostic>,
    /// Every instruction, in the order of the text.
    pub instructions: Vec<InstructionReport>,
    /// Every stage, in the order of the text.
    pub stages: Vec<StageReport>,
    /// What each stage takes from where.
    pub edges: Vec<Edge>,
    /// What each stage would be as a target; only the chosen one where the user chose.
    pub targets: Vec<TargetReport>,
    /// The target in effect: the chosen stage, or the last one. None where there is none.
    pub target: Option<usize>,
    /// Each layer that some stage makes or starts from, in the order of the text.
    pub layers: Vec<Layer>,
    /// What weighs most in the target in effect, what of it is waste, what its stages save; none where steps
    /// are not weighed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<Summary>,
    /// The remarks on a file that can be read.
    pub warnings: Vec<Diagnostic>,
    /// What stops some target, whether it is the one in effect or not, in the order BuildKit would stop; also what
    /// would stop it next, which BuildKit does not get to.
    pub blockers: Vec<Diagnostic>,
    /// What is not known and would make the report better.
    pub questions: Vec<Question>,
}

/// One instruction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InstructionReport {
    /// The keyword in upper case: `FROM`.
    pub keyword: String,
    /// Its first line.
    pub line: usize,
    /// Its last line, heredoc bodies included.
    pub end_line: usize,
    /// Its bytes, heredoc bodies included.
    pub range: Range,
    /// The stage it belongs to; none before the first FROM.
    pub stage: Option<usize>,
    /// Its text, continuations joined and runs of white space folded: `RUN npm ci`.
    pub text: String,
    /// What it sets: variables, working directory, user, shell.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sets: Vec<Assignment>,
}

/// One stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StageReport {
    /// Its place, from 0.
    pub index: usize,
    /// Its name in lower case; empty where it has none.
    pub name: String,
    /// What people call it: its name, or `stage-0`.
    pub display_name: String,
    /// The base as written, before expansion.
    pub base: String,
    /// The platform as written, before expansion; empty where none is.
    pub platform: String,
    /// What the base is, after expansion.
    pub source: Source,
    /// The platform it is built for.
    pub built_for: Platform,
    /// The line of its FROM.
    pub line: usize,
    /// Its last line.
    pub end_line: usize,
    /// Its bytes, FROM included.
    pub range: Range,
    /// Its instructions after FROM: places in [`Report::instructions`].
    pub instructions: Vec<usize>,
    /// What it begins with where it starts from an image: variables, working directory, user, shell.
    pub inherits: Vec<Assignment>,
}

/// One thing that is in force at a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InForce {
    /// What it is, its value, and where that comes from.
    #[serde(flatten)]
    pub assignment: Assignment,
    /// The line that sets it; none where the base image or the builder does.
    pub line: Option<usize>,
}

/// Where something comes from. In JSON: a stage's place, or an image's normalised reference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(untagged)]
pub enum Source {
    /// A stage of this file.
    Stage(usize),
    /// An image; `scratch` is the empty one, and `context:name` is no image but a named context.
    Image(String),
}

/// One use of a stage or image by a stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edge {
    /// The stage that uses.
    pub stage: usize,
    /// What it uses.
    pub source: Source,
    /// How.
    pub kind: EdgeKind,
    /// The line that says so.
    pub line: usize,
    /// The instruction that says so: a place in [`Report::instructions`].
    pub instruction: usize,
}

/// What `--target` makes of one stage.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TargetReport {
    /// The stage.
    pub stage: usize,
    /// The stages built for it, itself included, ascending.
    pub reachable: Vec<usize>,
    /// The images pulled for it, as `reference platform`, sorted.
    pub images: Vec<String>,
    /// What stops it.
    pub error: Option<Diagnostic>,
    /// The stages not built for it, and what does use them.
    pub skipped: Vec<Skipped>,
    /// What the image will weigh.
    pub size: ImageSize,
}

/// What an image will weigh: the sum of what is known, and the list of what is not.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ImageSize {
    /// Sum of the files in its layers, in bytes: what `docker images` shows up to Docker 28.
    pub unpacked: Estimate,
    /// Sum of its compressed layers, in bytes: what a pull moves.
    pub download: Estimate,
    /// Its layers, lowest first: places in [`Report::layers`].
    pub layers: Vec<usize>,
    /// Those of them of which something is missing in the unpacked sum or in the download sum.
    pub unknown: Vec<usize>,
}

/// One step of an image that may weigh something: the base's layers together, or one instruction's layer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Layer {
    /// The stage it belongs to.
    pub stage: usize,
    /// The instruction that makes it: a place in [`Report::instructions`]; FROM for a base image.
    pub instruction: usize,
    /// The line of that instruction.
    pub line: usize,
    /// Files it adds, in bytes; none where unknown.
    pub unpacked: Option<Estimate>,
    /// Compressed size, in bytes; none where unknown.
    pub download: Option<Estimate>,
    /// How the sizes are known, or why they are not: one sentence without a full stop.
    pub basis: String,
    /// What lies in it, the heaviest first; the smallest together. Empty where only the sums are known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<LayerPart>,
    /// What of it is not known and not in the sums.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<String>,
    /// What a reader of the sizes should know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// What weighs in an image, and what could be done about it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// The ten heaviest things, the heaviest first.
    pub heaviest: Vec<Heavy>,
    /// What lies in lower layers and is seen no more, the heaviest first.
    pub waste: Vec<Wasted>,
    /// All of that waste together, in bytes; only the heaviest are listed.
    pub wasted: Estimate,
    /// The same without stages: what the tutorials compare with. None where there is one stage only.
    pub single_stage: Option<SingleStage>,
}

/// One of the heaviest things of an image.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Heavy {
    /// The layer it lies in: a place in [`Report::layers`].
    pub layer: usize,
    /// What people call it.
    pub name: String,
    /// Its path; with a slash behind it, the folder that its files lie in.
    pub path: String,
    /// The lengths of its files, in bytes.
    pub unpacked: Estimate,
    /// What would make it go away or smaller, where something would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// Something that lies in a lower layer and is seen no more.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Wasted {
    /// The layer it weighs in: a place in [`Report::layers`].
    pub layer: usize,
    /// The line that hides it.
    pub hidden_by: usize,
    /// Its path.
    pub path: String,
    /// How many things lie there.
    pub count: usize,
    /// What it weighs in the lower layer, in bytes.
    pub unpacked: Estimate,
    /// Why it is seen no more.
    pub cause: Cause,
    /// What would save it.
    pub remedy: String,
}

/// What the image would weigh were everything built on its builder's base.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SingleStage {
    /// The stage that would be the image: its place.
    pub stage: usize,
    /// Files, in bytes.
    pub unpacked: Estimate,
    /// Compressed, in bytes.
    pub download: Estimate,
}

/// One thing in a layer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LayerPart {
    /// What people call it: `libllvm15 1:15.0.6-4`.
    pub name: String,
    /// Its path; with a slash behind it, the folder that its files lie in.
    pub path: String,
    /// The lengths of its files, in bytes.
    pub unpacked: Estimate,
    /// What they take in the compressed layer, in bytes.
    pub download: Estimate,
}

impl Report {
    /// The target in effect, with what it builds.
    pub fn target(&self) -> Option<&TargetReport> {
        self.targets.iter().find(|target| Some(target.stage) == self.target)
    }

    /// Every diagnostic once: errors, what stops some target, warnings. Those that are silenced are left aside, and
    /// a warning at the very bytes of an error, which says more.
    pub fn diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        let errors = self.errors.iter().chain(&self.blockers);
        let stopped: HashSet<Range> = errors.clone().map(|error| error.range).collect();
        let says_more = move |warning: &&Diagnostic| !stopped.contains(&warning.range);
        let all = errors.chain(self.warnings.iter().filter(says_more));
        all.filter(|diagnostic| !diagnostic.silenced)
    }

    /// What the checks say: the warnings, and what stops the target in effect where the file lets checks stop it.
    pub fn checked(&self) -> Vec<Diagnostic> {
        let stopped = self.target().and_then(|target| target.error.as_ref());
        let violation = stopped.filter(|error| error.rule == lint::VIOLATION);
        self.warnings.iter().chain(violation).cloned().collect()
    }

    /// What is in force where the instruction on `line` is run: the variables by name, then directory, user and
    /// shell. The last writer of a name wins, be it ARG or ENV.
    pub fn scope_at(&self, line: usize) -> Vec<InForce> {
        let at = self.instructions.iter().rposition(|instruction| instruction.line <= line).unwrap_or(0);
        let mut in_force: BTreeMap<(bool, String), InForce> = BTreeMap::new();
        let mut set = |assignment: &Assignment, line: Option<usize>| {
            let is_variable = matches!(assignment.kind, Setting::Arg | Setting::Env);
            let key = if is_variable { assignment.name.clone() } else { format!("{:?}", assignment.kind) };
            in_force.insert((!is_variable, key), InForce { assignment: assignment.clone(), line });
        };
        let Some(stage) = self.instructions.get(at).and_then(|instruction| instruction.stage) else {
            let above = self.instructions.iter().take(at);
            above
                .for_each(|above| above.sets.iter().for_each(|assignment| set(assignment, Some(above.line))));
            return in_force.into_values().collect();
        };
        let mut chain = vec![stage];
        while let Some(Source::Stage(base)) =
            chain.last().and_then(|stage| self.stages.get(*stage)).map(|it| &it.source)
        {
            chain.push(*base);
        }
        for stage in chain.into_iter().rev().filter_map(|stage| self.stages.get(stage)) {
            stage.inherits.iter().for_each(|assignment| set(assignment, None));
            for instruction in stage.instructions.iter().filter(|instruction| **instruction < at) {
                let instruction = &self.instructions[*instruction];
                instruction.sets.iter().for_each(|assignment| set(assignment, Some(instruction.line)));
            }
        }
        in_force.into_values().collect()
    }

    /// The layer that an instruction makes, if it makes one.
    pub fn layer_of(&self, instruction: usize) -> Option<&Layer> {
        self.layers.iter().find(|layer| layer.instruction == instruction)
    }
}

impl Layer {
    /// True where neither size is known.
    pub fn is_unknown(&self) -> bool {
        self.unpacked.is_none() && self.download.is_none()
    }
}

impl Basis {
    /// One sentence without a full stop, for people.
    pub fn sentence(&self) -> String {
        let dated = |as_of: &str| if as_of.is_empty() { String::new() } else { format!(", {as_of}") };
        let short = |digest: &str| {
            let end = digest.char_indices().nth(19).map_or(digest.len(), |(at, _)| at);
            if digest.is_empty() { String::new() } else { format!(" {}…", &digest[..end]) }
        };
        match self {
            Self::Definition => "nothing is written".to_owned(),
            Self::Pinned => "pinned by you".to_owned(),
            Self::Manifest { source, digest, as_of } => {
                format!("manifest{} from {source}{}", short(digest), dated(as_of))
            }
            Self::Catalogue { source, as_of } => format!("catalogue: {source}{}", dated(as_of)),
            Self::Ratio { content, of } => format!("ratio of {content}; download by {}", of.sentence()),
            Self::Trailer { source, digest, as_of } => {
                format!("lengths of the layers of{} from {source}{}", short(digest), dated(as_of))
            }
            Self::Files { count: 1 } => "the length of 1 file".to_owned(),
            Self::Files { count } => format!("the lengths of {count} files"),
            Self::Compressed { count: 1 } => "ratio of such content, over 1 file".to_owned(),
            Self::Compressed { count } => format!("ratios of such content, over {count} files"),
            Self::Package { source, as_of } => format!("{source}{}", dated(as_of)),
            Self::Unknown { what } => format!("unknown: {what}"),
            Self::Heuristic { name } => format!("rule: {name}"),
            Self::Measured { as_of } => format!("measured by a build{}", dated(as_of)),
            Self::Adjusted { as_of, change } => {
                let changed = match change {
                    Change::Command => "its command changed since",
                    Change::Below => "something below it changed since, or is not known here",
                    Change::Content => "what it copies changed since, or is not known here",
                };
                format!("measured by a build{}; {changed}", dated(as_of))
            }
            Self::Calibrated { of, steps } => {
                format!("{}; calibrated by {steps} steps of your builds", of.sentence())
            }
            Self::Sum { parts } => format!("sum of {parts} parts"),
        }
    }
}
