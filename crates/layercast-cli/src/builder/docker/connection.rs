//! HTTP to a daemon, one connection a request: by a socket, a port, TLS, or `ssh`.

use super::endpoint::Endpoint;
use crate::builder::BuildError;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::task::AbortHandle;
use tokio::time::timeout;

/// So long a daemon may take to be reached, and to say the first word.
const PATIENCE: Duration = Duration::from_secs(20);
/// The longest reply that is read whole.
const LONGEST_REPLY: usize = 16 << 20;

/// Bytes both ways.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A reply whose connection is open for as long as this is kept.
pub(super) struct Reply {
    /// Its head, and its body as it comes.
    pub(super) response: Response<Incoming>,
    /// Closes the connection.
    pub(super) open: Open,
}

/// An open connection: dropping it closes it.
pub(super) struct Open {
    driver: AbortHandle,
    _ssh: Option<Child>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Endpoint {
    /// What a GET answers, as JSON.
    pub(super) async fn ask(&self, path: &str) -> Result<Value, BuildError> {
        let request = Request::builder().method(Method::GET).uri(path);
        let asked = async {
            let reply = self.send(request).await?;
            let status = reply.response.status();
            let bytes = Limited::new(reply.response.into_body(), LONGEST_REPLY).collect().await;
            let bytes = bytes.map_err(|_| self.lost())?.to_bytes();
            match serde_json::from_slice(&bytes) {
                Ok(value) if status.is_success() => Ok(value),
                _ => Err(self.refused(status, &bytes)),
            }
        };
        timeout(PATIENCE, asked).await.unwrap_or_else(|_| Err(self.unreached(io::ErrorKind::TimedOut.into())))
    }

    /// Sends a request without a body. Host is written here.
    pub(super) async fn send(&self, request: hyper::http::request::Builder) -> Result<Reply, BuildError> {
        let (stream, ssh) = timeout(PATIENCE, self.dial())
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
            .map_err(|source| self.unreached(source))?;
        let shaken = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = shaken.map_err(|_| self.lost())?;
        let driver = tokio::spawn(async move {
            // How it ends is seen by whoever reads the reply.
            let _ = connection.with_upgrades().await;
        });
        let open = Open { driver: driver.abort_handle(), _ssh: ssh };
        let request = request.header("Host", "docker").body(Empty::<Bytes>::new());
        let request = request.map_err(|_| BuildError::Endpoint { written: self.to_string() })?;
        match sender.send_request(request).await {
            Ok(response) => Ok(Reply { response, open }),
            // It answers, and not in HTTP.
            Err(error) if error.is_parse() => Err(BuildError::NoDocker { endpoint: self.to_string() }),
            Err(_) => Err(self.lost()),
        }
    }

    /// What a reply that is none of ours means.
    pub(super) fn refused(&self, status: StatusCode, body: &[u8]) -> BuildError {
        let words: Value = serde_json::from_slice(body).unwrap_or_default();
        match words["message"].as_str() {
            Some(message) => BuildError::Builder { message: message.to_owned() },
            None if status == StatusCode::FORBIDDEN || status == StatusCode::UNAUTHORIZED => {
                self.unreached(io::ErrorKind::PermissionDenied.into())
            }
            None => BuildError::NoDocker { endpoint: self.to_string() },
        }
    }

    pub(super) fn lost(&self) -> BuildError {
        BuildError::Lost { endpoint: self.to_string() }
    }

    fn unreached(&self, source: io::Error) -> BuildError {
        BuildError::Unreached { endpoint: self.to_string(), source }
    }

    async fn dial(&self) -> io::Result<(Box<dyn Stream>, Option<Child>)> {
        match self {
            #[cfg(unix)]
            Self::Unix(path) => Ok((Box::new(tokio::net::UnixStream::connect(path).await?), None)),
            #[cfg(not(unix))]
            Self::Unix(_) => Err(io::ErrorKind::Unsupported.into()),
            Self::Tcp { host, port } => Ok((Box::new(connect(host, *port).await?), None)),
            Self::Tls { host, port, keys } => {
                let config = tls(keys)?;
                let name = ServerName::try_from(host.clone()).map_err(io::Error::other)?;
                let stream = connect(host, *port).await?;
                let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
                Ok((Box::new(connector.connect(name, stream).await?), None))
            }
            Self::Ssh { destination, port } => {
                let (stream, child) = ssh(destination, *port)?;
                Ok((stream, Some(child)))
            }
        }
    }
}

async fn connect(host: &str, port: u16) -> io::Result<TcpStream> {
    let stream = TcpStream::connect((host, port)).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The three files that Docker keeps for a daemon; without a certificate of ours where there is none.
fn tls(keys: &Path) -> io::Result<ClientConfig> {
    let read = |name: &str| {
        let path = keys.join(name);
        std::fs::read(&path)
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
    };
    let certificates = |bytes: &[u8]| {
        CertificateDer::pem_slice_iter(bytes).collect::<Result<Vec<_>, _>>().map_err(io::Error::other)
    };
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates(&read("ca.pem")?)?);
    let config = ClientConfig::builder().with_root_certificates(roots);
    if !keys.join("cert.pem").is_file() {
        return Ok(config.with_no_client_auth());
    }
    let chain = certificates(&read("cert.pem")?)?;
    let key = PrivateKeyDer::from_pem_slice(&read("key.pem")?).map_err(io::Error::other)?;
    config.with_client_auth_cert(chain, key).map_err(io::Error::other)
}

/// As Docker's command line does it: the one over there passes on what it hears to its daemon.
fn ssh(destination: &str, port: Option<u16>) -> io::Result<(Box<dyn Stream>, Child)> {
    let mut command = Command::new("ssh");
    if let Some(port) = port {
        command.args(["-p", &port.to_string()]);
    }
    command.args(["-o", "ConnectTimeout=20", "-T", "--", destination, "docker", "system", "dial-stdio"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.spawn()?;
    match (child.stdout.take(), child.stdin.take()) {
        (Some(stdout), Some(stdin)) => Ok((Box::new(tokio::io::join(stdout, stdin)), child)),
        _ => Err(io::ErrorKind::BrokenPipe.into()),
    }
}
