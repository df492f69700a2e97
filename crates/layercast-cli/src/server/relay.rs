//! `GET /relay/<registry>/v2/<repository>/{manifests,blobs,trailers}/<reference>`: a registry's own bytes.

use crate::answers::Content;
use crate::server::{Listed, Shared};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use layercast_core::facts::FailureReason;
use layercast_core::image_ref::ImageRef;
use layercast_core::registry::{RegistryError, RelayFailure, Request, is_sha256};
use serde::Deserialize;

/// What stands behind a digest never changes.
const FOR_EVER: &str = "private, max-age=31536000, immutable";
/// What stands behind a tag may.
const A_MINUTE: &str = "private, max-age=60";

/// The last four bytes of a layer are found by its size.
#[derive(Debug, Deserialize)]
pub(super) struct Size {
    size: Option<u64>,
}

pub(super) async fn get(
    State(shared): State<Shared>,
    Path((registry, path)): Path<(String, String)>,
    Query(Size { size }): Query<Size>,
) -> Response {
    let (image, request) = match read(&shared.listed, &registry, &path, size) {
        Ok(asked) => asked,
        Err(refused) => return refused.into_response(),
    };
    match shared.registry.content(&image, &request).await {
        Ok(content) => relayed(&request, content),
        Err(error) => Refused::of(&image, &error).into_response(),
    }
}

/// What is asked, where it may be.
fn read(
    listed: &Listed,
    registry: &str,
    path: &str,
    size: Option<u64>,
) -> Result<(ImageRef, Request), Refused> {
    if !listed.contains(registry) {
        return Err(Refused::unlisted(registry));
    }
    let malformed = || Refused::malformed(path);
    let (rest, reference) = path.rsplit_once('/').ok_or_else(malformed)?;
    let (repository, kind) = rest.rsplit_once('/').ok_or_else(malformed)?;
    let separator = if reference.contains(':') { '@' } else { ':' };
    let name = format!("{registry}/{repository}{separator}{reference}");
    let image = ImageRef::parse(&name).map_err(|_| malformed())?;
    // The grammar takes the first part for a registry or not by its looks: it must read as was asked.
    if image.registry != registry || image.repository != repository {
        return Err(malformed());
    }
    let digest = is_sha256(reference).then(|| reference.to_owned());
    let request = match (kind, digest, size) {
        ("manifests", None, _) if separator == '@' => return Err(malformed()),
        ("manifests", _, _) => Request::Manifest { reference: reference.to_owned() },
        ("blobs", Some(digest), _) => Request::Blob { digest },
        ("trailers", Some(digest), Some(size)) if size >= 4 => Request::Trailer { digest, size },
        _ => return Err(malformed()),
    };
    Ok((image, request))
}

fn relayed(request: &Request, content: Content) -> Response {
    let by_tag = matches!(request, Request::Manifest { reference } if !reference.contains(':'));
    let content_type = match request {
        Request::Manifest { .. } => media_type(&content.body),
        Request::Blob { .. } => "application/json".to_owned(),
        Request::Trailer { .. } => "application/octet-stream".to_owned(),
    };
    let cache_control = if by_tag { A_MINUTE } else { FOR_EVER };
    let mut response = content.body.into_response();
    let headers = response.headers_mut();
    let mut insert = |name: &'static str, value: &str| {
        // A media type comes from outside: one that is no header value is left out.
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    insert("content-type", &content_type);
    insert("docker-content-digest", &content.digest);
    insert("cache-control", cache_control);
    if content.stale.is_some() {
        insert("warning", "110 - \"Response is Stale\"");
        insert("cache-control", "no-store");
    }
    response
}

/// The media type of a manifest or index: as it says itself, else by what it holds.
fn media_type(body: &[u8]) -> String {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Form {
        media_type: Option<String>,
        manifests: Option<serde::de::IgnoredAny>,
    }
    match serde_json::from_slice(body) {
        Ok(Form { media_type: Some(media_type), .. }) => media_type,
        Ok(Form { manifests: Some(_), .. }) => "application/vnd.oci.image.index.v1+json".to_owned(),
        Ok(_) => "application/vnd.oci.image.manifest.v1+json".to_owned(),
        Err(_) => "application/octet-stream".to_owned(),
    }
}

/// Why there is no content.
#[derive(Debug)]
struct Refused {
    status: StatusCode,
    retry_after: String,
    failure: RelayFailure,
}

impl Refused {
    fn of(image: &ImageRef, error: &RegistryError) -> Self {
        let status = match error {
            RegistryError::NotFound => StatusCode::NOT_FOUND,
            RegistryError::Denied { .. } => StatusCode::FORBIDDEN,
            RegistryError::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            RegistryError::Slow { .. } => StatusCode::GATEWAY_TIMEOUT,
            _ => StatusCode::BAD_GATEWAY,
        };
        let retry_after = match error {
            RegistryError::RateLimited { retry_after, .. } => retry_after.clone(),
            _ => String::new(),
        };
        let (reason, message, hint) = (error.reason(), error.sentence(image), error.hint(image));
        Self { status, retry_after, failure: RelayFailure { reason, message, hint } }
    }

    fn unlisted(registry: &str) -> Self {
        let message = format!("this relay does not ask {registry}");
        let hint = format!("start it again with `layercast serve --allow-registry {registry}`");
        let failure = RelayFailure { reason: FailureReason::Denied, message, hint };
        Self { status: StatusCode::FORBIDDEN, retry_after: String::new(), failure }
    }

    fn malformed(path: &str) -> Self {
        let failure = RelayFailure {
            reason: FailureReason::Invalid,
            message: format!("`{path}` is no manifest, blob or trailer"),
            hint: "expected NAME/manifests/TAG, NAME/blobs/DIGEST or NAME/trailers/DIGEST?size=BYTES"
                .to_owned(),
        };
        Self { status: StatusCode::BAD_REQUEST, retry_after: String::new(), failure }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let json = serde_json::to_string(&self.failure).expect("strings are JSON");
        let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
        let mut response = (self.status, headers, json).into_response();
        if let Some(value) = HeaderValue::from_str(&self.retry_after).ok().filter(|value| !value.is_empty()) {
            response.headers_mut().insert(header::RETRY_AFTER, value);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    #[track_caller]
    fn check(registry: &str, path: &str, size: Option<u64>, expected: Result<Request, u16>) {
        let listed = Listed::new(std::iter::empty());
        let path = path.replace("DIGEST", DIGEST);
        let read = read(&listed, registry, &path, size);
        let read = read.map(|(_, request)| request).map_err(|refused| refused.status.as_u16());
        assert_eq!(read, expected);
    }

    #[test]
    fn manifests_blobs_and_trailers_are_read() {
        let digest = || DIGEST.to_owned();
        let manifest = |reference: &str| Request::Manifest { reference: reference.to_owned() };
        check("docker.io", "library/debian/manifests/12", None, Ok(manifest("12")));
        check("localhost:5000", "x/manifests/DIGEST", None, Ok(manifest(DIGEST)));
        check("ghcr.io", "a/b/c/blobs/DIGEST", None, Ok(Request::Blob { digest: digest() }));
        let trailer = Request::Trailer { digest: digest(), size: 100 };
        check("quay.io", "a/b/trailers/DIGEST", Some(100), Ok(trailer));
    }

    #[test]
    fn nothing_else_is_asked() {
        check("docker.io", "library/debian/tags/list", None, Err(400));
        check("docker.io", "library/debian/blobs/12", None, Err(400));
        check("docker.io", "library/debian/manifests/sha256:00", None, Err(400));
        check("docker.io", "library/debian/trailers/DIGEST", None, Err(400));
        check("docker.io", "library/debian/trailers/DIGEST", Some(3), Err(400));
        check("docker.io", "debian/manifests/12", None, Err(400));
        check("docker.io", "../../x/manifests/12", None, Err(400));
        check("docker.io", "a/b?x=/manifests/12", None, Err(400));
        check("docker.io", "", None, Err(400));
        check("169.254.169.254", "a/b/manifests/12", None, Err(403));
    }
}
