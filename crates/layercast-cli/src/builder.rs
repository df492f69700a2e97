//! Real builds: BuildKit does the work, here is what is asked of it and what it tells.
//!
//! **Invariant:** nothing here imitates a builder. Every way to BuildKit yields the same [`Event`]s and ends with the
//! same [`Built`].

mod event;
mod rawjson;

mod buildx;
mod settings;

mod json;
mod run;
mod steps;
mod truth;

pub(crate) use event::{Event, Log, Status, Vertex, Warning};
pub(crate) use json::event;
pub(crate) use run::{News, Run, Step};
pub(crate) use steps::{Place, Steps};
pub(crate) use truth::{Truth, measured};

use buildx::Buildx;
use serde_json::Value;
use settings::Settings;
use std::path::PathBuf;

/// A way to BuildKit.
#[derive(Debug, Clone)]
pub(crate) enum Builder {
    /// `docker buildx`, which knows every builder.
    Buildx(Buildx),
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
}

/// A build that went well.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Built {
    /// What the builder tells of its result: digests, and by which steps it came about.
    pub(crate) metadata: Value,
}

/// Why a build did not come to an end. Each message reads after "failed to".
#[derive(Debug, thiserror::Error)]
pub(crate) enum BuildError {
    /// `docker` cannot be started.
    #[error("start {program}: {source}")]
    Start {
        /// The program.
        program: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The builder ended with an error of its own.
    #[error("build: {message}")]
    Builder {
        /// Its words.
        message: String,
    },
    /// The user, or whoever stops programs, said so.
    #[error("build: interrupted")]
    Interrupted,
}

impl Builder {
    /// The way for this build.
    pub(crate) fn choose(_request: &Request) -> Self {
        Self::Buildx(Buildx::on_path())
    }

    /// Builds, and hands over what it tells while it does. `stop` ends the build early; nothing runs on.
    pub(crate) async fn build(
        &self,
        request: &Request,
        stop: impl Future<Output = ()>,
        on_event: impl FnMut(Event),
    ) -> Result<Built, BuildError> {
        match self {
            Self::Buildx(buildx) => buildx.build(request, stop, on_event).await,
        }
    }

    /// What it is, in a few words for whoever waits.
    pub(crate) fn describe(&self, request: &Request) -> String {
        match self {
            Self::Buildx(_) => {
                let name = request.builder.clone().unwrap_or_else(|| Settings::of_this_user().builder());
                format!("docker buildx, builder \"{name}\"")
            }
        }
    }
}

impl BuildError {
    /// What to do next, where there is something to do.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        let Self::Builder { message } = self else {
            let is_start = matches!(self, Self::Start { .. });
            return is_start.then_some("install Docker with its buildx plugin, or put it on the PATH");
        };
        let known: [(&str, &'static str); 7] = [
            (
                "permission denied",
                "your user may not use Docker's socket: join the group `docker`, or use sudo",
            ),
            ("Cannot connect to the Docker daemon", "start Docker, or name the one to use in DOCKER_HOST"),
            ("failed to connect to the docker API", "start Docker, or name the one to use in DOCKER_HOST"),
            ("no builder", "`docker buildx ls` lists the builders there are"),
            ("is not a docker command", "install Docker's buildx plugin"),
            ("unknown command: docker buildx", "install Docker's buildx plugin"),
            ("no space left on device", "free room with `docker builder prune` or `docker system prune`"),
        ];
        known.iter().find(|(part, _)| message.contains(part)).map(|(_, hint)| *hint)
    }
}
