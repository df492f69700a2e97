//! Agents of SSH for `RUN --mount=type=ssh`: what a step says to one is passed on, and back.

use bollard_buildkit_proto::moby::sshforward::v1::ssh_server::Ssh;
use bollard_buildkit_proto::moby::sshforward::v1::{BytesMessage, CheckAgentRequest, CheckAgentResponse};
use std::collections::BTreeMap;
use std::path::PathBuf;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

/// The socket of each agent, by its id.
pub(super) struct Agents(pub(super) BTreeMap<String, PathBuf>);

impl Agents {
    fn socket(&self, id: &str) -> Result<&PathBuf, Status> {
        let id = if id.is_empty() { "default" } else { id };
        self.0
            .get(id)
            .ok_or_else(|| Status::not_found(format!("no SSH agent {id} was handed over; --ssh does it")))
    }
}

#[tonic::async_trait]
impl Ssh for Agents {
    type ForwardAgentStream = ReceiverStream<Result<BytesMessage, Status>>;

    async fn check_agent(
        &self,
        request: Request<CheckAgentRequest>,
    ) -> Result<Response<CheckAgentResponse>, Status> {
        self.socket(&request.get_ref().id).map(|_| Response::new(CheckAgentResponse {}))
    }

    #[cfg(unix)]
    async fn forward_agent(
        &self,
        request: Request<Streaming<BytesMessage>>,
    ) -> Result<Response<Self::ForwardAgentStream>, Status> {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let id =
            request.metadata().get("buildkit.ssh.id").and_then(|id| id.to_str().ok()).unwrap_or_default();
        let socket = tokio::net::UnixStream::connect(self.socket(id)?).await?;
        let (mut reader, mut writer) = socket.into_split();
        let (sender, receiver) = tokio::sync::mpsc::channel(8);
        let mut said = request.into_inner();
        let there = tokio::spawn(async move {
            while let Ok(Some(message)) = said.message().await {
                if writer.write_all(&message.data).await.is_err() {
                    return;
                }
            }
            let _ = writer.shutdown().await;
        });
        tokio::spawn(async move {
            let mut piece = vec![0; 1 << 12];
            while let Ok(n_read @ 1..) = reader.read(&mut piece).await {
                if sender.send(Ok(BytesMessage { data: piece[..n_read].to_vec() })).await.is_err() {
                    break;
                }
            }
            there.abort();
        });
        Ok(Response::new(ReceiverStream::new(receiver)))
    }

    #[cfg(not(unix))]
    async fn forward_agent(
        &self,
        _request: Request<Streaming<BytesMessage>>,
    ) -> Result<Response<Self::ForwardAgentStream>, Status> {
        Err(Status::unimplemented("agents are sockets of Unix"))
    }
}
