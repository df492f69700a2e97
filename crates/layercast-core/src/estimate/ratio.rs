//! How much larger the files of an image are than its compressed layers, by the image's family.

use crate::image_ref::ImageRef;

/// Unpacked over download, as measured on published images of one family.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio {
    /// The family: `alpine, busybox`.
    pub content: &'static str,
    /// The median.
    pub median: f64,
    /// The lowest measured.
    lowest: f64,
    /// The highest measured.
    highest: f64,
    /// Of how many images.
    samples: usize,
}

impl Ratio {
    const fn new(content: &'static str, samples: usize, median: f64, lowest: f64, highest: f64) -> Self {
        Self { content, median, lowest, highest, samples }
    }

    /// The lowest and highest to reckon with. Few samples lie closer together than their family does, so
    /// below five the range is at least 7 % to either side, as wide as the well-sampled families are.
    pub fn range(&self) -> (f64, f64) {
        let margin = if self.samples < 5 { 0.07 } else { 0.0 };
        (self.lowest.min(self.median * (1.0 - margin)), self.highest.max(self.median * (1.0 + margin)))
    }
}

// Published images, linux/amd64: median, lowest, highest. From where: docs/decisions/0010-catalogue.md.
static SMALL: Ratio = Ratio::new("alpine and busybox", 3, 2.00, 1.98, 2.19);
static DEBIAN: Ratio = Ratio::new("debian and ubuntu", 2, 2.63, 2.62, 2.65);
static RPM: Ratio = Ratio::new("RPM distributions", 4, 2.70, 2.65, 2.75);
static FULL_LANGUAGE: Ratio = Ratio::new("full language images", 5, 2.75, 2.61, 2.78);
static SLIM_OR_APPLICATION: Ratio = Ratio::new("slim images and applications", 8, 2.79, 2.56, 2.95);
static NODE_ALPINE: Ratio = Ratio::new("node on alpine", 3, 2.83, 2.75, 2.93);
static GOLANG_ALPINE: Ratio = Ratio::new("golang on alpine", 2, 3.23, 3.13, 3.34);
static ALPINE_APPLICATION: Ratio = Ratio::new("applications on alpine", 4, 2.62, 2.30, 2.80);
static JAVA: Ratio = Ratio::new("Java on glibc", 4, 2.12, 2.06, 2.55);
static SWIFT: Ratio = Ratio::new("swift", 1, 3.18, 3.18, 3.18);
/// All of the above together, for an image of which only the name is known.
static ANY: Ratio = Ratio::new("any image", 36, 2.70, 1.98, 3.34);

/// The ratio of the family that `image` belongs to by its name.
pub fn ratio_of(image: &ImageRef) -> &'static Ratio {
    let Some(repository) =
        image.repository.strip_prefix("library/").filter(|_| image.registry == "docker.io")
    else {
        return &ANY;
    };
    let tag = image.tag.as_deref().unwrap_or("");
    match (repository, tag.contains("alpine")) {
        ("alpine" | "busybox", _) => &SMALL,
        ("node", true) => &NODE_ALPINE,
        ("golang", true) => &GOLANG_ALPINE,
        (_, true) | ("caddy" | "traefik" | "registry" | "docker" | "composer" | "bash", false) => {
            &ALPINE_APPLICATION
        }
        ("debian" | "ubuntu", false) => &DEBIAN,
        ("almalinux" | "amazonlinux" | "centos" | "fedora" | "oraclelinux" | "rockylinux", false) => &RPM,
        ("amazoncorretto" | "clojure" | "eclipse-temurin" | "gradle" | "groovy" | "ibmjava", false)
        | ("maven" | "openjdk" | "sapmachine" | "tomcat", false) => &JAVA,
        ("swift", false) => &SWIFT,
        ("buildpack-deps" | "elixir" | "erlang" | "gcc" | "golang" | "node" | "perl", false)
        | ("pypy" | "python" | "ruby" | "rust", false)
            if !tag.contains("slim") =>
        {
            &FULL_LANGUAGE
        }
        (_, false) => &SLIM_OR_APPLICATION,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(image: &str, content: &str) {
        let image = ImageRef::parse(image).expect("the test names an image");
        assert_eq!(ratio_of(&image).content, content, "{image}");
    }

    #[test]
    fn the_family_follows_from_the_name() {
        check("alpine:3.22", "alpine and busybox");
        check("node:22-alpine", "node on alpine");
        check("golang:1.25-alpine3.22", "golang on alpine");
        check("nginx:alpine", "applications on alpine");
        check("eclipse-temurin:21-jre-alpine", "applications on alpine");
        check("eclipse-temurin:21-jre", "Java on glibc");
        check("debian:bookworm-slim", "debian and ubuntu");
        check("python:3.12", "full language images");
        check("python:3.12-slim", "slim images and applications");
        check("postgres:16", "slim images and applications");
        check("quay.io/alpine:3", "any image");
        check("bitnami/node:22", "any image");
    }

    #[test]
    fn few_samples_do_not_pretend_to_be_sure() {
        for ratio in [&SMALL, &DEBIAN, &RPM, &FULL_LANGUAGE, &SLIM_OR_APPLICATION, &SWIFT, &ANY] {
            let (low, high) = ratio.range();
            assert!(low <= ratio.lowest && ratio.highest <= high && high / low > 1.05, "{}", ratio.content);
        }
    }
}
