//! What each stage would be as a target: what it builds, pulls, leaves out, and weighs.

use super::Checks;
use crate::diagnostic::Diagnostic;
use crate::dockerfile::Dockerfile;
use crate::estimate::Estimate;
use crate::facts::Facts;
use crate::graph::target::{Reach, Uses};
use crate::graph::{Base, Graph};
use crate::lint::Context;
use crate::report::{ImageSize, Layer, TargetReport};

/// One report for each stage; only the chosen one where the user chose one that exists.
pub(super) fn targets(
    file: &Dockerfile<'_>,
    graph: &Graph,
    facts: &Facts,
    layers: &[Layer],
    checks: Option<Checks>,
) -> Vec<TargetReport> {
    let stopping = checks.filter(|checks| (checks.stop)(file, facts));
    let maker = Maker { file, facts, layers, layers_of: layers_by_stage(graph, layers), stopping };
    let depends_on_target = file.parse.source.contains("TARGETSTAGE");
    let uses = graph.uses();
    let chosen = facts.build.target.as_ref().and(graph.target);
    let stages = chosen.map_or(0..graph.stages.len(), |chosen| chosen..chosen + 1);
    stages
        .map(|stage| {
            if !depends_on_target || chosen.is_some() {
                return maker.target(graph, &uses, stage);
            }
            // The value of TARGETSTAGE may change what a FROM means.
            let name = &graph.stages[stage].name;
            let own = Graph::for_target(file, facts, Some(name), name);
            maker.target(&own, &own.uses(), stage)
        })
        .collect()
}

/// What every target is made from.
struct Maker<'m> {
    file: &'m Dockerfile<'m>,
    facts: &'m Facts,
    layers: &'m [Layer],
    layers_of: Vec<Vec<usize>>,
    /// The checks, where the file lets them stop a build.
    stopping: Option<Checks>,
}

impl Maker<'_> {
    fn target(&self, graph: &Graph, uses: &Uses, stage: usize) -> TargetReport {
        let reach = graph.reach(stage);
        let reachable: Vec<usize> = (0..graph.stages.len()).filter(|stage| reach.stages[*stage]).collect();
        TargetReport {
            stage,
            images: uses.images(&reach),
            error: self.first_error(graph, &reachable).or_else(|| self.violation(graph, &reach)),
            skipped: uses.skipped(&reach),
            size: image_size(graph, stage, self.layers, &self.layers_of),
            reachable,
        }
    }

    fn first_error(&self, graph: &Graph, reachable: &[usize]) -> Option<Diagnostic> {
        let of_stage = || reachable.iter().find_map(|stage| graph.stages[*stage].error.as_ref());
        self.file.errors.first().or_else(|| graph.fatal.first()).or_else(of_stage).cloned()
    }

    /// What stops a target where the file wants checks to.
    fn violation(&self, graph: &Graph, reach: &Reach) -> Option<Diagnostic> {
        let checks = self.stopping?;
        let everything = Context::new(self.file, graph, self.facts);
        (checks.violation)(&Context { visited: reach.stages.clone(), ..everything })
    }
}

fn layers_by_stage(graph: &Graph, layers: &[Layer]) -> Vec<Vec<usize>> {
    let mut by_stage = vec![Vec::new(); graph.stages.len()];
    for (index, layer) in layers.iter().enumerate() {
        by_stage[layer.stage].push(index);
    }
    by_stage
}

/// The sum over the stage and the stages it starts from.
fn image_size(graph: &Graph, stage: usize, layers: &[Layer], layers_of: &[Vec<usize>]) -> ImageSize {
    let mut chain = vec![stage];
    let mut lowest = stage;
    while let Base::Stage(base) = graph.stages[lowest].base {
        chain.push(base);
        lowest = base;
    }
    let own: Vec<usize> = chain.iter().rev().flat_map(|stage| &layers_of[*stage]).copied().collect();
    let is_unknown = |place: &usize| {
        let layer = &layers[*place];
        layer.unpacked.is_none() || layer.download.is_none() || !layer.unknown.is_empty()
    };
    ImageSize {
        unpacked: Estimate::sum(own.iter().filter_map(|layer| layers[*layer].unpacked.as_ref())),
        download: Estimate::sum(own.iter().filter_map(|layer| layers[*layer].download.as_ref())),
        unknown: own.iter().copied().filter(is_unknown).collect(),
        layers: own,
    }
}
