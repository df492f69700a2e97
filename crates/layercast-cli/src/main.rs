//! The companion: parses the command line, runs a command, maps its outcome to an exit code.

mod commands;

mod answers;
mod builder;
mod server;

mod checked;
mod context;
mod facts_file;
mod options;
mod source;

mod render;

mod error;
mod output;

use crate::commands::{Cli, Outcome};
use clap::Parser;
use mimalloc::MiMalloc;
use std::process::ExitCode;

/// A report is many small pieces.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match commands::run(&cli) {
        Ok(outcome) => outcome.into(),
        // Whoever read our output has seen enough: `layercast inspect … | head`.
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&error);
            Outcome::Unusable.into()
        }
    }
}
