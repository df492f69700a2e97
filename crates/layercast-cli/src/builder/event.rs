//! What a build tells while it runs. The words are BuildKit's, as its status stream has them.
//! <https://pkg.go.dev/github.com/moby/buildkit/client#SolveStatus>

use chrono::{DateTime, TimeDelta, Utc};

/// One piece of news.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Event {
    /// A step is known, starts, ends, or starts again for another who waits for it.
    Vertex(Vertex),
    /// How far one piece of work of a step has come.
    Status(Status),
    /// Output of a step's command.
    Log(Log),
    /// A remark of the builder's on the Dockerfile.
    Warning(Warning),
}

/// A step of the build graph.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Vertex {
    /// What it is: the same digest is the same step.
    pub(crate) digest: String,
    /// The steps that it stands on.
    pub(crate) inputs: Vec<String>,
    /// What BuildKit calls it: `[build 2/4] RUN make`.
    pub(crate) name: String,
    /// When it began; none while it waits.
    pub(crate) started: Option<DateTime<Utc>>,
    /// When it ended; none until then.
    pub(crate) completed: Option<DateTime<Utc>>,
    /// True where nothing had to be done.
    pub(crate) cached: bool,
    /// Why it failed.
    pub(crate) error: Option<String>,
}

/// How far one piece of work has come: a download, an upload, a layer that is written.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Status {
    /// The step it belongs to, by digest.
    pub(crate) vertex: String,
    /// What it is: `transferring context:`.
    pub(crate) id: String,
    /// How much is done, mostly bytes.
    pub(crate) current: u64,
    /// How much there is; 0 where nobody knows.
    pub(crate) total: u64,
    /// True at its end.
    pub(crate) completed: bool,
}

/// Output of a command.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Log {
    /// The step it belongs to, by digest.
    pub(crate) vertex: String,
    /// True for standard error.
    pub(crate) is_error: bool,
    /// The bytes, cut anywhere.
    pub(crate) bytes: Vec<u8>,
}

/// A remark of the builder's.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Warning {
    /// One sentence.
    pub(crate) short: String,
    /// Its line in the Dockerfile, where it has one.
    pub(crate) line: Option<usize>,
}

impl Vertex {
    /// How long it took; none while it runs.
    pub(crate) fn time(&self) -> Option<TimeDelta> {
        Some(self.completed? - self.started?)
    }
}

impl Status {
    /// True where its bytes travel: layers that are pulled or pushed, and the build context.
    pub(crate) fn is_transfer(&self) -> bool {
        let beginnings = ["sha256:", "transferring ", "pushing sha256:", "pushing layer "];
        beginnings.iter().any(|beginning| self.id.starts_with(beginning))
    }
}
