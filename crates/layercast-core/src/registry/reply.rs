//! What is asked of a registry, and what came back, in words that any client can fill in.

use crate::image_ref::ImageRef;
use crate::registry::{ACCEPT_MANIFEST, RegistryError, RelayFailure};

/// One thing to ask a registry about a repository.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Request {
    /// An index or a manifest.
    Manifest {
        /// A tag or a digest.
        reference: String,
    },
    /// A whole blob: an image's configuration.
    Blob {
        /// Its digest.
        digest: String,
    },
    /// The last four bytes of a gzip layer.
    Trailer {
        /// The layer's digest.
        digest: String,
        /// The layer's compressed size, in bytes: at least 4.
        size: u64,
    },
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The content asked for (status 200 or 206).
    Content {
        /// The bytes.
        body: Vec<u8>,
        /// `Docker-Content-Digest`; empty where it was not sent.
        digest: String,
    },
    /// Another status.
    Refused {
        /// The HTTP status.
        status: u16,
        /// `Retry-After`, as sent; empty where it was not.
        retry_after: String,
        /// `ratelimit-limit`, as sent: `100;w=21600`; empty where it was not.
        rate: String,
    },
    /// Nothing came, or not what was asked for: the shell knows why.
    Failed(RegistryError),
    /// A relay says why.
    Relayed(RelayFailure),
}

impl Request {
    /// The path at a registry: `/v2/library/debian/manifests/12-slim`.
    pub fn path(&self, repository: &str) -> String {
        match self {
            Self::Manifest { reference } => format!("/v2/{repository}/manifests/{reference}"),
            Self::Blob { digest } | Self::Trailer { digest, .. } => {
                format!("/v2/{repository}/blobs/{digest}")
            }
        }
    }

    /// The path and query at the companion's relay: `/relay/docker.io/v2/library/debian/manifests/12-slim`.
    pub fn relay_path(&self, image: &ImageRef) -> String {
        let ImageRef { registry, repository, .. } = image;
        match self {
            Self::Trailer { digest, size } => {
                format!("/relay/{registry}/v2/{repository}/trailers/{digest}?size={size}")
            }
            _ => format!("/relay/{registry}{}", self.path(repository)),
        }
    }

    /// The `Accept` header, where one is needed.
    pub fn accept(&self) -> Option<&'static str> {
        matches!(self, Self::Manifest { .. }).then_some(ACCEPT_MANIFEST)
    }

    /// The `Range` header, where one is needed: `bytes=96-99`. A suffix range would force a preflight.
    pub fn range(&self) -> Option<String> {
        match self {
            Self::Trailer { size, .. } => {
                Some(format!("bytes={}-{}", size.saturating_sub(4), size.saturating_sub(1)))
            }
            _ => None,
        }
    }
}

impl Reply {
    /// A refusal of which only the status is known.
    pub fn refused(status: u16) -> Self {
        Self::Refused { status, retry_after: String::new(), rate: String::new() }
    }

    /// A registry's reply, by its status, its headers (empty where one is missing) and its body.
    pub fn from_registry(status: u16, header: impl Fn(&str) -> String, body: Vec<u8>) -> Self {
        match status {
            200 | 206 => Self::Content { body, digest: header("docker-content-digest") },
            _ => {
                Self::Refused { status, retry_after: header("retry-after"), rate: header("ratelimit-limit") }
            }
        }
    }

    /// The relay's reply: as a registry's, but a failure says why in JSON.
    pub fn from_relay(status: u16, header: impl Fn(&str) -> String, body: Vec<u8>) -> Self {
        match (status, serde_json::from_slice::<RelayFailure>(&body)) {
            (200 | 206, _) | (_, Err(_)) => Self::from_registry(status, header, body),
            (_, Ok(failure)) => Self::Relayed(failure),
        }
    }

    /// The content with the digest sent along (empty where none was), or why there is none.
    pub fn into_content(self) -> Result<(Vec<u8>, String), RegistryError> {
        match self {
            Self::Content { body, digest } => Ok((body, digest)),
            Self::Refused { status: 404, .. } => Err(RegistryError::NotFound),
            Self::Refused { status: 401 | 403, .. } => Err(RegistryError::Denied { signed_in: false }),
            Self::Refused { status: 429, retry_after, rate } => {
                Err(RegistryError::RateLimited { retry_after, rate })
            }
            Self::Refused { status, .. } => Err(RegistryError::Status { status }),
            Self::Failed(error) => Err(error),
            Self::Relayed(failure) => Err(RegistryError::Relayed(failure)),
        }
    }
}
