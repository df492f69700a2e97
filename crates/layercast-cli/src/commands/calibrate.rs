//! `layercast calibrate`: corrections to estimators, proposed from what one's own builds measured.

use crate::commands::Outcome;
use crate::error::CliError;
use crate::facts_file;
use crate::options::Format;
use crate::output::{self, ColorArg};
use crate::render;
use clap::Args;
use layercast_core::estimate::measured::calibrating::{Proposal, calibrations, propose};
use layercast_core::facts::MeasuredStep;
use layercast_core::report;
use serde::Serialize;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Flags of `layercast calibrate`.
#[derive(Debug, Args)]
#[command(about = "Propose corrections to estimates from what your own builds measured")]
#[command(long_about = "Propose corrections to estimates from what your own builds measured.\n\n\
                  `layercast build --save-facts FILE` keeps what each step weighed beside what was estimated of it. \
                  Here those are held against each other, estimator by estimator, unpacked and download apart: how \
                  many steps, the median of measured over estimated, the lowest and the highest.\n\n\
                  A rule of thumb is corrected from 3 steps on, figures of packages from 5 that all err to one side, \
                  lengths of files never; each only where it would have made the estimates of these very steps \
                  better, and at most fourfold either way. With --write, estimates apply it to steps that no build \
                  measured.")]
pub(crate) struct CalibrateArgs {
    /// Facts files with measured steps
    #[arg(value_name = "FACTS", required = true)]
    facts: Vec<PathBuf>,
    /// text for people, or json
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", hide_possible_values = true)]
    format: Format,
    /// Write the corrections into the facts file FILE, in the place of those it has, for later estimates
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

/// One line of JSON.
#[derive(Serialize)]
struct Answer<'a> {
    version: u32,
    /// So many measured steps are in the files.
    measured: usize,
    proposals: &'a [Proposal],
}

/// What a build tells last.
#[derive(Serialize)]
struct Event<'a> {
    event: &'static str,
    proposals: &'a [Proposal],
}

pub(crate) fn run(args: &CalibrateArgs, color: ColorArg) -> Result<Outcome, CliError> {
    let measured = measured_in(&args.facts)?;
    let proposals = propose(&measured);
    match args.format {
        Format::Json => {
            let mut out = output::json();
            let (measured, proposals) = (measured.len(), proposals.as_slice());
            write_json(&mut out, &Answer { version: report::VERSION, measured, proposals })?;
            out.flush()?;
        }
        Format::Text => {
            let mut out = output::text(color);
            render::calibrate::write(&mut out, &proposals)?;
            out.flush()?;
        }
    }
    match &args.write {
        Some(path) => keep(path, &proposals)?,
        None if args.format == Format::Text && proposals.iter().any(|it| it.correction.is_some()) => {
            output::note("`--write layercast.facts.json` keeps the corrections for later estimates");
        }
        None => {}
    }
    Ok(Outcome::Clean)
}

/// The same at the end of a build, of the file that it just wrote.
pub(super) fn after_build(mut out: &mut dyn Write, format: Format, facts: &Path) -> Result<(), CliError> {
    let measured = facts_file::read(facts)?.measured;
    let proposals = propose(&measured);
    if format == Format::Json {
        write_json(&mut out, &Event { event: "calibrated", proposals: &proposals })?;
    } else {
        writeln!(out)?;
        render::calibrate::write(&mut out, &proposals)?;
        if proposals.iter().any(|it| it.correction.is_some()) {
            let path = facts.display();
            output::note(&format!("`layercast calibrate {path} --write {path}` keeps the corrections"));
        }
    }
    Ok(out.flush()?)
}

fn measured_in(files: &[PathBuf]) -> Result<Vec<MeasuredStep>, CliError> {
    let mut all = Vec::new();
    for path in files {
        let measured = facts_file::read(path)?.measured;
        if measured.is_empty() {
            return Err(CliError::NothingMeasured { path: path.clone() });
        }
        all.extend(measured);
    }
    Ok(all)
}

fn write_json(out: &mut impl Write, line: &impl Serialize) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, line).map_err(std::io::Error::from)?;
    writeln!(out)
}

fn keep(path: &Path, proposals: &[Proposal]) -> Result<(), CliError> {
    let corrections = calibrations(proposals);
    let n_corrections = proposals.iter().filter(|it| it.correction.is_some()).count();
    if n_corrections == 0 && !path.exists() {
        output::note(&format!("there is nothing to correct, so {} is not written", path.display()));
        return Ok(());
    }
    facts_file::calibrate(path, corrections)?;
    output::note(&match n_corrections {
        0 => format!("there is nothing to correct: {} has no corrections now", path.display()),
        1 => format!("1 correction is in {}", path.display()),
        many => format!("{many} corrections are in {}", path.display()),
    });
    Ok(())
}
