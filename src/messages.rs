//! What the page and its worker say to each other: words in a fixed order, as a JSON array of strings.
//!
//! By hand, not by derive: readers made for each type would be a twentieth of the page's first load.
//!
//! **Invariant:** what the page tells the worker is whole: a worker that is started again answers as the first, once
//! it has learnt again what it learnt from others.

use crate::remarks::Remark;
use crate::weights::{Step, is_measured};
use layercast_core::diagnostic::Severity;
use layercast_core::estimate::{Basis, Estimate};
use layercast_core::facts::{
    BuildOptions, FailureReason, ImageConfig, ImageFact, ImageFailure, ImageLayer, Pin,
};
use layercast_core::image_ref::Platform;
use layercast_core::json;
use layercast_core::text::Range;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What the page asks.
#[derive(Debug, PartialEq)]
pub enum Request<'a> {
    /// What a whole analysis says of a text.
    Check {
        /// Which text that is, for the replies: there may be several, as more gets known.
        revision: u64,
        /// The Dockerfile.
        source: Cow<'a, str>,
        /// The build options.
        build: Cow<'a, BuildOptions>,
        /// What is known of base images.
        images: Cow<'a, [ImageFact]>,
        /// What could not be learnt of them.
        image_failures: Cow<'a, [ImageFailure]>,
        /// What the user typed.
        pins: Cow<'a, [Pin]>,
    },
    /// What an image weighs. No reply where nobody can be asked from here.
    Image {
        /// The normalised reference.
        reference: Cow<'a, str>,
        /// The platform.
        platform: Cow<'a, Platform>,
        /// Through the companion's relay, or straight.
        relayed: bool,
    },
    /// Whether the companion's relay answers here.
    Relay,
}

/// What the worker says.
#[derive(Debug, PartialEq)]
pub enum Reply {
    /// It has come and listens.
    Ready,
    /// What a whole analysis says.
    Said(Said),
    /// What a registry said of an image.
    Image(ImageFact),
    /// Why a registry said nothing.
    Failure(ImageFailure),
    /// The registries that the relay reaches.
    Relay(Vec<String>),
    /// There is no relay.
    NoRelay,
}

/// What a whole analysis says of a text.
#[derive(Debug, Default, PartialEq)]
pub struct Said {
    /// Which text that is.
    pub revision: u64,
    /// What the checks say.
    pub remarks: Vec<Remark>,
    /// What its steps weigh, in the order of the text.
    pub steps: Vec<Step>,
    /// What stands below the layers, as HTML ([`crate::summary`]).
    pub below: String,
}

impl Request<'_> {
    /// The message.
    pub fn to_text(&self) -> String {
        let mut words = Writer(Vec::new());
        match self {
            Self::Check { revision, source, build, images, image_failures, pins } => {
                words.text("check");
                words.number(*revision);
                words.text(source);
                words.build(build);
                words.list(images, Writer::image);
                words.list(image_failures, Writer::failure);
                words.list(pins, Writer::pin);
            }
            Self::Image { reference, platform, relayed } => {
                words.text("image");
                words.text(reference);
                words.text(&platform.to_string());
                words.text(if *relayed { "relayed" } else { "" });
            }
            Self::Relay => words.text("relay"),
        }
        words.end()
    }

    /// What a message says; none where it is none of ours.
    pub fn from_text(text: &str) -> Option<Request<'static>> {
        let mut words = Reader::new(text)?;
        Some(match words.text()?.as_str() {
            "check" => {
                let revision = words.number()?;
                let source = Cow::Owned(words.text()?);
                Request::Check {
                    revision,
                    source,
                    build: Cow::Owned(words.build()?),
                    images: Cow::Owned(words.list(Reader::image)?),
                    image_failures: Cow::Owned(words.list(Reader::failure)?),
                    pins: Cow::Owned(words.list(Reader::pin)?),
                }
            }
            "image" => Request::Image {
                reference: Cow::Owned(words.text()?),
                platform: Cow::Owned(words.platform()?),
                relayed: !words.text()?.is_empty(),
            },
            "relay" => Request::Relay,
            _ => return None,
        })
    }
}

impl Reply {
    /// The message.
    pub fn to_text(&self) -> String {
        let mut words = Writer(Vec::new());
        match self {
            Self::Ready => words.text("ready"),
            Self::Said(said) => {
                words.text("said");
                words.number(said.revision);
                words.list(&said.remarks, Writer::remark);
                words.list(&said.steps, Writer::step);
                words.text(&said.below);
            }
            Self::Image(image) => {
                words.text("image");
                words.image(image);
            }
            Self::Failure(failure) => {
                words.text("failure");
                words.failure(failure);
            }
            Self::Relay(registries) => {
                words.text("relay");
                words.texts(registries);
            }
            Self::NoRelay => words.text("no relay"),
        }
        words.end()
    }

    /// What a message says; none where it is none of ours.
    pub fn from_text(text: &str) -> Option<Self> {
        let mut words = Reader::new(text)?;
        Some(match words.text()?.as_str() {
            "ready" => Self::Ready,
            "said" => Self::Said(Said {
                revision: words.number()?,
                remarks: words.list(Reader::remark)?,
                steps: words.list(Reader::step)?,
                below: words.text()?,
            }),
            "image" => Self::Image(words.image()?),
            "failure" => Self::Failure(words.failure()?),
            "relay" => Self::Relay(words.list(Reader::text)?),
            "no relay" => Self::NoRelay,
            _ => return None,
        })
    }
}

struct Writer(Vec<String>);

impl Writer {
    fn end(self) -> String {
        let mut text = String::new();
        json::write_strings(&mut text, &self.0);
        text
    }

    fn text(&mut self, text: &str) {
        self.0.push(text.to_owned());
    }

    fn number(&mut self, number: u64) {
        self.0.push(number.to_string());
    }

    /// None is an empty word.
    fn number_if(&mut self, number: Option<u64>) {
        self.0.push(number.map(|number| number.to_string()).unwrap_or_default());
    }

    fn list<T>(&mut self, list: &[T], write: fn(&mut Self, &T)) {
        self.number(list.len() as u64);
        list.iter().for_each(|one| write(self, one));
    }

    fn texts(&mut self, texts: &[String]) {
        self.list(texts, |words, text| words.text(text));
    }

    fn pairs(&mut self, pairs: &BTreeMap<String, String>) {
        self.number(pairs.len() as u64);
        for (name, value) in pairs {
            self.text(name);
            self.text(value);
        }
    }

    fn build(&mut self, build: &BuildOptions) {
        self.list(build.target.as_slice(), |words, target| words.text(target));
        self.list(build.platform.as_slice(), |words, platform| words.text(&platform.to_string()));
        self.pairs(&build.build_args);
        self.list(build.dockerignore.as_slice(), |words, text| words.text(text));
        self.pairs(&build.build_contexts);
    }

    fn image(&mut self, image: &ImageFact) {
        let ImageConfig { env, user, workdir, onbuild, shell } = &image.config;
        self.text(&image.reference);
        self.text(&image.platform.to_string());
        [&image.digest, &image.as_of, &image.source, user, workdir].iter().for_each(|text| self.text(text));
        [env, onbuild, shell].iter().for_each(|texts| self.texts(texts));
        self.list(&image.layers, |words, layer| {
            words.text(&layer.digest);
            words.number(layer.download);
            words.number_if(layer.unpacked);
            words.number_if(layer.tar);
        });
    }

    fn failure(&mut self, failure: &ImageFailure) {
        self.text(&failure.reference);
        self.text(&failure.platform.to_string());
        self.number(failure.reason as u64);
        self.text(&failure.message);
        self.text(&failure.hint);
    }

    fn pin(&mut self, pin: &Pin) {
        self.text(&pin.stage);
        self.text(&pin.instruction);
        self.number_if(pin.unpacked);
        self.number_if(pin.download);
    }

    fn remark(&mut self, remark: &Remark) {
        self.text(&remark.rule);
        self.number(remark.severity as u64);
        [remark.line, remark.range.start, remark.range.end].iter().for_each(|n| self.number(*n as u64));
        self.text(&remark.message);
        self.texts(&remark.notes);
    }

    fn step(&mut self, step: &Step) {
        self.text(&step.text);
        self.size(step.unpacked.as_ref());
        self.size(step.download.as_ref());
        self.text(&step.basis);
        self.texts(&step.unknown);
        self.text(&step.opening);
    }

    /// Of its basis goes over whether it is measured: the sentence has a word of its own.
    fn size(&mut self, size: Option<&Estimate>) {
        self.number_if(size.map(|size| size.likely));
        if let Some(size) = size {
            self.number(size.low);
            self.number(size.high);
            self.number(u64::from(is_measured(size)));
        }
    }
}

struct Reader(std::vec::IntoIter<String>);

impl Reader {
    fn new(text: &str) -> Option<Self> {
        Some(Self(json::strings(text)?.into_iter()))
    }

    fn text(&mut self) -> Option<String> {
        self.0.next()
    }

    fn number(&mut self) -> Option<u64> {
        self.text()?.parse().ok()
    }

    fn place(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    fn number_if(&mut self) -> Option<Option<u64>> {
        let word = self.text()?;
        if word.is_empty() { Some(None) } else { word.parse().ok().map(Some) }
    }

    fn platform(&mut self) -> Option<Platform> {
        Platform::parse(&self.text()?).ok()
    }

    fn list<T>(&mut self, read: fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut list = Vec::new();
        for _ in 0..self.number()? {
            list.push(read(self)?);
        }
        Some(list)
    }

    fn pairs(&mut self) -> Option<BTreeMap<String, String>> {
        let pairs = self.list(|words| Some((words.text()?, words.text()?)))?;
        Some(pairs.into_iter().collect())
    }

    fn build(&mut self) -> Option<BuildOptions> {
        Some(BuildOptions {
            target: self.list(Self::text)?.pop(),
            platform: self.list(Self::platform)?.pop(),
            build_args: self.pairs()?,
            dockerignore: self.list(Self::text)?.pop(),
            build_contexts: self.pairs()?,
        })
    }

    fn image(&mut self) -> Option<ImageFact> {
        let (reference, platform) = (self.text()?, self.platform()?);
        let (digest, as_of, source) = (self.text()?, self.text()?, self.text()?);
        let (user, workdir) = (self.text()?, self.text()?);
        let (env, onbuild) = (self.list(Self::text)?, self.list(Self::text)?);
        let config = ImageConfig { env, user, workdir, onbuild, shell: self.list(Self::text)? };
        let layers = self.list(|words| {
            let (digest, download) = (words.text()?, words.number()?);
            Some(ImageLayer { digest, download, unpacked: words.number_if()?, tar: words.number_if()? })
        })?;
        Some(ImageFact { reference, platform, digest, as_of, source, config, layers })
    }

    fn failure(&mut self) -> Option<ImageFailure> {
        let (reference, platform) = (self.text()?, self.platform()?);
        let reason = *REASONS.get(self.place()?)?;
        Some(ImageFailure { reference, platform, reason, message: self.text()?, hint: self.text()? })
    }

    fn pin(&mut self) -> Option<Pin> {
        Some(Pin {
            stage: self.text()?,
            instruction: self.text()?,
            unpacked: self.number_if()?,
            download: self.number_if()?,
        })
    }

    fn remark(&mut self) -> Option<Remark> {
        Some(Remark {
            rule: self.text()?,
            severity: *SEVERITIES.get(self.place()?)?,
            line: self.place()?,
            range: Range::new(self.place()?, self.place()?),
            message: self.text()?,
            notes: self.list(Self::text)?,
        })
    }

    fn step(&mut self) -> Option<Step> {
        Some(Step {
            text: self.text()?,
            unpacked: self.size()?,
            download: self.size()?,
            basis: self.text()?,
            unknown: self.list(Self::text)?,
            opening: self.text()?.into(),
        })
    }

    fn size(&mut self) -> Option<Option<Estimate>> {
        let Some(likely) = self.number_if()? else { return Some(None) };
        let (low, high) = (self.number()?, self.number()?);
        let basis = if self.number()? > 0 { Basis::Definition } else { Basis::Sum { parts: 0 } };
        Some(Some(Estimate { low, likely, high, basis }))
    }
}

/// In the order of their declarations: a number stands for each.
const SEVERITIES: [Severity; 3] = [Severity::Info, Severity::Warning, Severity::Error];
const REASONS: [FailureReason; 7] = [
    FailureReason::NotFound,
    FailureReason::Denied,
    FailureReason::RateLimited,
    FailureReason::Unreachable,
    FailureReason::Invalid,
    FailureReason::DigestMismatch,
    FailureReason::NoPlatform,
];

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    fn image() -> ImageFact {
        let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let layer = |unpacked, tar| ImageLayer { digest: "sha256:1".to_owned(), download: 7, unpacked, tar };
        ImageFact {
            reference: "docker.io/library/debian:12".to_owned(),
            platform: Platform::linux_amd64(),
            digest: "sha256:2".to_owned(),
            as_of: "2026-11-20".to_owned(),
            source: "a \"test\"\n".to_owned(),
            config: ImageConfig {
                env: words(&["A=ü", "B="]),
                user: "me".to_owned(),
                workdir: "/x".to_owned(),
                onbuild: words(&["RUN a"]),
                shell: words(&["sh", "-c"]),
            },
            layers: vec![layer(None, Some(9)), layer(Some(0), None)],
        }
    }

    fn failure(reason: FailureReason) -> ImageFailure {
        let (reference, platform) = ("a".to_owned(), Platform::linux_amd64());
        ImageFailure { reference, platform, reason, message: "no".to_owned(), hint: String::new() }
    }

    #[test]
    fn a_request_arrives_as_it_left() {
        let pairs = BTreeMap::from([("K".to_owned(), "v".to_owned()), ("L".to_owned(), String::new())]);
        let build = BuildOptions {
            target: Some(String::new()),
            platform: Some(Platform::linux_amd64()),
            build_args: pairs.clone(),
            dockerignore: None,
            build_contexts: pairs,
        };
        let images = vec![image(), image()];
        let pin =
            Pin { stage: "a".to_owned(), instruction: "RUN b".to_owned(), unpacked: None, download: Some(0) };
        for request in [
            Request::Check {
                revision: 7,
                source: "FROM a\n# \u{0}".into(),
                build: Cow::Owned(build),
                images: Cow::Owned(images),
                image_failures: Cow::Owned(REASONS.map(failure).to_vec()),
                pins: Cow::Owned(vec![pin]),
            },
            Request::Check {
                revision: 0,
                source: "".into(),
                build: Cow::Owned(BuildOptions::default()),
                images: Cow::Owned(Vec::new()),
                image_failures: Cow::Owned(Vec::new()),
                pins: Cow::Owned(Vec::new()),
            },
            Request::Image {
                reference: "a".into(),
                platform: Cow::Owned(Platform::linux_amd64()),
                relayed: true,
            },
            Request::Relay,
        ] {
            assert_eq!(Request::from_text(&request.to_text()), Some(request));
        }
        assert_eq!(Request::from_text("[\"check\",\"1\",\"FROM a\"]"), None);
    }

    #[test]
    fn a_reply_arrives_as_it_left() {
        let remark = |severity| Remark {
            rule: "rule".to_owned(),
            severity,
            line: 3,
            range: Range::new(4, 5),
            message: "No".to_owned(),
            notes: vec!["But".to_owned()],
        };
        let size = |likely| Estimate { low: 0, likely, high: likely, basis: Basis::Sum { parts: 0 } };
        let step = |unpacked: Option<u64>, download: Option<u64>| Step {
            text: "RUN a".to_owned(),
            unpacked: unpacked.map(size),
            download: download.map(|bytes| Estimate::exact(bytes, Basis::Definition)),
            basis: "because".to_owned(),
            unknown: vec!["the rest".to_owned()],
            opening: "<p>\"".into(),
        };
        for reply in [
            Reply::Ready,
            Reply::Said(Said {
                revision: 7,
                remarks: SEVERITIES.map(remark).to_vec(),
                steps: vec![step(Some(1), None), step(None, Some(u64::MAX))],
                below: "Loading".to_owned(),
            }),
            Reply::Image(image()),
            Reply::Failure(failure(FailureReason::NoPlatform)),
            Reply::Relay(vec!["docker.io".to_owned()]),
            Reply::NoRelay,
        ] {
            assert_eq!(Reply::from_text(&reply.to_text()), Some(reply));
        }
        assert_eq!(Reply::from_text("[\"said\",\"1\",\"2\"]"), None);
    }
}
