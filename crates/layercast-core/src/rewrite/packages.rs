//! Packages of distributions: what only a build needs, and which library a `-dev` package stands for at run time.

use super::call::Call;
use crate::estimate::system::Distribution;

/// What an image needs of a package when it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// Nothing: it is a tool of the build.
    Nothing,
    /// This package instead.
    Library(&'static str),
    /// The package itself.
    Itself,
    /// A library whose name is not known here.
    Unknown,
}

/// An installation of packages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Installation {
    /// `apt-get` or `apk`.
    pub manager: &'static str,
    /// The packages, as written.
    pub packages: Vec<String>,
}

/// Tools that a build calls, by their package's name, of Debian and Alpine both.
const TOOLS: &[&str] = &[
    "apt-transport-https",
    "apt-utils",
    "autoconf",
    "automake",
    "bash-completion",
    "binutils",
    "bison",
    "build-base",
    "build-essential",
    "bzip2",
    "cargo",
    "clang",
    "cmake",
    "cpp",
    "file",
    "flex",
    "g++",
    "gcc",
    "gettext",
    "git",
    "gnupg",
    "gnupg2",
    "go",
    "golang",
    "golang-go",
    "gradle",
    "libc6-compat",
    "libtool",
    "linux-headers",
    "linux-libc-dev",
    "lld",
    "llvm",
    "lsb-release",
    "m4",
    "make",
    "maven",
    "meson",
    "mold",
    "musl-tools",
    "nasm",
    "ninja",
    "ninja-build",
    "npm",
    "patch",
    "pkg-config",
    "pkgconf",
    "pkgconfig",
    "protobuf-compiler",
    "protoc",
    "python",
    "python2",
    "python3",
    "python3-pip",
    "py3-pip",
    "python3-distutils",
    "python3-setuptools",
    "python3-venv",
    "python3-wheel",
    "rustc",
    "rust",
    "software-properties-common",
    "swig",
    "unzip",
    "upx",
    "upx-ucl",
    "wget",
    "curl",
    "xz",
    "xz-utils",
    "yarn",
    "yasm",
    "zip",
];

/// A `-dev` package, by the start of its name, and its library: in bookworm, in trixie, in Alpine.
const LIBRARIES: &[(&str, [&str; 3])] = &[
    ("default-libmysqlclient-dev", ["libmariadb3", "libmariadb3", ""]),
    ("libmysqlclient-dev", ["libmariadb3", "libmariadb3", ""]),
    ("libmariadb-dev", ["libmariadb3", "libmariadb3", ""]),
    ("mariadb-connector-c-dev", ["", "", "mariadb-connector-c"]),
    ("mariadb-dev", ["", "", "mariadb-connector-c"]),
    ("libpq-dev", ["libpq5", "libpq5", "libpq"]),
    ("postgresql-dev", ["", "", "libpq"]),
    ("libsqlite3-dev", ["libsqlite3-0", "libsqlite3-0", ""]),
    ("sqlite-dev", ["", "", "sqlite-libs"]),
    ("libssl-dev", ["libssl3", "libssl3t64", ""]),
    ("openssl-dev", ["", "", "libssl3"]),
    ("libffi-dev", ["libffi8", "libffi8", "libffi"]),
    ("zlib1g-dev", ["zlib1g", "zlib1g", ""]),
    ("zlib-dev", ["", "", "zlib"]),
    ("libxml2-dev", ["libxml2", "libxml2", "libxml2"]),
    ("libxslt1-dev", ["libxslt1.1", "libxslt1.1", ""]),
    ("libxslt-dev", ["libxslt1.1", "libxslt1.1", "libxslt"]),
    ("libjpeg-dev", ["libjpeg62-turbo", "libjpeg62-turbo", ""]),
    ("libjpeg62-turbo-dev", ["libjpeg62-turbo", "libjpeg62-turbo", ""]),
    ("jpeg-dev", ["", "", "libjpeg-turbo"]),
    ("libjpeg-turbo-dev", ["", "", "libjpeg-turbo"]),
    ("libpng-dev", ["libpng16-16", "libpng16-16t64", "libpng"]),
    ("libfreetype6-dev", ["libfreetype6", "libfreetype6", ""]),
    ("freetype-dev", ["", "", "freetype"]),
    ("libyaml-dev", ["libyaml-0-2", "libyaml-0-2", ""]),
    ("libldap2-dev", ["libldap-2.5-0", "libldap2", ""]),
    ("libsasl2-dev", ["libsasl2-2", "libsasl2-2", ""]),
    ("libcurl4-openssl-dev", ["libcurl4", "libcurl4t64", ""]),
    ("libmagic-dev", ["libmagic1", "libmagic1t64", ""]),
    ("libcairo2-dev", ["libcairo2", "libcairo2", ""]),
    ("cairo-dev", ["", "", "cairo"]),
    ("libpango1.0-dev", ["libpango-1.0-0", "libpango-1.0-0", ""]),
    ("pango-dev", ["", "", "pango"]),
    ("unixodbc-dev", ["unixodbc", "unixodbc", "unixodbc"]),
    ("libgmp-dev", ["libgmp10", "libgmp10", ""]),
    ("gmp-dev", ["", "", "gmp"]),
];

/// Headers that no program needs when it runs.
const HEADERS: &[&str] = &[
    "python3-dev",
    "python-dev",
    "libpython3-dev",
    "libc6-dev",
    "libc-dev",
    "musl-dev",
    "linux-headers-dev",
];

/// What an image needs of `package`, with or without a version behind its name, when it runs.
pub(super) fn need_of(package: &str, distribution: Option<&Distribution>) -> Need {
    let name = bare_name(package);
    if TOOLS.contains(&name) || HEADERS.contains(&name) || is_toolchain(name) {
        return Need::Nothing;
    }
    if !name.ends_with("-dev") {
        return Need::Itself;
    }
    let column = match distribution {
        Some(Distribution::Debian { release, .. }) if release == "bookworm" => 0,
        Some(Distribution::Debian { release, .. }) if release == "trixie" => 1,
        Some(Distribution::Alpine { .. }) => 2,
        _ => return Need::Unknown,
    };
    let row = LIBRARIES.iter().find(|(headers, _)| *headers == name);
    match row.map(|(_, libraries)| libraries[column]) {
        None | Some("") => Need::Unknown,
        Some(library) => Need::Library(library),
    }
}

/// `gcc-12`, `golang-1.22-go`, `openjdk-17-jdk-headless`, `llvm-15`.
fn is_toolchain(name: &str) -> bool {
    let versioned = ["gcc-", "g++-", "clang-", "llvm-", "golang-1", "cpp-", "rustc-", "cargo-"];
    versioned.iter().any(|start| name.starts_with(start))
        || (name.starts_with("openjdk") && name.contains("jdk"))
}

/// The name without version and architecture: `curl=8.5-1`, `libc6:amd64`, `curl~8`.
pub(super) fn bare_name(package: &str) -> &str {
    package.split(['=', '<', '>', '~', ':', '@']).next().unwrap_or(package)
}

/// What a call installs, where it is an installation of packages by a manager that is known here.
pub(super) fn installation(call: &Call) -> Option<Installation> {
    let manager = match call.program.as_str() {
        "apt-get" | "apt" | "aptitude" => "apt-get",
        "apk" => "apk",
        _ => return None,
    };
    let verb = if manager == "apk" { "add" } else { "install" };
    if call.verb() != verb {
        return None;
    }
    let mut packages = Vec::new();
    let mut words = call.arguments.iter().skip_while(|word| *word != verb).skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "-t" | "--virtual" | "--repository" | "-X" | "-o" | "--target-release" | "--option" => {
                words.next();
            }
            word if word.starts_with('-') => {}
            word => packages.push(word.to_owned()),
        }
    }
    Some(Installation { manager, packages })
}

/// The line that installs `packages` and keeps nothing beside them.
pub(super) fn install_line(run: &str, manager: &str, packages: &[String]) -> String {
    let packages = packages.join(" ");
    match manager {
        "apk" => format!("{run} apk add --no-cache {packages}"),
        _ => format!(
            "{run} apt-get update && apt-get install -y --no-install-recommends {packages} && rm -rf /var/lib/apt/lists/*"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn debian(release: &str) -> Distribution {
        Distribution::Debian { release: release.to_owned(), slim: true }
    }

    #[test]
    fn headers_stand_for_their_library() {
        let need = |package: &str, release: &str| need_of(package, Some(&debian(release)));
        assert_eq!(need("libpq-dev", "bookworm"), Need::Library("libpq5"));
        assert_eq!(need("libssl-dev=3.5.1-1", "trixie"), Need::Library("libssl3t64"));
        assert_eq!(need("libssl-dev", "bullseye"), Need::Unknown);
        assert_eq!(need("libfoo-dev", "bookworm"), Need::Unknown);
        assert_eq!(need("python3-dev", "bookworm"), Need::Nothing);
        assert_eq!(need("gcc-12", "bookworm"), Need::Nothing);
        assert_eq!(need("ffmpeg", "bookworm"), Need::Itself);
        let alpine = Distribution::Alpine { release: String::new() };
        assert_eq!(need_of("postgresql-dev", Some(&alpine)), Need::Library("libpq"));
    }

    #[test]
    fn options_are_no_packages() {
        let words = ["add", "--no-cache", "--virtual", ".build", "gcc", "tzdata"];
        let call = Call {
            program: "apk".to_owned(),
            arguments: words.map(str::to_owned).to_vec(),
            ..Call::default()
        };
        let packages = vec!["gcc".to_owned(), "tzdata".to_owned()];
        assert_eq!(installation(&call), Some(Installation { manager: "apk", packages }));
    }
}
