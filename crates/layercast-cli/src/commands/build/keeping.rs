//! `build --save-facts`: what the build made of each step, kept for later estimates.

use crate::builder::{Run, Truth};
use crate::error::CliError;
use crate::facts_file;
use crate::output;
use layercast_core::facts::MeasuredStep;
use layercast_core::image_ref::Platform;
use layercast_core::{Facts, measurable};
use std::path::Path;

/// Keeps what was measured in the facts file at `path`: of each platform, what the estimate stood on and what was built.
pub(super) fn keep<'a>(
    path: &Path,
    text: &str,
    platforms: impl IntoIterator<Item = (Option<&'a Platform>, &'a Facts, Option<&'a [Truth]>)>,
    run: &mut Run,
) -> Result<(), CliError> {
    let mut measured = Vec::new();
    let mut is_weighed = false;
    for (platform, facts, truths) in platforms {
        let Some(truths) = truths else { continue };
        is_weighed = true;
        measured.extend(steps_on(platform, text, facts, truths, run));
    }
    if !is_weighed {
        output::note("nothing could be weighed, so no facts are saved");
        return Ok(());
    }
    let n_steps = measured.len();
    facts_file::keep(path, measured)?;
    output::note(&format!("{n_steps} measured steps are in {}", path.display()));
    Ok(())
}

/// What was measured today of each step.
pub(crate) fn steps(text: &str, facts: &Facts, truths: &[Truth], run: &mut Run) -> Vec<MeasuredStep> {
    steps_on(None, text, facts, truths, run)
}

/// The same on one of several platforms.
fn steps_on(
    platform: Option<&Platform>,
    text: &str,
    facts: &Facts,
    truths: &[Truth],
    run: &mut Run,
) -> Vec<MeasuredStep> {
    let seconds = |instruction: usize| {
        let step = run.step_on(instruction, platform)?;
        let time = step.time.filter(|_| !step.cached)?;
        Some((time.as_seconds_f64() * 1000.0).round() / 1000.0)
    };
    let day = chrono::Local::now().format("%Y-%m-%d").to_string();
    measured(text, facts, truths, &day, seconds)
}

/// The steps of which the build tells a size.
fn measured(
    text: &str,
    facts: &Facts,
    truths: &[Truth],
    day: &str,
    mut seconds: impl FnMut(usize) -> Option<f64>,
) -> Vec<MeasuredStep> {
    let filled = |(instruction, step): (usize, MeasuredStep)| {
        let truth = truths.iter().find(|truth| truth.place.instruction == instruction)?;
        let is_told = truth.unpacked.is_some() || truth.download.is_some();
        is_told.then(|| MeasuredStep {
            unpacked: truth.unpacked,
            download: truth.download,
            seconds: seconds(instruction),
            measured: day.to_owned(),
            ..step
        })
    };
    // A folder weighs nothing, whoever makes it.
    let weighs = |(_, step): &(usize, MeasuredStep)| !step.instruction.starts_with("WORKDIR");
    measurable(text, facts).into_iter().filter(weighs).filter_map(filled).collect()
}

#[cfg(test)]
mod tests;
