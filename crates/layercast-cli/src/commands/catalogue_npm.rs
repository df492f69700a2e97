//! `layercast catalogue-npm`, for `cargo xtask catalogue npm` alone: the table of most used packages, made anew.

use crate::answers::{Registry, RegistryArgs};
use crate::commands::Outcome;
use crate::error::CliError;
use clap::Args;
use layercast_core::Facts;
use layercast_core::facts::{Answered, FailureReason};
use layercast_core::packages::npm::platform::Machine;
use layercast_core::packages::npm::semver::Version;
use layercast_core::packages::npm::table;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

/// Flags of `layercast catalogue-npm`.
#[derive(Debug, Args)]
#[command(hide = true, about = "Make the table of npm packages anew, of the names in a file")]
pub(crate) struct CatalogueNpmArgs {
    /// The packages, one a line
    names: PathBuf,
    #[command(flatten)]
    registries: RegistryArgs,
}

const HEAD: &str =
    "name, version, bytes of files, bytes of archive, needs (name@major); made by cargo xtask catalogue npm";

pub(crate) fn run(args: &CatalogueNpmArgs) -> Result<Outcome, CliError> {
    let read = std::fs::read_to_string(&args.names);
    let text = read.map_err(|source| CliError::Dockerfile { path: args.names.clone(), source })?;
    let words: Vec<&str> = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let registry = Registry::new(&args.registries, None)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // A long-supported Node, so that no package is taken for it that does not run there.
    let machine = Machine { node: Some(Version::new(22, 99, 99)), ..Machine::linux("amd64", false) };
    let mut facts = Facts::default();
    let mut asked = BTreeSet::new();
    loop {
        let (table, asks) = table::make(&words, &facts.npm, &machine);
        let new: Vec<_> = asks.into_iter().filter(|ask| asked.insert(ask.clone())).collect();
        eprintln!("{} to ask for, {} requests sent", new.len(), registry.n_package_requests());
        if new.is_empty() {
            if facts.npm.tarballs.values().any(is_cut_short) || facts.npm.manifests.values().any(is_cut_short)
            {
                eprintln!("error: one run sends no more requests: run it again, what was learnt is kept");
                return Ok(Outcome::Unusable);
            }
            let day = chrono::Utc::now().date_naive();
            let mut out = std::io::stdout();
            writeln!(out, "# {HEAD} on {day}")?;
            out.write_all(table.as_bytes())?;
            return Ok(Outcome::Clean);
        }
        runtime.block_on(
            registry.answer_npm(new.into_iter().map(|ask| (ask.name, ask.version, ask.wanted)), &mut facts),
        );
    }
}

fn is_cut_short<T>(answer: &Answered<T>) -> bool {
    matches!(answer, Answered::Failed { reason: FailureReason::RateLimited, .. })
}
