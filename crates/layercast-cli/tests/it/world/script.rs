//! A registry whose every answer a test writes down.

use super::log::Log;
use super::serve;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use layercast_core::registry::sha256;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What to answer at a path below `/v2/`.
#[derive(Clone)]
pub(crate) enum Answer {
    /// Status 200 with the content, its digest in the header; ranges are honoured.
    Content(Vec<u8>),
    /// Status 200 with the content and another digest in the header.
    Announced(String, Vec<u8>),
    /// A status and headers.
    Status(u16, &'static [(&'static str, &'static str)]),
    /// Nothing for so long.
    Silence(Duration),
}

/// A registry by script. Clones speak for the same one.
#[derive(Clone)]
pub(crate) struct Script {
    pub(crate) address: SocketAddr,
    /// `GET library/debian/manifests/12`, and ` by Authorization` where that was sent.
    pub(crate) log: Log,
    answers: Answers,
}

type Answers = Arc<Mutex<HashMap<String, Answer>>>;

impl Script {
    pub(crate) async fn start() -> Self {
        let (log, answers) = (Log::default(), Answers::default());
        let router = Router::new().fallback(answer).with_state((log.clone(), Arc::clone(&answers)));
        Self { address: serve(router).await, log, answers }
    }

    /// What to answer at `path` from now on.
    pub(crate) fn say(&self, path: &str, answer: Answer) {
        self.answers.lock().expect("nobody panics while writing").insert(path.to_owned(), answer);
    }

    /// Has an image: its manifest at a tag and its digest, its configuration, its layers.
    pub(crate) fn hold(&self, repository: &str, tag: &str, image: &super::image::Image) {
        let manifest = || Answer::Content(image.manifest.clone());
        self.say(&format!("{repository}/manifests/{tag}"), manifest());
        self.say(&format!("{repository}/manifests/{}", sha256(&image.manifest)), manifest());
        let layers = image.layers.iter().map(|(blob, _)| blob);
        for blob in std::iter::once(&image.config).chain(layers) {
            self.say(&format!("{repository}/blobs/{}", sha256(blob)), Answer::Content(blob.clone()));
        }
    }

    /// `127.0.0.1:5000`.
    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }
}

async fn answer(State((log, answers)): State<(Log, Answers)>, request: Request) -> Response {
    let path = request.uri().path().trim_start_matches("/v2/").to_owned();
    let signed = if request.headers().contains_key("authorization") { " by Authorization" } else { "" };
    log.note(format!("{} {path}{signed}", request.method()));
    let scripted = answers.lock().expect("nobody panics while writing").get(&path).cloned();
    match scripted {
        None => StatusCode::NOT_FOUND.into_response(),
        Some(Answer::Content(body)) => content(&request, &sha256(&body), body),
        Some(Answer::Announced(digest, body)) => content(&request, &digest, body),
        Some(Answer::Status(status, headers)) => {
            let headers: HeaderMap = headers
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
                .collect();
            (StatusCode::from_u16(status).expect("a status in a test"), headers).into_response()
        }
        Some(Answer::Silence(duration)) => {
            tokio::time::sleep(duration).await;
            StatusCode::OK.into_response()
        }
    }
}

fn content(request: &Request, digest: &str, body: Vec<u8>) -> Response {
    let range = request.headers().get("range").and_then(|value| value.to_str().ok());
    let range = range.and_then(|text| {
        let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
        Some((first.parse::<usize>().ok()?, last.parse::<usize>().ok()?))
    });
    let headers = [("docker-content-digest", digest.to_owned())];
    match range.and_then(|(first, last)| body.get(first..=last)) {
        Some(part) => (StatusCode::PARTIAL_CONTENT, headers, part.to_vec()).into_response(),
        None if *request.method() == Method::HEAD => headers.into_response(),
        None => (headers, body).into_response(),
    }
}
