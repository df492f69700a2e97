//! `layercast estimate`: what the image of the target weighs, and why.

use crate::commands::Outcome;
use crate::error::CliError;
use crate::options::BuildArgs;
use crate::output::ColorArg;
use clap::Args;
use std::path::PathBuf;

/// Flags of `layercast estimate`.
#[derive(Debug, Args)]
pub(crate) struct EstimateArgs {
    #[command(flatten)]
    pub(crate) build: BuildArgs,
    /// The build context: checked to be a readable folder; its listing is not used yet
    #[arg(long, value_name = "DIR", help_heading = "As docker build has them")]
    context: Option<PathBuf>,
}

pub(crate) fn run(args: &EstimateArgs, _color: ColorArg) -> Result<Outcome, CliError> {
    if let Some(path) = &args.context {
        std::fs::read_dir(path).map_err(|source| CliError::Context { path: path.clone(), source })?;
    }
    args.build.facts()?;
    Ok(Outcome::Clean)
}
