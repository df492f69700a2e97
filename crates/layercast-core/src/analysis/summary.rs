//! What weighs most in a target, what of it is waste, what its stages save.

use crate::estimate::part::Span;
use crate::estimate::remedy::{remedy_for_base, remedy_for_part, remedy_for_waste};
use crate::estimate::stages::FileWeight;
use crate::estimate::tree::{Cause, Entry, name_of};
use crate::estimate::{Basis, Estimate};
use crate::graph::{Base, Graph};
use crate::report::{Heavy, Layer, SingleStage, Summary, TargetReport, Wasted};
use std::collections::BTreeMap;

/// So many of the heaviest are listed.
const LISTED: usize = 10;

/// Sums up a target.
pub(super) fn summarise(
    graph: &Graph,
    weighed: &FileWeight,
    layers: &[Layer],
    target: &TargetReport,
) -> Summary {
    let (waste, wasted) = waste(weighed, layers, target.stage);
    Summary {
        heaviest: heaviest(graph, layers, target),
        waste,
        wasted,
        single_stage: single_stage(graph, layers, target),
    }
}

fn heaviest(graph: &Graph, layers: &[Layer], target: &TargetReport) -> Vec<Heavy> {
    let mut found = Vec::new();
    for place in &target.size.layers {
        let layer = &layers[*place];
        let Some(unpacked) = &layer.unpacked else { continue };
        if layer.parts.is_empty() {
            let image = match &graph.stages[layer.stage].base {
                Base::Image(image) if unpacked.likely > 0 => image,
                _ => continue,
            };
            found.push(Heavy {
                layer: *place,
                name: image.familiar(),
                path: "/".to_owned(),
                unpacked: unpacked.clone(),
                remedy: remedy_for_base(image),
            });
        }
        found.extend(layer.parts.iter().filter(|part| part.unpacked.likely > 0).map(|part| Heavy {
            layer: *place,
            name: part.name.clone(),
            path: part.path.clone(),
            unpacked: part.unpacked.clone(),
            remedy: remedy_for_part(&part.name, &part.path),
        }));
    }
    found.sort_by(|left, right| {
        (right.unpacked.likely, &left.path, &left.name).cmp(&(left.unpacked.likely, &right.path, &right.name))
    });
    found.truncate(LISTED);
    found
}

/// Where each step's layer stands among all.
fn places(weighed: &FileWeight, layers: &[Layer]) -> Vec<Option<usize>> {
    let mut next = 0;
    let place = |step: &crate::estimate::stages::StepWeight| {
        let found = layers
            .iter()
            .enumerate()
            .skip(next)
            .find(|(_, layer)| layer.stage == step.stage && layer.instruction == step.instruction);
        let (place, _) = found?;
        next = place + 1;
        Some(place)
    };
    weighed.steps.iter().map(place).collect()
}

fn waste(weighed: &FileWeight, layers: &[Layer], stage: usize) -> (Vec<Wasted>, Estimate) {
    let places = places(weighed, layers);
    let (Some(own), Some(chain)) = (weighed.waste.get(stage), weighed.layers.get(stage)) else {
        return (Vec::new(), Estimate::exact(0, Basis::Definition));
    };
    let place_of = |layer: usize| {
        chain.get(layer).copied().flatten().and_then(|step| places.get(step).copied().flatten())
    };
    // One line for each folder, cause and step, not one for each file.
    let mut groups: BTreeMap<(usize, usize, Cause, &str), Vec<Span>> = BTreeMap::new();
    for waste in own {
        let span = match &waste.entry {
            Entry::File(file) => Span::exact(file.bytes),
            Entry::Part(part) => part.unpacked,
            Entry::Folder | Entry::Link(_) => continue,
        };
        // What lies in the base image is no waste of this file's.
        let (Some(layer), Some(hidden_by)) = (place_of(waste.layer), place_of(waste.hidden_by)) else {
            continue;
        };
        if span.high == 0 {
            continue;
        }
        let path = name_of(&waste.path);
        let folder =
            path.rsplit_once('/').map_or("/", |(folder, _)| if folder.is_empty() { "/" } else { folder });
        groups.entry((layer, hidden_by, waste.cause, folder)).or_default().push(span);
    }
    let total = Span::sum(groups.values().flatten().copied()).because(Basis::Sum { parts: groups.len() });
    let mut listed: Vec<Wasted> = groups
        .into_iter()
        .map(|((layer, hidden_by, cause, folder), spans)| Wasted {
            layer,
            hidden_by: layers[hidden_by].line,
            path: folder.to_owned(),
            count: spans.len(),
            unpacked: Span::sum_alike(spans.iter().copied()).because(Basis::Sum { parts: spans.len() }),
            cause,
            remedy: remedy_for_waste(cause).to_owned(),
        })
        .collect();
    listed.sort_by_key(|wasted| (std::cmp::Reverse(wasted.unpacked.likely), wasted.layer));
    listed.truncate(LISTED);
    (listed, total)
}

/// The heaviest of the other stages as the image, with what the others add beside it: everything on the builder's base.
fn single_stage(graph: &Graph, layers: &[Layer], target: &TargetReport) -> Option<SingleStage> {
    let chain_of = |stage: usize| {
        let mut chain = vec![stage];
        while let Some(Base::Stage(base)) = chain.last().map(|stage| &graph.stages[*stage].base) {
            chain.push(*base);
        }
        chain
    };
    let own = chain_of(target.stage);
    let total = |stages: &[usize]| {
        let of_them = layers.iter().filter(|layer| stages.contains(&layer.stage));
        of_them.filter_map(|layer| layer.unpacked.as_ref()).map(|size| size.likely).sum::<u64>()
    };
    let others = target.reachable.iter().copied().filter(|stage| !own.contains(stage));
    let builder = others.max_by_key(|stage| total(&chain_of(*stage)))?;
    let builder_chain = chain_of(builder);
    let is_base =
        |layer: &Layer| layer.parts.is_empty() && matches!(graph.stages[layer.stage].base, Base::Image(_));
    let copies = |layer: &Layer| {
        let own = graph.stages[layer.stage].dependencies.iter();
        own.filter(|dependency| dependency.kind == crate::graph::EdgeKind::Copy).any(|dependency| {
            dependency.instruction == layer.instruction && dependency.source < graph.stages.len()
        })
    };
    let counted: Vec<&Layer> = layers
        .iter()
        .filter(|layer| target.reachable.contains(&layer.stage))
        .filter(|layer| builder_chain.contains(&layer.stage) || !(is_base(layer) || copies(layer)))
        .collect();
    let unpacked = Estimate::sum(counted.iter().filter_map(|layer| layer.unpacked.as_ref()));
    // A stage that is lighter than the image is no builder that the image could have been.
    (unpacked.likely > target.size.unpacked.likely).then(|| SingleStage {
        stage: builder,
        unpacked,
        download: Estimate::sum(counted.iter().filter_map(|layer| layer.download.as_ref())),
    })
}
