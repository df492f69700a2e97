//! `layercast serve`: the page, and the relay behind it, on this machine only.

use crate::answers::{Registry, RegistryArgs, parse_registry};
use crate::commands::Outcome;
use crate::error::CliError;
use crate::server::{self, Listed};
use clap::Args;
use std::io::Write;

/// Flags of `layercast serve`.
#[derive(Debug, Args)]
#[command(about = "Show the page in a browser, with live registries behind it")]
#[command(long_about = "Show the page in a browser, with live registries behind it.\n\n\
                  It listens on this machine only, and relays nothing but manifests, configurations and \
                  layer lengths of well-known registries, of this machine's, and of those you name.")]
pub(crate) struct ServeArgs {
    /// Listen at this port; 0 for any that is free
    #[arg(long, value_name = "PORT", default_value_t = 8787)]
    port: u16,
    /// Relay to this registry too, such as registry.example.org:5000
    #[arg(long, value_name = "HOST", value_parser = parse_registry, help_heading = "Registries")]
    allow_registry: Vec<String>,
    #[command(flatten)]
    registries: RegistryArgs,
}

pub(crate) fn run(args: &ServeArgs) -> Result<Outcome, CliError> {
    let registry = Registry::new(&args.registries, None)?;
    let mirrored = args.registries.registry_mirror.iter().map(|mirror| mirror.registry.clone());
    let listed = Listed::new(args.allow_registry.iter().cloned().chain(mirrored));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let server = server::bind(args.port).await?;
        let mut out = std::io::stdout();
        // Programs wait for this line.
        writeln!(out, "http://127.0.0.1:{}", server.port())?;
        out.flush()?;
        server.serve(registry, listed).await;
        Ok(Outcome::Clean)
    })
}
