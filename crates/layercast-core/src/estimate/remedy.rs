//! What would make a heavy thing go away, or smaller.

use super::tree::Cause;
use crate::image_ref::ImageRef;

/// What to do about something in a layer; none where it may well be needed.
pub fn remedy_for_part(name: &str, path: &str) -> Option<String> {
    let package = name.split(' ').next().unwrap_or(name);
    let says = |text: &str| Some(text.to_owned());
    if path.starts_with("/var/lib/apt/lists") {
        return says("`rm -rf /var/lib/apt/lists/*` at the end of the same RUN, or a cache mount there");
    }
    if path.starts_with("/var/cache/apk") {
        return says("`apk add --no-cache` leaves no index behind");
    }
    if path.starts_with("/var/cache/") {
        return says("clean the package manager's cache in the same RUN, or put a cache mount there");
    }
    if path.contains("/.npm/") || path.contains("/_cacache") {
        return says("`npm cache clean --force` in the same RUN, or `--mount=type=cache,target=/root/.npm`");
    }
    if path.contains("/.cache/pip") {
        return says("`pip install --no-cache-dir`, or `--mount=type=cache,target=/root/.cache/pip`");
    }
    if path.contains("/.cache/")
        || path.contains("/registry/")
        || path.contains("/pkg/mod")
        || path.contains("/.m2/")
    {
        return says("a cache mount there keeps it out of the layer; or build in a stage of its own");
    }
    if name.contains(".pyc") {
        return says("`pip install --no-compile` leaves them out; each start then compiles anew");
    }
    if path.contains("/target/") || path.contains("/obj/") || path.contains("/.fingerprint/") {
        return says("build in a stage of its own and copy the program alone");
    }
    if is_for_building(package) {
        return says("needed to build only? Install it in a stage of its own and copy what it builds");
    }
    if path.ends_with("/node_modules/") || path.contains("/node_modules/") {
        return says("needed to build only? `npm ci --omit=dev` leaves development dependencies out");
    }
    if path.contains("/.git/") {
        return says("keep it out of the build context: a line `.git` in .dockerignore");
    }
    None
}

/// Compilers and what they need: of no use where a program runs.
fn is_for_building(package: &str) -> bool {
    const NAMES: [&str; 24] = [
        "build-essential",
        "gcc",
        "g++",
        "cpp",
        "clang",
        "make",
        "cmake",
        "binutils",
        "golang",
        "rustc",
        "cargo",
        "autoconf",
        "automake",
        "libtool",
        "bison",
        "flex",
        "pkg-config",
        "patch",
        "dpkg-dev",
        "llvm",
        "default-jdk",
        "linux-headers",
        "musl-dev",
        "libc6-dev",
    ];
    let stem = package
        .trim_end_matches(|character: char| character.is_ascii_digit() || matches!(character, '.' | '-'));
    let is_toolchain =
        ["gcc-", "g++-", "cpp-", "clang-", "llvm-", "golang-", "libllvm", "binutils-", "openjdk-"]
            .iter()
            .any(|start| {
                package.starts_with(start)
                    && !package.ends_with("-jre-headless")
                    && !package.ends_with("-jre")
            });
    NAMES.contains(&stem) || is_toolchain || package.ends_with("-dev") || package.ends_with("-jdk-headless")
}

/// A smaller image of the same kind, where there is one.
pub fn remedy_for_base(image: &ImageRef) -> Option<String> {
    const WITH_SLIM: [&str; 8] = ["python", "node", "debian", "ruby", "rust", "perl", "openjdk", "pypy"];
    let name = image.repository.strip_prefix("library/").filter(|_| image.registry == "docker.io")?;
    let tag = image.tag.as_deref().unwrap_or("latest");
    if tag.contains("slim") || tag.contains("alpine") {
        return None;
    }
    if WITH_SLIM.contains(&name) {
        let slim = if tag == "latest" { "slim".to_owned() } else { format!("{tag}-slim") };
        return Some(format!("`{name}:{slim}` holds the same without compilers and documentation"));
    }
    match name {
        "golang" | "maven" | "gradle" | "gcc" => {
            Some("it is there to build: copy what it builds into a stage on a small base".to_owned())
        }
        "nginx" | "httpd" | "redis" | "postgres" | "php" => Some(format!(
            "`{name}:{}` is smaller",
            match tag {
                "latest" => "alpine".to_owned(),
                tag => format!("{tag}-alpine"),
            }
        )),
        "ubuntu" => Some("a slim Debian or Alpine is smaller, where its packages do".to_owned()),
        _ => None,
    }
}

/// What would save what a later layer hides.
pub fn remedy_for_waste(cause: Cause) -> &'static str {
    match cause {
        Cause::Removed => "delete it in the same RUN that writes it, or write it in another stage",
        Cause::Replaced => "write it once: leave out the first, or copy it later",
        Cause::CopiedUp => "give owner and mode as it is copied: `COPY --chown=… --chmod=…`",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, path: &str, expected: &str) {
        let remedy = remedy_for_part(name, path).unwrap_or_default();
        assert!(remedy.contains(expected) && remedy.is_empty() == expected.is_empty(), "{name}: {remedy}");
    }

    #[test]
    fn what_is_left_behind_and_what_only_builds_can_go() {
        check("lists of packages", "/var/lib/apt/lists/", "rm -rf /var/lib/apt/lists");
        check("gcc-12 12.2.0-14", "/usr/", "build only");
        check("libssl-dev 3.0.15-1", "/usr/", "build only");
        check("Go build cache", "/root/.cache/go-build/", "cache mount");
        check("openjdk-17-jre-headless 17", "/usr/", "");
        check("ffmpeg 7:5.1", "/usr/", "");
    }

    #[test]
    fn a_smaller_base_is_named() {
        let remedy =
            |image: &str| remedy_for_base(&ImageRef::parse(image).expect("an image")).unwrap_or_default();
        assert!(remedy("python:3.12").starts_with("`python:3.12-slim`"));
        assert!(remedy("nginx").starts_with("`nginx:alpine`"));
        assert_eq!(remedy("node:22-alpine"), "");
    }
}
