//! From a reference and a platform to an [`ImageFact`], one round of requests after the other.
//!
//! Tag or digest → index → the platform's manifest → configuration and trailers at once.

use crate::facts::{ImageConfig, ImageFact, ImageFailure};
use crate::image_ref::{ImageRef, Platform};
use crate::registry::wire::{Compression, Document, Manifest, decode_config, decode_document, sound};
use crate::registry::{RegistryError, Reply, Request, platform, sha256, tar_length, verify};

/// No gzip stream is shorter.
const LEAST_GZIP: u64 = 18;
/// Docker makes no image of more layers; a manifest that lists more gets no more requests for it.
const MOST_TRAILERS: usize = 128;
/// An index may list an index; nobody nests deeper.
const MOST_INDEXES: usize = 2;

/// The questions to a registry about one image on one platform, and what has been answered.
#[derive(Clone, Debug)]
pub struct Resolution {
    image: ImageRef,
    platform: Platform,
    /// Asked for next, in no order.
    unasked: Vec<Request>,
    indexes: usize,
    step: Step,
}

#[derive(Clone, Debug)]
enum Step {
    /// Waiting for an index or a manifest.
    Manifest,
    /// Waiting for what a manifest lists.
    Contents {
        image: Box<ImageFact>,
        config: Option<String>,
        trailers: Vec<String>,
    },
    Failed(RegistryError),
}

impl Resolution {
    /// The questions about `image` on `platform`.
    pub fn new(image: &ImageRef, platform: &Platform) -> Self {
        let reference = image.digest.clone().or_else(|| image.tag.clone()).unwrap_or("latest".to_owned());
        Self {
            image: image.clone(),
            platform: platform.clone(),
            unasked: vec![Request::Manifest { reference }],
            indexes: 0,
            step: Step::Manifest,
        }
    }

    /// What to ask now, all at once if the shell likes. Each request is handed out once; empty means either
    /// that replies are awaited or that all is said: [`Resolution::is_done`].
    pub fn next_requests(&mut self) -> Vec<Request> {
        std::mem::take(&mut self.unasked)
    }

    /// Takes a reply in. One that nobody waits for changes nothing.
    pub fn answer(&mut self, request: &Request, reply: Reply) {
        match request {
            Request::Manifest { reference } => self.answer_manifest(reference, reply),
            Request::Blob { digest } => self.answer_config(digest, reply),
            Request::Trailer { digest, size } => self.answer_trailer(digest, *size, reply),
        }
    }

    /// True where no further reply is needed.
    pub fn is_done(&self) -> bool {
        match &self.step {
            Step::Manifest => false,
            Step::Contents { config, trailers, .. } => config.is_none() && trailers.is_empty(),
            Step::Failed(_) => true,
        }
    }

    /// What was learnt: by whom it was said and on which day comes from the shell. Trailers that are still
    /// missing are left out; any other missing reply counts as no answer.
    pub fn finish(self, source: &str, as_of: &str) -> Result<ImageFact, Box<ImageFailure>> {
        let error = match self.step {
            Step::Contents { mut image, config: None, .. } => {
                image.source = source.to_owned();
                image.as_of = as_of.to_owned();
                return Ok(*image);
            }
            Step::Failed(error) => error,
            Step::Manifest | Step::Contents { config: Some(_), .. } => {
                RegistryError::Down { detail: "the question was given up".to_owned() }
            }
        };
        Err(Box::new(error.about(&self.image, &self.platform)))
    }

    fn answer_manifest(&mut self, reference: &str, reply: Reply) {
        if !matches!(self.step, Step::Manifest) {
            return;
        }
        let document =
            content(reply, reference).and_then(|(body, digest)| Ok((decode_document(&body)?, digest)));
        let followed = match document {
            Ok((Document::Manifest(manifest), digest)) => {
                self.await_contents(manifest, digest);
                Ok(())
            }
            Ok((Document::Index(entries), _)) if self.indexes < MOST_INDEXES => {
                self.indexes += 1;
                platform::choose(&entries, &self.platform).and_then(|digest| {
                    let reference = sound(digest.to_owned())?;
                    self.unasked.push(Request::Manifest { reference });
                    Ok(())
                })
            }
            Ok((Document::Index(_), _)) => Err(RegistryError::NoImage { media_type: String::new() }),
            Err(error) => Err(error),
        };
        if let Err(error) = followed {
            self.fail(error);
        }
    }

    fn await_contents(&mut self, manifest: Manifest, digest: String) {
        let mut trailers: Vec<String> = Vec::new();
        for (layer, compression) in &manifest.layers {
            let worthwhile = *compression == Compression::Gzip && layer.download >= LEAST_GZIP;
            if worthwhile && trailers.len() < MOST_TRAILERS && !trailers.contains(&layer.digest) {
                trailers.push(layer.digest.clone());
                let (digest, size) = (layer.digest.clone(), layer.download);
                self.unasked.push(Request::Trailer { digest, size });
            }
        }
        self.unasked.insert(0, Request::Blob { digest: manifest.config.clone() });
        let image = Box::new(ImageFact {
            reference: self.image.to_string(),
            platform: self.platform.clone(),
            digest,
            as_of: String::new(),
            source: String::new(),
            config: ImageConfig::default(),
            layers: manifest.layers.into_iter().map(|(layer, _)| layer).collect(),
        });
        self.step = Step::Contents { image, config: Some(manifest.config), trailers };
    }

    fn answer_config(&mut self, asked: &str, reply: Reply) {
        let Step::Contents { image, config, .. } = &mut self.step else { return };
        if config.as_deref() != Some(asked) {
            return;
        }
        match content(reply, asked).and_then(|(body, _)| decode_config(&body)) {
            Ok(decoded) => {
                image.config = decoded;
                *config = None;
            }
            Err(error) => self.fail(error),
        }
    }

    /// A trailer that does not come is no failure: the layer's tar stays unknown.
    fn answer_trailer(&mut self, asked: &str, size: u64, reply: Reply) {
        let Step::Contents { image, trailers, .. } = &mut self.step else { return };
        trailers.retain(|digest| digest != asked);
        let Reply::Content { body, .. } = reply else { return };
        let Ok(trailer) = <[u8; 4]>::try_from(body.as_slice()) else { return };
        for layer in image.layers.iter_mut().filter(|layer| layer.digest == asked && layer.download == size) {
            layer.tar = tar_length(trailer, size);
        }
    }

    fn fail(&mut self, error: RegistryError) {
        self.unasked.clear();
        self.step = Step::Failed(error);
    }
}

/// The content of a reply with its digest, held against the digest it was asked by and the one sent along.
fn content(reply: Reply, asked: &str) -> Result<(Vec<u8>, String), RegistryError> {
    let (body, announced) = reply.into_content()?;
    // No tag has a colon.
    if asked.contains(':') {
        verify(&body, asked)?;
        return Ok((body, asked.to_owned()));
    }
    let actual = sha256(&body);
    if announced.starts_with("sha256:") && announced != actual {
        return Err(RegistryError::DigestMismatch { announced, actual });
    }
    Ok((body, actual))
}

#[cfg(test)]
mod tests;
