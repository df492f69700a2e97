//! One image's question: the core's resolution driven by cache and client.

use crate::answers::cache::{Cache, Tag};
use crate::answers::client::Client;
use chrono::{DateTime, Utc};
use layercast_core::facts::{ImageFact, ImageFailure};
use layercast_core::image_ref::{ImageRef, Platform};
use layercast_core::registry::{RegistryError, Reply, Request, Resolution, endpoint, sha256, verify};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

/// So long a tag is believed without asking again.
const TAG_FRESH: Duration = Duration::from_secs(5 * 60);
/// A question is a chain of rounds: index, manifest, the rest.
const MOST_TIMEOUTS: u32 = 3;

/// Cache and client together.
#[derive(Debug)]
pub(super) struct Source {
    client: Client,
    cache: Cache,
    timeout: Duration,
}

/// The content behind a request.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    /// The bytes, held against the digest.
    pub(crate) body: Vec<u8>,
    /// Its digest; of the whole layer for a trailer.
    pub(crate) digest: String,
    /// When the registry last said that this is what the name stands for.
    pub(crate) checked: SystemTime,
    /// Why it could not be checked again, where it should have been.
    pub(crate) stale: Option<RegistryError>,
}

/// What was learnt of an image. Both where an older answer stands in.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer {
    pub(super) image: Option<ImageFact>,
    pub(super) failure: Option<ImageFailure>,
}

impl Source {
    pub(super) fn new(client: Client, cache: Cache, timeout: Duration) -> Self {
        Self { client, cache, timeout }
    }

    /// So long one reply may take.
    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// So long anybody waits for answers, however many are asked for.
    pub(super) fn patience(&self) -> Duration {
        self.timeout * MOST_TIMEOUTS
    }

    /// Everything about one image on one platform, as far as it comes before `deadline`.
    pub(super) async fn answer(
        self: Arc<Self>,
        image: &ImageRef,
        platform: &Platform,
        deadline: Instant,
    ) -> Answer {
        let mut resolution = Resolution::new(image, platform);
        let mut checked = SystemTime::now();
        let mut stale = None;
        let mut replies = JoinSet::new();
        loop {
            for request in resolution.next_requests() {
                let (source, image) = (Arc::clone(&self), image.clone());
                replies.spawn(async move {
                    let content = source.content(&image, &request).await;
                    (request, content)
                });
            }
            if resolution.is_done() {
                break;
            }
            let reply = timeout_at(deadline, replies.join_next()).await;
            let Ok(Some(Ok((request, content)))) = reply else { break };
            if let Ok(content) = &content {
                checked = checked.min(content.checked);
                stale = stale.or_else(|| content.stale.clone());
            }
            resolution.answer(&request, content.map_or_else(Reply::Failed, Content::into_reply));
        }
        let slow =
            (!resolution.is_done()).then_some(RegistryError::Slow { seconds: self.patience().as_secs() });
        let as_of = DateTime::<Utc>::from(checked).format("%Y-%m-%d").to_string();
        match resolution.finish(&self.name(&image.registry), &as_of) {
            Ok(fact) => {
                let failure = stale.map(|error| error.about(image, platform));
                Answer { image: Some(fact), failure }
            }
            Err(failure) => {
                let failure = slow.map_or(*failure, |error| error.about(image, platform));
                Answer { image: None, failure: Some(failure) }
            }
        }
    }

    /// Who is asked: `docker.io`, or `docker.io at 127.0.0.1:5000`.
    fn name(&self, registry: &str) -> String {
        let asked = self.client.endpoint(registry);
        if asked == endpoint(registry) {
            registry.to_owned()
        } else {
            format!("{registry} at {}", asked.host)
        }
    }

    /// The content behind a request: by digest from the cache for ever, by tag for minutes.
    pub(super) async fn content(
        &self,
        image: &ImageRef,
        request: &Request,
    ) -> Result<Content, RegistryError> {
        match request {
            Request::Manifest { reference } if !reference.contains(':') => {
                self.tagged(image, reference).await
            }
            Request::Manifest { reference: digest } | Request::Blob { digest } => {
                if let Some(body) = self.cache.content(digest) {
                    return Ok(Content::new(body, digest.clone()));
                }
                let (body, _) = self.client.fetch(image, request).await.into_content()?;
                verify(&body, digest)?;
                self.cache.keep_content(digest, &body);
                Ok(Content::new(body, digest.clone()))
            }
            Request::Trailer { digest, size } => {
                if let Some(body) = self.cache.trailer(digest, *size) {
                    return Ok(Content::new(body, digest.clone()));
                }
                let (body, _) = self.client.fetch(image, request).await.into_content()?;
                self.cache.keep_trailer(digest, *size, &body);
                Ok(Content::new(body, digest.clone()))
            }
        }
    }

    async fn tagged(&self, image: &ImageRef, tag: &str) -> Result<Content, RegistryError> {
        let host = self.client.endpoint(&image.registry).host;
        let kept = self.cache.tag(&host, image, tag);
        let kept = kept.and_then(|kept| Some((self.cache.content(&kept.digest)?, kept)));
        let Some((body, Tag { digest, checked })) = kept else {
            return self.fetch_tagged(&host, image, tag).await;
        };
        let fresh = SystemTime::now().duration_since(checked).is_ok_and(|age| age < TAG_FRESH);
        if fresh {
            return Ok(Content { body, digest, checked, stale: None });
        }
        // With an answer in hand, nobody waits as long as without one.
        let patience = self.timeout / 2;
        let slow = |_| Err(RegistryError::Slow { seconds: patience.as_secs() });
        let asked = tokio::time::timeout(patience, self.client.fetch_digest(image, tag)).await;
        let now = match asked.unwrap_or_else(slow) {
            Ok(now) if now == digest => {
                self.cache.keep_tag(&host, image, tag, &digest);
                return Ok(Content::new(body, digest));
            }
            Ok(_) => self.fetch_tagged(&host, image, tag).await,
            Err(error) => Err(error),
        };
        match now {
            // The registry speaks of the image: what it said before holds no longer.
            Err(error @ (RegistryError::NotFound | RegistryError::Denied { .. })) => Err(error),
            Err(error) => Ok(Content { body, digest, checked, stale: Some(error) }),
            Ok(content) => Ok(content),
        }
    }

    async fn fetch_tagged(&self, host: &str, image: &ImageRef, tag: &str) -> Result<Content, RegistryError> {
        let request = Request::Manifest { reference: tag.to_owned() };
        let (body, announced) = self.client.fetch(image, &request).await.into_content()?;
        let digest = sha256(&body);
        if announced.starts_with("sha256:") {
            verify(&body, &announced)?;
        }
        // A sign-in page for hotels is no manifest, and is not to be remembered.
        if serde_json::from_slice::<serde::de::IgnoredAny>(&body).is_ok() {
            self.cache.keep_content(&digest, &body);
            self.cache.keep_tag(host, image, tag, &digest);
        }
        Ok(Content::new(body, digest))
    }
}

impl Content {
    fn new(body: Vec<u8>, digest: String) -> Self {
        Self { body, digest, checked: SystemTime::now(), stale: None }
    }

    fn into_reply(self) -> Reply {
        Reply::Content { body: self.body, digest: self.digest }
    }
}
