//! What was seen while a stage's instructions were gone through: what checks and sizes are made from.

use super::scope::Assignment;
use crate::diagnostic::Diagnostic;
use crate::text::Range;

/// What was seen in one stage. Instructions are places among those of the file; a trigger of the base stands
/// at the stage's FROM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// What a stage that starts from an image begins with.
    pub inherited: Vec<Assignment>,
    /// The instructions that make a layer.
    pub layers: Vec<usize>,
    /// The names of the build arguments declared so far, those of the base stage before the own.
    pub declared: Vec<String>,
    /// True where the stage or a stage below it has set its working directory.
    pub workdir_set: bool,
    /// The variables that are used and not set.
    pub unset: Vec<Unset>,
    /// The first WORKDIR of the chain of stages, where it is relative: its place and the path, expanded.
    pub relative_workdir: Option<(usize, String)>,
    /// What ARG, ENV, WORKDIR, USER and SHELL set, with the instruction that does.
    pub assigned: Vec<(usize, Assignment)>,
    /// CMD and ENTRYPOINT in shell form while no SHELL is set.
    pub shell_forms: Vec<usize>,
    /// The words of EXPOSE, expanded.
    pub ports: Vec<(usize, String)>,
    /// What COPY and ADD take from the build context, expanded.
    pub context_sources: Vec<ContextSource>,
    /// The files that COPY and ADD write out, expanded: the instruction and the length of each.
    pub inline_files: Vec<(usize, u64)>,
    /// CMD, ENTRYPOINT and HEALTHCHECK, each with what it is.
    pub settings: Vec<(usize, &'static str)>,
    /// What stops the stage once what stops it first is mended.
    pub further_errors: Vec<Diagnostic>,
}

/// A use of a variable that is not set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unset {
    /// The instruction.
    pub instruction: usize,
    /// The bytes of the word that uses it.
    pub range: Range,
    /// The variable.
    pub name: String,
    /// The nearest name that is set.
    pub nearest: Option<String>,
}

/// A path that COPY or ADD takes from the build context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextSource {
    /// The instruction.
    pub instruction: usize,
    /// The bytes that name it.
    pub range: Range,
    /// The path, expanded.
    pub path: String,
}

impl Trace {
    /// The trace of a stage that starts from another, before its first instruction.
    pub(super) fn after(base: Option<&Self>) -> Self {
        let inherited = |base: &Self| Self {
            declared: base.declared.clone(),
            workdir_set: base.workdir_set,
            ..Self::default()
        };
        base.map(inherited).unwrap_or_default()
    }
}
