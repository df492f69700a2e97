//! What each layer of each stage weighs, as far as it is known.

use super::{instruction_at, instruction_text};
use crate::dockerfile::{Dockerfile, Instruction};
use crate::estimate::base_image::estimate_base_image;
use crate::estimate::{Basis, Estimate};
use crate::facts::{Facts, Pin};
use crate::graph::{Base, Dependency, Graph};
use crate::report::Layer;

/// Every layer that some stage makes or starts from, in the order of the text.
pub(super) fn layers(file: &Dockerfile<'_>, graph: &Graph, facts: &Facts) -> Vec<Layer> {
    let mut layers = Vec::new();
    for (index, stage) in graph.stages.iter().enumerate() {
        let from = file.stages[index].from;
        let base = match &stage.base {
            Base::Image(image) => Some(base_layer(facts, image, &stage.platform)),
            Base::Invalid => Some(Sizes::unknown("the base image has no valid name")),
            Base::Context(_) => {
                Some(Sizes::unknown("unknown: what the named context holds. Pin it, or build once"))
            }
            Base::Stage(_) | Base::Scratch => None,
        };
        let steps = stage.trace.layers.iter().map(|step| (*step, step_layer(file, graph, index, *step)));
        for (instruction, sizes) in base.map(|base| (from, base)).into_iter().chain(steps) {
            let pinned = pin(file, facts, &stage.display_name, instruction);
            let sizes = pinned.map_or(sizes.clone(), |pin| sizes.pinned(pin));
            layers.push(Layer {
                stage: index,
                instruction,
                line: file.node(instruction).line,
                basis: sizes.basis(),
                unpacked: sizes.unpacked,
                download: sizes.download,
            });
        }
    }
    layers
}

/// Both sizes of a layer, or why they are not known.
#[derive(Clone)]
struct Sizes {
    unpacked: Option<Estimate>,
    download: Option<Estimate>,
    why_unknown: String,
}

impl Sizes {
    fn unknown(why: impl Into<String>) -> Self {
        Self { unpacked: None, download: None, why_unknown: why.into() }
    }

    fn pinned(mut self, pin: &Pin) -> Self {
        let estimate = |bytes: u64| Estimate::exact(bytes, Basis::Pinned);
        self.unpacked = pin.unpacked.map(estimate).or(self.unpacked);
        self.download = pin.download.map(estimate).or(self.download);
        self
    }

    /// The basis of the unpacked size, as it says what the download size stands on too; else why it is unknown.
    fn basis(&self) -> String {
        match (&self.unpacked, &self.download) {
            (Some(known), _) | (None, Some(known)) => known.basis.sentence(),
            (None, None) => self.why_unknown.clone(),
        }
    }
}

fn base_layer(
    facts: &Facts,
    image: &crate::image_ref::ImageRef,
    platform: &crate::image_ref::Platform,
) -> Sizes {
    let why_unknown = match facts.image_failure(&image.to_string(), platform) {
        Some(failure) => format!("unknown: {}", failure.message),
        None => {
            format!("unknown: neither a registry nor the catalogue said what {} weighs", image.familiar())
        }
    };
    match estimate_base_image(facts, image, platform) {
        Some(size) => Sizes { unpacked: size.unpacked, download: size.download, why_unknown },
        None => Sizes::unknown(why_unknown),
    }
}

/// What an instruction adds. A trigger stands at its stage's FROM.
fn step_layer(file: &Dockerfile<'_>, graph: &Graph, stage: usize, instruction: usize) -> Sizes {
    if instruction == file.stages[stage].from {
        return Sizes::unknown("unknown: what an ONBUILD of the base adds. Pin it, or build once");
    }
    match instruction_at(file, instruction) {
        Some(Instruction::Workdir(_)) => Sizes {
            unpacked: Some(Estimate::exact(0, Basis::Definition)),
            // An archive of nothing but a folder, compressed.
            download: Some(Estimate { low: 87, likely: 117, high: 147, basis: Basis::Definition }),
            why_unknown: String::new(),
        },
        Some(Instruction::Copy(copy)) if copy.from.is_some() => {
            let owner = owner(graph, stage, instruction);
            Sizes::unknown(format!("unknown: what these files of {owner} weigh. Pin it, or build once"))
        }
        Some(Instruction::Copy(_) | Instruction::Add(_)) => {
            Sizes::unknown("unknown: what these files of the build context weigh. Pin it, or build once")
        }
        _ => Sizes::unknown("unknown: what this command writes. Pin it, or build once"),
    }
}

/// Whose files a `COPY --from` copies.
fn owner(graph: &Graph, stage: usize, instruction: usize) -> String {
    let is_own = |dependency: &&Dependency| dependency.instruction == instruction;
    let source = graph.stages[stage].dependencies.iter().find(is_own).map(|dependency| dependency.source);
    let implicit = source.and_then(|source| source.checked_sub(graph.stages.len()));
    match implicit.and_then(|place| graph.implicit.get(place)).map(|implicit| &implicit.base) {
        Some(Base::Image(image)) => format!("the image {}", image.familiar()),
        Some(Base::Context(name)) => format!("the named context {name}"),
        _ => "another stage".to_owned(),
    }
}

fn pin<'f>(file: &Dockerfile<'_>, facts: &'f Facts, stage: &str, instruction: usize) -> Option<&'f Pin> {
    if facts.pins.is_empty() {
        return None;
    }
    let text = instruction_text(file, instruction);
    facts.pins.iter().rev().find(|pin| pin.stage == stage && pin.instruction == text)
}
