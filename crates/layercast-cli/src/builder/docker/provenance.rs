//! What the daemon's BuildKit remembers of a build: by which steps its image came about, and of which lines each is.
//!
//! It is asked for as buildx does it: BuildKit's own calls, over the connection that Docker opens at `/grpc`.
//! <https://pkg.go.dev/github.com/moby/buildkit/api/services/control#ControlClient>

use super::connection::Open;
use super::endpoint::Endpoint;
use bollard_buildkit_proto::moby::buildkit::v1::control_client::ControlClient;
use bollard_buildkit_proto::moby::buildkit::v1::{
    BuildHistoryRecord, BuildHistoryRequest, BuildResultInfo, Descriptor,
};
use hyper::body::Incoming;
use hyper::client::conn::http2::{self, SendRequest};
use hyper::http::uri::PathAndQuery;
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::task::AbortHandle;
use tokio::time::timeout;
use tonic::body::Body;
use tonic::client::Grpc;
use tonic::codegen::Service;
use tonic_prost::ProstCodec;

/// So many builds are looked through for ours, the last ones first: others may have ended since.
const LOOKED_THROUGH: i32 = 16;
/// So long the daemon may take: the build is over, and what it tells is worth little more than it costs.
const PATIENCE: Duration = Duration::from_secs(2);
/// The longest account of a build that is read.
const LONGEST: usize = 64 << 20;
/// How accounts of builds are marked.
const KIND: (&str, &str) = ("in-toto.io/predicate-type", "https://slsa.dev/provenance/");
/// Where a call goes: any name will do.
const ORIGIN: &str = "http://docker";

impl Endpoint {
    /// The account that BuildKit gives of how the image came about; none where it keeps none.
    pub(super) async fn provenance(&self, version: &str, image: &str) -> Option<Value> {
        timeout(PATIENCE, self.account(version, image)).await.ok()?
    }

    async fn account(&self, version: &str, image: &str) -> Option<Value> {
        let calls = self.calls(version).await?;
        let account = account(&calls.find(image).await?)?.digest.clone();
        serde_json::from_slice(&calls.read(account).await?).ok()
    }

    async fn calls(&self, version: &str) -> Option<Calls> {
        let request = Request::builder().method(Method::POST).uri(format!("/v{version}/grpc"));
        let request = request.header("Connection", "Upgrade").header("Upgrade", "h2c");
        let reply = self.send(request).await.ok()?;
        if reply.response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return None;
        }
        let upgraded = hyper::upgrade::on(reply.response).await.ok()?;
        let (sender, connection) = http2::handshake(TokioExecutor::new(), upgraded).await.ok()?;
        let driver = tokio::spawn(async move {
            let _ = connection.await;
        });
        Some(Calls { sender: Sender(sender), driver: driver.abort_handle(), _open: reply.open })
    }
}

/// An open connection for BuildKit's own calls: dropping it closes it.
struct Calls {
    sender: Sender,
    driver: AbortHandle,
    _open: Open,
}

impl Drop for Calls {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Calls {
    /// The last build that made the image.
    async fn find(&self, image: &str) -> Option<BuildHistoryRecord> {
        let request =
            BuildHistoryRequest { early_exit: true, limit: LOOKED_THROUGH, ..BuildHistoryRequest::default() };
        let mut control = ControlClient::with_origin(self.sender.clone(), Uri::from_static(ORIGIN));
        let mut events = control.listen_build_history(request).await.ok()?.into_inner();
        while let Some(event) = events.message().await.ok()? {
            if let Some(record) = event.record.filter(|record| made(record, image)) {
                return Some(record);
            }
        }
        None
    }

    /// Bytes that the daemon keeps, by their digest.
    async fn read(&self, digest: String) -> Option<Vec<u8>> {
        let mut grpc = Grpc::with_origin(self.sender.clone(), Uri::from_static(ORIGIN));
        grpc.ready().await.ok()?;
        let path = PathAndQuery::from_static("/containerd.services.content.v1.Content/Read");
        let codec = ProstCodec::<ReadContent, ContentRead>::default();
        let request = tonic::Request::new(ReadContent { digest });
        let mut pieces = grpc.server_streaming(request, path, codec).await.ok()?.into_inner();
        let mut bytes = Vec::new();
        while let Some(piece) = pieces.message().await.ok()? {
            bytes.extend_from_slice(&piece.data);
            if bytes.len() > LONGEST {
                return None;
            }
        }
        Some(bytes)
    }
}

/// Whether a build made the image: daemons name it in two places, by their age.
fn made(record: &BuildHistoryRecord, image: &str) -> bool {
    let images = |result: &BuildResultInfo| {
        let all = result.result_deprecated.iter().chain(result.results.values());
        all.map(|it| &it.digest).any(|digest| digest == image)
    };
    record.result.iter().any(images)
}

/// The account among what a build left beside its image.
fn account(record: &BuildHistoryRecord) -> Option<&Descriptor> {
    let is_account =
        |it: &&Descriptor| it.annotations.get(KIND.0).is_some_and(|kind| kind.starts_with(KIND.1));
    record.result.iter().flat_map(|result| &result.attestations).find(is_account)
}

/// containerd's request for bytes, as far as it is used here.
#[derive(Clone, PartialEq, prost::Message)]
struct ReadContent {
    #[prost(string, tag = "1")]
    digest: String,
}

/// A piece of them.
#[derive(Clone, PartialEq, prost::Message)]
struct ContentRead {
    #[prost(bytes = "vec", tag = "2")]
    data: Vec<u8>,
}

/// What tonic calls by.
#[derive(Clone)]
struct Sender(SendRequest<Body>);

impl Service<Request<Body>> for Sender {
    type Response = Response<Incoming>;
    type Error = hyper::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(self.0.send_request(request))
    }
}
