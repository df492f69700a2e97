//! What steps write, as the worker weighs it, laid over the report that the page draws at once.

use crate::opening::opening;
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

/// What each step of a whole report weighs, in the order of the text. Base images are the page's own, but for what a
/// build measured of them.
pub fn of(report: &Report) -> Vec<Step> {
    let measured =
        |size: &Option<Estimate>| size.clone().filter(|size| matches!(size.basis, Basis::Measured { .. }));
    let step = |layer: &Layer| {
        let (text, basis) = (report.instructions.get(layer.instruction)?.text.clone(), layer.basis.clone());
        let unknown = layer.unknown.clone();
        if !crate::figures::is_base(report, layer) {
            let (unpacked, download) = (layer.unpacked.clone(), layer.download.clone());
            return Some(Step { text, unpacked, download, basis, unknown, opening: opening(layer).into() });
        }
        let (unpacked, download) = (measured(&layer.unpacked), measured(&layer.download));
        let is_told = unpacked.is_some() || download.is_some();
        is_told.then(|| Step { text, unpacked, download, basis, unknown, opening: AttrValue::default() })
    };
    report.layers.iter().filter_map(step).collect()
}

/// Lays the weights of an earlier or the same text over a report: what did not change keeps its weight, what
/// changed in place its last one. Gives what each layer opens to.
pub fn lay(report: &mut Report, steps: &[Step]) -> Vec<AttrValue> {
    let (bases, steps): (Vec<&Step>, Vec<&Step>) = steps.iter().partition(|step| is_from(step));
    for place in 0..report.layers.len() {
        let text = report.instructions.get(report.layers[place].instruction).map(|it| &it.text);
        if let Some(base) = bases.iter().find(|base| Some(&base.text) == text) {
            put_base(&mut report.layers[place], base);
        }
    }
    let own: Vec<usize> = (0..report.layers.len())
        .filter(|place| !crate::figures::is_base(report, &report.layers[*place]))
        .collect();
    let same = |place: usize, step: &Step| {
        report.instructions.get(report.layers[place].instruction).is_some_and(|it| it.text == step.text)
    };
    let before = own.iter().zip(&steps).take_while(|(place, step)| same(**place, step)).count();
    let most = own.len().min(steps.len()) - before;
    let backwards = own.iter().rev().zip(steps.iter().rev()).take(most);
    let behind = backwards.take_while(|(place, step)| same(**place, step)).count();
    // Of steps that came or went, none can be said to be another.
    let between = if own.len() == steps.len() { most - behind } else { 0 };
    let first = own.iter().zip(&steps).take(before + between);
    let last = own.iter().rev().zip(steps.iter().rev()).take(behind);
    let mut openings = vec![AttrValue::default(); report.layers.len()];
    for (place, step) in first.chain(last) {
        put(&mut report.layers[*place], step);
        openings[*place] = step.opening.clone();
    }
    sum(report);
    openings
}

fn is_from(step: &Step) -> bool {
    step.text.get(..4).is_some_and(|keyword| keyword.eq_ignore_ascii_case("FROM"))
}

/// A base image that a build measured. What the user typed stays, and what a registry says.
fn put_base(layer: &mut Layer, base: &Step) {
    let is_told = |size: &Option<Estimate>| {
        size.as_ref().is_some_and(|size| matches!(size.basis, Basis::Pinned | Basis::Manifest { .. }))
    };
    if !is_told(&layer.unpacked) && base.unpacked.is_some() {
        layer.unpacked.clone_from(&base.unpacked);
        layer.basis.clone_from(&base.basis);
    }
    if !is_told(&layer.download) && base.download.is_some() {
        layer.download.clone_from(&base.download);
    }
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
    use layercast_core::{analyse, measurable, structure};

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
    fn a_base_that_a_build_measured_weighs_what_it_weighed() {
        let source = "FROM registry.example/base:1\nRUN a\n";
        let base = Step { download: None, ..step("FROM registry.example/base:1", 64) };
        let steps = [base, step("RUN a", 1)];
        check(source, &Facts::default(), &steps, "64 ? () 1 1 (RUN a) = 65 open 1");
        // Another base is another one.
        check(
            "FROM registry.example/base:2\nRUN a\n",
            &Facts::default(),
            &steps,
            "? ? () 1 1 (RUN a) = 1 open 1",
        );
        let pin = Pin {
            stage: "stage-0".to_owned(),
            instruction: "FROM registry.example/base:1".to_owned(),
            unpacked: Some(100),
            download: None,
        };
        let facts = Facts { pins: vec![pin], ..Facts::default() };
        check(source, &facts, &steps, "100 ? () 1 1 (RUN a) = 101 open 1");
    }

    #[test]
    fn of_a_base_nothing_is_told_but_what_was_measured() {
        let source = "FROM debian:bookworm-slim\nWORKDIR /x\n";
        let told = |facts: &Facts| -> Vec<(String, bool)> {
            let steps = of(&analyse(source, facts));
            steps.into_iter().map(|step| (step.text, step.download.is_some())).collect()
        };
        let own = || ("WORKDIR /x".to_owned(), true);
        assert_eq!(told(&Facts::default()), [own()]);
        let mut facts = Facts::default();
        facts.measured = measurable(source, &facts).into_iter().map(|(_, step)| step).collect();
        facts.measured[0].unpacked = Some(64);
        assert_eq!(told(&facts), [("FROM debian:bookworm-slim".to_owned(), false), own()]);
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
