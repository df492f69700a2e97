//! What the stages of a Dockerfile are to one another: bases, copies, mounts, images, scopes, targets.

pub mod base;
pub mod context;
pub mod cycle;
pub mod epoch;
pub mod evaluate;
pub mod rules;
pub mod scope;
pub mod sources;
pub mod target;
pub mod trace;

use crate::diagnostic::Diagnostic;
use crate::dockerfile::{Dockerfile, Instruction};
use crate::facts::Facts;
use crate::image_ref::{ImageRef, Platform};
use crate::text::Range;
use scope::Scope;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::sync::Arc;
use trace::Trace;

/// The graph of a Dockerfile under the given build options.
#[derive(Debug)]
pub struct Graph {
    /// The stages, in the order of the text.
    pub stages: Vec<Stage>,
    /// The stage of each name in lower case, the last one of several.
    pub names: BTreeMap<String, usize>,
    /// The images that COPY and mounts name. They follow the stages in the space of `--from` numbers.
    pub implicit: Vec<Implicit>,
    /// What stops every target, the one that BuildKit stops at first.
    pub fatal: Vec<Diagnostic>,
    /// The arguments before the first FROM, as FROM sees them.
    pub global: Scope,
    /// What the ARGs before the first FROM set.
    pub global_assignments: Vec<(usize, scope::Assignment)>,
    /// What the image is built for.
    pub platform: Platform,
    /// The stage chosen: by name, or the last one.
    pub target: Option<usize>,
}

/// One stage.
#[derive(Debug)]
pub struct Stage {
    /// Its name in lower case; empty where it has none.
    pub name: String,
    /// What people call it: its name, or `stage-0`.
    pub display_name: String,
    /// What it starts from.
    pub base: Base,
    /// What it is built for.
    pub platform: Platform,
    /// True where a named context stands in for it: its instructions do not run.
    pub replaced: bool,
    /// The instructions that the base's ONBUILD runs right after FROM.
    pub triggers: Vec<Instruction>,
    /// What it takes from others.
    pub dependencies: Vec<Dependency>,
    /// Variables, working directory, user and shell at its end.
    pub scope: Scope,
    /// What was seen while its instructions were gone through.
    pub trace: Trace,
    /// What stops every target that needs it.
    pub error: Option<Diagnostic>,
}

/// What a stage starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// A stage above.
    Stage(usize),
    /// Nothing.
    Scratch,
    /// An image.
    Image(ImageRef),
    /// A named context that is no image: a folder, a repository, an archive.
    Context(String),
    /// What is written is no base.
    Invalid,
}

/// An image that is named by COPY --from or by a mount, not by FROM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Implicit {
    /// What is named; none for nothing, as with a cache mount.
    pub base: Base,
}

/// How one stage uses another or an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EdgeKind {
    /// FROM: it starts from it.
    Base,
    /// COPY --from: it takes files.
    Copy,
    /// RUN --mount=from: it sees files while it runs.
    Mount,
}

/// One stage's use of another or of an implicit image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// What is used: a place among the stages, or behind them among the implicit images.
    pub source: usize,
    /// How.
    pub kind: EdgeKind,
    /// False for what is no real use: a mount without a source.
    pub shown: bool,
    /// The instruction that says so; the stage's FROM for a trigger.
    pub instruction: usize,
    /// The line that says so.
    pub line: usize,
    /// The bytes that say so.
    pub range: Range,
}

/// A stage that a target does not need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// The stage.
    pub stage: usize,
    /// The stages that use it, all of them skipped too; none where nothing uses it.
    #[serde(serialize_with = "slice")]
    pub used_by: Arc<[usize]>,
}

/// As serde writes it with its feature `rc`.
fn slice<S: Serializer>(slice: &[usize], serializer: S) -> Result<S::Ok, S::Error> {
    slice.serialize(serializer)
}

impl Graph {
    /// Finds out what the stages of `file` are to one another.
    pub fn new(file: &Dockerfile<'_>, facts: &Facts) -> Self {
        let last_name =
            || file.stages.last().and_then(|stage| file.from(stage)).and_then(|from| from.name.as_ref());
        let target_name =
            facts.build.target.clone().or_else(|| last_name().map(|name| name.text.to_ascii_lowercase()));
        Self::for_target(
            file,
            facts,
            facts.build.target.as_deref(),
            target_name.as_deref().unwrap_or_default(),
        )
    }

    /// The same with `target_name` as the value of TARGETSTAGE.
    pub fn for_target(file: &Dockerfile<'_>, facts: &Facts, target: Option<&str>, target_name: &str) -> Self {
        let platform = facts.build.platform.clone().unwrap_or_else(Platform::linux_amd64);
        let mut fatal = Vec::new();
        let given = &facts.build.build_args;
        let global = Scope::global(file, given, given, &platform, target_name, &mut fatal);
        let global_assignments = global.global_assignments(file, given);
        let mut graph = Self {
            stages: Vec::new(),
            names: BTreeMap::new(),
            implicit: Vec::new(),
            fatal,
            global,
            global_assignments,
            platform,
            target: None,
        };
        epoch::refuse_invalid(&mut graph, file, facts);
        base::add_stages(&mut graph, file, facts);
        graph.refuse_no_stage(file);
        graph.choose_target(target);
        sources::add_dependencies(&mut graph, file);
        cycle::refuse_cycles(&mut graph);
        sources::refuse_invalid_images(&mut graph, file);
        context::replace_images(&mut graph, &facts.build);
        sources::add_triggers(&mut graph, file, facts);
        evaluate::evaluate(&mut graph, file, facts);
        graph
    }

    fn refuse_no_stage(&mut self, file: &Dockerfile<'_>) {
        if let (true, Some(last)) =
            (file.stages.is_empty() && file.errors.is_empty(), file.parse.nodes.last())
        {
            let message = "there is no stage: no FROM in this file";
            self.fatal.push(
                Diagnostic::error("no-stage", last.line, last.range, message)
                    .note("Add FROM and a base image."),
            );
        }
    }

    fn choose_target(&mut self, name: Option<&str>) {
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            self.target = self.stages.len().checked_sub(1);
            return;
        };
        let wanted = name.to_ascii_lowercase();
        self.target = self.names.get(&wanted).copied();
        if self.target.is_none() {
            let names: Vec<&str> =
                self.stages.iter().map(|stage| stage.name.as_str()).filter(|name| !name.is_empty()).collect();
            let message = format!("there is no stage `{name}` to build");
            let note = crate::suggest::did_you_mean(name, names.iter().copied()).unwrap_or_else(
                || match names[..] {
                    [] => "No stage has a name: give one with `FROM … AS name`.".to_owned(),
                    _ => format!("The stages are {}.", names.join(", ")),
                },
            );
            self.fatal.push(Diagnostic::error("unknown-target", 1, Range::default(), message).note(note));
        }
    }
}

#[cfg(test)]
mod tests;
