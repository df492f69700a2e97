//! `layercast graph`: the stages of Dockerfiles and what takes from what, as a list, a picture or a diagram.

use crate::answers::RegistryArgs;
use crate::commands::{Outcome, estimate};
use crate::context::ContextArgs;
use crate::error::CliError;
use crate::options::BuildArgs;
use crate::output;
use crate::render;
use crate::source::{self, Source};
use clap::Args;
use layercast_core::Report;
use layercast_core::diagnostic::Diagnostic;
use layercast_core::estimate::Estimate;
use layercast_core::export::svg::{Colours, DARK, LIGHT};
use layercast_core::export::{dot, mermaid, outline, svg};
use layercast_core::figures::{self, Role};
use layercast_core::report::{self, Edge, StageReport};
use serde::Serialize;
use std::io::Write;

/// Flags of `layercast graph`.
#[derive(Debug, Args)]
#[command(
    about = "Draw the stages of Dockerfiles: what each takes from where, what ships, what is not built"
)]
#[command(
    long_about = "Draw the stages of Dockerfiles: what each takes from where, what ships, what is not built.\n\n\
                  Sizes are those of `layercast estimate`; --offline asks nobody for them."
)]
pub(crate) struct GraphArgs {
    #[command(flatten)]
    build: BuildArgs<Format>,
    /// Colours of the SVG
    #[arg(long, value_enum, default_value_t, value_name = "COLOURS")]
    colours: ColoursArg,
    #[command(flatten)]
    context: ContextArgs,
    #[command(flatten)]
    registries: RegistryArgs,
}

/// `--format`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// An indented list.
    #[default]
    Text,
    /// A picture.
    Svg,
    /// A flowchart for Markdown.
    Mermaid,
    /// For Graphviz.
    Dot,
    /// For programs.
    Json,
}

/// `--colours`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum ColoursArg {
    /// As whoever looks at it prefers.
    #[default]
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// One line of JSON.
#[derive(Serialize)]
struct Graph<'a> {
    version: u32,
    path: &'a str,
    target: Option<usize>,
    stages: Vec<Stage<'a>>,
    edges: &'a [Edge],
    errors: Vec<&'a Diagnostic>,
}

/// A stage with what becomes of it. Its sizes are those of the image it would be.
#[derive(Serialize)]
struct Stage<'a> {
    #[serde(flatten)]
    stage: &'a StageReport,
    role: Role,
    unpacked: Estimate,
    download: Estimate,
    /// So many of its layers are not known, or not wholly, and not in the sums.
    n_unknown: usize,
}

pub(crate) fn run(args: &GraphArgs) -> Result<Outcome, CliError> {
    let facts = args.build.facts()?;
    source::check_paths(&args.build.files)?;
    args.context.check()?;
    let mut out = output::json();
    let mut outcome = Outcome::Clean;
    for path in &args.build.files {
        match estimate::report_at(path, facts.clone(), &args.context, &args.registries) {
            Ok((source, report)) => {
                outcome = outcome.max(estimate::outcome_of(&report));
                write(&mut out, args, &source, &report)?;
            }
            Err(error) => {
                out.flush()?;
                output::complain(&error);
                outcome = Outcome::Unusable;
            }
        }
    }
    out.flush()?;
    Ok(outcome)
}

fn write(out: &mut impl Write, args: &GraphArgs, source: &Source, report: &Report) -> std::io::Result<()> {
    let colours = match args.colours {
        ColoursArg::Auto => Colours::Preferred,
        ColoursArg::Light => Colours::Only(LIGHT),
        ColoursArg::Dark => Colours::Only(DARK),
    };
    match args.build.format {
        Format::Text => out.write_all(outline::outline(report).as_bytes()),
        Format::Svg => out.write_all(svg::svg(report, &colours).as_bytes()),
        Format::Mermaid => out.write_all(mermaid::mermaid(report).as_bytes()),
        Format::Dot => out.write_all(dot::dot(report).as_bytes()),
        Format::Json => {
            serde_json::to_writer(&mut *out, &graph(&source.path, report)).map_err(std::io::Error::from)?;
            return writeln!(out);
        }
    }?;
    let mut stderr = output::text_on_stderr(output::ColorArg::Auto);
    render::problems::write(&mut stderr, source, render::estimate::stoppers(report))
}

fn graph<'a>(path: &'a str, report: &'a Report) -> Graph<'a> {
    let roles = figures::roles(report);
    let stage = |(stage, role): (&'a StageReport, &Role)| {
        let weight = figures::weigh(figures::layers_of(report, stage.index));
        Stage {
            stage,
            role: *role,
            unpacked: weight.unpacked,
            download: weight.download,
            n_unknown: weight.unknown,
        }
    };
    Graph {
        version: report::VERSION,
        path,
        target: report.target,
        stages: report.stages.iter().zip(&roles).map(stage).collect(),
        edges: &report.edges,
        errors: render::estimate::stoppers(report).collect(),
    }
}
