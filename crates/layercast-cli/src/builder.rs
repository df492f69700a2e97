//! Real builds: BuildKit does the work, here is what is asked of it and what it tells.
//!
//! **Invariant:** nothing here imitates a builder. Every way to BuildKit yields the same [`Event`]s and ends with the
//! same [`Built`].

mod error;
mod event;
mod rawjson;

mod buildx;
mod docker;
mod output;
mod settings;
mod watchdog;

mod json;
mod run;
mod steps;
mod truth;

pub(crate) use error::BuildError;
pub(crate) use event::{Event, Log, Status, Vertex, Warning};
pub(crate) use json::event;
pub(crate) use run::{News, Run, Step};
pub(crate) use settings::Settings;
pub(crate) use steps::{Place, Steps};
pub(crate) use truth::{Truth, measured, measured_on};

use buildx::Buildx;
use docker::Docker;
use output::Output;
use serde_json::Value;
use std::path::PathBuf;

/// A way to BuildKit.
#[derive(Debug, Clone)]
pub(crate) enum Builder {
    /// `docker buildx`, which knows every builder.
    Buildx(Buildx),
    /// Docker's API, without a program of Docker's.
    Docker(Docker),
}

/// `--via`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Via {
    /// The plugin.
    Buildx,
    /// The API.
    Docker,
}

/// What to build, as `docker build` is told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    /// The build context: a folder, or whatever else BuildKit takes for one.
    pub(crate) context: String,
    /// `--file`; none for `Dockerfile` in the context.
    pub(crate) file: Option<PathBuf>,
    /// Flags that are passed on as they are written, each with its value.
    pub(crate) flags: Vec<(&'static str, String)>,
    /// Flags without a value.
    pub(crate) switches: Vec<&'static str>,
    /// `--builder`; none for the one in use.
    pub(crate) builder: Option<String>,
    /// Whether it is to tell in the end which step is of which lines: it takes a fortieth of a short build's time.
    pub(crate) tells_lines: bool,
}

/// A build that went well.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Built {
    /// What the builder tells of its result: digests, and by which steps it came about.
    pub(crate) metadata: Value,
    /// What was made of it, where that lies in files here.
    output: Option<Output>,
}

impl Built {
    /// The folder or the file that has it now without its layers; none for what is an image still.
    pub(crate) fn destination(&self) -> Option<&str> {
        self.output.as_ref().filter(|output| !output.is_archive_of_image())?.destination.as_deref()
    }
}

impl Request {
    /// What is to be made of the result, as far as it is ours to read.
    fn outputs(&self) -> impl Iterator<Item = Output> {
        let written = self.flags.iter().filter(|(flag, _)| *flag == "--output");
        written.filter_map(|(_, value)| Output::parse(value))
    }
}

impl Builder {
    /// The way for this build, where nobody says `via`: Docker's API where it gives what buildx would, in a part of the
    /// time; else buildx where it is installed, as it knows every builder and every flag.
    pub(crate) async fn choose(request: &Request, via: Option<Via>) -> Result<Self, BuildError> {
        if request.outputs().any(|output| output.is_to_stdout()) {
            return Err(BuildError::ToStdout);
        }
        let buildx = Buildx::on_path();
        let is_buildx = match via {
            Some(via) => via == Via::Buildx,
            None if request.builder.is_some() => true,
            None => match Docker::alike(request).await {
                Some(docker) => return Ok(Self::Docker(docker)),
                None => buildx.is_installed().await,
            },
        };
        if is_buildx {
            return Ok(Self::Buildx(buildx));
        }
        Docker::check(request)?;
        Docker::in_use().map(Self::Docker)
    }

    /// Builds, and hands over what it tells while it does. `stop` ends the build early; nothing runs on.
    pub(crate) async fn build(
        &self,
        request: &Request,
        stop: impl Future<Output = ()>,
        on_event: impl FnMut(Event),
    ) -> Result<Built, BuildError> {
        let built = match self {
            Self::Buildx(buildx) => buildx.build(request, stop, on_event).await,
            Self::Docker(docker) => docker.build(request, stop, on_event).await,
        };
        let output = request.outputs().find(|output| output.destination.is_some());
        Ok(Built { output, ..built? })
    }

    /// What it is, in a few words for whoever waits.
    pub(crate) fn describe(&self, request: &Request) -> String {
        match self {
            Self::Buildx(_) => {
                let name = request.builder.clone().unwrap_or_else(|| Settings::of_this_user().builder());
                format!("docker buildx, builder \"{name}\"")
            }
            Self::Docker(docker) => format!("Docker's API at {docker}"),
        }
    }
}
