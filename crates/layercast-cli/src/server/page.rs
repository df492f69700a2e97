//! `GET /…`: the page's files, from inside the program.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use layercast_core::registry::sha256;
use std::borrow::Cow;
use std::io::Write;
use std::sync::{Arc, OnceLock};

/// The file names of Trunk carry 16 hexadecimal digits of their content.
const HASHED: &str = "public, max-age=31536000, immutable";
/// Others are asked for again, and answered "not modified" in no time.
const CHECKED: &str = "no-cache";
/// Under this, compressing saves nothing that anybody would notice.
const WORTH_COMPRESSING: usize = 1024;
/// Two thirds of what the best quality saves, in a tenth of the time.
const BROTLI_QUALITY: i32 = 9;

const WITHOUT_PAGE: &str = "This program was built without the page; run `cargo xtask build`.\n";

#[derive(Debug)]
struct File {
    name: Cow<'static, str>,
    content: Cow<'static, [u8]>,
    etag: String,
    brotli: OnceLock<Vec<u8>>,
}

pub(super) fn router() -> Router {
    of_files(files())
}

fn of_files(files: Vec<File>) -> Router {
    Router::new().fallback(get(answer)).with_state(Arc::from(files))
}

async fn answer(State(files): State<Arc<[File]>>, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path == "build" || path.starts_with("build/") {
        return (
            StatusCode::NOT_FOUND,
            "No build is offered here: `layercast serve --build CONTEXT` offers one.\n",
        )
            .into_response();
    }
    if path == "relay" || path.starts_with("relay/") {
        return (StatusCode::NOT_FOUND, "The relay has no such address.\n").into_response();
    }
    if files.is_empty() {
        return (StatusCode::SERVICE_UNAVAILABLE, WITHOUT_PAGE).into_response();
    }
    // The page reads the rest of its address itself; what looks like a file is one, or is missing.
    let last = path.rsplit('/').next().unwrap_or_default();
    let name = if last.contains('.') { path } else { "index.html" };
    let Some(file) = files.iter().position(|file| file.name == name) else {
        return (StatusCode::NOT_FOUND, "There is no such file in the page.\n").into_response();
    };
    let asked = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let unchanged = asked(header::IF_NONE_MATCH).contains(&files[file].etag);
    let brotli = asked(header::ACCEPT_ENCODING).split(',').any(|coding| coding.trim() == "br");
    let compress = brotli && !unchanged && files[file].is_compressible();
    if compress && files[file].brotli.get().is_none() {
        let files = Arc::clone(&files);
        // Where the task is lost, the file goes out as it is.
        let _ = tokio::task::spawn_blocking(move || files[file].compressed().len()).await;
    }
    files[file].reply(unchanged, compress)
}

impl File {
    fn new(name: impl Into<Cow<'static, str>>, content: impl Into<Cow<'static, [u8]>>) -> Self {
        let content = content.into();
        let etag = format!("\"{}\"", &sha256(&content)[7..23]);
        Self { name: name.into(), content, etag, brotli: OnceLock::new() }
    }

    fn compressed(&self) -> &[u8] {
        self.brotli.get_or_init(|| {
            let params = brotli::enc::BrotliEncoderParams { quality: BROTLI_QUALITY, ..Default::default() };
            let mut writer = brotli::CompressorWriter::with_params(Vec::new(), 4096, &params);
            writer.write_all(&self.content).expect("writing to memory cannot fail");
            writer.into_inner()
        })
    }

    fn reply(&self, unchanged: bool, compress: bool) -> Response {
        let kept = if self.is_hashed() { HASHED } else { CHECKED };
        let common = [
            (header::ETAG, self.etag.as_str()),
            (header::CACHE_CONTROL, kept),
            (header::VARY, "accept-encoding"),
        ];
        let kind = [(header::CONTENT_TYPE, self.content_type())];
        match (unchanged, self.brotli.get().filter(|_| compress)) {
            (true, _) => (StatusCode::NOT_MODIFIED, common).into_response(),
            (false, Some(brotli)) => {
                (common, kind, [(header::CONTENT_ENCODING, "br")], brotli.clone()).into_response()
            }
            (false, None) => (common, kind, self.content.to_vec()).into_response(),
        }
    }

    /// `layercast-page-6a1f0c2b9d8e7f65_bg.wasm`.
    fn is_hashed(&self) -> bool {
        let is_hash = |part: &str| part.len() == 16 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        self.name.split(['-', '_', '.', '/']).any(is_hash)
    }

    fn is_compressible(&self) -> bool {
        let packed = ["image/png", "image/webp", "font/woff2", "application/octet-stream"];
        self.content.len() >= WORTH_COMPRESSING && !packed.contains(&self.content_type())
    }

    fn content_type(&self) -> &'static str {
        match self.name.rsplit('.').next().unwrap_or_default() {
            "html" => "text/html; charset=utf-8",
            "js" | "mjs" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "wasm" => "application/wasm",
            "json" | "map" => "application/json",
            "webmanifest" => "application/manifest+json",
            "svg" => "image/svg+xml",
            "png" => "image/png",
            "webp" => "image/webp",
            "ico" => "image/x-icon",
            "woff2" => "font/woff2",
            "txt" | "md" => "text/plain; charset=utf-8",
            _ => "application/octet-stream",
        }
    }
}

#[cfg(page_inside)]
fn files() -> Vec<File> {
    static INSIDE: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/page.rs"));
    let page = INSIDE.iter().map(|(name, content)| File::new(*name, *content));
    // Without a page nothing is served, and that is said.
    let tables = crate::answers::tables::files().filter(|_| !INSIDE.is_empty());
    page.chain(tables.map(|(name, content)| File::new(name, content))).collect()
}

/// Not in a release build: the page as it was last built, read once.
#[cfg(not(page_inside))]
fn files() -> Vec<File> {
    let dist = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dist");
    let mut files = Vec::new();
    let mut folders = vec![(String::new(), dist)];
    while let Some((prefix, folder)) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if name.starts_with('.') {
                continue;
            }
            if entry.path().is_dir() {
                folders.push((format!("{name}/"), entry.path()));
            } else if let Ok(content) = std::fs::read(entry.path()) {
                files.push(File::new(name, content));
            }
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    const WASM: &str = "layercast-page-6a1f0c2b9d8e7f65_bg.wasm";

    async fn ask(path: &str, headers: &[(header::HeaderName, &str)]) -> Response {
        let files = vec![File::new("index.html", &b"<p>"[..]), File::new(WASM, vec![7; 5000])];
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap()));
        answer(State(Arc::from(files)), path.parse().unwrap(), headers.collect()).await
    }

    fn header(response: &Response, name: header::HeaderName) -> &str {
        response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[tokio::test]
    async fn an_address_without_a_file_is_the_page() {
        for path in ["/", "/compare", "/?file=x.y"] {
            let response = ask(path, &[]).await;
            assert_eq!(header(&response, header::CONTENT_TYPE), "text/html; charset=utf-8", "{path}");
            assert_eq!(header(&response, header::CACHE_CONTROL), CHECKED);
        }
        assert_eq!(ask("/missing.js", &[]).await.status(), 404);
        assert_eq!(ask("/../Cargo.toml", &[]).await.status(), 404);
        assert_eq!(ask("/relay/nothing", &[]).await.status(), 404);
    }

    #[tokio::test]
    async fn a_file_named_by_its_content_is_kept_for_ever() {
        let response = ask(&format!("/{WASM}"), &[]).await;
        assert_eq!(header(&response, header::CACHE_CONTROL), HASHED);
        assert_eq!(header(&response, header::CONTENT_TYPE), "application/wasm");
        assert_eq!(header(&response, header::CONTENT_ENCODING), "");
    }

    #[tokio::test]
    async fn who_takes_brotli_gets_it() {
        let response = ask(&format!("/{WASM}"), &[(header::ACCEPT_ENCODING, "gzip, br")]).await;
        assert_eq!(header(&response, header::CONTENT_ENCODING), "br");
        let body = axum::body::to_bytes(response.into_body(), 5000).await.unwrap();
        let mut unpacked = Vec::new();
        brotli::BrotliDecompress(&mut body.as_ref(), &mut unpacked).unwrap();
        assert_eq!((unpacked, body.len() < 100), (vec![7; 5000], true));
    }

    #[tokio::test]
    async fn what_is_known_is_not_sent_again() {
        let etag = File::new("", &b"<p>"[..]).etag;
        let response = ask("/", &[(header::IF_NONE_MATCH, &etag)]).await;
        assert_eq!(response.status(), 304);
    }

    #[tokio::test]
    async fn without_a_page_it_says_how_to_get_one() {
        let response = answer(State(Arc::from(vec![])), "/".parse().unwrap(), HeaderMap::new()).await;
        let body = axum::body::to_bytes(response.into_body(), 500).await.unwrap();
        assert_eq!(body, WITHOUT_PAGE);
    }
}
