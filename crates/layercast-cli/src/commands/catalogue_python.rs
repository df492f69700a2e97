//! `layercast catalogue-python`, for the project alone: the table of popular distributions, anew.

use crate::answers::{Registry, RegistryArgs};
use crate::commands::Outcome;
use crate::error::CliError;
use clap::Args;
use layercast_core::Facts;
use layercast_core::facts::Question;
use layercast_core::packages::python::table;
use std::collections::HashSet;
use std::io::Write;
use std::path::PathBuf;

/// Flags of `layercast catalogue-python`.
#[derive(Debug, Args)]
#[command(hide = true, about = "Make the table of Python distributions anew, of the names in a file")]
pub(crate) struct CataloguePythonArgs {
    /// The distributions, one a line
    names: PathBuf,
    #[command(flatten)]
    registries: RegistryArgs,
}

pub(crate) fn run(args: &CataloguePythonArgs) -> Result<Outcome, CliError> {
    let read = std::fs::read_to_string(&args.names);
    let text = read.map_err(|source| CliError::Dockerfile { path: args.names.clone(), source })?;
    let names: Vec<&str> =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let registry = Registry::new(&args.registries, None)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut facts = Facts::default();
    let mut asked: HashSet<Question> = HashSet::new();
    loop {
        let (lines, questions) = table::make(&names, &facts.python);
        let new: Vec<Question> =
            questions.into_iter().filter(|question| asked.insert(question.clone())).collect();
        eprintln!("{} to ask for, {} requests sent", new.len(), registry.n_package_requests());
        if new.is_empty() {
            for failure in facts.python.failures.values() {
                eprintln!("warning: {}", failure.message);
            }
            let mut out = std::io::stdout();
            writeln!(out, "# as of {}", chrono::Utc::now().date_naive())?;
            out.write_all(lines.as_bytes())?;
            return Ok(Outcome::Clean);
        }
        runtime.block_on(registry.answer_packages(&new, &mut facts));
    }
}
