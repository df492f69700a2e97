//! `build --save-facts`: what the build made of each step, kept for later estimates.

use crate::builder::{Run, Truth};
use crate::error::CliError;
use crate::facts_file;
use crate::output;
use layercast_core::facts::MeasuredStep;
use layercast_core::{Facts, measurable};
use std::path::Path;

/// Keeps what was measured in the facts file at `path`. `facts` is what the estimate stood on.
pub(super) fn keep(
    path: &Path,
    text: &str,
    facts: &Facts,
    truths: Option<&[Truth]>,
    run: &mut Run,
) -> Result<(), CliError> {
    let Some(truths) = truths else {
        output::note("nothing could be weighed, so no facts are saved");
        return Ok(());
    };
    let measured = steps(text, facts, truths, run);
    let n_steps = measured.len();
    facts_file::keep(path, measured)?;
    output::note(&format!("{n_steps} measured steps are in {}", path.display()));
    Ok(())
}

/// What was measured today of each step.
pub(crate) fn steps(text: &str, facts: &Facts, truths: &[Truth], run: &mut Run) -> Vec<MeasuredStep> {
    let seconds = |instruction: usize| {
        let step = run.step_of(instruction)?;
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
