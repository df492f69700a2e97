//! `layercast estimate`: what the image of the target weighs, and why.

mod asking;

use crate::answers::RegistryArgs;
use crate::commands::Outcome;
use crate::context::ContextArgs;
use crate::error::CliError;
use crate::facts_file;
use crate::options::BuildArgs;
use crate::output::{self, ColorArg};
use crate::render;
use crate::source::{self, Source};
use asking::Asking;
use clap::Args;
use layercast_core::diagnostic::Diagnostic;
use layercast_core::estimate::Estimate;
use layercast_core::export;
use layercast_core::facts::{BuildOptions, Question};
use layercast_core::image_ref::Platform;
use layercast_core::report::{self, Layer, LayerPart, Summary};
use layercast_core::{Facts, Report};
use serde::Serialize;
use std::borrow::Cow;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Flags of `layercast estimate`.
#[derive(Debug, Args)]
#[command(about = "Show what a Dockerfile weighs, stage by stage, before it is built")]
#[command(long_about = "Show what a Dockerfile weighs, stage by stage, before it is built.\n\n\
                  Sizes of base images come from the facts file, else from their registry, else from the \
                  catalogue inside the program. Each size says how it is known; what is not known is left out \
                  of the sums and listed.\n\n\
                  unpacked is what `docker images` shows up to Docker 28; download is what a pull moves.")]
pub(crate) struct EstimateArgs {
    #[command(flatten)]
    build: BuildArgs<Format>,
    #[command(flatten)]
    context: ContextArgs,
    #[command(flatten)]
    registries: RegistryArgs,
    /// Write what was learnt of images and packages to FILE, for `--facts` of later runs
    #[arg(long, value_name = "FILE")]
    save_facts: Option<PathBuf>,
}

/// `--format`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// A page for a pull request or a wiki.
    Markdown,
}

/// One line of JSON.
#[derive(Serialize)]
struct Weighed<'a> {
    version: u32,
    path: &'a str,
    target: Option<Target<'a>>,
    platform: &'a Platform,
    unpacked: Option<&'a Estimate>,
    download: Option<&'a Estimate>,
    layers: Vec<Step<'a>>,
    unknown: Vec<Unknown<'a>>,
    summary: Option<&'a Summary>,
    images: &'a [String],
    /// So many requests were sent to indexes of packages.
    package_requests: usize,
    questions: &'a [Question],
    errors: Vec<&'a Diagnostic>,
    warnings: &'a [Diagnostic],
}

#[derive(Serialize)]
struct Target<'a> {
    index: usize,
    name: &'a str,
}

/// A layer of the target's image, lowest first. Stage and instruction are written as a pin takes them.
#[derive(Serialize)]
struct Step<'a> {
    line: usize,
    stage: &'a str,
    instruction: &'a str,
    unpacked: Option<&'a Estimate>,
    download: Option<&'a Estimate>,
    basis: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    parts: &'a [LayerPart],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    unknown: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    notes: &'a [String],
}

#[derive(Serialize)]
struct Unknown<'a> {
    line: usize,
    stage: &'a str,
    instruction: &'a str,
    why: Cow<'a, str>,
}

pub(crate) fn run(args: &EstimateArgs, color: ColorArg) -> Result<Outcome, CliError> {
    let mut facts = args.build.facts()?;
    source::check_paths(&args.build.files)?;
    args.context.check()?;
    facts.context = args.context.listing()?.or(facts.context);
    let outcome = match args.build.format {
        Format::Json => {
            each(args, &mut facts, output::json(), |out, source, platform, (report, n_requests)| {
                serde_json::to_writer(&mut *out, &weighed(&source.path, platform, report, n_requests))
                    .map_err(std::io::Error::from)?;
                writeln!(out)
            })
        }
        Format::Text => each(args, &mut facts, output::text(color), |out, source, platform, (report, _)| {
            if args.build.files.first().is_some_and(|first| first.as_os_str() != source.path.as_str()) {
                writeln!(out)?;
            }
            render::estimate::write(out, source, &platform.to_string(), args.registries.offline, report)
        }),
        Format::Markdown => each(args, &mut facts, output::json(), |out, source, _, (report, _)| {
            writeln!(out, "{}", export::markdown::markdown(report, &source.path).trim_end())
        }),
    }?;
    if let Some(path) = &args.save_facts {
        save_facts(path, facts)?;
    }
    Ok(outcome)
}

/// What was learnt, without what this run was asked for: the build's options and its context.
fn save_facts(path: &Path, facts: Facts) -> Result<(), CliError> {
    facts_file::save(path, &Facts { build: BuildOptions::default(), context: None, ..facts })
}

/// Looks at each file in turn. What was learnt for one serves the next.
fn each<W: Write>(
    args: &EstimateArgs,
    facts: &mut Facts,
    mut out: W,
    mut write: impl FnMut(&mut W, &Source, &Platform, (&Report, usize)) -> std::io::Result<()>,
) -> Result<Outcome, CliError> {
    let platform = facts.build.platform.clone().unwrap_or_else(Platform::linux_amd64);
    let mut asking = Asking::new(&args.registries, &args.context)?;
    let ignored = facts.build.dockerignore.take();
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
        if !args.build.names_facts() {
            take_beside(path, facts)?;
        }
        facts.build.dockerignore =
            args.context.ignore_file(path, ignored.as_deref())?.map(|ignore_file| ignore_file.text);
        let report = asking.analyse(&source.text, facts);
        outcome = outcome.max(outcome_of(&report));
        write(&mut out, &source, &platform, (&report, asking.n_package_requests()))?;
        out.flush()?;
    }
    match asking.n_package_requests() {
        0 => {}
        1 => output::note("1 request was sent to a package registry"),
        many => output::note(&format!("{many} requests were sent to package registries")),
    }
    Ok(outcome)
}

/// Takes what builds made of the steps of a Dockerfile, and what that corrects, from the facts file beside it. That it is
/// read is said aloud.
pub(super) fn take_beside(dockerfile: &Path, facts: &mut Facts) -> Result<(), CliError> {
    (facts.measured, facts.calibration) = (Vec::new(), Vec::new());
    let Some((path, found)) = facts_file::beside(dockerfile)? else { return Ok(()) };
    let counted = |count: usize, one: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        many => Some(format!("{many} {one}s")),
    };
    let corrections = found.calibration.iter().map(|it| it.unpacked.iter().chain(&it.download).count()).sum();
    let taken = [counted(found.measured.len(), "measured step"), counted(corrections, "correction")];
    let taken: Vec<String> = taken.into_iter().flatten().collect();
    if !taken.is_empty() {
        output::note(&format!("{} from {}", taken.join(" and "), path.display()));
    }
    (facts.measured, facts.calibration) = (found.measured, found.calibration);
    Ok(())
}

/// The report on the file of another command, which has its own context.
pub(crate) fn report_on(
    source: &Source,
    facts: &mut Facts,
    context: &ContextArgs,
    registries: &RegistryArgs,
) -> Result<Report, CliError> {
    Ok(Asking::new(registries, context)?.analyse(&source.text, facts))
}

/// The report on the file at `path`, weighed as `estimate` does, with its context and its .dockerignore.
pub(super) fn report_at(
    path: &Path,
    facts: Facts,
    context: &ContextArgs,
    registries: &RegistryArgs,
) -> Result<(Source, Report), CliError> {
    let source = source::read(path)?;
    source.note_substituted();
    let report = report_of(&source, facts, context, registries)?;
    Ok((source, report))
}

/// The same of a file that was read already.
pub(super) fn report_of(
    source: &Source,
    mut facts: Facts,
    context: &ContextArgs,
    registries: &RegistryArgs,
) -> Result<Report, CliError> {
    if facts.measured.is_empty() && facts.calibration.is_empty() {
        take_beside(Path::new(&source.path), &mut facts)?;
    }
    facts.context = context.listing()?.or(facts.context);
    let ignored = facts.build.dockerignore.take();
    let ignore_file = context.ignore_file(Path::new(&source.path), ignored.as_deref())?;
    facts.build.dockerignore = ignore_file.map(|ignore_file| ignore_file.text);
    report_on(source, &mut facts, context, registries)
}

/// Findings are what stops the build of the target in effect.
pub(super) fn outcome_of(report: &Report) -> Outcome {
    if render::estimate::stoppers(report).next().is_some() { Outcome::Findings } else { Outcome::Clean }
}

fn weighed<'a>(
    path: &'a str,
    platform: &'a Platform,
    report: &'a Report,
    package_requests: usize,
) -> Weighed<'a> {
    let target = report.target();
    let built = target.filter(|target| target.error.is_none());
    let size = built.map(|target| &target.size);
    let layers = |places: Option<&'a Vec<usize>>| {
        places.into_iter().flatten().filter_map(|place| report.layers.get(*place))
    };
    Weighed {
        version: report::VERSION,
        path,
        target: target.map(|target| Target { index: target.stage, name: stage_name(report, target.stage) }),
        platform,
        unpacked: size.map(|size| &size.unpacked),
        download: size.map(|size| &size.download),
        layers: layers(size.map(|size| &size.layers)).map(|layer| step(report, layer)).collect(),
        unknown: layers(size.map(|size| &size.unknown)).map(|layer| unknown(report, layer)).collect(),
        summary: built.and(report.summary.as_ref()),
        images: target.map_or(&[], |target| &target.images),
        package_requests,
        questions: &report.questions,
        errors: render::estimate::stoppers(report).collect(),
        warnings: &report.warnings,
    }
}

fn step<'a>(report: &'a Report, layer: &'a Layer) -> Step<'a> {
    Step {
        line: layer.line,
        stage: stage_name(report, layer.stage),
        instruction: instruction_text(report, layer),
        unpacked: layer.unpacked.as_ref(),
        download: layer.download.as_ref(),
        basis: &layer.basis,
        parts: &layer.parts,
        unknown: &layer.unknown,
        notes: &layer.notes,
    }
}

fn unknown<'a>(report: &'a Report, layer: &'a Layer) -> Unknown<'a> {
    Unknown {
        line: layer.line,
        stage: stage_name(report, layer.stage),
        instruction: instruction_text(report, layer),
        why: if layer.unknown.is_empty() {
            layer.basis.as_str().into()
        } else {
            layer.unknown.join("; ").into()
        },
    }
}

fn stage_name(report: &Report, stage: usize) -> &str {
    report.stages.get(stage).map_or("", |stage| &stage.display_name)
}

fn instruction_text<'a>(report: &'a Report, layer: &Layer) -> &'a str {
    report.instructions.get(layer.instruction).map_or("", |instruction| &instruction.text)
}
