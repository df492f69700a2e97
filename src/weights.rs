//! What steps write, as the worker weighs it, laid over the report that the page draws at once.

use layercast_core::Report;
use layercast_core::estimate::{Basis, Estimate};
use layercast_core::report::Layer;
use yew::AttrValue;

/// What one step adds.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The instruction's text, as the report has it.
    pub text: String,
    /// The lengths of its files; none where unknown.
    pub unpacked: Option<Estimate>,
    /// What it takes compressed; none where unknown.
    pub download: Option<Estimate>,
    /// How that is known, or why not.
    pub basis: String,
    /// What of it is not in the sums.
    pub unknown: Vec<String>,
    /// What lies in it, as HTML ([`crate::opening`]); empty where there is nothing to say.
    pub opening: AttrValue,
}

/// Lays the weights of an earlier or the same text over a report: what did not change keeps its weight, what
/// changed in place its last one. Gives what each layer opens to.
pub fn lay(report: &mut Report, steps: &[Step]) -> Vec<AttrValue> {
    let own: Vec<usize> = (0..report.layers.len())
        .filter(|place| !crate::figures::is_base(report, &report.layers[*place]))
        .collect();
    let same = |place: usize, step: &Step| {
        report.instructions.get(report.layers[place].instruction).is_some_and(|it| it.text == step.text)
    };
    let before = own.iter().zip(steps).take_while(|(place, step)| same(**place, step)).count();
    let most = own.len().min(steps.len()) - before;
    let backwards = own.iter().rev().zip(steps.iter().rev()).take(most);
    let behind = backwards.take_while(|(place, step)| same(**place, step)).count();
    // Of steps that came or went, none can be said to be another.
    let between = if own.len() == steps.len() { most - behind } else { 0 };
    let first = own.iter().zip(steps).take(before + between);
    let last = own.iter().rev().zip(steps.iter().rev()).take(behind);
    let mut openings = vec![AttrValue::default(); report.layers.len()];
    for (place, step) in first.chain(last) {
        put(&mut report.layers[*place], step);
        openings[*place] = step.opening.clone();
    }
    sum(report);
    openings
}

/// What the user typed stays.
fn put(layer: &mut Layer, step: &Step) {
    let typed = |size: &Option<Estimate>| size.as_ref().is_some_and(|size| size.basis == Basis::Pinned);
    if !typed(&layer.unpacked) {
        layer.unpacked.clone_from(&step.unpacked);
    }
    if !typed(&layer.download) {
        layer.download.clone_from(&step.download);
    }
    if !typed(&layer.unpacked) {
        layer.basis.clone_from(&step.basis);
    }
    if !typed(&layer.unpacked) || !typed(&layer.download) {
        layer.unknown.clone_from(&step.unknown);
    }
}

fn sum(report: &mut Report) {
    for target in &mut report.targets {
        let size = &mut target.size;
        let layers = || size.layers.iter().filter_map(|place| Some((*place, report.layers.get(*place)?)));
        let unpacked = Estimate::sum(layers().filter_map(|(_, layer)| layer.unpacked.as_ref()));
        let download = Estimate::sum(layers().filter_map(|(_, layer)| layer.download.as_ref()));
        size.unknown = layers().filter(|(_, layer)| is_open(layer)).map(|(place, _)| place).collect();
        (size.unpacked, size.download) = (unpacked, download);
    }
}

/// True where something of a layer is missing in a sum.
pub fn is_open(layer: &Layer) -> bool {
    layer.unpacked.is_none() || layer.download.is_none() || !layer.unknown.is_empty()
}

/// True where a size was measured or follows, and is no rule, no rounded figure, nothing typed.
pub fn is_measured(size: &Estimate) -> bool {
    matches!(
        size.basis,
        Basis::Definition | Basis::Manifest { .. } | Basis::Files { .. } | Basis::Measured { .. }
    )
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use layercast_core::facts::{Facts, Pin};
    use layercast_core::structure;

    fn step(text: &str, bytes: u64) -> Step {
        let size = Some(Estimate { low: bytes, likely: bytes, high: bytes, basis: Basis::Definition });
        let (basis, opening) = ("weighed".to_owned(), AttrValue::from(text.to_owned()));
        Step {
            text: text.to_owned(),
            unpacked: size.clone(),
            download: size,
            basis,
            unknown: Vec::new(),
            opening,
        }
    }

    /// Each step with its weight, then the sum.
    #[track_caller]
    fn check(source: &str, facts: &Facts, steps: &[Step], expected: &str) {
        let mut report = structure(source, facts);
        let openings = lay(&mut report, steps);
        let size =
            |size: &Option<Estimate>| size.as_ref().map_or("?".to_owned(), |size| size.likely.to_string());
        let row = |(layer, opening): (&Layer, &AttrValue)| {
            format!("{} {} ({opening}) ", size(&layer.unpacked), size(&layer.download))
        };
        let rows: String = report.layers.iter().zip(&openings).map(row).collect();
        let target = report.target().expect("the last stage");
        assert_eq!(
            format!("{rows}= {} open {}", target.size.unpacked.likely, target.size.unknown.len()),
            expected
        );
    }

    const SOURCE: &str = "FROM scratch\nRUN a\nRUN b\nRUN c\n";

    #[test]
    fn what_is_weighed_is_summed() {
        let steps = [step("RUN a", 1), step("RUN b", 2), step("RUN c", 4)];
        check(SOURCE, &Facts::default(), &steps, "1 1 (RUN a) 2 2 (RUN b) 4 4 (RUN c) = 7 open 0");
        check(SOURCE, &Facts::default(), &[], "? ? () ? ? () ? ? () = 0 open 3");
    }

    #[test]
    fn a_step_that_is_typed_on_keeps_its_last_weight_and_a_new_one_has_none() {
        let steps = [step("RUN a", 1), step("RUN old", 2), step("RUN c", 4)];
        check(SOURCE, &Facts::default(), &steps, "1 1 (RUN a) 2 2 (RUN old) 4 4 (RUN c) = 7 open 0");
        let steps = [step("RUN a", 1), step("RUN c", 4)];
        check(SOURCE, &Facts::default(), &steps, "1 1 (RUN a) ? ? () 4 4 (RUN c) = 5 open 1");
        let steps = [step("RUN a", 1), step("RUN b", 2), step("RUN gone", 8), step("RUN c", 4)];
        check(SOURCE, &Facts::default(), &steps, "1 1 (RUN a) 2 2 (RUN b) 4 4 (RUN c) = 7 open 0");
    }

    #[test]
    fn what_is_known_in_part_leaves_the_sum_open() {
        let partly = Step { unknown: vec!["the rest".to_owned()], ..step("RUN b", 2) };
        let steps = [step("RUN a", 1), partly, step("RUN c", 4)];
        check(SOURCE, &Facts::default(), &steps, "1 1 (RUN a) 2 2 (RUN b) 4 4 (RUN c) = 7 open 1");
    }

    #[test]
    fn what_was_typed_stays() {
        let pin = Pin {
            stage: "stage-0".to_owned(),
            instruction: "RUN b".to_owned(),
            unpacked: Some(100),
            download: None,
        };
        let facts = Facts { pins: vec![pin], ..Facts::default() };
        let steps = [step("RUN a", 1), step("RUN b", 2), step("RUN c", 4)];
        check(SOURCE, &facts, &steps, "1 1 (RUN a) 100 2 (RUN b) 4 4 (RUN c) = 105 open 0");
    }
}
