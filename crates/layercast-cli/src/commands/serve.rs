//! `layercast serve`: the page, and behind it the relay and real builds.

use crate::answers::{Registry, RegistryArgs, parse_registry};
use crate::commands::Outcome;
use crate::commands::build::stopped;
use crate::context::ContextArgs;
use crate::error::CliError;
use crate::server::{self, Address, Desk, Listed, Offer, Served, Token};
use crate::source;
use clap::Args;
use std::io::Write;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

/// Flags of `layercast serve`.
#[derive(Debug, Args)]
#[command(about = "Show the page in a browser, with live registries behind it, and builds")]
#[command(
    long_about = "Show the page in a browser, with live registries behind it, and with --build real builds.\n\n\
                  It listens on this machine only, and relays nothing but manifests, configurations and \
                  layer lengths of well-known registries, of this machine's, and of those you name.\n\n\
                  With --build the page has a button that builds what is in its editor, with that folder as its \
                  context and with your BuildKit. Whoever has the printed address may run commands in containers \
                  here: it holds a secret of this run."
)]
pub(crate) struct ServeArgs {
    /// Listen at this port; 0 for any that is free
    #[arg(long, value_name = "PORT", default_value_t = 8787)]
    port: u16,
    /// Offer to build, with this folder as the context of every build
    #[arg(long, value_name = "CONTEXT", help_heading = BUILDS)]
    build: Option<PathBuf>,
    /// The Dockerfile that the page opens with, where it is not the one in the context
    #[arg(long, short, value_name = "FILE", requires = "build", help_heading = BUILDS)]
    file: Option<PathBuf>,
    /// Build there; `docker buildx ls` lists the builders
    #[arg(long, value_name = "NAME", requires = "build", help_heading = BUILDS)]
    builder: Option<String>,
    /// Listen at this address instead of this machine's own
    #[arg(long, value_name = "ADDRESS", help_heading = REMOTE)]
    listen: Option<IpAddr>,
    /// Answer other machines too. All goes in the clear, the secret with it: put TLS or a proxy that speaks it in
    /// front. There is no relay then, as it would sign in to registries for strangers
    #[arg(long, requires = "host", help_heading = REMOTE)]
    allow_remote: bool,
    /// The name in the address that others use, such as builds.example.org or 10.0.0.5:8787
    #[arg(long, value_name = "NAME", requires = "allow_remote", help_heading = REMOTE)]
    host: Vec<String>,
    /// Relay to this registry too, such as registry.example.org:5000
    #[arg(long, value_name = "HOST", value_parser = parse_registry, help_heading = "Registries")]
    allow_registry: Vec<String>,
    #[command(flatten)]
    registries: RegistryArgs,
}

const BUILDS: &str = "Real builds";
const REMOTE: &str = "For other machines";

pub(crate) fn run(args: &ServeArgs) -> Result<Outcome, CliError> {
    if let Some(ip) = args.listen.filter(|ip| !ip.is_loopback() && !args.allow_remote) {
        return Err(CliError::Remote { ip });
    }
    let token = Token::random()?;
    let path = if args.build.is_some() { format!("/#token={}", token.as_str()) } else { String::new() };
    let served = Served { relay: relay(args)?, desk: desk(args, token)? };
    let address = Address { ip: args.listen, port: args.port, hosts: args.host.clone() };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let server = server::bind(&address).await?;
        let mut out = std::io::stdout();
        let host = args.listen.map_or_else(|| "127.0.0.1".to_owned(), as_host);
        // Programs wait for this line.
        writeln!(out, "http://{host}:{}{path}", server.port())?;
        out.flush()?;
        let Some(desk) = served.desk.clone() else {
            server.serve(&address.hosts, &served).await;
            return Ok(Outcome::Clean);
        };
        tokio::select! {
            () = server.serve(&address.hosts, &served) => {}
            () = stopped() => tokio::select! {
                () = desk.close() => {}
                // Who says it twice does not wait for the builder's last words.
                () = stopped() => {}
            },
        }
        Ok(Outcome::Clean)
    })
}

/// None where other machines may ask: it would sign in for them.
fn relay(args: &ServeArgs) -> Result<Option<(Registry, Listed)>, CliError> {
    if args.allow_remote {
        return Ok(None);
    }
    let mirrored = args.registries.registry_mirror.iter().map(|mirror| mirror.registry.clone());
    let listed = Listed::new(args.allow_registry.iter().cloned().chain(mirrored));
    Ok(Some((Registry::new(&args.registries, None)?, listed)))
}

fn desk(args: &ServeArgs, token: Token) -> Result<Option<Arc<Desk>>, CliError> {
    let Some(context) = args.build.clone() else { return Ok(None) };
    ContextArgs::at(context.clone()).check()?;
    // One that was named must be there; without any, the page opens as always.
    if let Some(file) = &args.file {
        source::read(file)?;
    }
    let file = args.file.clone().unwrap_or_else(|| context.join("Dockerfile"));
    let (builder, registries) = (args.builder.clone(), args.registries.clone());
    Ok(Some(Desk::new(Offer { context, file, builder, registries }, token)))
}

fn as_host(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}
