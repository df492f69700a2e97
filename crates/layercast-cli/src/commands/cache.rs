//! `layercast cache`: what a change makes BuildKit run again, and why.
//!
//! **Invariant:** nobody is asked and nothing is built.

use crate::commands::Outcome;
use crate::context::ContextArgs;
use crate::error::CliError;
use crate::options::{AskedArgs, Format};
use crate::output::{self, ColorArg};
use crate::render;
use crate::source::{self, Source};
use clap::Args;
use layercast_core::Facts;
use layercast_core::cache::lane::{self, Lane};
use layercast_core::cache::reorder::{self, Reorder};
use layercast_core::cache::{self, Change, Rerun};
use serde::Serialize;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Flags of `layercast cache`.
#[derive(Debug, Args)]
#[command(about = "Say which steps a change makes a build run again, and why")]
#[command(long_about = "Say which steps a change makes a build run again, and why.\n\n\
                  It knows what BuildKit keys each step by, reads the Dockerfile and lists the context; \
                  nothing is built. A step that may rerun takes files of a stage that reruns: where they \
                  come out the same, it stays in the cache.")]
pub(crate) struct CacheArgs {
    /// The Dockerfile, or `-` for standard input
    #[arg(value_name = "DOCKERFILE", default_value = "Dockerfile")]
    file: PathBuf,
    /// What changes; several are looked at one by one
    #[arg(long, value_name = "CHANGE", required = true, value_parser = parse_change)]
    #[arg(help = "What changes: file:PATH, line:NUMBER, arg:NAME[=VALUE], base[:STAGE], to:DOCKERFILE, \
                  no-cache or nothing; several are looked at one by one")]
    change: Vec<Asked>,
    /// Text for people, or JSON: one object a line for each change
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", hide_possible_values = true)]
    #[arg(help = "text for people, or json: one object a line for each change")]
    format: Format,
    #[command(flatten)]
    asked: AskedArgs,
    #[command(flatten)]
    context: ContextArgs,
}

/// A change as it is asked for.
#[derive(Clone, Debug)]
enum Asked {
    Change(Change),
    /// The Dockerfile becomes what another file says.
    To(PathBuf),
}

/// What is said of one change. It is a line of JSON, too.
#[derive(Serialize)]
pub(crate) struct Answer<'a> {
    version: u32,
    path: &'a str,
    pub(crate) change: &'a str,
    #[serde(flatten)]
    pub(crate) rerun: Rerun,
    pub(crate) lane: Lane,
    pub(crate) reorders: Vec<Reorder>,
}

/// The version of the JSON form.
const VERSION: u32 = 1;

pub(crate) fn run(args: &CacheArgs, color: ColorArg) -> Result<Outcome, CliError> {
    let mut facts = args.asked.facts()?;
    args.context.check()?;
    facts.context = args.context.listing()?.or(facts.context);
    let source = source::read(&args.file)?;
    source.note_substituted();
    let ignored = facts.build.dockerignore.take();
    facts.build.dockerignore =
        args.context.ignore_file(&args.file, ignored.as_deref())?.map(|ignore_file| ignore_file.text);
    match args.format {
        Format::Json => each(args, &facts, &source, output::json(), |out, _, answer| {
            serde_json::to_writer(&mut *out, answer).map_err(std::io::Error::from)?;
            writeln!(out)
        }),
        Format::Text => each(args, &facts, &source, output::text(color), |out, shown, answer| {
            render::cache::write(out, shown, answer)
        }),
    }
}

/// Looks at each change in turn. `write` gets the text that the steps are of.
fn each<W: Write>(
    args: &CacheArgs,
    facts: &Facts,
    source: &Source,
    mut out: W,
    mut write: impl FnMut(&mut W, &Source, &Answer<'_>) -> std::io::Result<()>,
) -> Result<Outcome, CliError> {
    let mut outcome = Outcome::Clean;
    let dockerfile = place_in_context(&args.file, &args.context);
    for (number, asked) in args.change.iter().enumerate() {
        let (name, change, other) = asked.read(&dockerfile, &args.context)?;
        let rerun = cache::what_if(&source.text, facts, &change);
        let lane = lane::lane(&rerun, |step| lane::measured(facts, step));
        let reorders = reorder::reorders(&source.text, facts, &change);
        if rerun.stopped.is_some() {
            outcome = outcome.max(Outcome::Findings);
        }
        if number > 0 && args.format == Format::Text {
            writeln!(out)?;
        }
        let shown = other.as_ref().unwrap_or(source);
        let path = &source.path;
        write(&mut out, shown, &Answer { version: VERSION, path, change: &name, rerun, lane, reorders })?;
    }
    out.flush()?;
    Ok(outcome)
}

impl Asked {
    /// Its name, what it is, and the Dockerfile that it leads to, where that is another.
    fn read(
        &self,
        dockerfile: &str,
        context: &ContextArgs,
    ) -> Result<(String, Change, Option<Source>), CliError> {
        Ok(match self {
            Self::To(path) => {
                let other = source::read(path)?;
                let dockerfile = place_in_context(path, context);
                let change = Change::Text { text: other.text.clone(), dockerfile };
                (format!("to:{}", path.display()), change, Some(other))
            }
            Self::Change(change) => {
                let name = change.to_string();
                match change {
                    Change::Line { line, .. } => {
                        (name, Change::Line { line: *line, dockerfile: dockerfile.to_owned() }, None)
                    }
                    other => (name, other.clone(), None),
                }
            }
        })
    }
}

/// Where a Dockerfile lies in its build context; empty where it does not, or is standard input.
fn place_in_context(file: &Path, context: &ContextArgs) -> String {
    if file.as_os_str() == "-" {
        return String::new();
    }
    let Some(folder) = context.folder() else {
        return file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    };
    let below = match (file.canonicalize(), folder.canonicalize()) {
        (Ok(file), Ok(folder)) => file.strip_prefix(folder).map(Path::to_path_buf).ok(),
        _ => None,
    };
    below.map(|path| path.to_string_lossy().replace('\\', "/")).unwrap_or_default()
}

fn parse_change(written: &str) -> Result<Asked, String> {
    match written.split_once(':') {
        Some(("to", path)) if !path.is_empty() => Ok(Asked::To(path.into())),
        _ => written.parse().map(Asked::Change).map_err(|error: cache::InvalidChange| error.to_string()),
    }
}
