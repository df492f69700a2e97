//! The session of a build: the daemon calls us over a connection of its own, for files, secrets, agents and
//! sign-ins, and with what comes of the build.

use super::asked::{Asked, Secret};
use super::calls::WINDOW_OF_ALL;
use super::connection::Open;
use super::endpoint::Endpoint;
use super::export::Destination;
use super::files::Folders;
use crate::answers::sign_in;
use crate::builder::BuildError;
use bollard_buildkit_proto::moby::buildkit::secrets::v1::secrets_server::{Secrets, SecretsServer};
use bollard_buildkit_proto::moby::buildkit::secrets::v1::{GetSecretRequest, GetSecretResponse};
use bollard_buildkit_proto::moby::filesync::v1::auth_server::{Auth, AuthServer};
use bollard_buildkit_proto::moby::filesync::v1::file_sync_server::FileSyncServer;
use bollard_buildkit_proto::moby::filesync::v1::{
    CredentialsRequest, CredentialsResponse, FetchTokenRequest, FetchTokenResponse, GetTokenAuthorityRequest,
    GetTokenAuthorityResponse, VerifyTokenAuthorityRequest, VerifyTokenAuthorityResponse,
};
use bollard_buildkit_proto::moby::sshforward::v1::ssh_server::SshServer;
use hyper_util::rt::TokioExecutor;
use hyper_util::service::TowerToHyperService;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use tokio::task::AbortHandle;
use tonic::service::Routes;
use tonic::{Request, Response, Status};

/// The longest secret that BuildKit takes.
const LONGEST_SECRET: usize = 500 << 10;
/// What the daemon may call, as it wants to be told beforehand.
const CALLS: [&str; 8] = [
    "/moby.filesync.v1.FileSync/DiffCopy",
    "/moby.filesync.v1.FileSend/DiffCopy",
    "/moby.filesync.v1.Auth/Credentials",
    "/moby.buildkit.secrets.v1.Secrets/GetSecret",
    "/moby.sshforward.v1.SSH/CheckAgent",
    "/moby.sshforward.v1.SSH/ForwardAgent",
    "/grpc.health.v1.Health/Check",
    "/grpc.health.v1.Health/Watch",
];

/// An open session: dropping it closes it.
pub(super) struct Session {
    pub(super) id: String,
    server: AbortHandle,
    _open: Open,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Session {
    /// Opens one, and answers from then on.
    pub(super) async fn open(endpoint: &Endpoint, version: &str, asked: &Asked) -> Result<Self, BuildError> {
        let id = random_id();
        let mut request = hyper::Request::builder()
            .uri(format!("/v{version}/session"))
            .header("X-Docker-Expose-Session-Uuid", &id)
            .header("X-Docker-Expose-Session-Name", "layercast")
            .header("X-Docker-Expose-Session-Sharedkey", shared_key(&asked.context));
        for call in CALLS {
            request = request.header("X-Docker-Expose-Session-Grpc-Method", call);
        }
        let (upgraded, open) = endpoint.upgrade(request).await?;
        let service = TowerToHyperService::new(services(asked));
        let server = tokio::spawn(async move {
            let mut server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            // The builder names every file in a frame of its own.
            server.initial_connection_window_size(WINDOW_OF_ALL);
            // It ends with the connection, which the build sees as well.
            let _ = server.serve_connection(upgraded, service).await;
        });
        Ok(Self { id, server: server.abort_handle(), _open: open })
    }
}

fn services(asked: &Asked) -> Routes {
    let folders = Folders {
        context: asked.context.clone(),
        dockerfile: asked.dockerfile_folder.clone(),
        name: asked.dockerfile.clone(),
        named: asked.folders.clone(),
    };
    let mut routes = Routes::builder();
    routes
        .add_service(FileSyncServer::new(folders))
        .add_service(AuthServer::new(SignIns))
        .add_service(SecretsServer::new(Kept(asked.secrets.clone())))
        .add_service(SshServer::new(super::agents::Agents(asked.agents.clone())))
        .add_service(super::health::server());
    Destination::of(&asked.output).serve(&mut routes);
    routes.routes()
}

/// The user's sign-ins at registries.
struct SignIns;

#[tonic::async_trait]
impl Auth for SignIns {
    async fn credentials(
        &self,
        request: Request<CredentialsRequest>,
    ) -> Result<Response<CredentialsResponse>, Status> {
        let (username, secret) = sign_in(&request.get_ref().host).await;
        Ok(Response::new(CredentialsResponse { username, secret }))
    }

    async fn fetch_token(
        &self,
        _request: Request<FetchTokenRequest>,
    ) -> Result<Response<FetchTokenResponse>, Status> {
        Err(Status::unimplemented("the builder signs in itself"))
    }

    async fn get_token_authority(
        &self,
        _request: Request<GetTokenAuthorityRequest>,
    ) -> Result<Response<GetTokenAuthorityResponse>, Status> {
        Err(Status::unimplemented("the builder signs in itself"))
    }

    async fn verify_token_authority(
        &self,
        _request: Request<VerifyTokenAuthorityRequest>,
    ) -> Result<Response<VerifyTokenAuthorityResponse>, Status> {
        Err(Status::unimplemented("the builder signs in itself"))
    }
}

/// Secrets, each read when a step asks for it.
struct Kept(BTreeMap<String, Secret>);

#[tonic::async_trait]
impl Secrets for Kept {
    async fn get_secret(
        &self,
        request: Request<GetSecretRequest>,
    ) -> Result<Response<GetSecretResponse>, Status> {
        let id = &request.get_ref().id;
        // In these words the builder knows that a step may go on without it.
        let missing = || Status::not_found(format!("secret {id} not found"));
        let data = match self.0.get(id).ok_or_else(missing)? {
            Secret::Variable(name) => std::env::var_os(name).ok_or_else(missing)?.into_encoded_bytes(),
            Secret::File(path) => tokio::fs::read(path).await.map_err(|error| {
                Status::failed_precondition(format!("{} cannot be read: {error}", path.display()))
            })?,
        };
        if data.len() > LONGEST_SECRET {
            return Err(Status::failed_precondition(format!("secret {id} is longer than 500 KiB")));
        }
        Ok(Response::new(GetSecretResponse { data }))
    }
}

/// By this the daemon knows a context again, and asks only for what changed in it.
fn shared_key(context: &Path) -> String {
    let mut hasher = DefaultHasher::new();
    std::fs::canonicalize(context).unwrap_or_else(|_| context.to_owned()).hash(&mut hasher);
    format!("layercast-{:016x}", hasher.finish())
}

/// Another one each time: std's hasher of maps begins at random.
pub(super) fn random_id() -> String {
    use std::hash::BuildHasher;
    let number = || std::hash::RandomState::new().hash_one(std::process::id());
    format!("{:016x}{:016x}", number(), number())
}
