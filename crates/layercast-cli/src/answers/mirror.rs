//! `--registry-mirror NAME=URL`: another place to ask instead of a registry.

use layercast_core::image_ref::ImageRef;
use layercast_core::registry::{Endpoint, endpoint};

/// A registry's name, and who is asked in its stead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mirror {
    /// The name in image references: `docker.io`.
    pub(crate) registry: String,
    /// Where its requests go.
    pub(crate) endpoint: Endpoint,
}

/// The text is no mirror.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidMirror {
    #[error("expected NAME=URL, such as docker.io=http://127.0.0.1:5000")]
    NoPair,
    #[error("the URL needs http:// or https:// and a host")]
    Url,
    #[error("the URL may have no path: registries answer at /v2/")]
    Path,
    #[error("no user and password here: `docker login HOST` keeps them")]
    Secret,
}

/// The text is no registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a registry's host as it stands in image names, such as registry.example.org:5000")]
pub(crate) struct InvalidRegistry;

/// Reads the flag's value. A host alone is asked as Docker would: by https, this machine by http.
pub(super) fn parse(text: &str) -> Result<Mirror, InvalidMirror> {
    let (registry, url) = text.split_once('=').ok_or(InvalidMirror::NoPair)?;
    let registry = if registry == "index.docker.io" { "docker.io" } else { registry };
    let (plain_http, rest) = match url.split_once("://") {
        Some(("http", rest)) => (Some(true), rest),
        Some(("https", rest)) => (Some(false), rest),
        Some(_) => return Err(InvalidMirror::Url),
        None => (None, url),
    };
    let host = rest.strip_suffix('/').unwrap_or(rest);
    let odd =
        |character: char| character.is_whitespace() || character.is_control() || "?#\\".contains(character);
    match () {
        () if registry.is_empty() || registry.contains('/') => Err(InvalidMirror::NoPair),
        () if host.contains('@') => Err(InvalidMirror::Secret),
        () if host.contains('/') => Err(InvalidMirror::Path),
        () if host.is_empty() || host.contains(odd) => Err(InvalidMirror::Url),
        () => {
            let asked = endpoint(host);
            let plain_http = plain_http.unwrap_or(asked.plain_http);
            Ok(Mirror { registry: registry.to_owned(), endpoint: Endpoint { plain_http, ..asked } })
        }
    }
}

/// Reads a registry's name, as it stands in image references.
pub(crate) fn parse_registry(text: &str) -> Result<String, InvalidRegistry> {
    let image = ImageRef::parse(&format!("{text}/x")).map_err(|_| InvalidRegistry)?;
    if image.registry == text { Ok(image.registry) } else { Err(InvalidRegistry) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<(&str, &str), InvalidMirror>) {
        let read = parse(text).map(|mirror| (mirror.registry.clone(), mirror.endpoint.origin()));
        assert_eq!(read, expected.map(|(registry, origin)| (registry.to_owned(), origin.to_owned())));
    }

    #[test]
    fn a_registry_and_its_stand_in() {
        check("docker.io=http://127.0.0.1:5000", Ok(("docker.io", "http://127.0.0.1:5000")));
        check("docker.io=https://mirror.example.org/", Ok(("docker.io", "https://mirror.example.org")));
        check("index.docker.io=localhost:5000", Ok(("docker.io", "http://localhost:5000")));
        check("ghcr.io=mirror.example.org", Ok(("ghcr.io", "https://mirror.example.org")));
    }

    #[test]
    fn what_is_no_mirror_is_refused() {
        check("docker.io", Err(InvalidMirror::NoPair));
        check("=http://x", Err(InvalidMirror::NoPair));
        check("docker.io=ftp://x", Err(InvalidMirror::Url));
        check("docker.io=http://", Err(InvalidMirror::Url));
        check("docker.io=https://x/docker", Err(InvalidMirror::Path));
        check("docker.io=https://me:secret@x", Err(InvalidMirror::Secret));
    }

    #[test]
    fn a_registry_is_named_as_images_name_it() {
        for name in ["registry.example.org", "corp.example.org:5000", "[::1]:5000", "localhost"] {
            assert_eq!(parse_registry(name), Ok(name.to_owned()));
        }
        for text in ["https://registry.example.org", "registry.example.org/", "corp", "", "a b.c"] {
            assert_eq!(parse_registry(text), Err(InvalidRegistry), "{text}");
        }
    }
}
