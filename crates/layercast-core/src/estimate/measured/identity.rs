//! What a step is, in digests: so that what a build made of it is known to be its own.
//!
//! As in BuildKit's cache, a RUN hangs on its command, on the settings in force and on everything below it; a COPY on
//! its words and on what it copies, wherever it is laid.

use crate::dockerfile::Instruction;
use crate::dockerfile::command_line::CommandLine;
use crate::dockerfile::copy::Copy;
use crate::dockerfile::run::Run;
use crate::estimate::context_copy::Taken;
use crate::facts::{ContextFile, Facts};
use crate::graph::Base;
use crate::graph::scope::{Assignment, Scope, Setting};
use crate::image_ref::Platform;
use crate::syntax::expansion::Lexer;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Stands for content that nobody could look at: it is equal to nothing.
pub const UNKNOWN: &str = "unknown";

/// What tells a step apart from others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The image that the stage stands on, normalised; or `scratch`.
    pub base: String,
    /// Its digest; empty where unknown.
    pub digest: String,
    /// What it is built for.
    pub platform: Platform,
    /// Digest of the step's own words.
    pub step: String,
    /// Digest of the steps below it and of the settings in force; empty for what does not see them.
    pub below: String,
    /// Digest of what it takes from elsewhere; empty where it takes nothing, [`UNKNOWN`] where that is not known.
    pub content: String,
}

/// What a stage is so far.
#[derive(Clone, Debug, Default)]
pub struct History {
    base: String,
    digest: String,
    platform: Platform,
    steps: String,
    settings: BTreeMap<String, String>,
}

impl History {
    /// A stage that starts from an image or from nothing.
    pub fn begin(base: &Base, platform: &Platform, facts: &Facts) -> Self {
        let (base, digest) = match base {
            Base::Image(image) => {
                let fact = facts.image_of(image, platform);
                (image.to_string(), fact.map_or_else(String::new, |fact| fact.digest.clone()))
            }
            Base::Scratch => ("scratch".to_owned(), String::new()),
            Base::Context(name) => (format!("context:{name}"), String::new()),
            Base::Stage(_) | Base::Invalid => Default::default(),
        };
        Self { base, digest, platform: platform.clone(), ..Self::default() }
    }

    /// Takes in what the Dockerfile sets. Only the digest of all settings is ever kept.
    pub fn set(&mut self, assignment: &Assignment) {
        let Some(value) = &assignment.value else { return };
        let name = match assignment.kind {
            Setting::Arg | Setting::Env if is_proxy(&assignment.name) => return,
            Setting::Arg | Setting::Env => format!("variable {}", assignment.name),
            Setting::Workdir => "working directory".to_owned(),
            Setting::User => "user".to_owned(),
            Setting::Shell => "shell".to_owned(),
        };
        self.settings.insert(name, value.clone());
    }

    /// What the stage is: its base and all its steps.
    pub fn digest(&self) -> String {
        digest([self.base.as_str(), &self.steps])
    }

    /// The identity of the base image, which FROM stands for.
    pub fn base(&self) -> Identity {
        Identity {
            base: self.base.clone(),
            digest: self.digest.clone(),
            platform: self.platform.clone(),
            step: digest(["FROM"]),
            below: String::new(),
            content: String::new(),
        }
    }

    /// Takes in a step; gives its identity.
    pub fn step(&mut self, words: &[String], content: String) -> Identity {
        let step = digest(words.iter().map(String::as_str));
        let settings = self.settings.iter().flat_map(|(name, value)| [name.as_str(), value]);
        let sees_below = words.first().is_some_and(|keyword| keyword == "RUN");
        let below = match sees_below {
            true => digest(std::iter::once(self.steps.as_str()).chain(settings)),
            false => String::new(),
        };
        self.steps = digest([self.steps.as_str(), &step, &below, &content]);
        Identity { step, below, content, ..self.base() }
    }
}

/// The words of a step as the builder sees them: a RUN's text as it stands, blanks folded line by line; paths expanded.
/// None for what makes no layer.
pub fn words(instruction: &Instruction, scope: &Scope, escape: char) -> Option<Vec<String>> {
    match instruction {
        Instruction::Run(run) => Some(words_of_run(run)),
        Instruction::Copy(copy) => Some(words_of_copy("COPY", copy, scope, escape)),
        Instruction::Add(copy) => Some(words_of_copy("ADD", copy, scope, escape)),
        Instruction::Workdir(_) => Some(vec!["WORKDIR".to_owned()]),
        _ => None,
    }
}

fn words_of_run(run: &Run) -> Vec<String> {
    let mut words = vec!["RUN".to_owned()];
    let flags = run.mounts.iter().chain(&run.network).chain(&run.security);
    words.extend(flags.map(|flag| flag.text.clone()));
    match &run.command {
        CommandLine::Exec(arguments) => {
            words.push("exec".to_owned());
            words.extend(arguments.iter().cloned());
        }
        CommandLine::Shell(text) => {
            words.push("shell".to_owned());
            let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
            words.extend(lines.filter(|line| !line.is_empty()));
        }
    }
    words
}

fn words_of_copy(keyword: &str, copy: &Copy, scope: &Scope, escape: char) -> Vec<String> {
    let lexer = Lexer::new(escape);
    let expand = |text: &str| lexer.expand(text, scope).map_or_else(|_| text.to_owned(), |it| it.text);
    let mut words = vec![keyword.to_owned()];
    words.extend(copy.sources.iter().map(|source| expand(&source.text)));
    words.push(format!("to {}", expand(&copy.destination.text)));
    let named = [("chown", &copy.chown), ("chmod", &copy.chmod), ("checksum", &copy.checksum)];
    for (name, value) in named {
        words.extend(value.iter().map(|value| format!("{name} {}", expand(&value.text))));
    }
    words.extend(copy.exclude.iter().map(|pattern| format!("exclude {}", expand(&pattern.text))));
    words.extend(copy.parents.then(|| "parents".to_owned()));
    words.extend(copy.unpack.map(|unpack| format!("unpack {unpack}")));
    for file in &copy.inline_files {
        let content = if file.expand { expand(&file.content) } else { file.content.clone() };
        words.push(format!("file {}\n{content}", file.name));
    }
    words
}

/// Digest of files of the build context: paths, lengths, and texts where they were read.
pub fn digest_of_files(taken: &Taken<'_>) -> String {
    if !taken.missing.is_empty() {
        return UNKNOWN.to_owned();
    }
    let line = |(path, file): (&&str, &ContextFile)| {
        let text = file.text.as_deref().map_or_else(String::new, |text| digest([text]));
        format!("{path}\n{}\n{}\n{text}", file.bytes, file.link.as_deref().unwrap_or_default())
    };
    let lines: Vec<String> = taken.files.iter().map(|(path, file)| line((path, file.file))).collect();
    digest(lines.iter().map(String::as_str))
}

/// The first sixteen hexadecimal digits of SHA-256 over the texts, each with its length before it.
pub fn digest<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().iter().take(8).fold(String::with_capacity(16), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Variables that the builder keeps out of its own cache keys too.
fn is_proxy(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"].contains(&name.as_str())
}
