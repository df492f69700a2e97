//! Where answers come from: registries, and a cache of what they said.
//!
//! The questions are the core's ([`Question::Image`]), and so is the reading of the replies; here is what
//! needs a network, a disk and a clock.

mod mirror;

mod cache;
mod client;
mod credentials;
mod npm;
mod package_client;
mod python;
mod registry;
pub(crate) mod tables;

pub(crate) use cache::Cache;
#[cfg(test)]
pub(crate) use client::install_crypto;
pub(crate) use credentials::sign_in;
pub(crate) use mirror::{Mirror, parse_registry};
pub(crate) use registry::Content;

use crate::error::CliError;
use layercast_core::facts::{Facts, NpmWanted, Question};
use layercast_core::image_ref::{ImageRef, Platform};
use layercast_core::registry::{RegistryError, Request};
use registry::{Answer, Source};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// So many images are asked for at a time.
const IMAGES_AT_ONCE: usize = 6;

/// The flags of every command that asks registries.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Registries")]
pub(crate) struct RegistryArgs {
    /// Ask no registry: sizes come from the facts file and the catalogue inside
    #[arg(long)]
    pub(crate) offline: bool,
    /// Ask URL instead of the registry NAME, such as docker.io=http://127.0.0.1:5000
    #[arg(long, value_name = "NAME=URL", value_parser = mirror::parse)]
    pub(crate) registry_mirror: Vec<Mirror>,
    /// Wait so long for each reply of a registry
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) registry_timeout: u64,
    /// Keep what registries said here, instead of in the user's cache folder
    #[arg(long, value_name = "DIR")]
    pub(crate) cache_dir: Option<PathBuf>,
}

/// The registries as one place to ask. Cloning it is cheap; clones share cache and sign-ins.
#[derive(Clone, Debug)]
pub(crate) struct Registry {
    source: Arc<Source>,
    npm: Arc<npm::Npm>,
    python: Arc<python::Python>,
    offline: bool,
}

impl Registry {
    /// The registries as the flags have them. Nothing is asked yet.
    pub(crate) fn new(args: &RegistryArgs, context: Option<&Path>) -> Result<Self, CliError> {
        let timeout = Duration::from_secs(args.registry_timeout);
        let cache = cache::Cache::open(args.cache_dir.clone())?;
        let client = client::Client::new(args.registry_mirror.clone(), timeout);
        let npm = Arc::new(npm::Npm::new(timeout, cache.clone(), context));
        let python = Arc::new(python::Python::new(timeout, cache.clone()));
        let source = Arc::new(Source::new(client, cache, timeout));
        Ok(Self { source, npm, python, offline: args.offline })
    }

    /// Answers what is asked of images, by adding to `facts`: what was learnt, or why nothing was.
    pub(crate) async fn answer(&self, asked: &[Question], facts: &mut Facts) {
        if self.offline {
            return;
        }
        let deadline = Instant::now() + self.source.patience();
        let permits = Arc::new(Semaphore::new(IMAGES_AT_ONCE));
        let mut answers = JoinSet::new();
        for (place, (image, platform)) in images(asked).into_iter().enumerate() {
            let (source, permits) = (Arc::clone(&self.source), Arc::clone(&permits));
            answers.spawn(async move {
                let _permit = permits.acquire_owned().await.expect("the semaphore is never closed");
                (place, source.answer(&image, &platform, deadline).await)
            });
        }
        let mut answers: Vec<(usize, Answer)> = answers.join_all().await;
        answers.sort_by_key(|(place, _)| *place);
        for (_, Answer { image, failure }) in answers {
            if let Some(image) = image {
                facts.add_image(image);
            }
            if let Some(failure) = failure {
                facts.add_image_failure(failure);
            }
        }
    }

    /// Answers what is asked of packages; gives how many questions those were.
    pub(crate) async fn answer_packages(&self, asked: &[Question], facts: &mut Facts) -> usize {
        let of_npm: Vec<_> = asked.iter().filter_map(npm::asked).collect();
        let n_asked = of_npm.len();
        if self.offline {
            return n_asked;
        }
        self.answer_npm(of_npm, facts).await;
        n_asked + self.python.answer(asked, facts).await
    }

    /// Answers questions of npm packages, by adding to `facts`.
    pub(crate) async fn answer_npm(
        &self,
        questions: impl IntoIterator<Item = (String, String, NpmWanted)>,
        facts: &mut Facts,
    ) {
        let mut answers = JoinSet::new();
        for (name, version, wanted) in questions {
            let npm = Arc::clone(&self.npm);
            answers.spawn(async move {
                let answer = npm.answer(&name, &version, wanted).await;
                (name, version, answer)
            });
        }
        for (name, version, answer) in answers.join_all().await {
            npm::add(facts, &name, &version, answer);
        }
        facts.npm.source = self.npm.host().await.unwrap_or_default();
        facts.npm.as_of = chrono::Local::now().format("%Y-%m-%d").to_string();
    }

    /// So many requests were sent to package registries.
    pub(crate) fn n_package_requests(&self) -> usize {
        self.npm.n_requests() + self.python.n_requests()
    }

    /// True where no registry may be asked.
    pub(crate) fn is_offline(&self) -> bool {
        self.offline
    }

    /// The content behind one request, from the cache or the registry; digests are checked. Sign-ins and
    /// redirects together take no longer than one reply may.
    pub(crate) async fn content(
        &self,
        image: &ImageRef,
        request: &Request,
    ) -> Result<Content, RegistryError> {
        if self.offline {
            return Err(RegistryError::Down { detail: "this program runs with --offline".to_owned() });
        }
        let timeout = self.source.timeout();
        let slow = |_| Err(RegistryError::Slow { seconds: timeout.as_secs() });
        tokio::time::timeout(timeout, self.source.content(image, request)).await.unwrap_or_else(slow)
    }
}

/// The images that are asked for, each once, in their order.
fn images(asked: &[Question]) -> Vec<(ImageRef, Platform)> {
    let mut images = Vec::new();
    for question in asked {
        let Question::Image { reference, platform, .. } = question else { continue };
        let Ok(image) = ImageRef::parse(reference) else { continue };
        let question = (image, platform.clone());
        if !images.contains(&question) {
            images.push(question);
        }
    }
    images
}
