//! The flags that every command on a Dockerfile takes, and the facts they amount to.

use crate::error::CliError;
use crate::facts_file;
use clap::{Args, ValueEnum};
use layercast_core::Facts;
use layercast_core::image_ref::{InvalidPlatform, Platform};
use std::path::PathBuf;

/// What to look at, and as what build.
#[derive(Debug, Args)]
pub(crate) struct BuildArgs<F: ValueEnum + Default + Send + Sync + 'static = Format> {
    /// Dockerfiles, or `-` for standard input
    #[arg(value_name = "DOCKERFILE", default_value = "Dockerfile")]
    pub(crate) files: Vec<PathBuf>,
    /// How to say it; json is one object a line for each file
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    #[arg(help = "How to say it; json is one object a line for each file")]
    pub(crate) format: F,
    #[command(flatten)]
    asked: AskedArgs,
}

/// What is asked of a build, in flags that `docker build` has too, and what is known of its parts.
#[derive(Debug, Args)]
pub(crate) struct AskedArgs {
    /// Build this stage instead of the last one
    #[arg(long, value_name = "STAGE", help_heading = "As docker build has them")]
    target: Option<String>,
    /// Set a build argument; NAME alone takes its value from the environment
    #[arg(long, value_name = "NAME[=VALUE]", help_heading = "As docker build has them")]
    build_arg: Vec<String>,
    /// Build for this platform instead of linux/amd64
    #[arg(long, value_name = "OS/ARCH[/VARIANT]", value_parser = parse_platform, value_delimiter = ',')]
    #[arg(help_heading = "As docker build has them")]
    platform: Vec<Platform>,
    /// Let an image or stage name mean something else, such as alpine=docker-image://alpine:3.22
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_pair)]
    #[arg(help_heading = "As docker build has them")]
    build_context: Vec<(String, String)>,
    /// Known sizes of images, steps and pins, as a JSON facts file
    #[arg(long, value_name = "FILE")]
    facts: Option<PathBuf>,
}

/// `--format`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

impl<F: ValueEnum + Default + Send + Sync + 'static> BuildArgs<F> {
    /// True where a facts file is named.
    pub(crate) fn names_facts(&self) -> bool {
        self.asked.names_facts()
    }

    /// What is known before anybody is asked. Flags win over the facts file.
    pub(crate) fn facts(&self) -> Result<Facts, CliError> {
        if self.asked.platform.len() > 1 {
            return Err(CliError::SeveralPlatforms);
        }
        self.asked.facts()
    }
}

impl AskedArgs {
    /// True where a facts file is named.
    pub(crate) fn names_facts(&self) -> bool {
        self.facts.is_some()
    }

    /// The flags as `docker build` takes them, each with its value.
    pub(crate) fn docker_flags(&self) -> Vec<(&'static str, String)> {
        let target = self.target.iter().map(|target| ("--target", target.clone()));
        let arguments = self.build_arg.iter().map(|argument| ("--build-arg", argument.clone()));
        let platforms: Vec<String> = self.platform.iter().map(Platform::to_string).collect();
        let platform = (!platforms.is_empty()).then(|| ("--platform", platforms.join(",")));
        let contexts =
            self.build_context.iter().map(|(name, value)| ("--build-context", format!("{name}={value}")));
        target.chain(arguments).chain(platform).chain(contexts).collect()
    }

    /// The platforms that are asked for; none where nobody says.
    pub(crate) fn platforms(&self) -> &[Platform] {
        &self.platform
    }

    /// What is known before anybody is asked, for the first of several platforms. Flags win over the facts file.
    pub(crate) fn facts(&self) -> Result<Facts, CliError> {
        let mut facts = match &self.facts {
            Some(path) => facts_file::read(path)?,
            None => Facts::default(),
        };
        let build = &mut facts.build;
        if self.target.is_some() {
            build.target.clone_from(&self.target);
        }
        if let Some(platform) = self.platform.first() {
            build.platform = Some(platform.clone());
        }
        build.build_args.extend(self.build_arg.iter().filter_map(|arg| build_arg(arg)));
        build.build_contexts.extend(self.build_context.iter().cloned());
        Ok(facts)
    }
}

/// As docker has it: a name alone takes the environment's value, and is dropped where there is none.
fn build_arg(written: &str) -> Option<(String, String)> {
    match written.split_once('=') {
        Some((name, value)) => Some((name.to_owned(), value.to_owned())),
        None => std::env::var(written).ok().map(|value| (written.to_owned(), value)),
    }
}

pub(crate) fn parse_platform(written: &str) -> Result<Platform, InvalidPlatform> {
    Platform::parse(written)
}

fn parse_pair(written: &str) -> Result<(String, String), String> {
    match written.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}
