//! What is known of the system in a stage: its distribution, what is installed, how its tools are set up.

use crate::image_ref::{ImageRef, Platform};
use std::collections::{BTreeMap, BTreeSet};

/// The system of a stage, as it stands between two steps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct System {
    /// The distribution; what nobody knows is none.
    pub distribution: Option<Distribution>,
    /// The image at the bottom; none for scratch.
    pub image: Option<ImageRef>,
    /// What it is built for.
    pub platform: Platform,
    /// Packages of the distribution that steps have installed, by name; with true where they were asked for and
    /// false where another needed them.
    pub installed: BTreeMap<String, bool>,
    /// Packages that steps have taken away, by name.
    pub removed: BTreeSet<String>,
    /// Names under which packages were installed together: `apk add --virtual .build-deps gcc make`.
    pub groups: BTreeMap<String, Vec<String>>,
    /// What happened that later steps must know, by agreed names: `pip has run`.
    pub marks: BTreeSet<&'static str>,
}

/// A distribution, as far as its packages go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// Debian.
    Debian {
        /// The release's name: `bookworm`.
        release: String,
        /// True where documentation, manuals and translations are left out.
        slim: bool,
    },
    /// Ubuntu.
    Ubuntu {
        /// The release's number: `24.04`.
        release: String,
    },
    /// Alpine.
    Alpine {
        /// The release's number: `3.22`; empty where the newest is meant.
        release: String,
    },
    /// One with RPM packages: `fedora`, `ubi9`.
    Rpm {
        /// The repository's last part.
        name: String,
    },
    /// BusyBox without packages.
    Busybox,
}

/// The distribution of an image by its name and tag; none where they do not tell.
pub fn distribution_of(image: &ImageRef) -> Option<Distribution> {
    let repository = image.repository.strip_prefix("library/").unwrap_or(&image.repository);
    let name = repository.rsplit('/').next().unwrap_or(repository);
    let tag = image.tag.as_deref().unwrap_or("");
    let has = |word: &str| tag.split(['-', '_']).any(|part| part == word || part.starts_with(word));
    if name == "busybox" {
        return Some(Distribution::Busybox);
    }
    if name == "alpine" || tag.contains("alpine") {
        let written = if name == "alpine" { tag } else { tag.rsplit("alpine").next().unwrap_or_default() };
        let release: String =
            written.chars().take_while(|character| character.is_ascii_digit() || *character == '.').collect();
        let release = release.splitn(3, '.').take(2).collect::<Vec<_>>().join(".");
        return Some(Distribution::Alpine { release });
    }
    if name == "ubuntu" || ["noble", "jammy", "focal", "bionic"].iter().any(|release| has(release)) {
        let release = [("noble", "24.04"), ("jammy", "22.04"), ("focal", "20.04"), ("bionic", "18.04")]
            .iter()
            .find(|(release, _)| has(release))
            .map_or(tag.split('-').next().unwrap_or_default(), |(_, number)| number);
        let release = if matches!(release, "latest" | "") { "24.04" } else { release };
        return Some(Distribution::Ubuntu { release: release.to_owned() });
    }
    let is_rpm =
        ["fedora", "centos", "rockylinux", "almalinux", "amazonlinux", "oraclelinux", "ubi", "opensuse"];
    if is_rpm.iter().any(|rpm| name.starts_with(rpm)) || repository.starts_with("opensuse/") {
        return Some(Distribution::Rpm { name: name.to_owned() });
    }
    let is_official = image.registry == "docker.io" && image.repository.starts_with("library/");
    let releases = ["trixie", "bookworm", "bullseye", "buster", "sid", "forky"];
    let by_tag = releases.iter().find(|release| has(release)).map(|release| (*release).to_owned());
    let by_number = || match (name, tag.split(['.', '-']).next()) {
        ("debian", Some("13")) => Some("trixie"),
        ("debian", Some("12")) => Some("bookworm"),
        ("debian", Some("11")) => Some("bullseye"),
        _ => None,
    };
    // What the official images stand on where the tag names no release.
    let by_default = || is_official.then_some(if ON_TRIXIE.contains(&name) { "trixie" } else { "bookworm" });
    let release = by_tag.or_else(|| by_number().or_else(by_default).map(str::to_owned))?;
    Some(Distribution::Debian { release, slim: tag.contains("slim") || !is_on_full_debian(name) })
}

/// Variables of official images that decide where their tools write: where nobody has read the image's configuration.
pub fn usual_environment(image: &ImageRef) -> &'static [(&'static str, &'static str)] {
    match image.repository.as_str() {
        "library/golang" => &[("GOPATH", "/go")],
        "library/rust" => &[("CARGO_HOME", "/usr/local/cargo"), ("RUSTUP_HOME", "/usr/local/rustup")],
        _ => &[],
    }
}

/// Official images that moved to trixie for tags that name no release.
const ON_TRIXIE: [&str; 3] = ["debian", "buildpack-deps", "golang"];

/// Official images whose tags without `slim` stand on the full Debian; the others stand on slim.
fn is_on_full_debian(name: &str) -> bool {
    [
        "debian",
        "buildpack-deps",
        "python",
        "node",
        "golang",
        "ruby",
        "rust",
        "gcc",
        "perl",
        "pypy",
        "erlang",
        "elixir",
    ]
    .contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(image: &str, expected: &str) {
        let image = ImageRef::parse(image).expect("the test names an image");
        let found = match distribution_of(&image) {
            Some(Distribution::Debian { release, slim }) => {
                format!("debian {release}{}", if slim { " slim" } else { "" })
            }
            Some(Distribution::Ubuntu { release }) => format!("ubuntu {release}"),
            Some(Distribution::Alpine { release }) => format!("alpine {release}"),
            Some(Distribution::Rpm { name }) => format!("rpm {name}"),
            Some(Distribution::Busybox) => "busybox".to_owned(),
            None => "unknown".to_owned(),
        };
        assert_eq!(found, expected, "{image}");
    }

    #[test]
    fn the_distribution_follows_from_name_and_tag() {
        check("debian:bookworm-slim", "debian bookworm slim");
        check("debian:12", "debian bookworm");
        check("python:3.11-slim", "debian bookworm slim");
        check("python:3.12-bullseye", "debian bullseye");
        check("postgres:16", "debian bookworm slim");
        check("node:22-alpine3.21", "alpine 3.21");
        check("alpine:3.22.1", "alpine 3.22");
        check("alpine", "alpine ");
        check("ubuntu", "ubuntu 24.04");
        check("eclipse-temurin:21-jammy", "ubuntu 22.04");
        check("fedora:42", "rpm fedora");
        check("registry.example/team/app:1", "unknown");
        check("busybox", "busybox");
    }
}
