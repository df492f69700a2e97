//! `layercast inspect`: the structure of Dockerfiles, from their text alone.
//!
//! **Invariant:** no registry is asked, whatever the flags say.

use crate::commands::Outcome;
use crate::error::CliError;
use crate::options::{BuildArgs, Format};
use crate::output::{self, ColorArg};
use crate::render;
use crate::source::{self, Source};
use clap::Args;
use layercast_core::diagnostic::{Diagnostic, Severity};
use layercast_core::report::{Assignment, Edge, InstructionReport, Skipped, StageReport};
use layercast_core::text::Range;
use layercast_core::{Facts, Report, examine};
use serde::Serialize;
use std::io::Write;

/// Flags of `layercast inspect`.
#[derive(Debug, Args)]
#[command(about = "Show the structure of Dockerfiles: instructions, stages, edges, targets, problems")]
#[command(
    long_about = "Show the structure of Dockerfiles: instructions, stages, edges, targets, problems.\n\n\
                  It reads the files and asks no registry, with or without --offline."
)]
pub(crate) struct InspectArgs {
    #[command(flatten)]
    build: BuildArgs,
    /// Ask no registry, which this command never does
    #[arg(long)]
    offline: bool,
}

/// One line of JSON: the report without its sizes, which `estimate` gives.
#[derive(Serialize)]
struct Inspection<'a> {
    path: &'a str,
    version: u32,
    errors: &'a [Diagnostic],
    instructions: Vec<Instruction<'a>>,
    stages: &'a [StageReport],
    edges: &'a [Edge],
    targets: Vec<Target<'a>>,
    target: Option<usize>,
    warnings: &'a [Diagnostic],
}

/// An instruction without its text: its range says where that stands in the file.
#[derive(Serialize)]
struct Instruction<'a> {
    keyword: &'a str,
    line: usize,
    end_line: usize,
    range: Range,
    stage: Option<usize>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    sets: &'a [Assignment],
}

#[derive(Serialize)]
struct Target<'a> {
    stage: usize,
    reachable: &'a [usize],
    images: &'a [String],
    error: Option<&'a Diagnostic>,
    skipped: &'a [Skipped],
}

pub(crate) fn run(args: &InspectArgs, color: ColorArg) -> Result<Outcome, CliError> {
    let facts = args.build.facts()?;
    source::check_paths(&args.build.files)?;
    match args.build.format {
        Format::Json => each(args, &facts, output::json(), |out, source, report| {
            serde_json::to_writer(&mut *out, &inspection(&source.path, report))
                .map_err(std::io::Error::from)?;
            writeln!(out)
        }),
        Format::Text => each(args, &facts, output::text(color), |out, source, report| {
            render::inspect::write(out, source, report)
        }),
    }
}

/// Looks at each file in turn. One that cannot be read does not keep the others from being answered.
fn each<W: Write>(
    args: &InspectArgs,
    facts: &Facts,
    mut out: W,
    mut write: impl FnMut(&mut W, &Source, &Report) -> std::io::Result<()>,
) -> Result<Outcome, CliError> {
    let mut outcome = Outcome::Clean;
    for path in &args.build.files {
        let source = match source::read(path) {
            Ok(source) => source,
            Err(error) => {
                output::complain(&error);
                outcome = Outcome::Unusable;
                continue;
            }
        };
        source.note_substituted();
        let report = examine(&source.text, facts);
        outcome = outcome.max(outcome_of(&report));
        write(&mut out, &source, &report)?;
    }
    out.flush()?;
    Ok(outcome)
}

/// Findings are what stops the build of some target.
fn outcome_of(report: &Report) -> Outcome {
    let stops = report.diagnostics().any(|diagnostic| diagnostic.severity == Severity::Error);
    if stops { Outcome::Findings } else { Outcome::Clean }
}

fn instruction(report: &InstructionReport) -> Instruction<'_> {
    let InstructionReport { keyword, line, end_line, range, stage, sets, .. } = report;
    Instruction { keyword, line: *line, end_line: *end_line, range: *range, stage: *stage, sets }
}

fn inspection<'a>(path: &'a str, report: &'a Report) -> Inspection<'a> {
    let targets = report.targets.iter().map(|target| Target {
        stage: target.stage,
        reachable: &target.reachable,
        images: &target.images,
        error: target.error.as_ref(),
        skipped: &target.skipped,
    });
    Inspection {
        path,
        version: report.version,
        errors: &report.errors,
        instructions: report.instructions.iter().map(instruction).collect(),
        stages: &report.stages,
        edges: &report.edges,
        targets: targets.collect(),
        target: report.target,
        warnings: &report.warnings,
    }
}
