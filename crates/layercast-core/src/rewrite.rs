//! The assistant: a Dockerfile of one stage, written again in two, with a reason for each change.
//!
//! **Invariant:** what the program runs, its ports, variables, folder and user stay as they were, and nothing that is
//! not understood is dropped: where a line has no sure place, the assistant declines and says why.

mod base;
mod call;
mod command;
mod draft;
mod packages;
mod place;
mod program;
mod single_stage;

mod dotnet;
mod front_end;
mod go;
mod java;
mod node;
mod python;
mod rust;

#[cfg(test)]
mod tests;

use crate::analysis;
use crate::dockerfile::Dockerfile;
use crate::facts::Facts;
use crate::graph::Graph;
use crate::report::{ImageSize, Layer, Report};
use draft::Draft;
use serde::Serialize;
use single_stage::SingleStage;

/// A Dockerfile in two stages.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rewrite {
    /// The new text, whole.
    pub text: String,
    /// What the program is written in.
    pub language: Language,
    /// Why each change was made, in the order of the new text.
    pub reasons: Vec<Reason>,
    /// What the assistant cannot see, and the user should: a sentence each.
    pub needs: Vec<String>,
    /// What the image weighs as it is written.
    pub before: ImageSize,
    /// What it will weigh.
    pub after: ImageSize,
    /// What is saved of the unpacked size as far as it is known, in per cent, rounded down; none where a base image's size,
    /// or that of most of what stays behind, is not known.
    pub saved: Option<u64>,
}

/// Why some lines of the new text are as they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The first line, from 1.
    pub line: usize,
    /// The last line.
    pub end_line: usize,
    /// One sentence without a full stop.
    pub sentence: String,
}

/// Why a Dockerfile is left as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Declined {
    /// One sentence without a full stop.
    pub reason: String,
    /// The line that it is about, from 1; none where it is about the whole file.
    pub line: Option<usize>,
    /// What would help, where something would: one sentence without a full stop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

/// What the assistant knows how to part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    /// Go.
    Go,
    /// A service or program on Node.
    Node,
    /// A site that a JavaScript build writes.
    FrontEnd,
    /// Python, by pip and its like.
    Python,
    /// Java, by Maven or Gradle.
    Java,
    /// Rust.
    Rust,
    /// .NET.
    #[serde(rename = "dotnet")]
    DotNet,
}

/// Less than this share of the image saved, in per cent, is not worth a second stage.
const WORTH: u64 = 10;

impl Language {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Go => "Go",
            Self::Node => "Node",
            Self::FrontEnd => "front end",
            Self::Python => "Python",
            Self::Java => "Java",
            Self::Rust => "Rust",
            Self::DotNet => ".NET",
        }
    }
}

impl Declined {
    fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), line: None, advice: None }
    }

    fn at(line: usize, reason: impl Into<String>) -> Self {
        Self { line: Some(line), ..Self::new(reason) }
    }

    fn advice(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }
}

/// The same image from two stages: one that builds, one that ships what was built.
///
/// # Errors
/// The reason why it is left in one stage.
pub fn to_multi_stage(source: &str, facts: &Facts) -> Result<Rewrite, Declined> {
    let file = Dockerfile::read(source);
    let graph = Graph::new(&file, facts);
    let stage = SingleStage::read(&file, &graph, facts)?;
    let language = language_of(&stage)?;
    let draft = draft_of(language, &stage)?;
    let (text, reasons, needs) = draft.finish();
    let (before, after) = (analysis::analyse(source, facts), analysis::analyse(&text, facts));
    if let Some(error) = after.errors.iter().chain(&after.blockers).next() {
        return Err(Declined::new(format!("in two stages it would not build: {}", error.message)));
    }
    let saved = (is_base_known(&before) && is_base_known(&after)).then(|| saved(&before, &after));
    // Packages that stay behind may be most of it, and their weight not known.
    let leaves_unknown = n_unknown_packages(&before) > n_unknown_packages(&after);
    let saved = saved.filter(|saved| *saved >= WORTH || !leaves_unknown);
    if saved.is_some_and(|saved| saved < WORTH) {
        return Err(too_little(&stage, &before, &after));
    }
    Ok(Rewrite { text, language, reasons, needs, before: size(&before), after: size(&after), saved })
}

/// Each language's own file.
fn draft_of<'s>(language: Language, stage: &'s SingleStage<'s>) -> Result<Draft<'s>, Declined> {
    match language {
        Language::Go => go::draft(stage),
        Language::Node => node::draft(stage),
        Language::FrontEnd => front_end::draft(stage),
        Language::Python => python::draft(stage),
        Language::Java => java::draft(stage),
        Language::Rust => rust::draft(stage),
        Language::DotNet => dotnet::draft(stage),
    }
}

/// By what the steps call.
fn language_of(stage: &SingleStage<'_>) -> Result<Language, Declined> {
    let mut found: Vec<(Language, usize)> = Vec::new();
    for step in &stage.steps {
        for call in &step.calls {
            let language = match call.program.as_str() {
                "go" => Language::Go,
                "cargo" | "rustc" => Language::Rust,
                "mvn" | "mvnw" | "gradle" | "gradlew" | "javac" => Language::Java,
                "dotnet" => Language::DotNet,
                _ if node::is_install(call) && front_end::applies(stage) => Language::FrontEnd,
                _ if node::is_install(call) => Language::Node,
                _ if python::is_install(call) => Language::Python,
                _ => continue,
            };
            if found.iter().all(|(known, _)| *known != language) {
                found.push((language, step.line));
            }
        }
    }
    match found[..] {
        [(language, _)] => Ok(language),
        [] => Err(nothing_built(stage)),
        [(one, _), (other, line), ..] => Err(Declined::at(
            line,
            format!(
                "{} and {} are built in one stage: which of their files the image needs is not plain",
                one.name(),
                other.name()
            ),
        )
        .advice("Give each its own stage, and copy from both into the last one")),
    }
}

fn nothing_built(stage: &SingleStage<'_>) -> Declined {
    Declined::at(stage.line(), "no line builds a program that the assistant knows how to part from its tools")
        .advice("It knows Go, Node and front ends, Python, Java, Rust and .NET")
}

fn size(report: &Report) -> ImageSize {
    let target = report.target().map(|target| target.size.clone());
    target.unwrap_or_else(|| ImageSize {
        unpacked: crate::estimate::Estimate::sum([]),
        download: crate::estimate::Estimate::sum([]),
        layers: Vec::new(),
        unknown: Vec::new(),
    })
}

/// True where the base of what ships has a known size.
fn is_base_known(report: &Report) -> bool {
    let Some(target) = report.target() else { return false };
    let layers = target.size.layers.iter().filter_map(|layer| report.layers.get(*layer));
    let is_from =
        |layer: &&Layer| report.instructions.get(layer.instruction).is_some_and(|it| it.keyword == "FROM");
    layers.filter(is_from).all(|layer| layer.unpacked.is_some())
}

/// How many steps of what ships install packages of a distribution whose weight is not known.
fn n_unknown_packages(report: &Report) -> usize {
    let unknown = report.target().map(|target| target.size.unknown.as_slice()).unwrap_or_default();
    let unknown = unknown.iter().filter_map(|layer| report.layers.get(*layer));
    let texts =
        unknown.filter_map(|layer| report.instructions.get(layer.instruction).map(|it| it.text.as_str()));
    let installs =
        |text: &&str| ["apt-get install", "apt install", "apk add"].iter().any(|words| text.contains(words));
    texts.filter(installs).count()
}

/// In per cent of what it weighed before.
fn saved(before: &Report, after: &Report) -> u64 {
    let (before, after) = (size(before).unpacked.likely, size(after).unpacked.likely);
    before.saturating_sub(after).saturating_mul(100).checked_div(before).unwrap_or(0)
}

fn too_little(stage: &SingleStage<'_>, before: &Report, after: &Report) -> Declined {
    let megabytes = |report: &Report| (size(report).unpacked.likely as f64 / 1e6).round();
    let (from, to) = (megabytes(before), megabytes(after));
    let reason = format!(
        "a second stage would save little: {from} MB now, {to} MB then, as the base is small and the build leaves little behind"
    );
    let declined = Declined::at(stage.line(), reason);
    match stage.facts.context {
        None => {
            declined.advice("Without the build context much is not known: with it the answer may be another")
        }
        Some(_) => declined,
    }
}
