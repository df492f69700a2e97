//! Requests to registries: the right host, a token where one is wanted, a limit on time and size.
//!
//! oci-client signs in (challenge, token, user and password). The requests are our own, as it keeps neither
//! the status nor `Retry-After`, and reads replies of any size.

use crate::answers::Mirror;
use crate::answers::credentials::fetch_credential;
use layercast_core::image_ref::ImageRef;
use layercast_core::registry::{Endpoint, RegistryError, Reply, Request, Subject, endpoint};
use oci_client::client::{ClientConfig, ClientProtocol};
use oci_client::errors::OciDistributionError;
use oci_client::secrets::RegistryAuth;
use oci_client::{Reference, RegistryOperation};
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue, RANGE};
use reqwest::{Method, Response, StatusCode};
use std::collections::HashMap;
use std::error::Error;
use std::sync::{Mutex, Once, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// So many requests are under way at a time, over all registries.
const REQUESTS_AT_ONCE: usize = 16;
/// The protocol lets a registry refuse larger manifests, so nobody has them.
const MOST_MANIFEST: u64 = 4 << 20;
/// Real configurations have kilobytes.
const MOST_CONFIG: u64 = 8 << 20;
const USER_AGENT: &str = concat!("layercast/", env!("CARGO_PKG_VERSION"));

/// Asks registries.
#[derive(Debug)]
pub(super) struct Client {
    http: LazyHttp,
    /// Without a proxy, for this machine's own registries.
    http_here: LazyHttp,
    mirrors: Vec<Mirror>,
    timeout: Duration,
    permits: Semaphore,
    /// By host and repository. Values are marked sensitive: they never show in debug output.
    authorizations: Mutex<HashMap<(String, String), Authorization>>,
}

/// Made when first used: it reads the system's certificates, and may not find any.
type LazyHttp = OnceLock<Result<reqwest::Client, RegistryError>>;

#[derive(Clone, Debug)]
struct Authorization {
    header: HeaderValue,
    signed_in: bool,
}

impl Client {
    pub(super) fn new(mirrors: Vec<Mirror>, timeout: Duration) -> Self {
        install_crypto();
        Self {
            http: LazyHttp::new(),
            http_here: LazyHttp::new(),
            mirrors,
            timeout,
            permits: Semaphore::new(REQUESTS_AT_ONCE),
            authorizations: Mutex::default(),
        }
    }

    /// Where the requests of a registry go: its mirror, else its own host.
    pub(super) fn endpoint(&self, registry: &str) -> Endpoint {
        let mirror = self.mirrors.iter().find(|mirror| mirror.registry == registry);
        mirror.map_or_else(|| endpoint(registry), |mirror| mirror.endpoint.clone())
    }

    /// Asks once, and once more after signing in where that is wanted.
    pub(super) async fn fetch(&self, image: &ImageRef, request: &Request) -> Reply {
        self.fetch_by(Method::GET, image, request).await
    }

    /// The digest that a tag stands for now, by HEAD: that counts as no pull. Empty where it is not sent.
    pub(super) async fn fetch_digest(&self, image: &ImageRef, tag: &str) -> Result<String, RegistryError> {
        let request = Request::Manifest { reference: tag.to_owned() };
        let (_, digest) = self.fetch_by(Method::HEAD, image, &request).await.into_content()?;
        Ok(digest)
    }

    async fn fetch_by(&self, method: Method, image: &ImageRef, request: &Request) -> Reply {
        let _permit = self.permits.acquire().await.expect("the semaphore is never closed");
        let endpoint = self.endpoint(&image.registry);
        let key = (endpoint.host.clone(), image.repository.clone());
        let known = self.authorization(&key);
        let reply = self.send(&method, &endpoint, &image.repository, request, known.as_ref()).await;
        if !matches!(reply, Reply::Refused { status: 401, .. }) {
            return denied_by(reply, known.as_ref());
        }
        // No token yet, or one that has run out.
        let fresh = match self.sign_in(&endpoint, &image.repository).await {
            Ok(Some(fresh)) => fresh,
            Ok(None) => return reply,
            Err(error) => return Reply::Failed(error),
        };
        self.keep_authorization(key, fresh.clone());
        let reply = self.send(&method, &endpoint, &image.repository, request, Some(&fresh)).await;
        denied_by(reply, Some(&fresh))
    }

    async fn send(
        &self,
        method: &Method,
        endpoint: &Endpoint,
        repository: &str,
        request: &Request,
        authorization: Option<&Authorization>,
    ) -> Reply {
        let http = match self.http(endpoint) {
            Ok(http) => http,
            Err(error) => return Reply::Failed(error.clone()),
        };
        let url = format!("{}{}", endpoint.origin(), request.path(repository));
        let mut builder = http.request(method.clone(), url);
        if let Some(accept) = request.accept() {
            builder = builder.header(ACCEPT, accept);
        }
        if let Some(range) = request.range() {
            builder = builder.header(RANGE, range);
        }
        if let Some(Authorization { header, .. }) = authorization {
            // reqwest drops it when a redirect leaves for another host or port.
            builder = builder.header(AUTHORIZATION, header.clone());
        }
        let answered = async {
            let response = builder.send().await.map_err(|error| unreachable(&error))?;
            read(response, request).await
        };
        match tokio::time::timeout(self.timeout, answered).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(error)) => Reply::Failed(error),
            Err(_) => Reply::Failed(self.slow()),
        }
    }

    fn http(&self, endpoint: &Endpoint) -> &Result<reqwest::Client, RegistryError> {
        let builder = || reqwest::Client::builder().user_agent(USER_AGENT).connect_timeout(self.timeout);
        let built = |builder: reqwest::ClientBuilder| builder.build().map_err(|error| unreachable(&error));
        if endpoint.is_loopback() {
            self.http_here.get_or_init(|| built(builder().no_proxy()))
        } else {
            self.http.get_or_init(|| built(builder()))
        }
    }

    /// Signs in for a repository; none where the registry says no way to, or none is left.
    async fn sign_in(
        &self,
        endpoint: &Endpoint,
        repository: &str,
    ) -> Result<Option<Authorization>, RegistryError> {
        let in_clear = endpoint.plain_http && !endpoint.is_loopback();
        let credential =
            if in_clear { RegistryAuth::Anonymous } else { fetch_credential(&endpoint.host).await };
        let signed_in = credential != RegistryAuth::Anonymous;
        match self.sign_in_as(endpoint, repository, &credential).await {
            // A password that has run out need not hide public images.
            Err(RegistryError::Denied { .. }) if signed_in => {
                let anonymous = self.sign_in_as(endpoint, repository, &RegistryAuth::Anonymous).await;
                // Told as what it is where the image turns out to be private.
                let told = |authorization| Authorization { signed_in, ..authorization };
                anonymous.map(|authorization| authorization.map(told)).map_err(|error| match error {
                    RegistryError::Denied { .. } => RegistryError::Denied { signed_in },
                    other => other,
                })
            }
            other => other,
        }
    }

    async fn sign_in_as(
        &self,
        endpoint: &Endpoint,
        repository: &str,
        credential: &RegistryAuth,
    ) -> Result<Option<Authorization>, RegistryError> {
        let protocol = if endpoint.plain_http { ClientProtocol::Http } else { ClientProtocol::Https };
        // A proxy that nothing goes through: else the environment's would be asked for this machine's registries.
        let direct = |text: &str| endpoint.is_loopback().then(|| text.to_owned());
        let config = ClientConfig {
            protocol,
            http_proxy: direct("http://127.0.0.1:9"),
            no_proxy: direct("*,0.0.0.0/0,::/0"),
            connect_timeout: Some(self.timeout),
            read_timeout: Some(self.timeout),
            user_agent: USER_AGENT,
            ..ClientConfig::default()
        };
        let client = oci_client::Client::try_from(config).map_err(|error| refused_token(&error))?;
        // The tag is of no account: a token is for a repository.
        let reference =
            Reference::with_tag(endpoint.host.clone(), repository.to_owned(), "latest".to_owned());
        let asked = client.auth(&reference, credential, RegistryOperation::Pull);
        let token = match tokio::time::timeout(self.timeout, asked).await {
            Ok(Ok(token)) => token,
            Ok(Err(error)) => return Err(refused_token(&error)),
            Err(_) => return Err(self.slow()),
        };
        let signed_in = *credential != RegistryAuth::Anonymous;
        let value = match (token, credential) {
            (Some(token), _) => format!("Bearer {token}"),
            (None, RegistryAuth::Basic(user, password)) => basic(user, password),
            (None, _) => return Ok(None),
        };
        let invalid = |_| RegistryError::Down { detail: "its token is none".to_owned() };
        let mut header = HeaderValue::try_from(value).map_err(invalid)?;
        header.set_sensitive(true);
        Ok(Some(Authorization { header, signed_in }))
    }

    fn authorization(&self, key: &(String, String)) -> Option<Authorization> {
        self.authorizations.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    fn keep_authorization(&self, key: (String, String), authorization: Authorization) {
        self.authorizations.lock().unwrap_or_else(PoisonError::into_inner).insert(key, authorization);
    }

    fn slow(&self) -> RegistryError {
        RegistryError::Slow { seconds: self.timeout.as_secs() }
    }
}

/// rustls wants to be told which cryptography it does; ring builds in seconds and everywhere.
pub(crate) fn install_crypto() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        // It fails where somebody has chosen before us, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

/// Reads a reply's body as far as its kind may go.
async fn read(mut response: Response, request: &Request) -> Result<Reply, RegistryError> {
    let status = response.status();
    let whole_layer = matches!(request, Request::Trailer { .. }) && status != StatusCode::PARTIAL_CONTENT;
    if whole_layer || !status.is_success() {
        let status = if status.is_success() { StatusCode::RANGE_NOT_SATISFIABLE } else { status };
        return Ok(Reply::from_registry(status.as_u16(), headers(&response), Vec::new()));
    }
    let (subject, limit) = match request {
        Request::Manifest { .. } => (Subject::Manifest, MOST_MANIFEST),
        Request::Blob { .. } => (Subject::Config, MOST_CONFIG),
        Request::Trailer { .. } => (Subject::Config, 4),
    };
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(&error))? {
        if (body.len() + chunk.len()) as u64 > limit {
            return Err(RegistryError::TooLarge { subject, limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Reply::from_registry(status.as_u16(), headers(&response), body))
}

fn headers(response: &Response) -> impl Fn(&str) -> String {
    |name| {
        let value = response.headers().get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    }
}

/// A refusal after signing in is told as such.
fn denied_by(reply: Reply, authorization: Option<&Authorization>) -> Reply {
    let signed_in = authorization.is_some_and(|authorization| authorization.signed_in);
    match reply {
        Reply::Refused { status: 401 | 403, .. } => Reply::Failed(RegistryError::Denied { signed_in }),
        other => other,
    }
}

/// Why there is no answer: in our own words where it is common, else in the system's without its numbers.
pub(super) fn unreachable(error: &reqwest::Error) -> RegistryError {
    let mut deepest: &dyn Error = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    let text = deepest.to_string().to_lowercase();
    let common = [
        ("failed to lookup address", "nobody here knows its name"),
        ("no ca certificates", "this system has no CA certificates to know it by"),
        ("invalid peer certificate", "its certificate is not trusted here"),
        ("corrupt message", "it does not speak https"),
    ];
    let known = common.iter().find(|(sign, _)| text.contains(sign)).map(|(_, words)| *words);
    let detail = known.or(text.split(" (os error").next()).unwrap_or_default().to_owned();
    RegistryError::Down { detail }
}

/// oci-client keeps the token server's words, not its status.
fn refused_token(error: &OciDistributionError) -> RegistryError {
    match error {
        OciDistributionError::AuthenticationFailure(words) if words.contains("TOOMANYREQUESTS") => {
            RegistryError::RateLimited { retry_after: String::new(), rate: String::new() }
        }
        OciDistributionError::AuthenticationFailure(_) => RegistryError::Denied { signed_in: false },
        OciDistributionError::RequestError(error) => unreachable(error),
        _ => RegistryError::Down { detail: "it sends no token that can be read".to_owned() },
    }
}

fn basic(user: &str, password: &str) -> String {
    use base64::Engine;
    let pair = format!("{user}:{password}");
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
}
