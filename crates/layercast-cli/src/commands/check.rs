//! `layercast check`: what is wrong with Dockerfiles, and what can be mended at once.
//!
//! **Invariant:** no registry is asked; without `--fix` no file is written.

mod fix;

use crate::checked::{Checked, Fixed};
use crate::commands::Outcome;
use crate::context::{ContextArgs, IgnoreFile};
use crate::error::CliError;
use crate::options::{BuildArgs, Format};
use crate::output::{self, ColorArg};
use crate::render;
use crate::source;
use clap::Args;
use layercast_core::diagnostic::{Diagnostic, Severity};
use layercast_core::{Facts, Report, examine};
use serde::Serialize;
use std::io::Write;
use std::path::Path;

/// Flags of `layercast check`.
#[derive(Debug, Args)]
#[command(
    about = "Say what is wrong with Dockerfiles, with the lines it stands in; --fix mends what is safe"
)]
#[command(
    long_about = "Say what is wrong with Dockerfiles, with the lines it stands in.\n\nBuildKit's checks go by \
                  their own names, and `# check=skip=…` and `# hadolint ignore=…` are heeded. `layercast \
                  explain NAME` says more of a check. No registry is asked."
)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    build: BuildArgs,
    #[command(flatten)]
    context: ContextArgs,
    /// Exit with 1 from this severity upwards: error, warning, info or none
    #[arg(long, value_enum, default_value_t, value_name = "SEVERITY", hide_possible_values = true)]
    fail_on: FailOn,
    /// Mend what is safe to mend, in place; of `-`, print the mended text
    #[arg(long)]
    fix: bool,
}

/// `--fail-on`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// What does not build.
    Error,
    /// That, and what is likely not as meant.
    #[default]
    Warning,
    /// Anything at all.
    Info,
    /// Nothing.
    None,
}

impl FailOn {
    fn severity(self) -> Option<Severity> {
        match self {
            Self::Error => Some(Severity::Error),
            Self::Warning => Some(Severity::Warning),
            Self::Info => Some(Severity::Info),
            Self::None => None,
        }
    }
}

/// One line of JSON. Silenced remarks are there, and marked.
#[derive(Serialize)]
struct Answer<'a> {
    version: u32,
    path: &'a str,
    errors: Vec<&'a Diagnostic>,
    warnings: &'a [Diagnostic],
    fixed: &'a [Fixed],
    /// The mended text of standard input.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    dockerignore: Option<Ignored<'a>>,
}

#[derive(Serialize)]
struct Ignored<'a> {
    path: &'a str,
    errors: &'a [Diagnostic],
}

pub(crate) fn run(args: &CheckArgs, color: ColorArg) -> Result<Outcome, CliError> {
    let facts = args.build.facts()?;
    source::check_paths(&args.build.files)?;
    args.context.check()?;
    match args.build.format {
        Format::Json => each(args, &facts, output::json(), |out, checked| {
            serde_json::to_writer(&mut *out, &answer(args, checked)).map_err(std::io::Error::from)?;
            writeln!(out)
        }),
        Format::Text => {
            let mut place = 0;
            each(args, &facts, output::text(color), |out, checked| {
                let gap = if place > 0 { "\n" } else { "" };
                place += 1;
                if args.fix && checked.source.path == "-" {
                    write!(out, "{}", checked.source.text)?;
                    return render::check::write(&mut output::text_on_stderr(color), checked);
                }
                write!(out, "{gap}")?;
                render::check::write(out, checked)
            })
        }
    }
}

/// Checks each file in turn. One that cannot be read or written does not keep the others from being answered.
fn each<W: Write>(
    args: &CheckArgs,
    facts: &Facts,
    mut out: W,
    mut write: impl FnMut(&mut W, &Checked) -> std::io::Result<()>,
) -> Result<Outcome, CliError> {
    let mut outcome = Outcome::Clean;
    for path in &args.build.files {
        match check(args, facts, path) {
            Ok(checked) => {
                outcome = outcome.max(outcome_of(args.fail_on, &checked));
                write(&mut out, &checked)?;
            }
            Err(error) => {
                out.flush()?;
                output::complain(&error);
                outcome = Outcome::Unusable;
            }
        }
    }
    out.flush()?;
    Ok(outcome)
}

fn check(args: &CheckArgs, facts: &Facts, path: &Path) -> Result<Checked, CliError> {
    let mut source = source::read(path)?;
    source.note_substituted();
    let ignore_file = args.context.ignore_file(path, facts.build.dockerignore.as_deref())?;
    let mut facts = facts.clone();
    facts.build.dockerignore = ignore_file.as_ref().map(|ignore_file| ignore_file.text.clone());
    let mut fixed = Vec::new();
    if args.fix {
        fixed = fix::fix(&mut source.text, &facts);
        if !fixed.is_empty() && source.substituted > 0 {
            return Err(CliError::FixBytes { path: path.to_owned() });
        }
        if !fixed.is_empty() && source.path != "-" {
            source::save(path, &source.text)?;
        }
    }
    let mut report = examine(&source.text, &facts);
    if let Some(ignore_file) = &ignore_file {
        call_by_name(&mut report, &ignore_file.path);
    }
    let ignore_problems = ignore_file.as_ref().map(IgnoreFile::problems).unwrap_or_default();
    Ok(Checked { source, fixed, report, ignore_file, ignore_problems })
}

/// The core knows the text of the ignore file in force, not which file that is.
fn call_by_name(report: &mut Report, path: &str) {
    for warning in report.warnings.iter_mut().filter(|warning| warning.rule == "copy-ignored-file") {
        warning.message = warning.message.replace(": .dockerignore leaves", &format!(": {path} leaves"));
        for note in &mut warning.notes {
            *note = note.replacen("of .dockerignore decides", &format!("of {path} decides"), 1);
        }
    }
}

fn outcome_of(fail_on: FailOn, checked: &Checked) -> Outcome {
    let found = checked.report.diagnostics().chain(&checked.ignore_problems);
    let worst = found.map(|diagnostic| diagnostic.severity).max();
    match (worst, fail_on.severity()) {
        (Some(worst), Some(least)) if worst >= least => Outcome::Findings,
        _ => Outcome::Clean,
    }
}

fn answer<'a>(args: &CheckArgs, checked: &'a Checked) -> Answer<'a> {
    let Checked { source, fixed, report, ignore_file, ignore_problems } = checked;
    Answer {
        version: report.version,
        path: &source.path,
        errors: report.errors.iter().chain(&report.blockers).collect(),
        warnings: &report.warnings,
        fixed,
        text: (args.fix && source.path == "-").then_some(source.text.as_str()),
        dockerignore: ignore_file
            .as_ref()
            .map(|ignore_file| Ignored { path: &ignore_file.path, errors: ignore_problems }),
    }
}
