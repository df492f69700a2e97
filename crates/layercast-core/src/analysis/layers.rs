//! What each layer of each stage weighs, as far as it is known.

use super::Whole;
use super::steps::{Listing, step_layer};
use crate::dockerfile::Dockerfile;
use crate::estimate::base_image::estimate_base_image;
use crate::estimate::{Basis, Estimate};
use crate::facts::{Facts, Pin};
use crate::graph::{Base, Graph};
use crate::report::Layer;

/// Every layer that some stage makes or starts from, in the order of the text.
pub(super) fn layers(
    file: &Dockerfile<'_>,
    graph: &Graph,
    facts: &Facts,
    texts: &[String],
    whole: Option<Whole>,
) -> Vec<Layer> {
    let listing = whole.and_then(|whole| Some(Listing { files: (whole.list)(facts)?, take: whole.take }));
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
        let steps = stage
            .trace
            .layers
            .iter()
            .map(|step| (*step, step_layer(file, graph, listing.as_ref(), index, *step)));
        for (instruction, sizes) in base.map(|base| (from, base)).into_iter().chain(steps) {
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
            });
        }
    }
    layers
}

/// Both sizes of a layer, or why they are not known.
pub(super) struct Sizes {
    pub(super) unpacked: Option<Estimate>,
    pub(super) download: Option<Estimate>,
    pub(super) why_unknown: String,
}

impl Sizes {
    pub(super) fn unknown(why: impl Into<String>) -> Self {
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
    let why_unknown = match facts.failure_of(image, platform) {
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

fn pin<'f>(facts: &'f Facts, stage: &str, text: &str) -> Option<&'f Pin> {
    facts.pins.iter().rev().find(|pin| pin.stage == stage && pin.instruction == text)
}
