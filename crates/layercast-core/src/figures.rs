//! What is shown of a report beyond its own words: what becomes of stages, what they weigh, what stays behind.

use crate::estimate::Estimate;
use crate::image_ref::ImageRef;
use crate::report::{Layer, Report, Source};
use serde::Serialize;

/// The sum of some layers: what is known, and how much is not.
#[derive(Clone, Debug, PartialEq)]
pub struct Weight {
    /// Unpacked bytes of the layers where they are known.
    pub unpacked: Estimate,
    /// Download bytes of the layers where they are known.
    pub download: Estimate,
    /// How many layers lack the unpacked size, or a part of it.
    pub unknown: usize,
}

/// What becomes of a stage under the target in effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// It is the image.
    Ships,
    /// The image starts from it.
    Inside,
    /// It is built, and only what is copied from it ships.
    LeftBehind,
    /// It is not built.
    Skipped,
}

/// Adds up layers.
pub fn weigh<'a>(layers: impl IntoIterator<Item = &'a Layer>) -> Weight {
    let layers: Vec<&Layer> = layers.into_iter().collect();
    Weight {
        unpacked: Estimate::sum(layers.iter().filter_map(|layer| layer.unpacked.as_ref())),
        download: Estimate::sum(layers.iter().filter_map(|layer| layer.download.as_ref())),
        unknown: layers.iter().filter(|layer| layer.unpacked.is_none() || !layer.unknown.is_empty()).count(),
    }
}

/// The stages that a stage starts from, lowest first, itself last.
pub fn chain(report: &Report, stage: usize) -> Vec<usize> {
    let mut chain = vec![stage];
    let mut at = stage;
    while let Some(Source::Stage(base)) = report.stages.get(at).map(|stage| &stage.source) {
        // A stage can only start from one above it; a report that says otherwise must not hang who shows it.
        if *base >= at {
            break;
        }
        at = *base;
        chain.push(at);
    }
    chain.reverse();
    chain
}

/// The layers of the image that a stage would be, lowest first.
pub fn layers_of(report: &Report, stage: usize) -> Vec<&Layer> {
    let chain = chain(report, stage);
    let of = |stage: &usize| {
        let stage = *stage;
        report.layers.iter().filter(move |layer| layer.stage == stage)
    };
    chain.iter().flat_map(of).collect()
}

/// What becomes of every stage.
pub fn roles(report: &Report) -> Vec<Role> {
    let reachable = report.target().map(|target| target.reachable.as_slice()).unwrap_or_default();
    let inside = report.target.map(|target| chain(report, target)).unwrap_or_default();
    let role = |stage: usize| match report.target {
        Some(target) if target == stage => Role::Ships,
        _ if inside.contains(&stage) => Role::Inside,
        _ if reachable.binary_search(&stage).is_ok() => Role::LeftBehind,
        _ => Role::Skipped,
    };
    (0..report.stages.len()).map(role).collect()
}

/// The layers that are built or pulled for the target and do not ship. What stands in the image already, as
/// a shared base does, stays behind nowhere.
pub fn left_behind<'a>(report: &'a Report, roles: &[Role]) -> Vec<&'a Layer> {
    let base = |layer: &'a Layer| match &report.stages.get(layer.stage)?.source {
        Source::Image(reference) if is_base(report, layer) => Some(reference.as_str()),
        _ => None,
    };
    let ships = |stage: usize| matches!(roles.get(stage), Some(Role::Ships | Role::Inside));
    let mut seen: Vec<&str> =
        report.layers.iter().filter(|layer| ships(layer.stage)).filter_map(base).collect();
    let behind = report.layers.iter().filter(|layer| roles.get(layer.stage) == Some(&Role::LeftBehind));
    let mut first = |reference| {
        let first = !seen.contains(&reference);
        seen.push(reference);
        first
    };
    behind.filter(|layer| base(layer).is_none_or(&mut first)).collect()
}

/// True for the layers of a base image, that its FROM stands for.
pub fn is_base(report: &Report, layer: &Layer) -> bool {
    report.instructions.get(layer.instruction).is_some_and(|instruction| instruction.keyword == "FROM")
}

/// An image as people write it: `alpine:3.22` for `docker.io/library/alpine:3.22`.
pub fn familiar(reference: &str) -> String {
    if reference == "scratch" {
        return reference.to_owned();
    }
    ImageRef::parse(reference).map_or_else(|_| reference.to_owned(), |image| image.familiar())
}
