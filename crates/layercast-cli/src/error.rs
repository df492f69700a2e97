//! What can go wrong outside the Dockerfile: files, flags, streams.

use crate::builder::BuildError;
use layercast_core::facts::RATIOS;
use layercast_core::image_ref::InvalidImageRef;
use layercast_core::lint;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// The outside world said no. Each message reads after "failed to".
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// A Dockerfile that cannot be read.
    #[error("read {}: {}", path.display(), reason(source))]
    Dockerfile { path: PathBuf, source: io::Error },
    /// `-` more than once.
    #[error("read standard input twice")]
    StandardInputTwice,
    /// More platforms than a report is on.
    #[error("look at several platforms at once")]
    SeveralPlatforms,
    /// Both sides of a comparison are one.
    #[error("compare {} with itself", path.display())]
    ComparedWithItself { path: PathBuf },
    /// A facts file that cannot be read.
    #[error("read the facts in {}: {}", path.display(), reason(source))]
    Facts { path: PathBuf, source: io::Error },
    /// A facts file that cannot be written.
    #[error("save the facts in {}: {}", path.display(), reason(source))]
    SaveFacts { path: PathBuf, source: io::Error },
    /// A facts file that does not hold facts.
    #[error("understand the facts in {}: {source}", path.display())]
    FactsForm { path: PathBuf, source: serde_json::Error },
    /// A facts file of another version.
    #[error(
        "understand the facts in {}: they are of version {version}, this program reads version {}",
        path.display(),
        layercast_core::facts::VERSION
    )]
    FactsVersion { path: PathBuf, version: u32 },
    /// A facts file that speaks of an image by no name that an image can have.
    #[error("understand the facts in {}: `{reference}` names no image: {source}", path.display())]
    FactsImage { path: PathBuf, reference: String, source: InvalidImageRef },
    /// A facts file with a correction that cannot be one.
    #[error("understand the facts in {}: the correction of `{by}` is none", path.display())]
    FactsCorrection { path: PathBuf, by: String },
    /// A facts file without measured steps, where those are wanted.
    #[error("learn from {}: it has no measured steps", path.display())]
    NothingMeasured { path: PathBuf },
    /// A build context that is no readable folder.
    #[error("open the build context {}: {}", path.display(), reason(source))]
    Context { path: PathBuf, source: io::Error },
    /// A .dockerignore that is there and cannot be read.
    #[error("read {}: {}", path.display(), reason(source))]
    IgnoreFile { path: PathBuf, source: io::Error },
    /// A mended Dockerfile that cannot be put in the place of the old one.
    #[error("write the fixed {}: {}", path.display(), reason(source))]
    Save { path: PathBuf, source: io::Error },
    /// A Dockerfile that is not text throughout, and would not be the same again.
    #[error("fix {}: it holds bytes that are no UTF-8", path.display())]
    FixBytes { path: PathBuf },
    /// A name that no check has.
    #[error("explain `{name}`: there is no check of that name")]
    UnknownCheck { name: String },
    /// A cache folder that cannot be used.
    #[error("use the cache folder {}: {}", path.display(), reason(source))]
    Cache { path: PathBuf, source: io::Error },
    /// A port that cannot be listened at.
    #[error("listen at {address}: {}", reason(source))]
    Listen { address: SocketAddr, source: io::Error },
    /// Others could build on this machine, and nobody said that they may.
    #[error("listen at {ip}: other machines reach it, and whoever builds here runs commands")]
    Remote { ip: IpAddr },
    /// The system has no randomness to give.
    #[error("make a token: the system gives no random bytes")]
    Randomness,
    /// A build that did not come to an end.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// Our own output could not be written.
    #[error("write the output: {0}")]
    Output(#[from] io::Error),
}

impl CliError {
    /// What to do next, where there is something to do.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Dockerfile { path, source } if source.kind() == io::ErrorKind::IsADirectory => {
                Some(format!("name the file in it, such as {}", path.join("Dockerfile").display()))
            }
            Self::Dockerfile { path, source } if source.kind() == io::ErrorKind::NotFound => {
                let default = path.as_os_str() == "Dockerfile";
                default.then(|| "name a Dockerfile, or `-` for standard input".to_owned())
            }
            Self::SeveralPlatforms => Some("name one; `layercast build` takes several".to_owned()),
            Self::StandardInputTwice => Some("give `-` once".to_owned()),
            Self::ComparedWithItself { .. } => Some(
                "name a second Dockerfile, or another target or platform: --target-b, --platform-b".to_owned(),
            ),
            Self::FactsForm { .. } | Self::FactsVersion { .. } | Self::FactsImage { .. } => Some(
                "a facts file looks like {\"version\": 1, \"images\": [{\"reference\": \
                 \"docker.io/library/alpine:3.22\", \"platform\": \"linux/amd64\", \"layers\": \
                 [{\"download\": 3792075}]}]}"
                    .to_owned(),
            ),
            Self::FactsCorrection { .. } => Some(format!(
                "take it out of `calibration`, or mend it: ratio between {} and {}, low above 0 and at most high, \
                 steps above 0",
                RATIOS[0], RATIOS[1]
            )),
            Self::NothingMeasured { .. } => {
                Some("`layercast build --save-facts FILE` writes such a file".to_owned())
            }
            Self::Context { .. } => {
                Some("--context takes the folder that `docker build` would get".to_owned())
            }
            Self::FixBytes { .. } => Some("save it as UTF-8, or mend it by hand".to_owned()),
            Self::UnknownCheck { name } => Some(match lint::nearest(name) {
                Some(rule) => format!("did you mean `{}`?", rule.name),
                None => "`layercast explain` alone lists them all".to_owned(),
            }),
            Self::Cache { .. } => Some("name a folder that you may write to by --cache-dir".to_owned()),
            Self::Listen { address, source } if source.kind() == io::ErrorKind::AddrInUse => {
                let other = address.port().checked_add(1).unwrap_or(8787);
                Some(format!("another program listens there; try `--port {other}`, or `--port 0` for any"))
            }
            Self::Build(error) => error.hint().map(str::to_owned),
            Self::Listen { .. } => Some("try another port by --port".to_owned()),
            Self::Remote { .. } => Some(
                "put TLS or a proxy in front, then say --allow-remote and --host NAME, the name in its address"
                    .to_owned(),
            ),
            Self::Dockerfile { .. }
            | Self::Facts { .. }
            | Self::IgnoreFile { .. }
            | Self::Save { .. }
            | Self::SaveFacts { .. }
            | Self::Randomness
            | Self::Output(_) => None,
        }
    }

    /// True where the reader of our output has gone away.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(source) if source.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// The reason of an I/O error in our own words, as the system's carry numbers.
fn reason(source: &io::Error) -> String {
    match source.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder, not a file".to_owned(),
        io::ErrorKind::AddrInUse => "the port is taken".to_owned(),
        io::ErrorKind::NotADirectory => "it is not a folder".to_owned(),
        _ => source.to_string(),
    }
}
