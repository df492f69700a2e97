//! What builds made of steps, laid over what is estimated of them.
//!
//! A step that is the very same weighs what it weighed. One that changed, or that stands on something that changed,
//! weighs what it weighed and what the estimates of then and now differ by ([`adjusting`]). Of other steps the estimate
//! is corrected by what builds say of its estimator ([`calibrating`]).

pub mod adjusting;
pub mod calibrating;
pub mod former;
pub mod identity;

use super::layer::LayerWeight;
use super::part::{Part, Span};
use super::stages::{FileWeight, StepWeight, walk};
use super::{Basis, Change, Estimate};
use crate::dockerfile::Dockerfile;
use crate::facts::{EstimatedStep, Facts, MeasuredStep};
use crate::graph::Graph;
use adjusting::{Common, Likeness, Then, adjusted};
use former::{Former, Formers, Wanted};
use identity::Identity;
use std::collections::BTreeMap;

/// So large a share of a step must stand on one thing for that to be what it is estimated by.
const MOSTLY: f64 = 0.66;

/// Compressed over unpacked of a layer of which nothing but its files' lengths is known: low, likely, high.
const ANYTHING: [f64; 3] = [0.15, 0.36, 1.0];

/// Lays what was measured over what is estimated, and corrects the estimates of which nothing was.
pub fn lay_over(weighed: &mut FileWeight, file: &Dockerfile<'_>, graph: &Graph, facts: &Facts) {
    if facts.measured.is_empty() && facts.calibration.is_empty() {
        return;
    }
    let mut formers = Formers::new(&facts.measured);
    let wanted = |step: &StepWeight| {
        let identity = step.identity.clone()?;
        let stage = graph.stages[step.stage].display_name.clone();
        let (text, by) = (file.node(step.instruction).folded(), mostly(step.parts()).by);
        Some(Wanted { identity, stage, text, by })
    };
    let wanted: Vec<Option<Wanted>> = weighed.steps.iter().map(wanted).collect();
    let same: Vec<Option<Former<'_>>> =
        wanted.iter().map(|wanted| formers.same_words(wanted.as_ref()?)).collect();
    for ((step, wanted), same) in weighed.steps.iter_mut().zip(&wanted).zip(same) {
        let former = same.or_else(|| formers.like(wanted.as_ref()?));
        let is_measured = former.is_some_and(|former| put(step, &former));
        if let (false, Some(weight)) = (is_measured, &mut step.weight) {
            let by = mostly(&weight.parts).by;
            calibrating::correct(weight, &by, &facts.calibration);
        }
    }
}

/// What a build could measure: every base image and step, with its identity and what is estimated of it, its figures
/// still missing. The place of its instruction stands beside.
pub fn measurable(file: &Dockerfile<'_>, graph: &Graph, facts: &Facts) -> Vec<(usize, MeasuredStep)> {
    let weighed = walk(file, graph, facts, true);
    let record = |stage: usize, instruction: usize, identity: &Identity| {
        let Identity { base, digest, platform, step, below, content } = identity.clone();
        MeasuredStep {
            stage: graph.stages[stage].display_name.clone(),
            instruction: file.node(instruction).folded(),
            unpacked: None,
            download: None,
            seconds: None,
            measured: String::new(),
            base,
            digest,
            platform,
            step,
            below,
            content,
            estimated: None,
        }
    };
    let bases = weighed.bases.iter().enumerate().filter_map(|(stage, identity)| {
        let identity = identity.as_ref().filter(|it| !it.base.is_empty() && it.base != "scratch")?;
        let from = file.stages[stage].from;
        Some((from, record(stage, from, identity)))
    });
    let steps = weighed.steps.iter().filter_map(|step| {
        let record = record(step.stage, step.instruction, step.identity.as_ref()?);
        Some((step.instruction, MeasuredStep { estimated: Some(estimated(step)), ..record }))
    });
    bases.chain(steps).collect()
}

/// What a build made of a base image, where it is the same.
pub fn base_of<'f>(facts: &'f Facts, identity: &Identity) -> Option<&'f MeasuredStep> {
    facts.measured.iter().rev().find(|it| {
        it.step == identity.step
            && it.base == identity.base
            && it.platform == identity.platform
            && former::is_same_digest(&it.digest, &identity.digest)
    })
}

fn estimated(step: &StepWeight) -> EstimatedStep {
    let three = |size: &Estimate| [size.low, size.likely, size.high];
    let Most { by, is_rule } = mostly(step.parts());
    EstimatedStep {
        unpacked: step.weight.as_ref().map(|weight| three(&weight.unpacked)),
        download: step.weight.as_ref().map(|weight| three(&weight.download)),
        by,
        is_rule,
        unknown: gaps(&step.unknown),
    }
}

/// What is unknown may hold values of variables, which nobody keeps: its digest does.
fn gaps(unknown: &[String]) -> String {
    if unknown.is_empty() { String::new() } else { identity::digest(unknown.iter().map(String::as_str)) }
}

/// Puts what was measured in the place of what is estimated. Says whether the measurement tells of it.
fn put(step: &mut StepWeight, former: &Former<'_>) -> bool {
    let then = former.step.estimated.clone().unwrap_or_default();
    let knows_the_same = then.unknown == gaps(&step.unknown);
    let is_gap = former.change.is_some() && (!knows_the_same || former.step.estimated.is_none());
    if is_gap && former.change == Some(Change::Command) {
        return false;
    }
    let as_of = former.step.measured.clone();
    let basis = match former.change {
        None => Basis::Measured { as_of },
        Some(change) => Basis::Adjusted { as_of, change },
    };
    let has_unknown = !step.unknown.is_empty();
    let now = step.weight.take();
    let common = Common::of(now.as_ref().map_or(&[], |weight| &weight.parts));
    let is_other_command = former.change == Some(Change::Command);
    let likeness = Likeness { shared: former.shared, is_other_command };
    let size = |now: Option<&Estimate>, measured: Option<u64>, then: Option<[u64; 3]>| {
        let Some(measured) = measured else { return now.cloned() };
        if former.change.is_none() {
            return Some(Estimate::exact(measured, basis.clone()));
        }
        // The lengths of files are known better from the files, unless that was wrong already.
        let was_right = then == Some([measured; 3]);
        if was_right && !has_unknown && now.is_some_and(|now| now.is_exact() && is_of_files(&now.basis)) {
            return now.cloned();
        }
        let now = now.map(|now| Span { low: now.low, likely: now.likely, high: now.high });
        let estimated = (!is_gap).then(|| then.map_or(0, |[_, likely, _]| likely));
        let then = Then { measured, estimated, has_unknown };
        Some(adjusted(then, now.unwrap_or_default(), likeness, common).because(basis.clone()))
    };
    let unpacked = size(now.as_ref().map(|now| &now.unpacked), former.step.unpacked, then.unpacked);
    let download = match (former.step.download, &unpacked) {
        // What the estimate misses is in no ratio of its parts.
        (None, Some(unpacked)) if has_unknown && former.step.unpacked.is_some() => {
            let span = Span { low: unpacked.low, likely: unpacked.likely, high: unpacked.high };
            let name = "layers of any kind, compressed".to_owned();
            Some(span.times(ANYTHING).because(Basis::Heuristic { name }))
        }
        (measured, _) => size(now.as_ref().map(|now| &now.download), measured, then.download),
    };
    if former.step.unpacked.is_some() {
        step.unknown.clear();
    }
    let mut parts = now.map(|now| now.parts).unwrap_or_default();
    if let (true, Some(unpacked), Some(download)) = (parts.is_empty(), &unpacked, &download) {
        parts.extend((unpacked.likely > 0).then(|| whole(unpacked, download)));
    }
    step.weight = unpacked.zip(download).map(|(unpacked, download)| LayerWeight {
        unpacked,
        download,
        parts,
        unknown: Vec::new(),
    });
    true
}

/// All that a step writes, where nobody knows of what parts.
fn whole(unpacked: &Estimate, download: &Estimate) -> Part {
    let span = |size: &Estimate| Span { low: size.low, likely: size.likely, high: size.high };
    Part {
        name: "all that the step writes".to_owned(),
        path: "/".to_owned(),
        unpacked: span(unpacked),
        download: span(download),
        basis: unpacked.basis.clone(),
    }
}

fn is_of_files(basis: &Basis) -> bool {
    matches!(basis, Basis::Files { .. } | Basis::Definition)
}

/// What most of a step stands on.
#[derive(Default)]
struct Most {
    /// Its name; empty where no one thing is.
    by: String,
    /// True where it is a rule of thumb.
    is_rule: bool,
}

fn mostly(parts: &[Part]) -> Most {
    let mut by: BTreeMap<(&str, bool), u64> = BTreeMap::new();
    for part in parts {
        let name = match &part.basis {
            Basis::Package { source, .. } => (source.as_str(), false),
            Basis::Heuristic { name } => (name.as_str(), true),
            Basis::Files { .. } => (calibrating::FILES, false),
            _ => ("", false),
        };
        *by.entry(name).or_default() += part.unpacked.likely;
    }
    let total: u64 = by.values().sum();
    let most = by.into_iter().max_by_key(|(_, bytes)| *bytes);
    let most = most.filter(|(_, bytes)| *bytes as f64 >= MOSTLY * total as f64);
    most.map_or_else(Most::default, |((by, is_rule), _)| Most { by: by.to_owned(), is_rule })
}
