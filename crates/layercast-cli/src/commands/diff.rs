//! `layercast diff`: two Dockerfiles, or two targets or platforms of one, side by side.

use crate::answers::RegistryArgs;
use crate::commands::{Outcome, estimate};
use crate::context::ContextArgs;
use crate::error::CliError;
use crate::options::{AskedArgs, Format, parse_platform};
use crate::output::{self, ColorArg};
use crate::render;
use crate::source::{self, Source};
use clap::Args;
use layercast_core::compare::{Comparison, Difference, LayerPair, Side, StagePair, compare};
use layercast_core::image_ref::Platform;
use layercast_core::{Facts, Report, report};
use serde::Serialize;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Flags of `layercast diff`.
#[derive(Debug, Args)]
#[command(
    about = "Compare two Dockerfiles, or two targets or platforms of one: stages, layers, weight, in words"
)]
pub(crate) struct DiffArgs {
    /// The first Dockerfile, or `-` for standard input
    #[arg(value_name = "FIRST")]
    first: PathBuf,
    /// The second Dockerfile; the first again where none is given
    #[arg(value_name = "SECOND")]
    second: Option<PathBuf>,
    /// How to say it
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    #[arg(help = "How to say it")]
    format: Format,
    /// The stage of the first to compare, instead of --target
    #[arg(long, value_name = "STAGE", help_heading = "What differs")]
    target_a: Option<String>,
    /// The stage of the second
    #[arg(long, value_name = "STAGE", help_heading = "What differs")]
    target_b: Option<String>,
    /// The platform of the first, instead of --platform
    #[arg(long, value_name = "OS/ARCH[/VARIANT]", value_parser = parse_platform, help_heading = "What differs")]
    platform_a: Option<Platform>,
    /// The platform of the second
    #[arg(long, value_name = "OS/ARCH[/VARIANT]", value_parser = parse_platform, help_heading = "What differs")]
    platform_b: Option<Platform>,
    #[command(flatten)]
    asked: AskedArgs,
    #[command(flatten)]
    context: ContextArgs,
    #[command(flatten)]
    registries: RegistryArgs,
}

/// One of the two.
struct Compared {
    /// What it is called in sentences: the path, else what differs.
    name: String,
    source: Source,
    report: Report,
}

/// The one object of the JSON.
#[derive(Serialize)]
struct Answer<'a> {
    version: u32,
    first: Named<'a>,
    second: Named<'a>,
    unpacked: Option<Difference>,
    download: Option<Difference>,
    stages: &'a [StagePair],
    layers: Vec<Layer<'a>>,
    sentences: &'a [String],
}

#[derive(Serialize)]
struct Named<'a> {
    path: &'a str,
    name: &'a str,
    target: Option<&'a str>,
}

/// A pair of layers with their texts and lines.
#[derive(Serialize)]
struct Layer<'a> {
    first: Option<Step<'a>>,
    second: Option<Step<'a>>,
    unpacked: Option<Difference>,
    download: Option<Difference>,
}

#[derive(Serialize)]
struct Step<'a> {
    line: usize,
    instruction: &'a str,
}

pub(crate) fn run(args: &DiffArgs, color: ColorArg) -> Result<Outcome, CliError> {
    let facts = args.asked.facts()?;
    args.context.check()?;
    let second = args.second.as_ref().unwrap_or(&args.first);
    let is_one_file = *second == args.first;
    if is_one_file && (&args.target_a, &args.platform_a) == (&args.target_b, &args.platform_b) {
        return Err(CliError::ComparedWithItself { path: args.first.clone() });
    }
    if !is_one_file {
        source::check_paths(&[args.first.clone(), second.clone()])?;
    }
    let one = compared(args, &args.first, &facts, (&args.target_a, &args.platform_a), is_one_file)?;
    // Standard input is read once, whatever it is compared with.
    let other = (&args.target_b, &args.platform_b);
    let other = match is_one_file {
        true => again(args, &one.source, &facts, other)?,
        false => compared(args, second, &facts, other, false)?,
    };
    let comparison = compare(side(&one), side(&other));
    match args.format {
        Format::Json => {
            let mut out = output::json();
            serde_json::to_writer(&mut out, &answer(&comparison, &one, &other))
                .map_err(std::io::Error::from)?;
            writeln!(out)?;
            out.flush()?;
        }
        Format::Text => {
            let mut out = output::text(color);
            render::diff::write(
                &mut out,
                &comparison,
                (&one.name, &one.report),
                (&other.name, &other.report),
            )?;
            out.flush()?;
        }
    }
    Ok(estimate::outcome_of(&one.report).max(estimate::outcome_of(&other.report)))
}

type Differing<'a> = (&'a Option<String>, &'a Option<Platform>);

fn compared(
    args: &DiffArgs,
    path: &Path,
    facts: &Facts,
    differing: Differing<'_>,
    is_one_file: bool,
) -> Result<Compared, CliError> {
    let facts = facts_for(facts, differing);
    let (source, report) = estimate::report_at(path, facts, &args.context, &args.registries)?;
    Ok(Compared { name: name(&source, &report, differing, is_one_file), source, report })
}

/// The same text, built otherwise.
fn again(
    args: &DiffArgs,
    source: &Source,
    facts: &Facts,
    differing: Differing<'_>,
) -> Result<Compared, CliError> {
    let facts = facts_for(facts, differing);
    let source = Source { path: source.path.clone(), text: source.text.clone(), substituted: 0 };
    let report = estimate::report_of(&source, facts, &args.context, &args.registries)?;
    Ok(Compared { name: name(&source, &report, differing, true), source, report })
}

fn facts_for(facts: &Facts, (target, platform): Differing<'_>) -> Facts {
    let mut facts = facts.clone();
    if target.is_some() {
        facts.build.target.clone_from(target);
    }
    if platform.is_some() {
        facts.build.platform.clone_from(platform);
    }
    facts
}

/// The path; where both are one file, the target and the platform.
fn name(source: &Source, report: &Report, (target, platform): Differing<'_>, is_one_file: bool) -> String {
    if !is_one_file {
        return source.path.clone();
    }
    let stage = report.target.and_then(|target| report.stages.get(target));
    let stage = stage.map_or_else(|| target.clone().unwrap_or_default(), |stage| stage.display_name.clone());
    platform.as_ref().map_or_else(|| stage.clone(), |platform| format!("{stage} for {platform}"))
}

fn side(compared: &Compared) -> Side<'_> {
    Side { name: &compared.name, report: &compared.report }
}

fn answer<'a>(comparison: &'a Comparison, one: &'a Compared, other: &'a Compared) -> Answer<'a> {
    let step = |report: &'a Report, place: Option<usize>| {
        let layer = report.layers.get(place?)?;
        let instruction = report.instructions.get(layer.instruction)?;
        Some(Step { line: layer.line, instruction: &instruction.text })
    };
    let layer = |pair: &'a LayerPair| Layer {
        first: step(&one.report, pair.first),
        second: step(&other.report, pair.second),
        unpacked: pair.unpacked,
        download: pair.download,
    };
    Answer {
        version: report::VERSION,
        first: named(one),
        second: named(other),
        unpacked: comparison.unpacked,
        download: comparison.download,
        stages: &comparison.stages,
        layers: comparison.layers.iter().map(layer).collect(),
        sentences: &comparison.sentences,
    }
}

fn named(compared: &Compared) -> Named<'_> {
    let report = &compared.report;
    let target = report.target.and_then(|target| report.stages.get(target));
    Named {
        path: &compared.source.path,
        name: &compared.name,
        target: target.map(|stage| stage.display_name.as_str()),
    }
}
