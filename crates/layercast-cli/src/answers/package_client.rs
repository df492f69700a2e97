//! Asking package indexes for documents and for pieces of files: kept on disk, counted, limited, polite.
//!
//! **Invariant:** it knows no ecosystem and no address but those it is given. A user and password in an address
//! are sent to its host and shown to nobody.

use crate::answers::cache::Cache;
use crate::answers::client::{install_crypto, unreachable};
use layercast_core::facts::FailureReason;
use layercast_core::registry::{RegistryError, endpoint, sha256};
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE, HeaderMap,
    HeaderValue, RANGE,
};
use reqwest::{Certificate, Method, Response, StatusCode, Url};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};
use tokio::sync::Semaphore;

/// So many requests are under way at a time.
const REQUESTS_AT_ONCE: usize = 8;
/// So often one thing is asked for where the index is busy or in trouble.
const TRIES: u32 = 3;
/// So many replies in a row may fail to come; then the index is taken for gone, and nobody waits any longer.
const MOST_SILENCES: usize = 6;
/// Nobody waits longer than this because an index says so.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);
const USER_AGENT: &str = concat!("layercast/", env!("CARGO_PKG_VERSION"));

/// What an ecosystem's own configuration says of how its index is asked.
#[derive(Clone, Debug)]
pub(crate) struct Manners {
    /// One reply may take so long.
    pub(crate) timeout: Duration,
    /// Bundles of certificates (PEM) trusted besides the system's.
    pub(crate) certificates: Vec<PathBuf>,
    /// So many requests are sent in one run; what the cache holds does not count.
    pub(crate) most_requests: usize,
    /// Before a second try; three times as long before a third.
    pub(crate) pause: Duration,
}

impl Manners {
    /// A patient visitor's.
    pub(crate) fn new(timeout: Duration) -> Self {
        let pause = Duration::from_millis(400);
        Self { timeout, certificates: Vec::new(), most_requests: 600, pause }
    }
}

/// Asks one ecosystem's indexes.
#[derive(Debug)]
pub(crate) struct PackageClient {
    http: LazyHttp,
    /// Without a proxy, for this machine's own indexes.
    http_here: LazyHttp,
    manners: Manners,
    cache: Cache,
    permits: Semaphore,
    sent: AtomicUsize,
    silences: AtomicUsize,
}

/// Made when first used: it reads the system's certificates, and may not find any.
type LazyHttp = OnceLock<Result<reqwest::Client, PackageError>>;

/// One thing to ask for.
#[derive(Clone, Debug)]
pub(crate) struct Ask<'a> {
    /// Where it is; a user and password in it are sent as such.
    pub(crate) url: &'a str,
    /// `Accept`, where the form of the reply can be chosen.
    pub(crate) accept: Option<&'static str>,
    /// `Authorization`, where the ecosystem's configuration has one for the host. Mark it sensitive.
    pub(crate) authorization: Option<HeaderValue>,
    /// Which bytes of it.
    pub(crate) piece: Piece,
    /// No more bytes than this are read of the reply.
    pub(crate) most: usize,
    /// How long the reply may be believed without asking again.
    pub(crate) keep: Keep,
}

/// Which bytes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// All of them.
    Whole,
    /// None: its length alone, by HEAD.
    Length,
    /// So many, from the end.
    Last(u64),
    /// From the first of these to before the second.
    Between(u64, u64),
}

/// How long a reply may be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// What stands behind the address never changes.
    ForEver,
    /// It may.
    For(Duration),
    /// Whoever asks keeps what is made of the reply.
    Not,
}

/// A reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Got {
    /// The bytes.
    pub(crate) body: Vec<u8>,
    /// `Content-Type`; empty where none is sent.
    pub(crate) content_type: String,
    /// Where in the file the bytes begin: not 0 for a piece, 0 where an index sent the whole of a small file instead.
    pub(crate) start: u64,
    /// The file's length, where it was said.
    pub(crate) total: Option<u64>,
    /// So many bytes were sent for the body: fewer than it has, where they were compressed.
    pub(crate) sent: u64,
    /// True where they were.
    pub(crate) compressed: bool,
    /// When the index said so.
    pub(crate) checked: SystemTime,
}

/// Why there is no reply. Each reads after "the index": `the index does not know it`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PackageError {
    #[error("does not know it")]
    NotFound,
    #[error("does not let us in")]
    Denied,
    #[error("was asked too often")]
    RateLimited,
    #[error("did not answer within {seconds} s")]
    Slow { seconds: u64 },
    #[error("cannot be reached: {detail}")]
    Down { detail: String },
    #[error("sent what cannot be read: {detail}")]
    Invalid { detail: String },
    #[error("sends files whole only")]
    NoPieces,
    #[error("was asked {limit} times, the most of one run")]
    Enough { limit: usize },
}

impl PackageError {
    /// The kind, as facts tell it.
    pub(crate) fn reason(&self) -> FailureReason {
        match self {
            Self::NotFound => FailureReason::NotFound,
            Self::Denied => FailureReason::Denied,
            Self::RateLimited | Self::Enough { .. } => FailureReason::RateLimited,
            Self::Slow { .. } | Self::Down { .. } => FailureReason::Unreachable,
            Self::Invalid { .. } | Self::NoPieces => FailureReason::Invalid,
        }
    }

    /// The reply is not what the protocol says.
    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self::Invalid { detail: detail.into() }
    }
}

impl<'a> Ask<'a> {
    /// A document at an address, up to 32 MiB, believed for a day.
    pub(crate) fn document(url: &'a str) -> Self {
        let keep = Keep::For(Duration::from_secs(24 * 60 * 60));
        Self { url, accept: None, authorization: None, piece: Piece::Whole, most: 32 << 20, keep }
    }

    /// A piece of a file that never changes, up to 16 MiB.
    pub(crate) fn piece(url: &'a str, piece: Piece) -> Self {
        Self { piece, most: 16 << 20, keep: Keep::ForEver, ..Self::document(url) }
    }

    /// Where the reply is kept: by all that decides on it, hashed, as an address may hold a password.
    fn key(&self) -> String {
        let Self { url, accept, piece, .. } = self;
        sha256(format!("{url}\n{}\n{piece:?}", accept.unwrap_or_default()).as_bytes())
    }
}

impl PackageClient {
    /// Asks nobody yet.
    pub(super) fn new(manners: Manners, cache: Cache) -> Self {
        install_crypto();
        Self {
            http: LazyHttp::new(),
            http_here: LazyHttp::new(),
            manners,
            cache,
            permits: Semaphore::new(REQUESTS_AT_ONCE),
            sent: AtomicUsize::new(0),
            silences: AtomicUsize::new(0),
        }
    }

    /// So many requests were sent until now; what the cache held is not among them.
    pub(crate) fn n_requests(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }

    /// The reply, from the cache where it is fresh there. Where the index is out of reach an older one stands in.
    pub(crate) async fn get(&self, ask: &Ask<'_>) -> Result<Got, PackageError> {
        if ask.keep == Keep::Not {
            return self.fetch(ask).await;
        }
        let key = ask.key();
        let kept = self.cache.document(&key).and_then(|(text, checked)| Got::from_kept(&text, checked));
        let is_fresh = |kept: &Got| match ask.keep {
            Keep::ForEver => true,
            Keep::Not => false,
            Keep::For(age) => SystemTime::now().duration_since(kept.checked).is_ok_and(|old| old < age),
        };
        if let Some(kept) = kept.as_ref().filter(|kept| is_fresh(kept)) {
            return Ok(kept.clone());
        }
        match (self.fetch(ask).await, kept) {
            (Ok(got), _) => {
                self.cache.keep_document(&key, &got.to_kept());
                Ok(got)
            }
            // The index speaks of the thing: what it said before holds no longer.
            (Err(error @ (PackageError::NotFound | PackageError::Denied)), _) => Err(error),
            (Err(_), Some(kept)) => Ok(kept),
            (Err(error), None) => Err(error),
        }
    }

    async fn fetch(&self, ask: &Ask<'_>) -> Result<Got, PackageError> {
        let _permit = self.permits.acquire().await.expect("the semaphore is never closed");
        let url = Url::parse(ask.url).map_err(|_| PackageError::invalid("an address that is none"))?;
        let http = self.http(&url).as_ref().map_err(Clone::clone)?;
        let mut pause = self.manners.pause;
        let mut tries = 1;
        loop {
            let (error, wanted) = match self.send(http, &url, ask).await {
                Ok(got) => return Ok(got),
                Err(refused) => refused,
            };
            let pause_now = wanted.unwrap_or(pause);
            let worth_it = wanted.is_some() || matches!(error, PackageError::RateLimited);
            if tries == TRIES || !worth_it || pause_now > LONGEST_PAUSE {
                return Err(error);
            }
            tokio::time::sleep(pause_now).await;
            pause *= 3;
            tries += 1;
        }
    }

    /// One request. Where a second try is worth it, the pause before it comes with the error.
    async fn send(
        &self,
        http: &reqwest::Client,
        url: &Url,
        ask: &Ask<'_>,
    ) -> Result<Got, (PackageError, Option<Duration>)> {
        if self.silences.load(Ordering::Relaxed) >= MOST_SILENCES {
            let detail = "it answered nothing for a while".to_owned();
            return Err((PackageError::Down { detail }, None));
        }
        let limit = self.manners.most_requests;
        if self.sent.fetch_add(1, Ordering::Relaxed) >= limit {
            self.sent.fetch_sub(1, Ordering::Relaxed);
            return Err((PackageError::Enough { limit }, None));
        }
        let method = if ask.piece == Piece::Length { Method::HEAD } else { Method::GET };
        let mut builder = http.request(method, url.clone());
        if let Some(accept) = ask.accept {
            // A document that comes in several forms may come compressed; a file is wanted as it is.
            builder = builder.header(ACCEPT, accept).header(ACCEPT_ENCODING, "gzip");
        }
        if let Some(range) = ask.piece.header() {
            builder = builder.header(RANGE, range);
        }
        if let Some(authorization) = &ask.authorization {
            // reqwest drops it when a redirect leaves for another host or port.
            builder = builder.header(AUTHORIZATION, authorization.clone());
        }
        let answered = async {
            let response = builder.send().await.map_err(|error| (down(&error), None))?;
            read(response, ask).await
        };
        let answer = tokio::time::timeout(self.manners.timeout, answered).await;
        match answer {
            Ok(Err((PackageError::Down { .. }, None))) | Err(_) => {
                self.silences.fetch_add(1, Ordering::Relaxed);
            }
            Ok(_) => self.silences.store(0, Ordering::Relaxed),
        }
        let slow = |_| Err((PackageError::Slow { seconds: self.manners.timeout.as_secs() }, None));
        answer.unwrap_or_else(slow).map_err(|(error, after)| {
            let again = matches!(&error, PackageError::Down { detail } if detail.starts_with("status"));
            (error, after.or(again.then_some(self.manners.pause)))
        })
    }

    fn http(&self, url: &Url) -> &Result<reqwest::Client, PackageError> {
        let build = |here: bool| {
            let builder = reqwest::Client::builder().user_agent(USER_AGENT);
            let mut builder = builder.connect_timeout(self.manners.timeout);
            if here {
                builder = builder.no_proxy();
            }
            let certificates = self.manners.certificates.iter().flat_map(|path| certificates(path));
            let certificates: Vec<Certificate> = certificates.collect();
            if !certificates.is_empty() {
                builder = builder.tls_certs_merge(certificates);
            }
            builder.build().map_err(|error| down(&error))
        };
        if url.host_str().is_some_and(|host| endpoint(host).is_loopback()) {
            self.http_here.get_or_init(|| build(true))
        } else {
            self.http.get_or_init(|| build(false))
        }
    }
}

impl Piece {
    fn header(self) -> Option<String> {
        match self {
            Self::Whole | Self::Length => None,
            Self::Last(bytes) => Some(format!("bytes=-{bytes}")),
            Self::Between(from, to) => Some(format!("bytes={from}-{}", to.saturating_sub(1))),
        }
    }
}

impl Got {
    /// One line of what is said of the body, then the body.
    fn to_kept(&self) -> Vec<u8> {
        let Self { body, content_type, start, total, sent, compressed, .. } = self;
        let total = total.map_or("-".to_owned(), |total| total.to_string());
        let content_type = content_type.replace(['\r', '\n'], " ");
        let mut kept =
            format!("{} {start} {total} {sent} {compressed} {content_type}\n", body.len()).into_bytes();
        kept.extend_from_slice(body);
        kept
    }

    /// None where the file was cut short.
    fn from_kept(text: &[u8], checked: SystemTime) -> Option<Self> {
        let end = text.iter().position(|byte| *byte == b'\n')?;
        let (head, body) = (std::str::from_utf8(text.get(..end)?).ok()?, text.get(end + 1..)?);
        let mut words = head.splitn(6, ' ');
        let length: usize = words.next()?.parse().ok()?;
        let start = words.next()?.parse().ok()?;
        let total = words.next()?.parse().ok();
        let (sent, compressed) = (words.next()?.parse().ok()?, words.next()? == "true");
        let content_type = words.next()?.to_owned();
        let body = (length == body.len()).then(|| body.to_vec())?;
        Some(Self { body, content_type, start, total, sent, compressed, checked })
    }
}

/// Reads a reply as far as its kind may go.
async fn read(mut response: Response, ask: &Ask<'_>) -> Result<Got, (PackageError, Option<Duration>)> {
    let status = response.status();
    if !status.is_success() {
        return Err((refused(status), retry_after(response.headers()).filter(|_| is_busy(status))));
    }
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let content_type = header(CONTENT_TYPE).unwrap_or_default().to_owned();
    let partial = status == StatusCode::PARTIAL_CONTENT;
    let compressed = ask.accept.is_some() && header(CONTENT_ENCODING) == Some("gzip");
    let said = header(CONTENT_RANGE).filter(|_| partial).and_then(content_range);
    let length = header(reqwest::header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
    let (start, total) = match said {
        Some((start, total)) => (start, total),
        None if partial => return Err((PackageError::invalid("a piece of no file"), None)),
        None => (0, length),
    };
    if ask.piece == Piece::Length {
        let unsaid = || (PackageError::invalid("no length"), None);
        let total = Some(total.ok_or_else(unsaid)?);
        let (body, checked) = (Vec::new(), SystemTime::now());
        return Ok(Got { body, content_type, start, total, sent: 0, compressed: false, checked });
    }
    let most = ask.most as u64;
    if length.is_some_and(|length| length > most) {
        let whole = ask.piece.header().is_some() && !partial;
        return Err((if whole { PackageError::NoPieces } else { too_large(ask.most) }, None));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| (down(&error), None))? {
        if body.len() + chunk.len() > ask.most {
            return Err((too_large(ask.most), None));
        }
        body.extend_from_slice(&chunk);
    }
    let total = total.or_else(|| (!partial).then_some(body.len() as u64));
    let sent = body.len() as u64;
    if compressed {
        body = unpacked(&body, ask.most).map_err(|error| (error, None))?;
    }
    Ok(Got { body, content_type, start, total, sent, compressed, checked: SystemTime::now() })
}

fn unpacked(body: &[u8], most: usize) -> Result<Vec<u8>, PackageError> {
    let mut unpacked = Vec::new();
    let limit = most as u64 + 1;
    let read = flate2::read::MultiGzDecoder::new(body).take(limit).read_to_end(&mut unpacked);
    match read {
        Ok(_) if unpacked.len() > most => Err(too_large(most)),
        Ok(_) => Ok(unpacked),
        Err(_) => Err(PackageError::invalid("no gzip, which it says it is")),
    }
}

fn refused(status: StatusCode) -> PackageError {
    match status.as_u16() {
        404 | 410 => PackageError::NotFound,
        401 | 403 | 407 => PackageError::Denied,
        429 => PackageError::RateLimited,
        500.. => PackageError::Down { detail: format!("status {}", status.as_u16()) },
        other => PackageError::invalid(format!("status {other}")),
    }
}

fn is_busy(status: StatusCode) -> bool {
    matches!(status.as_u16(), 429 | 503)
}

/// Seconds; a date is left aside.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get("retry-after")?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// The first byte and the file's length: `bytes 10-19/100`.
fn content_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    Some((range.split_once('-')?.0.trim().parse().ok()?, total.trim().parse().ok()))
}

fn too_large(most: usize) -> PackageError {
    PackageError::invalid(format!("more than {} MiB", most >> 20))
}

fn down(error: &reqwest::Error) -> PackageError {
    match unreachable(error) {
        RegistryError::Down { detail } => PackageError::Down { detail },
        other => PackageError::Down { detail: other.to_string() },
    }
}

/// The certificates of a bundle; none where it cannot be read, as then the system's may do.
fn certificates(path: &Path) -> Vec<Certificate> {
    let bundle = std::fs::read(path).unwrap_or_default();
    Certificate::from_pem_bundle(&bundle).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::routing::get;
    use std::sync::Arc;
    use tokio::net::TcpListener;

    /// A fake index at a free port of this machine.
    async fn index(router: Router) -> String {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        origin
    }

    fn client() -> (tempfile::TempDir, PackageClient) {
        let folder = tempfile::tempdir().unwrap();
        let manners =
            Manners { pause: Duration::ZERO, most_requests: 5, ..Manners::new(Duration::from_secs(5)) };
        let cache = Cache::open(Some(folder.path().to_owned())).unwrap();
        (folder, PackageClient::new(manners, cache))
    }

    fn flaky(status: StatusCode, times: usize) -> Router {
        let asked = Arc::new(AtomicUsize::new(0));
        Router::new().route(
            "/x",
            get(move || {
                let n = asked.fetch_add(1, Ordering::Relaxed);
                async move { if n < times { (status, "busy") } else { (StatusCode::OK, "here") } }
            }),
        )
    }

    #[tokio::test]
    async fn a_document_is_asked_for_once_and_kept() {
        let url = format!("{}/x", index(flaky(StatusCode::OK, 0)).await);
        let (_folder, client) = client();
        for _ in 0..3 {
            let got = client.get(&Ask::document(&url)).await.unwrap();
            assert_eq!((got.body.as_slice(), got.total), (b"here".as_slice(), Some(4)));
        }
        assert_eq!(client.n_requests(), 1);
    }

    #[tokio::test]
    async fn a_busy_index_is_asked_again_but_not_for_ever() {
        let (_folder, client) = client();
        let recovers = format!("{}/x", index(flaky(StatusCode::TOO_MANY_REQUESTS, 2)).await);
        assert_eq!(client.get(&Ask::document(&recovers)).await.unwrap().body, b"here");
        assert_eq!(client.n_requests(), 3);
        let broken = format!("{}/x", index(flaky(StatusCode::BAD_GATEWAY, 9)).await);
        let limit = PackageError::Enough { limit: 5 };
        assert_eq!(client.get(&Ask::document(&broken)).await, Err(limit));
    }

    #[tokio::test]
    async fn a_document_that_comes_compressed_is_unpacked() {
        let serve = get(|headers: HeaderMap| async move {
            assert_eq!(headers[ACCEPT_ENCODING], "gzip");
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            std::io::Write::write_all(&mut encoder, &[b'x'; 1000]).unwrap();
            ([("content-encoding", "gzip")], encoder.finish().unwrap())
        });
        let url = format!("{}/x", index(Router::new().route("/x", serve)).await);
        let (_folder, client) = client();
        for _ in 0..2 {
            let got = client.get(&Ask { accept: Some("text/plain"), ..Ask::document(&url) }).await.unwrap();
            assert_eq!((got.body.len(), got.compressed), (1000, true));
            assert!(got.sent < 100, "{}", got.sent);
        }
        let small = Ask { accept: Some("text/html"), most: 900, ..Ask::document(&url) };
        assert_eq!(client.get(&small).await.unwrap_err().reason(), FailureReason::Invalid);
    }

    #[tokio::test]
    async fn what_is_not_there_is_asked_for_once() {
        let (_folder, client) = client();
        let url = format!("{}/nothing", index(Router::new()).await);
        assert_eq!(client.get(&Ask::document(&url)).await, Err(PackageError::NotFound));
        assert_eq!(client.n_requests(), 1);
    }

    #[tokio::test]
    async fn an_index_that_is_silent_is_slow() {
        let never = Router::new().route("/x", get(std::future::pending::<()>));
        let url = format!("{}/x", index(never).await);
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(Some(folder.path().to_owned())).unwrap();
        let client = PackageClient::new(Manners::new(Duration::from_millis(20)), cache);
        let slow = client.get(&Ask::document(&url)).await.unwrap_err();
        assert_eq!(slow, PackageError::Slow { seconds: 0 });
        assert_eq!(slow.reason(), FailureReason::Unreachable);
    }

    #[tokio::test]
    async fn pieces_say_where_they_lie() {
        let (_folder, client) = client();
        let serve = get(|headers: HeaderMap| async move {
            assert_eq!(headers[RANGE], "bytes=-3");
            (StatusCode::PARTIAL_CONTENT, [("content-range", "bytes 7-9/10")], "xyz")
        });
        let url = format!("{}/f", index(Router::new().route("/f", serve)).await);
        let got = client.get(&Ask::piece(&url, Piece::Last(3))).await.unwrap();
        assert_eq!((got.body.as_slice(), got.start, got.total), (b"xyz".as_slice(), 7, Some(10)));
    }

    #[tokio::test]
    async fn an_index_without_pieces_sends_small_files_whole() {
        let (_folder, client) = client();
        let url = format!("{}/f", index(Router::new().route("/f", get(|| async { "0123456789" }))).await);
        let got = client.get(&Ask::piece(&url, Piece::Last(3))).await.unwrap();
        assert_eq!((got.body.len(), got.start, got.total), (10, 0, Some(10)));
        let small = Ask { most: 5, ..Ask::piece(&url, Piece::Between(0, 5)) };
        assert_eq!(client.get(&small).await, Err(PackageError::NoPieces));
    }

    #[tokio::test]
    async fn a_password_in_an_address_is_sent_and_not_kept() {
        let (folder, client) = client();
        let serve =
            get(|headers: HeaderMap| async move { headers[AUTHORIZATION].to_str().unwrap().to_owned() });
        let origin = index(Router::new().route("/x", serve)).await;
        let url = origin.replace("http://", "http://me:secret@") + "/x";
        assert_eq!(client.get(&Ask::document(&url)).await.unwrap().body, b"Basic bWU6c2VjcmV0");
        for file in std::fs::read_dir(folder.path().join("packages")).unwrap() {
            assert!(!file.unwrap().file_name().to_string_lossy().contains("secret"));
        }
    }
}
