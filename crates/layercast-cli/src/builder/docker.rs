//! The way by Docker's API: the daemon's own BuildKit, without any program of Docker's on this machine.
//!
//! **Invariant:** what one build opens is closed when it is over, whichever way it ends: the connection of the build
//! and that of its session are all there is.

mod endpoint;

mod asked;
mod connection;
mod reply;

mod agents;
mod files;
mod health;
mod listing;
mod session;

mod calls;
mod provenance;

pub(super) use calls::Calls;

use super::event::Event;
use super::settings::Settings;
use super::{BuildError, Built, Request};
use asked::Asked;
use connection::{Open, Reply};
use endpoint::Endpoint;
use http_body_util::{BodyExt, Limited};
use hyper::http::request;
use hyper::upgrade::Upgraded;
use hyper::{Method, StatusCode};
use reply::Said;
use serde_json::{Value, json};
use session::Session;
use std::fmt;

/// The first version of the API with BuildKit behind it: Docker 18.09's.
const FIRST_VERSION: (u32, u32) = (1, 39);
/// The newest one that is known here; daemons speak older ones as well.
const NEWEST_VERSION: (u32, u32) = (1, 51);
/// What a daemon that keeps images as containerd does says of where it keeps them.
pub(super) const CONTAINERD: &str = "containerd.snapshotter";
/// The longest line that a daemon says.
const LONGEST_LINE: usize = 64 << 20;

/// A daemon.
#[derive(Debug, Clone)]
pub(crate) struct Docker {
    endpoint: Endpoint,
}

impl Docker {
    /// The daemon in use.
    pub(super) fn in_use() -> Result<Self, BuildError> {
        Ok(Self { endpoint: Endpoint::in_use(&Settings::of_this_user())? })
    }

    /// The daemon, where it builds just as `docker buildx build` would here: its own builder is the one in use, nothing
    /// is asked that only buildx can do, and nothing is set that only buildx heeds. Where images are kept as containerd
    /// does, buildx lays an account of the build beside each, for which the API has no words. By SSH each request of ours
    /// would sign in anew.
    pub(super) async fn alike(request: &Request) -> Option<Self> {
        let settings = Settings::of_this_user();
        if Asked::of(request).is_err() || settings.says_more_to_buildx() {
            return None;
        }
        let endpoint = Endpoint::in_use(&settings).ok()?;
        if matches!(endpoint, Endpoint::Ssh { .. }) {
            return None;
        }
        let docker = Self { endpoint };
        (!docker.keeps_images_as_containerd().await?).then_some(docker)
    }

    /// Refuses what only buildx can do.
    pub(super) fn check(request: &Request) -> Result<(), BuildError> {
        Asked::of(request).map(|_| ())
    }

    /// Builds, and hands over what it tells while it does. `stop` ends the build early; nothing runs on.
    pub(super) async fn build(
        &self,
        request: &Request,
        stop: impl Future<Output = ()>,
        mut on_event: impl FnMut(Event),
    ) -> Result<Built, BuildError> {
        let asked = Asked::of(request)?;
        tokio::select! {
            built = self.run(&asked, &mut on_event) => built,
            // The daemon cancels a build whose connection is gone.
            () = stop => Err(BuildError::Interrupted),
        }
    }

    /// What made each entry of an image's history, and its bytes, newest first.
    pub(super) async fn history(&self, image: &str) -> Result<Vec<(String, u64)>, BuildError> {
        let entries = self.endpoint.ask(&format!("/images/{image}/history")).await?;
        let entry = |it: &Value| Some((it["CreatedBy"].as_str()?.to_owned(), it["Size"].as_u64()?));
        entries.as_array().and_then(|all| all.iter().map(entry).collect()).ok_or_else(|| self.nonsense())
    }

    /// Whether it keeps images as containerd does; none where it does not answer.
    pub(super) async fn keeps_images_as_containerd(&self) -> Option<bool> {
        let info = self.endpoint.ask("/info").await.ok()?;
        Some(info["DriverStatus"].to_string().contains(CONTAINERD))
    }

    /// Opens a connection for BuildKit's own calls.
    pub(super) async fn calls(&self) -> Option<Calls> {
        self.endpoint.calls().await
    }

    async fn run(&self, asked: &Asked, on_event: &mut impl FnMut(Event)) -> Result<Built, BuildError> {
        let version = self.version().await?;
        let session = Session::open(&self.endpoint, &version, asked).await?;
        let request = hyper::Request::builder().method(Method::POST).uri(asked.path(&version, &session.id));
        let reply = self.endpoint.send(request).await?;
        if !reply.response.status().is_success() {
            return Err(self.endpoint.refusal(reply).await);
        }
        let image = self.hear(reply, on_event).await?;
        drop(session);
        let provenance = match asked.tells_lines {
            true => self.endpoint.provenance(&image).await,
            false => None,
        };
        let names: Vec<&str> =
            asked.query.iter().filter(|(name, _)| *name == "t").map(|(_, value)| value.as_str()).collect();
        Ok(Built {
            metadata: json!({
                "containerimage.digest": image,
                "containerimage.config.digest": image,
                "image.name": names.join(","),
                "buildx.build.provenance": provenance,
            }),
        })
    }

    /// Hears the daemon out; the image is what is left in the end.
    async fn hear(&self, reply: Reply, on_event: &mut impl FnMut(Event)) -> Result<String, BuildError> {
        let Reply { response, open: _open } = reply;
        let mut body = response.into_body();
        let mut line = Vec::new();
        let mut image = None;
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| self.endpoint.lost())?;
            let Some(bytes) = frame.data_ref() else { continue };
            for part in bytes.split_inclusive(|byte| *byte == b'\n') {
                line.extend_from_slice(part);
                if line.len() > LONGEST_LINE {
                    return Err(self.nonsense());
                }
                if part.ends_with(b"\n") {
                    let said = std::mem::take(&mut line);
                    self.take(said.trim_ascii(), &mut image, on_event)?;
                }
            }
        }
        self.take(line.trim_ascii(), &mut image, on_event)?;
        image.ok_or_else(|| self.endpoint.lost())
    }

    fn take(
        &self,
        line: &[u8],
        image: &mut Option<String>,
        on_event: &mut impl FnMut(Event),
    ) -> Result<(), BuildError> {
        if line.is_empty() {
            return Ok(());
        }
        match reply::decode(line) {
            Said::News(events) => events.into_iter().for_each(on_event),
            Said::Image(id) => *image = Some(id),
            Said::Failed(message) => {
                let message = message.strip_prefix("failed to solve: ").unwrap_or(&message).to_owned();
                return Err(BuildError::Builder { message });
            }
            Said::Words => {}
            Said::Nonsense => return Err(self.nonsense()),
        }
        Ok(())
    }

    /// The version of the API to speak.
    async fn version(&self) -> Result<String, BuildError> {
        let reply = self.endpoint.ask("/version").await?;
        let parsed = reply["ApiVersion"].as_str().and_then(|version| {
            let (major, minor) = version.split_once('.')?;
            Some((major.parse::<u32>().ok()?, minor.parse::<u32>().ok()?))
        });
        let Some(theirs) = parsed else { return Err(self.nonsense()) };
        if theirs < FIRST_VERSION || reply["Os"] == "windows" {
            let version = reply["Version"].as_str().unwrap_or("of an unknown version").to_owned();
            return Err(BuildError::TooOld { endpoint: self.to_string(), version });
        }
        let (major, minor) = theirs.min(NEWEST_VERSION);
        Ok(format!("{major}.{minor}"))
    }

    fn nonsense(&self) -> BuildError {
        BuildError::NoDocker { endpoint: self.to_string() }
    }
}

impl Endpoint {
    /// Asks the daemon to go on in HTTP/2 on this connection, in which either side may call.
    async fn upgrade(&self, request: request::Builder) -> Result<(Upgraded, Open), BuildError> {
        let request = request.method(Method::POST).header("Connection", "Upgrade").header("Upgrade", "h2c");
        let reply = self.send(request).await?;
        if reply.response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Err(self.refusal(reply).await);
        }
        let upgraded = hyper::upgrade::on(reply.response).await.map_err(|_| self.lost())?;
        Ok((upgraded, reply.open))
    }

    /// Why a request was refused, in the daemon's words where it has some.
    async fn refusal(&self, reply: Reply) -> BuildError {
        let Reply { response, open: _open } = reply;
        let status = response.status();
        match Limited::new(response.into_body(), 1 << 20).collect().await {
            Ok(bytes) => self.refused(status, &bytes.to_bytes()),
            Err(_) => self.lost(),
        }
    }
}

/// Its address.
impl fmt::Display for Docker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.endpoint.fmt(f)
    }
}
