//! What the page and its worker say to each other: words in a fixed order, as a JSON array of strings.
//!
//! By hand, not by derive: readers made for each type would be a twentieth of the page's first load.
//!
//! **Invariant:** the worker keeps nothing between two messages: one that is started again answers as the first.

use crate::remarks::Remark;
use layercast_core::Facts;
use layercast_core::diagnostic::Severity;
use layercast_core::facts::{BuildOptions, FailureReason, ImageConfig, ImageFact, ImageFailure, ImageLayer};
use layercast_core::image_ref::Platform;
use layercast_core::text::Range;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What the page asks.
#[derive(Debug, PartialEq)]
pub enum Request<'a> {
    /// What the checks say of a text.
    Check {
        /// The Dockerfile.
        source: Cow<'a, str>,
        /// What is known from outside. Pins stay behind: checks know no size.
        facts: Cow<'a, Facts>,
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
    /// What the checks say of the text that was asked about last.
    Remarks(Vec<Remark>),
    /// What a registry said of an image.
    Image(ImageFact),
    /// Why a registry said nothing.
    Failure(ImageFailure),
    /// The registries that the relay reaches.
    Relay(Vec<String>),
    /// There is no relay.
    NoRelay,
}

impl Request<'_> {
    /// The message.
    pub fn to_text(&self) -> String {
        let mut words = Writer(Vec::new());
        match self {
            Self::Check { source, facts } => {
                words.text("check");
                words.text(source);
                words.build(&facts.build);
                words.list(&facts.images, Writer::image);
                words.list(&facts.image_failures, Writer::failure);
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
                let source = Cow::Owned(words.text()?);
                let build = words.build()?;
                let images = words.list(Reader::image)?;
                let image_failures = words.list(Reader::failure)?;
                let facts = Facts { build, images, image_failures, ..Facts::default() };
                Request::Check { source, facts: Cow::Owned(facts) }
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
            Self::Remarks(remarks) => {
                words.text("remarks");
                words.list(remarks, Writer::remark);
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
            "remarks" => Self::Remarks(words.list(Reader::remark)?),
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
        let bytes = serde_json::to_vec(&self.0).unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
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

    fn remark(&mut self, remark: &Remark) {
        self.text(&remark.rule);
        self.number(remark.severity as u64);
        [remark.line, remark.range.start, remark.range.end].iter().for_each(|n| self.number(*n as u64));
        self.text(&remark.message);
        self.texts(&remark.notes);
    }
}

struct Reader(std::vec::IntoIter<String>);

impl Reader {
    fn new(text: &str) -> Option<Self> {
        let words: Vec<String> = serde_json::from_slice(text.as_bytes()).ok()?;
        Some(Self(words.into_iter()))
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
        let facts =
            Facts { build, images, image_failures: REASONS.map(failure).to_vec(), ..Facts::default() };
        for request in [
            Request::Check { source: "FROM a\n# \u{0}".into(), facts: Cow::Owned(facts) },
            Request::Check { source: "".into(), facts: Cow::Owned(Facts::default()) },
            Request::Image {
                reference: "a".into(),
                platform: Cow::Owned(Platform::linux_amd64()),
                relayed: true,
            },
            Request::Relay,
        ] {
            assert_eq!(Request::from_text(&request.to_text()), Some(request));
        }
        assert_eq!(Request::from_text("[\"check\",\"FROM a\"]"), None);
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
        for reply in [
            Reply::Ready,
            Reply::Remarks(SEVERITIES.map(remark).to_vec()),
            Reply::Image(image()),
            Reply::Failure(failure(FailureReason::NoPlatform)),
            Reply::Relay(vec!["docker.io".to_owned()]),
            Reply::NoRelay,
        ] {
            assert_eq!(Reply::from_text(&reply.to_text()), Some(reply));
        }
        assert_eq!(Reply::from_text("[\"remarks\",\"2\"]"), None);
    }
}
