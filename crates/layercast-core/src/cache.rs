//! What a change makes BuildKit run again, and why: its cache keys, compared before and after.
//!
//! **Invariant:** no step is run and no content is read. Where content decides, a step *may* rerun, and says so.

mod change;
mod context;
pub mod lane;
mod plan;
pub mod reorder;
mod why;

use crate::diagnostic::Diagnostic;
use crate::dockerfile::Dockerfile;
use crate::facts::Facts;
use crate::graph::Graph;
use change::World;
pub use change::{Change, InvalidChange};
use plan::{Difference, Plan};
use serde::Serialize;
use std::collections::HashSet;
pub use why::Why;

/// What becomes of the steps of the target in effect.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Rerun {
    /// The steps that make a layer or pull an image, stage by stage, each behind those it stands on.
    pub steps: Vec<Step>,
    /// What else there is to say of the change: sentences.
    pub notes: Vec<String>,
    /// What stops the target, before or after the change. There are no steps then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Diagnostic>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// Its stage: a place among the stages.
    pub stage: usize,
    /// What people call the stage.
    pub stage_name: String,
    /// Its instruction: a place among those of the file. A trigger of the base stands at FROM.
    pub instruction: usize,
    /// The line of the instruction.
    pub line: usize,
    /// The keyword in upper case; of a trigger, its own.
    pub keyword: String,
    /// The instruction's text, white space folded.
    pub text: String,
    /// What becomes of it.
    pub fate: Fate,
    /// Why it reruns or may rerun: the nearest cause.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Why>,
    /// The same as a sentence without a full stop; empty where it is cached.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The step whose files it stands on: a place in [`Rerun::steps`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub below: Option<usize>,
    /// True where it does not wait for what it stands on: COPY --link.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub linked: bool,
    /// The steps that it takes content from: the last ones of other stages.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<usize>,
}

/// What becomes of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// Its key is the same: nothing is done.
    Cached,
    /// It runs again where content that is not known beforehand has changed.
    MayRerun,
    /// Its key is another: it runs again.
    Reruns,
}

impl Rerun {
    /// How many steps have a fate.
    pub fn count(&self, fate: Fate) -> usize {
        self.steps.iter().filter(|step| step.fate == fate).count()
    }
}

/// What of the target in effect runs again when everything is in the cache and `change` happens.
pub fn what_if(source: &str, facts: &Facts, change: &Change) -> Rerun {
    let file = Dockerfile::read(source);
    let graph = Graph::new(&file, facts);
    if let Some(stopped) = stopper(&file, &graph) {
        return Rerun { stopped: Some(stopped), ..Rerun::default() };
    }
    let before = Plan::new(&file, &graph, facts, &Difference::default());
    let world = World::new(&file, &graph, facts, change);
    let file = Dockerfile::read(&world.source);
    let graph = Graph::new(&file, &world.facts);
    if let (Change::Text { .. }, Some(stopped)) = (change, stopper(&file, &graph)) {
        return Rerun { stopped: Some(stopped), ..Rerun::default() };
    }
    // Where content decides, both ways are gone: it is the same, it is another.
    let after = |content_kept| {
        let difference = Difference { content_kept, before: Some(&before), ..world.difference() };
        Plan::new(&file, &graph, &world.facts, &difference)
    };
    let (kept, changed) = (after(true), after(false));
    let known: HashSet<u64, Keys> = before.steps.iter().map(|step| step.key).collect();
    let fates: Vec<Fate> = kept.steps.iter().zip(&changed.steps).map(|both| fate(&known, both)).collect();
    let mut rerun = Rerun { notes: world.notes, ..Rerun::default() };
    for (place, fate) in fates.iter().copied().enumerate() {
        let after = if fate == Fate::Reruns { &kept } else { &changed };
        let (fate, why) = why::why(&before, after, &fates, place, fate);
        let step = &after.steps[place];
        let node = file.node(step.instruction);
        rerun.steps.push(Step {
            stage: step.stage,
            stage_name: graph.stages[step.stage].display_name.clone(),
            instruction: step.instruction,
            line: node.line,
            keyword: step.keyword.to_owned(),
            text: node.folded(),
            fate,
            reason: why.as_ref().map(Why::sentence).unwrap_or_default(),
            why,
            below: step.below,
            linked: step.linked,
            sources: step.contents.iter().filter_map(|content| content.step).collect(),
        });
    }
    rerun
}

/// Keys are hashes already; how a set spreads them must not depend on chance.
type Keys = std::hash::BuildHasherDefault<std::hash::DefaultHasher>;

fn fate(known: &HashSet<u64, Keys>, (kept, changed): (&plan::Step, &plan::Step)) -> Fate {
    match (known.contains(&kept.key), known.contains(&changed.key)) {
        (true, true) => Fate::Cached,
        (false, false) => Fate::Reruns,
        _ => Fate::MayRerun,
    }
}

/// What stops the target in effect.
fn stopper(file: &Dockerfile<'_>, graph: &Graph) -> Option<Diagnostic> {
    let of_file = file.errors.first().or_else(|| graph.fatal.first());
    let reached = graph.target.map(|target| graph.reach(target).stages).unwrap_or_default();
    let stages = graph.stages.iter().zip(reached).filter(|(_, reached)| *reached);
    of_file.or_else(|| stages.filter_map(|(stage, _)| stage.error.as_ref()).next()).cloned()
}

#[cfg(test)]
mod tests;
