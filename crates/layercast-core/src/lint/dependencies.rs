//! Which calls fetch what a program depends on, what they read to know it, and where they keep what they fetched.

use super::commands::Call;
use super::packages::{self, Manager};

/// A call that needs a few lists of the sources at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// The program, as people call it.
    pub tool: &'static str,
    /// The files it reads; empty where it reads none.
    pub reads: &'static str,
}

/// What a call fetches without need of more sources than its lists; none for everything else.
pub fn fetch(call: &Call) -> Option<Fetch> {
    let some = |tool, reads| Some(Fetch { tool, reads });
    let verb = call.verb();
    if let Some(install) = packages::install(call) {
        let is_literal = !install.packages.is_empty() && !call.open;
        let names_paths = install.packages.iter().any(|package| {
            package.starts_with(['.', '/', '$']) || package.ends_with(".deb") || package.ends_with(".whl")
        });
        let is_editable = call.has("-e") || call.has("--editable");
        return match (install.manager, call.program.as_str()) {
            _ if names_paths || is_editable => None,
            (Manager::Apt, _) if is_literal => some("apt", ""),
            (Manager::Apk, _) if is_literal => some("apk", ""),
            (Manager::Dnf, _) if is_literal => some("dnf", ""),
            (Manager::Pip, _) if call.has("-r") || call.has("--requirement") => {
                some("pip", "requirements.txt")
            }
            (Manager::Pip, _) if is_literal => some("pip", ""),
            (Manager::Npm, "npm") => some("npm", "package.json and package-lock.json"),
            (Manager::Npm, "yarn") => some("yarn", "package.json and yarn.lock"),
            (Manager::Npm, _) => some("pnpm", "package.json and pnpm-lock.yaml"),
            (Manager::Gem, _) if is_literal => some("gem", ""),
            _ => None,
        };
    }
    match (call.program.as_str(), verb) {
        ("go", "mod") if call.has("download") => some("go", "go.mod and go.sum"),
        ("cargo", "fetch") => some("cargo", "Cargo.toml and Cargo.lock"),
        ("bundle" | "bundler", "install" | "") => some("bundle", "Gemfile and Gemfile.lock"),
        ("poetry", "install") if call.has("--no-root") => some("poetry", "pyproject.toml and poetry.lock"),
        ("uv", "sync") if call.has("--no-install-project") => some("uv", "pyproject.toml and uv.lock"),
        ("pipenv", "install" | "sync") => some("pipenv", "Pipfile and Pipfile.lock"),
        ("composer" | "composer.phar", "install")
            if call.has("--no-scripts") && call.has("--no-autoloader") =>
        {
            some("composer", "composer.json and composer.lock")
        }
        ("mvn" | "mvnw", verb) if verb.starts_with("dependency:") => some("mvn", "pom.xml"),
        _ => None,
    }
}

/// What keeps a cache between runs, and where as root.
pub fn cache(call: &Call) -> Option<(&'static str, &'static str)> {
    let verb = call.verb();
    let has_words = |words: &[&str]| words.contains(&verb);
    match call.program.as_str() {
        "npm" if has_words(&["ci", "install", "i"]) && !call.has("-g") => Some(("npm", "/root/.npm")),
        "yarn" if has_words(&["", "install"]) => Some(("yarn", "/usr/local/share/.cache")),
        "pnpm" if has_words(&["install", "i"]) => Some(("pnpm", "/root/.local/share/pnpm/store")),
        "uv" if has_words(&["sync", "pip"]) && !call.has("--no-cache") && !call.has("--no-cache-dir") => {
            Some(("uv", "/root/.cache/uv"))
        }
        "poetry" if has_words(&["install"]) => Some(("poetry", "/root/.cache/pypoetry")),
        "pip" | "pip3" if has_words(&["install"]) && (call.has("-r") || call.has("--requirement")) => {
            let opted_out = call.has("--no-cache-dir") || call.has("--no-index");
            (!opted_out).then_some(("pip", "/root/.cache/pip"))
        }
        "go" if has_words(&["build", "mod", "install", "test"]) => Some(("go", "/root/.cache/go-build")),
        "cargo" if has_words(&["build", "install", "fetch"]) => Some(("cargo", "/usr/local/cargo/registry")),
        "mvn" | "mvnw" => Some(("mvn", "/root/.m2")),
        "gradle" | "gradlew" => Some(("gradle", "/root/.gradle")),
        "dotnet" if has_words(&["restore", "build", "publish"]) => Some(("dotnet", "/root/.nuget/packages")),
        _ => None,
    }
}

/// True where a call of this RUN may run anything: a script of the sources, a build.
pub fn runs_unknown(call: &Call) -> bool {
    let known = [
        "",
        "set",
        "cd",
        "echo",
        "mkdir",
        "rm",
        "ln",
        "chmod",
        "chown",
        "export",
        "true",
        ":",
        "test",
        "[",
        "find",
        "sed",
        "useradd",
        "groupadd",
        "adduser",
        "addgroup",
        "update-ca-certificates",
        "locale-gen",
        "printf",
        "tee",
        "cat",
        "apt-get",
        "apt",
        "apt-key",
        "apk",
        "yum",
        "dnf",
        "microdnf",
        "curl",
        "wget",
        "tar",
        "unzip",
        "gpg",
        "dpkg",
        "mv",
        "cp",
        "install",
        "which",
        "grep",
        "touch",
        "corepack",
        "add-apt-repository",
        "dpkg-reconfigure",
        "unlink",
        "source",
    ];
    !known.contains(&call.program.as_str())
        && fetch(call).is_none()
        && !(call.program == "npm" && call.verb() == "cache")
}
