//! `layercast rewrite`: a Dockerfile of one stage in two, with the reason of each change.

use crate::answers::RegistryArgs;
use crate::commands::{Outcome, report_on};
use crate::context::ContextArgs;
use crate::error::CliError;
use crate::options::AskedArgs;
use crate::output::{self, ColorArg};
use crate::render;
use crate::source::{self, Source};
use clap::Args;
use layercast_core::facts::Facts;
use layercast_core::report;
use layercast_core::rewrite::{Declined, Rewrite, to_multi_stage};
use serde::Serialize;
use std::io::Write;
use std::path::PathBuf;

/// Flags of `layercast rewrite`.
#[derive(Debug, Args)]
#[command(about = "Write a Dockerfile of one stage again in two: one that builds, one that ships")]
#[command(long_about = "Write a Dockerfile of one stage again in two: one that builds, one that ships.\n\n\
                  Go, Node, front ends, Python, Java, Rust and .NET. Your lines stay as they are; each line that is \
                  new has its reason. Where a second stage would not help, or where the place of a line is not plain, \
                  the file is left as it is, and you are told why.\n\n\
                  With --context more is known: which folders a program reads, and what it weighs.")]
pub(crate) struct RewriteArgs {
    /// A Dockerfile, or `-` for standard input
    #[arg(value_name = "DOCKERFILE", default_value = "Dockerfile")]
    file: PathBuf,
    /// Put the new text in the file's place; of `-`, print it
    #[arg(long)]
    write: bool,
    /// text for people, diff for `git apply`, or json
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", hide_possible_values = true)]
    format: RewriteFormat,
    #[command(flatten)]
    asked: AskedArgs,
    #[command(flatten)]
    context: ContextArgs,
    #[command(flatten)]
    registries: RegistryArgs,
}

/// `--format`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum RewriteFormat {
    /// For people: the difference, the reasons, the sizes.
    #[default]
    Text,
    /// The difference alone.
    Diff,
    /// For programs.
    Json,
}

/// One line of JSON. Either of the last two is null.
#[derive(Serialize)]
struct Answer<'a> {
    version: u32,
    path: &'a str,
    rewrite: Option<&'a Rewrite>,
    declined: Option<&'a Declined>,
}

pub(crate) fn run(args: &RewriteArgs, color: ColorArg) -> Result<Outcome, CliError> {
    let mut facts = args.asked.facts()?;
    args.context.check()?;
    facts.context = args.context.listing()?.or(facts.context);
    let source = source::read(&args.file)?;
    source.note_substituted();
    let given = facts.build.dockerignore.take();
    facts.build.dockerignore =
        args.context.ignore_file(&args.file, given.as_deref())?.map(|ignore_file| ignore_file.text);
    let answer = rewritten(args, &source, &mut facts)?;
    if let (true, Ok(rewrite)) = (args.write && source.path != "-", &answer) {
        if source.substituted > 0 {
            return Err(CliError::FixBytes { path: args.file.clone() });
        }
        source::save(&args.file, &rewrite.text)?;
    }
    show(args, color, &source, &answer)?;
    Ok(if answer.is_ok() { Outcome::Clean } else { Outcome::Findings })
}

/// The answer with everything asked for that either text names: images, lists of packages.
fn rewritten(
    args: &RewriteArgs,
    source: &Source,
    facts: &mut Facts,
) -> Result<Result<Rewrite, Declined>, CliError> {
    report_on(source, facts, &args.context, &args.registries)?;
    let Ok(first) = to_multi_stage(&source.text, facts) else {
        return Ok(to_multi_stage(&source.text, facts));
    };
    let new = Source { path: source.path.clone(), text: first.text, substituted: 0 };
    report_on(&new, facts, &args.context, &args.registries)?;
    Ok(to_multi_stage(&source.text, facts))
}

fn show(
    args: &RewriteArgs,
    color: ColorArg,
    source: &Source,
    answer: &Result<Rewrite, Declined>,
) -> Result<(), CliError> {
    if args.format == RewriteFormat::Json {
        let mut out = output::json();
        let (rewrite, declined) = (answer.as_ref().ok(), answer.as_ref().err());
        let line = Answer { version: report::VERSION, path: &source.path, rewrite, declined };
        serde_json::to_writer(&mut out, &line).map_err(std::io::Error::from)?;
        writeln!(out)?;
        return Ok(out.flush()?);
    }
    let mut out = output::text(color);
    match answer {
        Ok(rewrite) if args.write && source.path == "-" => write!(out, "{}", rewrite.text)?,
        Ok(rewrite) if args.format == RewriteFormat::Diff => {
            render::rewrite::write_difference(&mut out, source, &rewrite.text)?;
        }
        Ok(rewrite) => render::rewrite::write(&mut out, source, rewrite, args.write)?,
        Err(declined) => {
            render::rewrite::write_declined(&mut output::text_on_stderr(color), source, declined)?
        }
    }
    Ok(out.flush()?)
}
