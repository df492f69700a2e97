//! Over the cases of `tests/accuracy`: what measured steps of some do to the estimates of others.

use super::measured;
use crate::answers::RegistryArgs;
use crate::builder::{Place, Truth};
use crate::commands::report_on;
use crate::context::ContextArgs;
use crate::source;
use clap::Parser;
use layercast_core::dockerfile::Dockerfile;
use layercast_core::estimate::measured::calibrating::{calibrations, propose};
use layercast_core::facts::{Facts, MeasuredStep};
use layercast_core::{analyse, measurable};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Below this many bytes an error says nothing.
const FLOOR: u64 = 10_000;

static CASES: LazyLock<Vec<Case>> = LazyLock::new(cases);

/// A target of a case, with what its build really made.
struct Case {
    folder: PathBuf,
    text: String,
    facts: Facts,
    truths: Vec<Truth>,
    measured: Vec<MeasuredStep>,
}

#[test]
fn steps_measured_elsewhere_make_no_estimate_worse() {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for case in &*CASES {
        let without = held(case, &case.facts);
        for other in others(case) {
            let facts = Facts { measured: other.measured.clone(), ..case.facts.clone() };
            before.extend(without.clone());
            after.extend(held(case, &facts));
        }
    }
    tell("steps of another case", &before, &after);
    assert!(mean_error(&after) <= mean_error(&before) + 0.001);
}

/// Debian's packages take a little more to download than their estimates say, throughout: that is what is found.
#[test]
fn corrections_by_other_cases_make_estimates_better() {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for case in &*CASES {
        let measured: Vec<MeasuredStep> = others(case).flat_map(|other| other.measured.clone()).collect();
        let facts = Facts { calibration: calibrations(&propose(&measured)), ..case.facts.clone() };
        let pairs = held(case, &case.facts).into_iter().zip(held(case, &facts));
        let (without, with): (Vec<Held>, Vec<Held>) = pairs.filter(|(without, with)| without != with).unzip();
        before.extend(without);
        after.extend(with);
    }
    tell("corrections by the other cases", &before, &after);
    assert!(mean_error(&after) <= mean_error(&before));
    assert!(n_in_range(&after) >= n_in_range(&before));
}

#[test]
fn a_case_that_was_measured_is_exact() {
    for case in &*CASES {
        let facts = Facts { measured: case.measured.clone(), ..case.facts.clone() };
        assert!(mean_error(&held(case, &facts)) == 0.0, "{}", case.folder.display());
    }
}

/// The targets of other cases.
fn others(case: &Case) -> impl Iterator<Item = &'static Case> {
    CASES.iter().filter(|other| other.folder != case.folder)
}

fn tell(what: &str, before: &[Held], after: &[Held]) {
    let figures =
        |all: &[Held]| format!("mean error {:.2} %, {} in range", 100.0 * mean_error(all), n_in_range(all));
    eprintln!("{what}: {} sizes, {}; then {}", before.len(), figures(before), figures(after));
}

fn mean_error(all: &[Held]) -> f64 {
    all.iter().map(|held| held.error).sum::<f64>() / all.len().max(1) as f64
}

fn n_in_range(all: &[Held]) -> usize {
    all.iter().filter(|held| held.is_in_range).count()
}

/// An estimate held against what was measured.
#[derive(Clone, Debug, PartialEq)]
struct Held {
    /// By how much the likely size is off, as a share of the real one.
    error: f64,
    is_in_range: bool,
}

/// The sizes of a case's steps, unpacked and download.
fn held(case: &Case, facts: &Facts) -> Vec<Held> {
    let report = analyse(&case.text, facts);
    let mut all = Vec::new();
    for truth in &case.truths {
        let Some(layer) = report.layer_of(truth.place.instruction) else { continue };
        for (size, real) in [(&layer.unpacked, truth.unpacked), (&layer.download, truth.download)] {
            if let (Some(size), Some(real @ FLOOR..)) = (size, real) {
                let error = (size.likely as f64 - real as f64).abs() / real as f64;
                all.push(Held { error, is_in_range: (size.low..=size.high).contains(&real) });
            }
        }
    }
    all
}

fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/accuracy");
    let bases = read(&root.join("bases.facts.json"));
    let entries = std::fs::read_dir(&root).expect("the cases are there").flatten();
    let folders = entries.map(|entry| entry.path()).filter(|path| path.join("Dockerfile").is_file());
    let mut folders: Vec<PathBuf> = folders.collect();
    folders.sort();
    let targets = folders.iter().flat_map(|folder| {
        let truths = read(&folder.join("measured.json")).as_array().cloned().unwrap_or_default();
        truths.into_iter().map(move |truth| (folder, truth))
    });
    targets.map(|(folder, truth)| case(folder, bases.clone(), &truth)).collect()
}

fn case(folder: &Path, mut facts: Value, truth: &Value) -> Case {
    if folder.join("facts.json").is_file() {
        let own = read(&folder.join("facts.json"));
        for (name, value) in own.as_object().into_iter().flatten().filter(|(name, _)| *name != "images") {
            facts[name] = value.clone();
        }
    }
    let mut facts: Facts = serde_json::from_value(facts).expect("it holds facts");
    facts.build.target = truth["target"].as_str().map(str::to_owned);
    let source = source::read(&folder.join("Dockerfile")).expect("the Dockerfile can be read");
    let context = folder.join("context");
    let empty = tempfile::tempdir().expect("a temporary folder can be made");
    let context = ContextArgs::at(if context.is_dir() { context } else { empty.path().to_owned() });
    facts.context = context.listing().expect("the context can be listed");
    report_on(&source, &mut facts, &context, &offline()).expect("it can be estimated");
    let truths = truths(&source.text, &facts, truth);
    let measured = measured(&source.text, &facts, &truths, "2026-11-26", |_| None);
    Case { folder: folder.to_owned(), text: source.text, facts, truths, measured }
}

/// What the build really made of each step that has a line.
fn truths(text: &str, facts: &Facts, truth: &Value) -> Vec<Truth> {
    let file = Dockerfile::read(text);
    let layers = truth["layers"].as_array().expect("there are layers");
    let steps = measurable(text, facts).into_iter().filter_map(|(instruction, _)| {
        let line = file.node(instruction).line;
        let layer = layers.iter().find(|layer| layer["dockerfile_line"].as_u64() == Some(line as u64))?;
        Some(Truth {
            place: Place { instruction, line },
            unpacked: layer["unpacked_bytes"].as_u64(),
            download: layer["compressed_bytes"].as_u64(),
        })
    });
    steps.collect()
}

fn offline() -> RegistryArgs {
    #[derive(Parser)]
    struct Flags {
        #[command(flatten)]
        registries: RegistryArgs,
    }
    Flags::parse_from(["layercast", "--offline"]).registries
}

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
