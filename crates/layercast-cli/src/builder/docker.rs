//! The way by Docker's API: the daemon's own BuildKit, without any program of Docker's on this machine. It is spoken to
//! as buildx does it: BuildKit's own calls at `/grpc`, and a session for files, secrets, agents and sign-ins.
//!
//! **Invariant:** what one build opens is closed when it is over, whichever way it ends: the connection for calls and
//! that of its session are all there is.

mod connection;
mod endpoint;

mod asked;
mod work_tree;

mod agents;
mod disk_writer;
mod export;
mod files;
mod health;
mod listing;
mod metadata;
mod mode;
mod session;

mod calls;
mod provenance;
mod solve;
mod status;

mod push;

pub(super) use calls::Calls;

use super::event::Event;
use super::settings::Settings;
use super::{BuildError, Built, Request};
use asked::Asked;
use connection::{Open, Reply};
use endpoint::Endpoint;
use export::Destination;
use http_body_util::{BodyExt, Limited};
use hyper::http::request;
use hyper::upgrade::Upgraded;
use hyper::{Method, StatusCode};
use serde_json::Value;
use session::{Session, random_id};
use std::error::Error;
use std::fmt;
use tonic::Status;

/// The first version of the API with BuildKit behind it: Docker 18.09's.
const FIRST_VERSION: (u32, u32) = (1, 39);
/// The newest one that is known here; daemons speak older ones as well.
const NEWEST_VERSION: (u32, u32) = (1, 51);
/// What a daemon that keeps images as containerd does says of where it keeps them.
pub(super) const CONTAINERD: &str = "containerd.snapshotter";

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
    /// is asked that only buildx can do, and nothing is set that only buildx heeds. By SSH each request of ours would
    /// sign in anew.
    pub(super) async fn alike(request: &Request) -> Option<Self> {
        let settings = Settings::of_this_user();
        let asked = Asked::of(request).ok().filter(|_| !settings.says_more_to_buildx())?;
        let endpoint = Endpoint::in_use(&settings).ok()?;
        if matches!(endpoint, Endpoint::Ssh { .. }) {
            return None;
        }
        let docker = Self { endpoint };
        // One that does not answer us may answer buildx.
        docker.version().await.ok()?;
        let is_able = asked.wants_containerd().is_none() || docker.keeps_images_as_containerd().await?;
        is_able.then_some(docker)
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
        Destination::of(&asked.output).check()?;
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
        self.endpoint.calls().await.ok()
    }

    async fn run(&self, asked: &Asked, on_event: &mut impl FnMut(Event)) -> Result<Built, BuildError> {
        let (version, is_containerd) = tokio::join!(self.version(), self.keeps_images_as_containerd());
        let (version, is_containerd) = (version?, is_containerd.unwrap_or(false));
        if asked.is_pushed && asked.names.is_empty() {
            return Err(BuildError::NoName);
        }
        if let Some(what) = asked.wants_containerd().filter(|_| !is_containerd) {
            return Err(BuildError::OnlyBuildx { what: what.to_owned() });
        }
        let source = async {
            // Where an account of the build lies beside the image, it says where the files are from.
            Ok(if is_containerd { work_tree::attributes(asked).await } else { Vec::new() })
        };
        let (session, calls, source) =
            tokio::try_join!(Session::open(&self.endpoint, &version, asked), self.endpoint.calls(), source)?;
        let id = random_id();
        let mut request = asked.request(&id, &session.id, is_containerd);
        request.frontend_attrs.extend(source);
        let mut metadata = calls.solve(request, on_event).await.map_err(|status| self.failed(&status))?;
        drop(session);
        if asked.tells_lines {
            metadata.extend(calls.provenance(&id).await);
        }
        for name in asked.names.iter().filter(|_| asked.is_pushed) {
            if let Some(digest) = self.push(&version, name, on_event).await? {
                metadata.insert("containerimage.digest".to_owned(), Value::String(digest));
            }
        }
        Ok(Built { metadata: Value::Object(metadata), ..Built::default() })
    }

    /// Why a call failed: in BuildKit's words, where it has said some.
    fn failed(&self, status: &Status) -> BuildError {
        // What comes from below the calls has a cause; what BuildKit says has none.
        if status.source().is_some() {
            return self.endpoint.lost();
        }
        let message = status.message();
        let message = message.strip_prefix("failed to solve: ").unwrap_or(message);
        // What we answered ourselves to a call of its comes back in a frame.
        let framed = message.strip_prefix("rpc error: code = ").and_then(|it| it.split_once(" desc = "));
        BuildError::Builder { message: framed.map_or(message, |(_, ours)| ours).to_owned() }
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
