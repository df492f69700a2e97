//! `layercast explain`: what a check finds, why that matters, what to write instead.

use crate::commands::Outcome;
use crate::error::CliError;
use crate::output::{self, ColorArg};
use crate::render;
use clap::Args;
use layercast_core::lint::Rule;
use std::io::Write;

/// Flags of `layercast explain`.
#[derive(Debug, Args)]
#[command(
    about = "Say what a check finds, why that matters and what to write instead; alone, list all checks"
)]
pub(crate) struct ExplainArgs {
    /// A check by our name of it, BuildKit's or hadolint's, in any case
    #[arg(value_name = "CHECK")]
    check: Option<String>,
}

pub(crate) fn run(args: &ExplainArgs, color: ColorArg) -> Result<Outcome, CliError> {
    let rule = match &args.check {
        Some(name) => Some(Rule::find(name).ok_or_else(|| CliError::UnknownCheck { name: name.clone() })?),
        None => None,
    };
    let mut out = output::text(color);
    match rule {
        Some(rule) => render::explain::write(&mut out, rule)?,
        None => render::explain::write_list(&mut out)?,
    }
    out.flush()?;
    Ok(Outcome::Clean)
}
