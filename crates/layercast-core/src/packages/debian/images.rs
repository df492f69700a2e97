//! What official images built on Debian bring with them beside Debian's own base: the packages that their Dockerfiles
//! ask for. What those depend on follows from the table.
//!
//! As docker-library's Dockerfiles are known to ask for them, 2026-11; the lists are not held against the images
//! themselves. Packages that an image installs for its own build and takes away again are left out.

use crate::image_ref::ImageRef;

/// buildpack-deps with the tag `curl`.
const CURL: &[&str] = &["ca-certificates", "curl", "gnupg", "netbase", "tzdata", "wget"];
/// What `scm` adds to it.
const SCM: &[&str] = &["git", "mercurial", "openssh-client", "subversion", "procps"];
/// What the full one adds to that.
const FULL: &[&str] = &[
    "autoconf",
    "automake",
    "bzip2",
    "default-libmysqlclient-dev",
    "dpkg-dev",
    "file",
    "g++",
    "gcc",
    "imagemagick",
    "libbz2-dev",
    "libc6-dev",
    "libcurl4-openssl-dev",
    "libdb-dev",
    "libevent-dev",
    "libffi-dev",
    "libgdbm-dev",
    "libglib2.0-dev",
    "libgmp-dev",
    "libjpeg-dev",
    "libkrb5-dev",
    "liblzma-dev",
    "libmagickcore-dev",
    "libmagickwand-dev",
    "libmaxminddb-dev",
    "libncurses5-dev",
    "libncursesw5-dev",
    "libpng-dev",
    "libpq-dev",
    "libreadline-dev",
    "libsqlite3-dev",
    "libssl-dev",
    "libtool",
    "libwebp-dev",
    "libxml2-dev",
    "libxslt-dev",
    "libyaml-dev",
    "make",
    "patch",
    "unzip",
    "xz-utils",
    "zlib1g-dev",
];

/// Images on the full buildpack-deps, and what they add.
const ON_FULL: [(&str, &[&str]); 10] = [
    ("buildpack-deps", &[]),
    ("python", &["libbluetooth-dev", "tk-dev", "uuid-dev"]),
    ("node", &[]),
    ("ruby", &["bison"]),
    ("rust", &[]),
    ("gcc", &[]),
    ("perl", &[]),
    ("pypy", &["tcl", "tk"]),
    ("erlang", &[]),
    ("elixir", &[]),
];

/// An image's name, what its tag must say of slim, and lists of packages.
type Row = (&'static str, Option<bool>, &'static [&'static [&'static str]]);

/// Images that stand on less, with all that they ask for: by name, and whether the tag says slim.
const OTHERS: [Row; 19] = [
    (
        "python",
        Some(true),
        &[&[
            "ca-certificates",
            "netbase",
            "tzdata",
            "libbz2-1.0",
            "libexpat1",
            "libffi8",
            "libncursesw6",
            "libnsl2",
            "libreadline8",
            "libsqlite3-0",
            "libssl3",
            "libssl3t64",
            "libtirpc3",
            "libtirpc3t64",
            "libuuid1",
        ]],
    ),
    ("node", Some(true), &[&["libatomic1"]]),
    ("golang", None, &[CURL, SCM, &["g++", "gcc", "libc6-dev", "make", "pkg-config"]]),
    (
        "ruby",
        Some(true),
        &[&[
            "bzip2",
            "ca-certificates",
            "libffi-dev",
            "libgmp-dev",
            "libssl-dev",
            "libyaml-dev",
            "procps",
            "zlib1g-dev",
        ]],
    ),
    ("rust", Some(true), &[&["ca-certificates", "gcc", "libc6-dev"]]),
    ("perl", Some(true), &[&["bzip2", "ca-certificates", "libdb5.3"]]),
    ("pypy", Some(true), &[&["ca-certificates", "netbase", "libexpat1", "libsqlite3-0", "tcl", "tk"]]),
    ("erlang", Some(true), &[&["libodbc1", "libssl3", "libsctp1"]]),
    ("elixir", Some(true), &[&["libodbc1", "libssl3", "libsctp1"]]),
    (
        "php",
        None,
        &[&[
            "autoconf",
            "dpkg-dev",
            "file",
            "g++",
            "gcc",
            "libc-dev",
            "make",
            "pkg-config",
            "re2c",
            "ca-certificates",
            "curl",
            "xz-utils",
            "libargon2-1",
            "libcurl4",
            "libonig5",
            "libreadline8",
            "libsodium23",
            "libsqlite3-0",
            "libxml2",
        ]],
    ),
    ("nginx", None, &[&["ca-certificates", "curl", "gettext-base", "libxslt1.1", "libgd3", "libgeoip1"]]),
    (
        "httpd",
        None,
        &[&[
            "ca-certificates",
            "libaprutil1-ldap",
            "libldap-common",
            "liblua5.3-0",
            "libjansson4",
            "libcurl4",
        ]],
    ),
    (
        "postgres",
        None,
        &[&["gnupg", "less", "locales", "libnss-wrapper", "xz-utils", "zstd", "libllvm16", "libxslt1.1"]],
    ),
    ("redis", None, &[&["tzdata", "libssl3"]]),
    ("memcached", None, &[&["libevent-2.1-7", "libsasl2-modules"]]),
    ("haproxy", None, &[&["ca-certificates"]]),
    ("openjdk", Some(true), &[&["ca-certificates", "p11-kit"]]),
    (
        "openjdk",
        Some(false),
        &[CURL, SCM, &["bzip2", "unzip", "xz-utils", "fontconfig", "libfreetype6", "p11-kit"]],
    ),
    ("rabbitmq", None, &[&["ca-certificates"]]),
];

/// The packages that an image's own Dockerfile asks for, the image's base included.
pub fn brought_by(image: &ImageRef) -> Vec<&'static str> {
    let Some(name) = image.repository.strip_prefix("library/").filter(|_| image.registry == "docker.io")
    else {
        return Vec::new();
    };
    let tag = image.tag.as_deref().unwrap_or_default();
    let slim = tag.contains("slim");
    if name == "buildpack-deps" && tag.contains("curl") {
        return CURL.to_vec();
    }
    if name == "buildpack-deps" && tag.contains("scm") {
        return [CURL, SCM].concat();
    }
    let on_full = ON_FULL.iter().find(|(own, _)| *own == name && !slim);
    if let Some((_, more)) = on_full {
        return [CURL, SCM, FULL, more].concat();
    }
    let other =
        OTHERS.iter().find(|(own, wanted, _)| *own == name && wanted.is_none_or(|wanted| wanted == slim));
    other.map(|(_, _, lists)| lists.concat()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(image: &str, has: &[&str], has_not: &[&str]) {
        let brought = brought_by(&ImageRef::parse(image).expect("the test names an image"));
        assert!(has.iter().all(|name| brought.contains(name)), "{image}: {brought:?}");
        assert!(!has_not.iter().any(|name| brought.contains(name)), "{image}: {brought:?}");
    }

    #[test]
    fn full_language_images_bring_compilers_and_small_ones_do_not() {
        check("python:3.12", &["git", "gcc", "libpq-dev", "tk-dev"], &[]);
        check("python:3.12-slim", &["ca-certificates"], &["git", "gcc", "curl"]);
        check("golang:1.25", &["git", "gcc"], &["libpq-dev"]);
        check("node:22", &["git", "g++"], &[]);
        check("node:22-slim", &[], &["git", "ca-certificates"]);
        check("buildpack-deps:bookworm-scm", &["git"], &["gcc"]);
        check("debian:bookworm", &[], &["ca-certificates"]);
        check("registry.example/library/python:3.12", &[], &["git"]);
    }
}
