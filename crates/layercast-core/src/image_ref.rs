//! Names of images and platforms, read as Docker reads them.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A reference to an image, normalised: `alpine` is `docker.io/library/alpine:latest`.
/// Grammar: <https://pkg.go.dev/github.com/distribution/reference>.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageRef {
    /// The registry's host and port: `docker.io`, `localhost:5000`.
    pub registry: String,
    /// The repository there: `library/alpine`.
    pub repository: String,
    /// The tag; `latest` where neither a tag nor a digest is written.
    pub tag: Option<String>,
    /// The digest: `sha256:…`.
    pub digest: Option<String>,
}

/// The text is no image reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidImageRef {
    /// Neither name, tag nor digest as the grammar has them.
    #[error("invalid reference format")]
    Format,
    /// Upper-case letters in the repository.
    #[error("repository name must be lowercase")]
    UpperCase,
    /// The 64 hexadecimal digits of an image's id.
    #[error("an image id is not a name")]
    Identifier,
    /// A name of more than 255 characters.
    #[error("repository name must not be more than 255 characters")]
    TooLong,
}

impl ImageRef {
    /// Reads a reference as written in a Dockerfile.
    pub fn parse(text: &str) -> Result<Self, InvalidImageRef> {
        if text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(InvalidImageRef::Identifier);
        }
        let (registry, remainder) = split_registry(text);
        let (rest, digest) = match remainder.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (remainder, None),
        };
        let (repository, tag) = match rest.split_once(':') {
            Some((repository, tag)) => (repository, Some(tag)),
            None => (rest, None),
        };
        if repository.chars().any(char::is_uppercase) {
            return Err(InvalidImageRef::UpperCase);
        }
        let official = registry == "docker.io" && !repository.contains('/');
        let repository = if official { format!("library/{repository}") } else { repository.to_owned() };
        let well_formed = is_registry(registry)
            && repository.split('/').all(is_path_component)
            && tag.is_none_or(is_tag)
            && digest.is_none_or(is_digest);
        if !well_formed {
            return Err(InvalidImageRef::Format);
        }
        if registry.len() + 1 + repository.len() > 255 {
            return Err(InvalidImageRef::TooLong);
        }
        let tag = tag.or(if digest.is_none() { Some("latest") } else { None });
        Ok(Self {
            registry: registry.to_owned(),
            repository,
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
        })
    }

    /// The short form that people write: `alpine:3.19` for `docker.io/library/alpine:3.19`.
    pub fn familiar(&self) -> String {
        let full = self.to_string();
        let short = full.strip_prefix("docker.io/").unwrap_or(&full);
        short.strip_prefix("library/").unwrap_or(short).to_owned()
    }
}

impl fmt::Display for ImageRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.registry, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(formatter, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(formatter, "@{digest}")?;
        }
        Ok(())
    }
}

fn split_registry(text: &str) -> (&str, &str) {
    let Some((first, rest)) = text.split_once('/') else { return ("docker.io", text) };
    let names_host =
        first.contains(['.', ':']) || first == "localhost" || first.chars().any(char::is_uppercase);
    match (names_host, first) {
        (false, _) => ("docker.io", text),
        (true, "index.docker.io") => ("docker.io", rest),
        (true, host) => (host, rest),
    }
}

fn is_registry(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let numeric_port =
        port.is_none_or(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()));
    let address = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let host_name = |host: &str| host.split('.').all(is_host_component);
    numeric_port
        && match address {
            Some(v6) => !v6.is_empty() && v6.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':'),
            None => host_name(host),
        }
}

fn is_host_component(text: &str) -> bool {
    let edges = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    edges(bytes.first())
        && edges(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}

/// `[a-z0-9]+` joined by one dot, one or two underscores, or dashes.
fn is_path_component(text: &str) -> bool {
    let is_word = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    let edges = bytes.first().is_some_and(is_word) && bytes.last().is_some_and(is_word);
    let mut separators = bytes.split(is_word).filter(|run| !run.is_empty());
    edges && separators.all(|run| matches!(run, b"." | b"_" | b"__") || run.iter().all(|byte| *byte == b'-'))
}

fn is_tag(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let mut bytes = text.bytes();
    text.len() <= 128
        && bytes.next().is_some_and(word)
        && bytes.all(|byte| word(byte) || byte == b'.' || byte == b'-')
}

fn is_digest(text: &str) -> bool {
    let Some((algorithm, hex)) = text.split_once(':') else { return false };
    let component = |part: &str| {
        part.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    algorithm.split(['-', '_', '+', '.']).all(component)
        && hex.len() >= 32
        && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A platform: operating system, architecture and, for some, a variant. In text: `linux/arm/v7`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Platform {
    /// `linux`, `windows`, …
    pub os: String,
    /// `amd64`, `arm64`, …
    pub architecture: String,
    /// `v6`, `v7`, …; empty where the architecture is meant as such.
    pub variant: String,
}

/// The text is no platform.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no platform: expected os/architecture[/variant], such as linux/arm64")]
pub struct InvalidPlatform(pub String);

const KNOWN_OS: &[&str] = &[
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "wasip1",
    "windows",
    "zos",
];
const KNOWN_ARCHITECTURES: &[&str] = &[
    "386",
    "amd64",
    "amd64p32",
    "arm",
    "armbe",
    "arm64",
    "arm64be",
    "ppc64",
    "ppc64le",
    "loong64",
    "mips",
    "mipsle",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "ppc",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
];

impl Default for Platform {
    fn default() -> Self {
        Self::linux_amd64()
    }
}

impl Platform {
    /// linux/amd64, what an image is built for where nobody says otherwise.
    pub fn linux_amd64() -> Self {
        Self::new("linux", "amd64", "")
    }

    fn new(os: &str, architecture: &str, variant: &str) -> Self {
        Self { os: os.to_owned(), architecture: architecture.to_owned(), variant: variant.to_owned() }
    }

    /// Reads a platform as containerd does, aliases (`x86_64`, `aarch64`, `armhf`) resolved.
    pub fn parse(text: &str) -> Result<Self, InvalidPlatform> {
        let invalid = || InvalidPlatform(text.to_owned());
        let allowed = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-()%".contains(&byte))
        };
        let parts: Vec<&str> = text.split('/').collect();
        if !parts.iter().all(|part| allowed(part)) {
            return Err(invalid());
        }
        match parts[..] {
            [one] => {
                let os = normal_os(one);
                let (architecture, variant) = normal_architecture(one, "");
                if KNOWN_OS.contains(&os.as_str()) {
                    Ok(Self::new(&os, "amd64", ""))
                } else if KNOWN_ARCHITECTURES.contains(&architecture.as_str()) {
                    Ok(Self::new("linux", &architecture, &variant))
                } else {
                    Err(invalid())
                }
            }
            [os, architecture] => {
                let (architecture, variant) = normal_architecture(architecture, "");
                Ok(Self::new(&normal_os(os), &architecture, &variant))
            }
            [os, architecture, variant] => {
                let (architecture, variant) = normal_architecture(architecture, variant);
                Ok(Self::new(&normal_os(os), &architecture, &variant))
            }
            _ => Err(invalid()),
        }
    }
}

fn normal_os(os: &str) -> String {
    let os = os.to_ascii_lowercase();
    if os == "macos" { "darwin".to_owned() } else { os }
}

fn normal_architecture(architecture: &str, variant: &str) -> (String, String) {
    let (architecture, variant) = (architecture.to_ascii_lowercase(), variant.to_ascii_lowercase());
    let (architecture, variant) = match (architecture.as_str(), variant.as_str()) {
        ("i386", _) => ("386", ""),
        ("x86_64" | "x86-64" | "amd64", "v1" | "") => ("amd64", ""),
        ("x86_64" | "x86-64", variant) => ("amd64", variant),
        ("aarch64" | "arm64", "8" | "v8" | "") => ("arm64", ""),
        ("aarch64", variant) => ("arm64", variant),
        ("armhf", _) => ("arm", "v7"),
        ("armel", _) => ("arm", "v6"),
        ("arm", "" | "7") => ("arm", "v7"),
        ("arm", "5") => ("arm", "v5"),
        ("arm", "6") => ("arm", "v6"),
        ("arm", "8") => ("arm", "v8"),
        (architecture, variant) => (architecture, variant),
    };
    (architecture.to_owned(), variant.to_owned())
}

impl fmt::Display for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.os, self.architecture)?;
        if self.variant.is_empty() { Ok(()) } else { write!(formatter, "/{}", self.variant) }
    }
}

impl TryFrom<String> for Platform {
    type Error = InvalidPlatform;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Platform> for String {
    fn from(platform: Platform) -> Self {
        platform.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(written: &str, expected: &str) {
        let read = match ImageRef::parse(written) {
            Ok(image) => image.to_string(),
            Err(error) => error.to_string(),
        };
        assert_eq!(read, expected, "{written}");
    }

    #[test]
    fn references_are_normalised_as_docker_does() {
        check("alpine", "docker.io/library/alpine:latest");
        check("alpine:3.19", "docker.io/library/alpine:3.19");
        check("bitnami/redis", "docker.io/bitnami/redis:latest");
        check("index.docker.io/library/x", "docker.io/library/x:latest");
        check("localhost:5000/x", "localhost:5000/x:latest");
        check("localhost/x", "localhost/x:latest");
        check("[::1]:5000/x", "[::1]:5000/x:latest");
        check("ghcr.io/a/b__c/d-e.f:1", "ghcr.io/a/b__c/d-e.f:1");
        let digest = format!("sha256:{}", "0a".repeat(32));
        check(&format!("debian:12@{digest}"), &format!("docker.io/library/debian:12@{digest}"));
        check(&format!("debian@{digest}"), &format!("docker.io/library/debian@{digest}"));
    }

    #[test]
    fn what_is_no_reference_is_refused() {
        for written in
            ["", ":", "a:", "node:-alpine", "gcr.io//cache", "a b", "a___b", "x@sha256:12", "[a]", "a/"]
        {
            check(written, "invalid reference format");
        }
        check("BUG_stage", "repository name must be lowercase");
        check(&"0a".repeat(32), "an image id is not a name");
    }

    #[test]
    fn platforms_are_normalised_as_containerd_does() {
        let read = |text| Platform::parse(text).map(|platform| platform.to_string()).unwrap_or_default();
        assert_eq!(read("linux/x86_64"), "linux/amd64");
        assert_eq!(read("linux/aarch64"), "linux/arm64");
        assert_eq!(read("linux/arm64/v8"), "linux/arm64");
        assert_eq!(read("linux/arm"), "linux/arm/v7");
        assert_eq!(read("arm64"), "linux/arm64");
        assert_eq!(read("windows"), "windows/amd64");
        assert_eq!(
            (read("nonsense"), read(""), read("a/b/c/d")),
            (String::new(), String::new(), String::new())
        );
    }
}
