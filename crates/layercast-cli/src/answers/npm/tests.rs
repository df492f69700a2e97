//! A fake registry on this machine: what is asked, and what becomes of nonsense.

use super::*;
use axum::Router;
use axum::extract::Path as Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::net::TcpListener;

async fn npm(router: Router) -> (tempfile::TempDir, Npm) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let origin = format!("http://{}/npm", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::open(Some(folder.path().join("cache"))).unwrap();
    let manners = Manners { pause: Duration::ZERO, ..Manners::new(Duration::from_secs(3)) };
    let mut configuration = Configuration::default();
    configuration.set_registry(&origin);
    let client = PackageClient::new(manners, cache.clone());
    (folder, Npm { client, cache, configuration, installed: OnceCell::new() })
}

/// An archive of files with these lengths, in noise that hardly shrinks.
fn archive(lengths: &[usize]) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let mut seed = 1_u32;
    for (place, length) in lengths.iter().enumerate() {
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        })
        .take(*length)
        .collect();
        let mut header = tar::Header::new_ustar();
        header.set_size(*length as u64);
        header.set_cksum();
        tar.append_data(&mut header, format!("package/{place}"), noise.as_slice()).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

/// Serves pieces, as registries do.
fn pieces(bytes: Vec<u8>, headers: &HeaderMap) -> impl IntoResponse + use<> {
    let range = headers
        .get(header::RANGE)
        .map(|range| range.to_str().unwrap().trim_start_matches("bytes=").to_owned());
    let total = bytes.len();
    let (from, to) = match range.as_deref().and_then(|range| range.split_once('-')) {
        Some(("", last)) => (total - last.parse::<usize>().unwrap(), total),
        Some((from, to)) => (from.parse().unwrap(), (to.parse::<usize>().unwrap() + 1).min(total)),
        None => (0, total),
    };
    let said = format!("bytes {from}-{}/{total}", to - 1);
    (StatusCode::PARTIAL_CONTENT, [(header::CONTENT_RANGE, said)], bytes[from..to].to_vec())
}

#[tokio::test]
async fn a_small_archive_is_counted_by_one_request() {
    let serve = |headers: HeaderMap| async move { pieces(archive(&[1000, 500]), &headers) };
    let router = Router::new().route("/npm/@s/x/-/x-1.0.0.tgz", get(serve));
    let (_folder, npm) = npm(router).await;
    for _ in 0..2 {
        let NpmAnswer::Tarball(Answered::Known(tarball)) =
            npm.answer("@s/x", "1.0.0", NpmWanted::Tarball).await
        else {
            panic!("an archive");
        };
        assert_eq!((tarball.unpacked, tarball.files, tarball.exact), (1500, 2, true));
    }
    assert_eq!(npm.n_requests(), 1, "the second time it is kept");
}

#[tokio::test]
async fn a_large_archive_is_judged_by_its_beginning_and_its_end() {
    let whole = archive(&[3000; 500]);
    let serve = move |headers: HeaderMap| {
        let whole = whole.clone();
        async move { pieces(whole, &headers) }
    };
    let (_folder, npm) = npm(Router::new().route("/npm/x/-/x-1.0.0.tgz", get(serve))).await;
    let NpmAnswer::Tarball(Answered::Known(tarball)) = npm.answer("x", "1.0.0", NpmWanted::Tarball).await
    else {
        panic!("an archive");
    };
    assert!(tarball.unpacked.abs_diff(1_500_000) < 3000 && !tarball.exact, "{tarball:?}");
    assert_eq!(npm.n_requests(), 3);
}

#[tokio::test]
async fn an_archive_elsewhere_is_found_by_the_document() {
    let document = |Parts(version): Parts<String>, headers: HeaderMap| async move {
        let host = headers[header::HOST].to_str().unwrap();
        format!(r#"{{"version": "{version}", "dist": {{"tarball": "http://{host}/files/x.tgz"}}}}"#)
    };
    let serve = |headers: HeaderMap| async move { pieces(archive(&[77]), &headers) };
    let router = Router::new().route("/npm/x/{version}", get(document)).route("/files/x.tgz", get(serve));
    let (_folder, npm) = npm(router).await;
    let answer = npm.answer("x", "1.0.0", NpmWanted::Tarball).await;
    assert!(
        matches!(answer, NpmAnswer::Tarball(Answered::Known(NpmTarball { unpacked: 77, .. }))),
        "{answer:?}"
    );
}

#[track_caller]
fn reason(answer: &NpmAnswer) -> (FailureReason, String) {
    match answer {
        NpmAnswer::Package(Answered::Failed { reason, message })
        | NpmAnswer::Manifest(Answered::Failed { reason, message })
        | NpmAnswer::Tarball(Answered::Failed { reason, message }) => (*reason, message.clone()),
        other => panic!("a failure, not {other:?}"),
    }
}

#[tokio::test]
async fn trouble_is_told() {
    let router = Router::new()
        .route("/npm/nonsense/latest", get(|| async { "<html>" }))
        .route("/npm/nonsense/-/nonsense-1.0.0.tgz", get(|| async { "no archive" }))
        .route("/npm/busy", get(|| async { StatusCode::TOO_MANY_REQUESTS }))
        .route("/npm/slow", get(std::future::pending::<()>));
    let (_folder, npm) = npm(router).await;
    let told = |answer: &NpmAnswer| reason(answer).0;
    assert_eq!(told(&npm.answer("nonsense", "latest", NpmWanted::Manifest).await), FailureReason::Invalid);
    assert_eq!(told(&npm.answer("nonsense", "1.0.0", NpmWanted::Tarball).await), FailureReason::Invalid);
    assert_eq!(told(&npm.answer("busy", "", NpmWanted::Versions).await), FailureReason::RateLimited);
    assert_eq!(told(&npm.answer("slow", "", NpmWanted::Versions).await), FailureReason::Unreachable);
    let gone = reason(&npm.answer("gone", "1.0.0", NpmWanted::Manifest).await);
    assert_eq!(gone, (FailureReason::NotFound, "of gone@1.0.0 the npm registry does not know it".to_owned()));
}

#[tokio::test]
async fn what_is_no_name_is_not_asked() {
    let (_folder, npm) = npm(Router::new()).await;
    for (name, version) in [("../x", ""), ("a/b", ""), ("@s", ""), ("x", "../y"), ("x?y", ""), ("", "")] {
        let answer = npm.answer(name, version, NpmWanted::Versions).await;
        assert_eq!(reason(&answer).0, FailureReason::Invalid, "{name} {version}");
    }
    assert_eq!(npm.n_requests(), 0);
}
