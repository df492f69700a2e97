//! BuildKit's own calls, over the connection that Docker opens at `/grpc`: this is how buildx speaks to a daemon.

use super::connection::Open;
use super::endpoint::Endpoint;
use crate::builder::BuildError;
use bollard_buildkit_proto::moby::buildkit::v1::control_client::ControlClient;
use hyper::body::Incoming;
use hyper::client::conn::http2::{self, SendRequest};
use hyper::http::uri::PathAndQuery;
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::task::AbortHandle;
use tonic::Streaming;
use tonic::body::Body;
use tonic::client::Grpc;
use tonic::codegen::Service;
use tonic_prost::ProstCodec;

/// Where a call goes: any name will do.
const ORIGIN: &str = "http://docker";
/// The longest document that is read whole.
const LONGEST_DOCUMENT: usize = 64 << 20;
/// So many bytes of a call may be under way: layers are large.
const WINDOW: u32 = 4 << 20;
/// So many of all calls. The half of it is what h2 lets small frames that are not yet read cost, at 256 bytes each; who
/// sends more of them than that is hung up on.
pub(super) const WINDOW_OF_ALL: u32 = 128 << 20;
/// The longest message: news of many steps come in one.
const LONGEST_MESSAGE: usize = 64 << 20;
/// The longest error: the whole Dockerfile comes with it.
const LONGEST_ERROR: u32 = 16 << 20;

/// An open connection for calls: dropping it closes it.
pub(in crate::builder) struct Calls {
    sender: Sender,
    driver: AbortHandle,
    _open: Open,
}

impl Drop for Calls {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Endpoint {
    /// Opens a connection for calls.
    pub(super) async fn calls(&self) -> Result<Calls, BuildError> {
        let (upgraded, open) = self.upgrade(Request::builder().uri("/grpc")).await?;
        let mut client = http2::Builder::new(TokioExecutor::new());
        client.initial_stream_window_size(WINDOW).initial_connection_window_size(WINDOW_OF_ALL);
        client.max_header_list_size(LONGEST_ERROR);
        let (sender, connection) = client.handshake(upgraded).await.map_err(|_| self.lost())?;
        let driver = tokio::spawn(async move {
            // How it ends is seen by whoever calls.
            let _ = connection.await;
        });
        Ok(Calls { sender: Sender(sender), driver: driver.abort_handle(), _open: open })
    }
}

impl Calls {
    /// BuildKit's control.
    pub(super) fn control(&self) -> ControlClient<Sender> {
        let client = ControlClient::with_origin(self.sender.clone(), Uri::from_static(ORIGIN));
        client.max_decoding_message_size(LONGEST_MESSAGE)
    }

    /// Bytes that the daemon keeps, by their digest, as they come.
    /// <https://pkg.go.dev/github.com/containerd/containerd/api/services/content/v1#ContentClient>
    pub(in crate::builder) async fn read(&self, digest: String) -> Option<Streaming<Piece>> {
        let mut grpc = Grpc::with_origin(self.sender.clone(), Uri::from_static(ORIGIN));
        grpc.ready().await.ok()?;
        let path = PathAndQuery::from_static("/containerd.services.content.v1.Content/Read");
        let codec = ProstCodec::<Wanted, Piece>::default();
        let pieces = grpc.server_streaming(tonic::Request::new(Wanted { digest }), path, codec).await;
        Some(pieces.ok()?.into_inner())
    }

    /// A document that it keeps.
    pub(in crate::builder) async fn document(&self, digest: String) -> Option<Value> {
        let mut pieces = self.read(digest).await?;
        let mut bytes = Vec::new();
        while let Some(piece) = pieces.message().await.ok()? {
            bytes.extend_from_slice(&piece.bytes);
            if bytes.len() > LONGEST_DOCUMENT {
                return None;
            }
        }
        serde_json::from_slice(&bytes).ok()
    }
}

/// containerd's request for bytes, as far as it is used here.
#[derive(Clone, PartialEq, prost::Message)]
struct Wanted {
    #[prost(string, tag = "1")]
    digest: String,
}

/// A piece of them.
#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::builder) struct Piece {
    #[prost(bytes = "vec", tag = "2")]
    pub(in crate::builder) bytes: Vec<u8>,
}

/// What tonic calls by.
#[derive(Clone)]
pub(super) struct Sender(SendRequest<Body>);

impl Service<Request<Body>> for Sender {
    type Response = Response<Incoming>;
    type Error = hyper::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    /// Always: that the connection is gone is for the call to say, where tonic keeps the cause.
    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(self.0.send_request(request))
    }
}
