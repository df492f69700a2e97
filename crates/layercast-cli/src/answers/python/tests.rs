//! A fake index on this machine: sound, slow, busy, and one that answers nonsense.

use super::*;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::io::Write;
use tokio::net::TcpListener;

async fn start(router: Router) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    origin
}

fn python(origin: &str) -> (tempfile::TempDir, Arc<Python>) {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::open(Some(folder.path().to_owned())).unwrap();
    let configuration = Configuration { index: Some(format!("{origin}/simple")), ..Configuration::default() };
    let manners = Manners { pause: Duration::ZERO, ..Manners::new(Duration::from_millis(800)) };
    (folder, Arc::new(Python::with(configuration, manners, cache)))
}

/// A zip with deflated files, its directory larger than the first piece that is asked for.
fn wheel() -> Vec<u8> {
    let metadata = "Metadata-Version: 2.1\nRequires-Dist: click>=8\n\ntext\n".to_owned();
    let mut files = vec![("app-1.dist-info/METADATA".to_owned(), metadata)];
    files
        .extend((0..900).map(|n| (format!("app/{}/module_{n}.py", "long".repeat(20)), "x = 1\n".to_owned())));
    let (mut zip, mut directory) = (Vec::new(), Vec::new());
    for (path, text) in &files {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        let data = encoder.finish().unwrap();
        let offset = zip.len() as u32;
        let lengths = [data.len() as u32, text.len() as u32].map(u32::to_le_bytes).concat();
        let name = (path.len() as u16).to_le_bytes();
        let method = 8_u16.to_le_bytes();
        zip.extend(
            [&b"PK\x03\x04"[..], &[0; 4], &method, &[0; 8], &lengths, &name, &[0; 2], path.as_bytes(), &data]
                .concat(),
        );
        let head = [
            &b"PK\x01\x02"[..],
            &[0; 6],
            &method,
            &[0; 8],
            &lengths,
            &name,
            &[0; 12],
            &offset.to_le_bytes(),
            path.as_bytes(),
        ];
        directory.extend(head.concat());
    }
    let (size, offset) = ((directory.len() as u32).to_le_bytes(), (zip.len() as u32).to_le_bytes());
    zip.extend(directory);
    zip.extend([&b"PK\x05\x06"[..], &[0; 8], &size, &offset, &[0; 2]].concat());
    zip
}

async fn pieces(State(file): State<Arc<Vec<u8>>>, headers: HeaderMap) -> Response {
    let total = file.len();
    let Some(range) = headers.get(header::RANGE) else { return file.to_vec().into_response() };
    let range = range.to_str().unwrap().strip_prefix("bytes=").unwrap().to_owned();
    let (from, to) = range.split_once('-').unwrap();
    let (from, to) = match (from.parse::<usize>(), to.parse::<usize>()) {
        (Err(_), Ok(last)) => (total.saturating_sub(last), total - 1),
        (Ok(from), Ok(to)) => (from, to.min(total - 1)),
        _ => return StatusCode::RANGE_NOT_SATISFIABLE.into_response(),
    };
    let headers = [(header::CONTENT_RANGE, format!("bytes {from}-{to}/{total}"))];
    (StatusCode::PARTIAL_CONTENT, headers, file[from..=to].to_vec()).into_response()
}

fn listing(body: &'static str) -> Router {
    let json = [(header::CONTENT_TYPE, "application/vnd.pypi.simple.v1+json")];
    Router::new().route("/simple/app/", get(move || async move { (json, body) }))
}

const FILES: &str =
    r#"{"files": [{"filename": "app-1-py3-none-any.whl", "url": "../../files/app-1.whl", "size": 5}]}"#;

async fn asked(python: &Arc<Python>) -> Facts {
    let mut facts = Facts::default();
    let project = Question::PythonProject { name: "app".to_owned() };
    let file = "app-1-py3-none-any.whl".to_owned();
    let archive = Question::PythonArchive { project: "app".to_owned(), file };
    assert_eq!(python.answer(&[project, archive], &mut facts).await, 2);
    facts
}

#[tokio::test]
async fn a_project_and_what_is_inside_of_its_wheel() {
    let files = Router::new().route("/files/app-1.whl", get(pieces)).with_state(Arc::new(wheel()));
    let (_folder, python) = python(&start(listing(FILES).merge(files)).await);
    let facts = asked(&python).await.python;
    assert_eq!(facts.failures, Default::default());
    let project = &facts.projects["app"];
    assert_eq!((project.versions.len(), project.versions[0].files[0].bytes), (1, Some(5)));
    assert!(project.source.starts_with("127.0.0.1:"), "{}", project.source);
    let archive = &facts.archives["app-1-py3-none-any.whl"];
    assert_eq!((archive.entries, archive.python_entries, archive.python), (901, 900, 5400));
    assert_eq!(archive.requires, ["click>=8"]);
    let sent = python.n_requests();
    asked(&python).await;
    assert_eq!(python.n_requests(), sent, "the second time all is known");
}

#[tokio::test]
async fn an_index_that_lacks_it_is_busy_silent_or_answers_nonsense() {
    let check = async |router: Router, reason: FailureReason, words: &str| {
        let (_folder, python) = python(&start(router).await);
        let failure = asked(&python).await.python.failures["app"].clone();
        assert_eq!(failure.reason, reason, "{failure:?}");
        assert!(failure.message.contains(words), "{}", failure.message);
        assert!(python.n_requests() <= 6, "{}", python.n_requests());
    };
    check(Router::new(), FailureReason::NotFound, "has no app").await;
    let answer = |status: StatusCode| Router::new().route("/simple/app/", get(move || async move { status }));
    check(answer(StatusCode::TOO_MANY_REQUESTS), FailureReason::RateLimited, "was asked too often").await;
    check(answer(StatusCode::FORBIDDEN), FailureReason::Denied, "does not let us in").await;
    check(answer(StatusCode::BAD_GATEWAY), FailureReason::Unreachable, "status 502").await;
    check(listing("{\"files\": 7}"), FailureReason::Invalid, "no list of files").await;
    let silent = Router::new().route("/simple/app/", get(std::future::pending::<()>));
    check(silent, FailureReason::Unreachable, "did not answer").await;
}

#[tokio::test]
async fn a_wheel_that_is_none_fails_alone() {
    let files = Router::new().route("/files/app-1.whl", get(pieces)).with_state(Arc::new(vec![b'x'; 70_000]));
    let (_folder, python) = python(&start(listing(FILES).merge(files)).await);
    let facts = asked(&python).await.python;
    assert_eq!(facts.projects.len(), 1);
    let failure = &facts.failures["app-1-py3-none-any.whl"];
    assert_eq!(failure.reason, FailureReason::Invalid);
    assert!(failure.message.ends_with("no zip: app-1-py3-none-any.whl"), "{}", failure.message);
}

#[tokio::test]
async fn what_is_no_name_is_not_asked_for() {
    let (_folder, python) = python("http://127.0.0.1:9");
    for name in ["../secret", "a/b", "", "A", "a?x", "a.b"] {
        assert_eq!(python.project(name).await.unwrap_err().reason, FailureReason::Invalid, "{name}");
    }
    assert_eq!(python.n_requests(), 0);
}

#[tokio::test]
async fn without_a_configuration_and_without_pip_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::open(Some(folder.path().to_owned())).unwrap();
    let configuration = Configuration { no_index: true, ..Configuration::default() };
    let python = Python::with(configuration, Manners::new(Duration::from_secs(1)), cache);
    let failure = python.project("app").await.unwrap_err();
    assert_eq!(failure.message, "no index of Python distributions is known: set PIP_INDEX_URL");
}

#[test]
fn a_password_is_never_shown() {
    assert_eq!(host("https://me:secret@index.example:8443/simple/"), "index.example:8443");
    let url = with_user(
        Url::parse("https://a.example/f.whl").unwrap(),
        &Url::parse("https://me:secret@a.example/simple/").unwrap(),
    );
    assert_eq!(url.as_str(), "https://me:secret@a.example/f.whl");
    let url = with_user(
        Url::parse("https://files.example/f.whl").unwrap(),
        &Url::parse("https://me:secret@a.example/simple/").unwrap(),
    );
    assert_eq!(url.as_str(), "https://files.example/f.whl");
}
