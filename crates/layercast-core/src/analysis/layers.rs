//! What each layer of each stage weighs, as far as it is known.

use crate::dockerfile::{Dockerfile, Instruction};
use crate::estimate::base_image::estimate_base_image;
use crate::estimate::measured;
use crate::estimate::stages::{FileWeight, StepWeight};
use crate::estimate::{Basis, Estimate};
use crate::facts::{Facts, Pin};
use crate::graph::{Base, Graph};
use crate::report::{Layer, LayerPart};

/// How the weight of a step becomes sizes: handed in, so that who weighs no steps does not carry it.
pub(super) type SizesOf = fn(&StepWeight) -> Sizes;

/// How what a build made of a base image becomes its size: handed in likewise.
pub(super) type SizesOfBase = fn(&FileWeight, usize, &Facts, Sizes) -> Sizes;

/// Every layer that some stage makes or starts from, in the order of the text. Without `weighed`, what
/// instructions add is not known but for what follows from their keyword.
pub(super) fn layers(
    file: &Dockerfile<'_>,
    graph: &Graph,
    facts: &Facts,
    texts: &[String],
    weighed: Option<(&FileWeight, SizesOf, SizesOfBase)>,
) -> Vec<Layer> {
    let mut layers = Vec::new();
    let mut steps = weighed.map_or(&[][..], |(weighed, ..)| &weighed.steps).iter();
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
        let mut add = |instruction: usize, sizes: Sizes| {
            let pinned = pin(facts, &stage.display_name, &texts[instruction]);
            let sizes = match pinned {
                Some(pin) => sizes.pinned(pin),
                None => sizes,
            };
            layers.push(Layer {
                stage: index,
                instruction,
                line: file.node(instruction).line,
                basis: sizes.basis(),
                unpacked: sizes.unpacked,
                download: sizes.download,
                parts: sizes.parts,
                unknown: sizes.unknown,
                notes: sizes.notes,
            });
        };
        if let Some(base) = base {
            let sizes = match weighed {
                Some((weighed, _, of_base)) => of_base(weighed, index, facts, base),
                None => base,
            };
            add(from, sizes);
        }
        match weighed {
            Some((_, sizes_of, _)) => {
                while let Some(step) = steps.as_slice().first().filter(|step| step.stage == index) {
                    add(step.instruction, sizes_of(step));
                    steps.next();
                }
            }
            None => {
                let own = stage.trace.layers.iter();
                own.for_each(|step| add(*step, unweighed(file, *step)));
            }
        }
    }
    layers
}

/// What follows from the keyword alone.
fn unweighed(file: &Dockerfile<'_>, step: usize) -> Sizes {
    match super::instruction_at(file, step) {
        Some(Instruction::Workdir(_)) => Sizes::folder(),
        _ => Sizes::unknown("not weighed yet"),
    }
}

/// Both sizes of a layer, or why they are not known.
pub(super) struct Sizes {
    unpacked: Option<Estimate>,
    download: Option<Estimate>,
    why_unknown: String,
    parts: Vec<LayerPart>,
    unknown: Vec<String>,
    notes: Vec<String>,
}

impl Sizes {
    fn new(unpacked: Option<Estimate>, download: Option<Estimate>, why_unknown: String) -> Self {
        let (parts, unknown, notes) = (Vec::new(), Vec::new(), Vec::new());
        Self { unpacked, download, why_unknown, parts, unknown, notes }
    }

    fn unknown(why: impl Into<String>) -> Self {
        Self::new(None, None, why.into())
    }

    /// A folder: no file, and an archive of nothing but that folder.
    fn folder() -> Self {
        let download = Estimate { low: 87, likely: 117, high: 147, basis: Basis::Definition };
        Self::new(Some(Estimate::exact(0, Basis::Definition)), Some(download), String::new())
    }

    pub(super) fn of(step: &StepWeight) -> Self {
        let part = |part: &crate::estimate::part::Part| LayerPart {
            name: part.name.clone(),
            path: part.path.clone(),
            unpacked: part.unpacked.because(part.basis.clone()),
            download: part.download.because(part.basis.clone()),
        };
        let why_unknown = format!("unknown: {}. Pin it, or build once", step.unknown.join("; "));
        let weight = step.weight.as_ref();
        let (unpacked, download) = match weight {
            Some(weight) => (Some(weight.unpacked.clone()), Some(weight.download.clone())),
            None => (None, None),
        };
        Self {
            parts: step.parts().iter().map(part).collect(),
            unknown: step.unknown.clone(),
            notes: step.notes.clone(),
            ..Self::new(unpacked, download, why_unknown)
        }
    }

    /// A base image that a build measured: in each size that no manifest tells.
    pub(super) fn measured(weighed: &FileWeight, stage: usize, facts: &Facts, mut sizes: Self) -> Self {
        let identity = weighed.bases.get(stage).and_then(Option::as_ref);
        let found = identity.and_then(|identity| measured::base_of(facts, identity));
        let Some(found) = found else { return sizes };
        let basis = Basis::Measured { as_of: found.measured.clone() };
        for (size, measured) in [(&mut sizes.unpacked, found.unpacked), (&mut sizes.download, found.download)]
        {
            let is_told = size.as_ref().is_some_and(|size| matches!(size.basis, Basis::Manifest { .. }));
            if let Some(bytes) = measured.filter(|_| !is_told) {
                *size = Some(Estimate::exact(bytes, basis.clone()));
            }
        }
        sizes
    }

    fn pinned(mut self, pin: &Pin) -> Self {
        let estimate = |bytes: u64| Estimate::exact(bytes, Basis::Pinned);
        if pin.unpacked.is_some() {
            // Who typed the whole knows what was missing.
            self.unknown.clear();
        }
        self.unpacked = pin.unpacked.map(estimate).or(self.unpacked);
        self.download = pin.download.map(estimate).or(self.download);
        self
    }

    /// The basis of the unpacked size, as it says what the download size stands on too, but where only the first was
    /// measured; else why it is unknown.
    fn basis(&self) -> String {
        let is_measured = |size: &Estimate| matches!(size.basis, Basis::Measured { .. });
        match (&self.unpacked, &self.download) {
            (Some(unpacked), Some(download)) if is_measured(unpacked) && !is_measured(download) => {
                format!("{}; download: {}", unpacked.basis.sentence(), download.basis.sentence())
            }
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
    let why_unknown = match facts.failure_of(image, platform) {
        Some(failure) => format!("unknown: {}", failure.message),
        None => {
            format!("unknown: neither a registry nor the catalogue said what {} weighs", image.familiar())
        }
    };
    match estimate_base_image(facts, image, platform) {
        Some(size) => Sizes::new(size.unpacked, size.download, why_unknown),
        None => Sizes::unknown(why_unknown),
    }
}

fn pin<'f>(facts: &'f Facts, stage: &str, text: &str) -> Option<&'f Pin> {
    facts.pins.iter().rev().find(|pin| pin.stage == stage && pin.instruction == text)
}
