//! What can go wrong between us and a registry, and how it is told to people.

use crate::facts::{FailureReason, ImageFailure};
use crate::image_ref::{ImageRef, Platform};
use crate::registry::RelayFailure;
use std::fmt;

/// Why nothing could be learnt of an image. The text is a sentence without its full stop; where the image or
/// the registry matters, [`RegistryError::sentence`] names it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// Occurs when there is no such repository, tag or digest (404).
    #[error("there is no such image")]
    NotFound,
    /// Occurs when the registry wants another sign-in than it got, or does not allow this one (401, 403).
    #[error("access is denied")]
    Denied {
        /// True where a user and password were sent.
        signed_in: bool,
    },
    /// Occurs when too many requests were made (429).
    #[error("too many requests were made")]
    RateLimited {
        /// `Retry-After` as sent: seconds or a date; empty where it was not.
        retry_after: String,
        /// `ratelimit-limit` as sent: `100;w=21600`; empty where it was not.
        rate: String,
    },
    /// Occurs when nobody answers: no such host, no connection, broken TLS.
    #[error("there is no answer: {detail}")]
    Down {
        /// What the client says, in a few words.
        detail: String,
    },
    /// Occurs when an answer takes too long.
    #[error("there is no answer within {seconds} seconds")]
    Slow {
        /// How long it was waited for.
        seconds: u64,
    },
    /// Occurs when the registry answers with a status that says nothing about the image.
    #[error("the answer is status {status}")]
    Status {
        /// The HTTP status.
        status: u16,
    },
    /// Occurs when a document is no JSON of the form that the protocol gives.
    #[error("the {subject} is not what the protocol says: {detail}")]
    NotJson {
        /// Which document.
        subject: Subject,
        /// What the decoder says.
        detail: String,
    },
    /// Occurs when the image was pushed in the form of 2015.
    #[error("the manifest is in schema 1, which says no sizes")]
    OldSchema,
    /// Occurs when the tag names something else than an image.
    #[error("the manifest is none of an image")]
    NoImage {
        /// Its media type; often empty.
        media_type: String,
    },
    /// Occurs when a document is larger than any of its kind should be.
    #[error("the {subject} is larger than {limit} bytes")]
    TooLarge {
        /// Which document.
        subject: Subject,
        /// How much was read.
        limit: u64,
    },
    /// Occurs when a digest is not of the form `sha256:…`.
    #[error("`{digest}` is no sha256 digest")]
    UnknownDigest {
        /// The text in its place.
        digest: String,
    },
    /// Occurs when the content is not the one announced.
    #[error("the content has digest {actual} where {announced} was announced")]
    DigestMismatch {
        /// The digest asked for, or sent along.
        announced: String,
        /// The digest of what came.
        actual: String,
    },
    /// Occurs when an index has no image for the platform.
    #[error("there is no build for {wanted}{}", only_for(available))]
    NoPlatform {
        /// The platform asked for.
        wanted: Platform,
        /// Those there are, each once.
        available: Vec<Platform>,
    },
    /// Occurs when a relay has failed, and said why.
    #[error("{}", .0.message)]
    Relayed(RelayFailure),
}

/// Which document an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An index or a manifest.
    Manifest,
    /// An image's configuration.
    Config,
}

impl RegistryError {
    /// The kind, as facts have it.
    pub fn reason(&self) -> FailureReason {
        match self {
            Self::NotFound => FailureReason::NotFound,
            Self::Denied { .. } => FailureReason::Denied,
            Self::RateLimited { .. } => FailureReason::RateLimited,
            Self::Down { .. } | Self::Slow { .. } | Self::Status { .. } => FailureReason::Unreachable,
            Self::NotJson { .. }
            | Self::OldSchema
            | Self::NoImage { .. }
            | Self::TooLarge { .. }
            | Self::UnknownDigest { .. } => FailureReason::Invalid,
            Self::DigestMismatch { .. } => FailureReason::DigestMismatch,
            Self::NoPlatform { .. } => FailureReason::NoPlatform,
            Self::Relayed(failure) => failure.reason,
        }
    }

    /// The error as facts keep it.
    pub fn about(&self, image: &ImageRef, platform: &Platform) -> ImageFailure {
        ImageFailure {
            reference: image.to_string(),
            platform: platform.clone(),
            reason: self.reason(),
            message: self.sentence(image),
            hint: self.hint(image),
        }
    }

    /// One sentence about `image`, without a full stop, that reads alone.
    pub fn sentence(&self, image: &ImageRef) -> String {
        let (registry, name) = (&image.registry, short(image));
        match self {
            Self::NotFound => format!("{registry} has no {name}"),
            Self::Denied { signed_in: false } => {
                format!("{registry} does not show {name} without signing in, or it does not exist")
            }
            Self::Denied { signed_in: true } => format!("{registry} does not show you {name}"),
            Self::RateLimited { .. } => format!("{registry} allows no more requests for now"),
            Self::Down { detail } => format!("{registry} does not answer: {detail}"),
            Self::Slow { seconds } => format!("{registry} did not answer within {seconds} seconds"),
            Self::Status { status } => format!("{registry} answered {name} with status {status}"),
            Self::OldSchema => {
                format!("{registry} has {name} only in the manifest form of 2015, which says no sizes")
            }
            Self::NoImage { .. } => format!("{name} at {registry} is no image"),
            Self::NoPlatform { wanted, available } => {
                format!("{name} has no build for {wanted}{}", only_for(available))
            }
            Self::Relayed(failure) => failure.message.clone(),
            Self::NotJson { .. }
            | Self::TooLarge { .. }
            | Self::UnknownDigest { .. }
            | Self::DigestMismatch { .. } => format!("{registry} answered wrongly for {name}: {self}"),
        }
    }

    /// What to do next; empty where there is nothing to say.
    pub fn hint(&self, image: &ImageRef) -> String {
        let registry = &image.registry;
        match self {
            Self::NotFound => "check the spelling of the name and the tag".to_owned(),
            Self::Denied { signed_in: false } => {
                format!("check the spelling; for a private image, run `docker login {registry}` first")
            }
            Self::Denied { signed_in: true } => {
                format!("check the spelling, or sign in as another user by `docker login {registry}`")
            }
            Self::RateLimited { retry_after, rate } => {
                let again = try_again(retry_after, rate);
                format!("{again}; signing in by `docker login {registry}` may raise the limit")
            }
            Self::Down { .. } | Self::Slow { .. } | Self::Status { .. } => {
                "check the network, then try again".to_owned()
            }
            Self::OldSchema => "push the image again with a Docker of this decade".to_owned(),
            Self::NoImage { media_type } if !media_type.is_empty() => format!("it is `{media_type}`"),
            Self::DigestMismatch { .. } => {
                "a proxy or cache on the way may have changed it; do not trust this copy".to_owned()
            }
            Self::NoPlatform { available, .. } => available.first().map_or_else(String::new, |first| {
                format!("build for another platform: `--platform {first}`")
            }),
            Self::Relayed(failure) => failure.hint.clone(),
            Self::NotJson { .. }
            | Self::NoImage { .. }
            | Self::TooLarge { .. }
            | Self::UnknownDigest { .. } => {
                format!("check that {registry} is a registry, and not a sign-in page on the way")
            }
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Manifest => "manifest",
            Self::Config => "configuration",
        })
    }
}

/// `library/` is left out at Docker Hub, as people leave it out.
fn short(image: &ImageRef) -> String {
    let full = image.to_string();
    let rest = full.strip_prefix(&image.registry).and_then(|rest| rest.strip_prefix('/')).unwrap_or(&full);
    if image.registry == "docker.io" { image.familiar() } else { rest.to_owned() }
}

fn only_for(available: &[Platform]) -> String {
    if available.is_empty() {
        return String::new();
    }
    let names: Vec<String> = available.iter().map(Platform::to_string).collect();
    format!(", only for {}", names.join(", "))
}

/// `try again in 2 minutes`, by whatever the registry says of it.
fn try_again(retry_after: &str, rate: &str) -> String {
    match (retry_after.trim(), retry_after.trim().parse::<u64>(), allowance(rate)) {
        (_, Ok(seconds), _) => format!("try again in {}", duration(seconds)),
        ("", _, Some((requests, window))) => {
            format!("it allows {requests} pulls in {}: try again later", duration(window))
        }
        ("", _, None) => "try again later".to_owned(),
        (date, _, _) => format!("try again after {date}"),
    }
}

/// Reads `100;w=21600`.
fn allowance(rate: &str) -> Option<(u64, u64)> {
    let (requests, window) = rate.split_once(";w=")?;
    Some((requests.trim().parse().ok()?, window.trim().parse().ok()?))
}

/// Whole hours, minutes or seconds, rounded up.
fn duration(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..=90 => (seconds, "second"),
        91..=5400 => (seconds.div_ceil(60), "minute"),
        _ => (seconds.div_ceil(3600), "hour"),
    };
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(image: &str, error: &RegistryError, sentence: &str, hint: &str) {
        let image = ImageRef::parse(image).expect("a reference in a test");
        assert_eq!((error.sentence(&image).as_str(), error.hint(&image).as_str()), (sentence, hint));
    }

    fn limited(retry_after: &str, rate: &str) -> RegistryError {
        RegistryError::RateLimited { retry_after: retry_after.to_owned(), rate: rate.to_owned() }
    }

    #[test]
    fn a_missing_image_is_named() {
        check(
            "ghcr.io/a/b:1",
            &RegistryError::NotFound,
            "ghcr.io has no a/b:1",
            "check the spelling of the name and the tag",
        );
    }

    #[test]
    fn a_private_image_says_how_to_sign_in() {
        check(
            "corp/app",
            &RegistryError::Denied { signed_in: false },
            "docker.io does not show corp/app:latest without signing in, or it does not exist",
            "check the spelling; for a private image, run `docker login docker.io` first",
        );
    }

    #[test]
    fn a_rate_limit_says_when_to_try_again() {
        let sentence = "docker.io allows no more requests for now";
        let login = "; signing in by `docker login docker.io` may raise the limit";
        let says = |error: &RegistryError, again: &str| {
            check("debian", error, sentence, &format!("{again}{login}"));
        };
        says(&limited("120", ""), "try again in 2 minutes");
        says(&limited("1", ""), "try again in 1 second");
        says(&limited("", "100;w=21600"), "it allows 100 pulls in 6 hours: try again later");
        says(&limited("", "nonsense"), "try again later");
        says(
            &limited("Fri, 20 Nov 2026 18:00:00 GMT", "100;w=21600"),
            "try again after Fri, 20 Nov 2026 18:00:00 GMT",
        );
    }

    #[test]
    fn a_missing_platform_offers_one_there_is() {
        let available = vec![Platform::linux_amd64()];
        let wanted = Platform::parse("linux/s390x").expect("a platform in a test");
        check(
            "debian:12",
            &RegistryError::NoPlatform { wanted, available },
            "debian:12 has no build for linux/s390x, only for linux/amd64",
            "build for another platform: `--platform linux/amd64`",
        );
    }
}
