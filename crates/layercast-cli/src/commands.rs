//! The commands, one file each, and what they have in common: how they end.

mod build;
pub(crate) mod cache;
mod calibrate;
mod catalogue_npm;
mod catalogue_python;
mod check;
mod diff;
mod estimate;
mod explain;
mod graph;
mod inspect;
mod rewrite;
mod serve;

pub(crate) use build::measured_steps;
pub(crate) use estimate::report_on;

use crate::error::CliError;
use crate::output::ColorArg;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// See what a Dockerfile will build, what it will weigh and why, before you build it.
#[derive(Debug, Parser)]
#[command(
    name = "layercast",
    version,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Exit status: 0 all is well, 1 the Dockerfile does not build (check: or has what \
                  --fail-on names; rewrite: or is left as it is), 2 wrong usage or unreadable input."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
    /// When to colour text
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "WHEN",
        hide_possible_values = true
    )]
    #[arg(help = "When to colour text: auto, always or never")]
    color: ColorArg,
}

/// What each is about is said in its own file.
#[derive(Debug, Subcommand)]
enum Command {
    Build(build::BuildArgs),
    Cache(cache::CacheArgs),
    Calibrate(calibrate::CalibrateArgs),
    CatalogueNpm(catalogue_npm::CatalogueNpmArgs),
    CataloguePython(catalogue_python::CataloguePythonArgs),
    Check(check::CheckArgs),
    Diff(diff::DiffArgs),
    Estimate(estimate::EstimateArgs),
    Explain(explain::ExplainArgs),
    Graph(graph::GraphArgs),
    Inspect(inspect::InspectArgs),
    Rewrite(rewrite::RewriteArgs),
    Serve(serve::ServeArgs),
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// Nothing to complain of.
    Clean,
    /// A Dockerfile, or its target, does not build; `check` found what it was to fail on; `rewrite` declined.
    Findings,
    /// The command line or a file was unusable.
    Unusable,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Clean => 0,
            Outcome::Findings => 1,
            Outcome::Unusable => 2,
        })
    }
}

/// Runs the command that the command line names.
pub(crate) fn run(cli: &Cli) -> Result<Outcome, CliError> {
    match &cli.command {
        Command::Build(args) => build::run(args, cli.color),
        Command::Cache(args) => cache::run(args, cli.color),
        Command::Calibrate(args) => calibrate::run(args, cli.color),
        Command::CatalogueNpm(args) => catalogue_npm::run(args),
        Command::CataloguePython(args) => catalogue_python::run(args),
        Command::Check(args) => check::run(args, cli.color),
        Command::Diff(args) => diff::run(args, cli.color),
        Command::Estimate(args) => estimate::run(args, cli.color),
        Command::Explain(args) => explain::run(args, cli.color),
        Command::Graph(args) => graph::run(args),
        Command::Inspect(args) => inspect::run(args, cli.color),
        Command::Rewrite(args) => rewrite::run(args, cli.color),
        Command::Serve(args) => serve::run(args),
    }
}
