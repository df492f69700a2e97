//! Package managers: what a call installs, and whether it says which version.

use super::commands::Call;

/// A package manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manager {
    /// Debian and Ubuntu.
    Apt,
    /// Alpine.
    Apk,
    /// Fedora, Red Hat and the like: dnf, yum, microdnf.
    Dnf,
    /// SUSE.
    Zypper,
    /// Python.
    Pip,
    /// Node.js: npm, yarn, pnpm.
    Npm,
    /// Ruby.
    Gem,
    /// Go.
    Go,
}

/// What one call installs.
#[derive(Debug)]
pub struct Install<'c> {
    /// With what.
    pub manager: Manager,
    /// The call.
    pub call: &'c Call,
    /// What it names; nothing where a lock file or a list says it.
    pub packages: Vec<&'c str>,
}

/// The install that a call is, if it is one.
pub fn install(call: &Call) -> Option<Install<'_>> {
    let program = call.program.as_str();
    let (manager, verbs, with_value): (_, &[&str], &[&str]) = match program {
        "apt-get" | "apt" | "aptitude" => (
            Manager::Apt,
            &["install"],
            &["-t", "--target-release", "-o", "--option", "-c", "-a", "--default-release"],
        ),
        "apk" => (
            Manager::Apk,
            &["add"],
            &["-t", "--virtual", "-X", "--repository", "-p", "--root", "--arch", "--keys-dir", "--cache-dir"],
        ),
        "yum" | "dnf" | "dnf5" | "microdnf" | "tdnf" => (
            Manager::Dnf,
            &["install"],
            &[
                "--enablerepo",
                "--disablerepo",
                "--installroot",
                "--releasever",
                "--setopt",
                "-c",
                "--exclude",
                "-x",
            ],
        ),
        "zypper" => (Manager::Zypper, &["install", "in"], &["-r", "--repo", "--from", "-t", "--type", "-C"]),
        "gem" => (Manager::Gem, &["install"], &["-i", "--install-dir", "-n", "--bindir", "-s", "--source"]),
        "go" => (Manager::Go, &["install", "get"], &["-o", "-tags", "-ldflags", "-gcflags", "-mod", "-p"]),
        "npm" => (Manager::Npm, &["install", "i", "add", "ci"], NPM_OPTIONS),
        "pnpm" => (Manager::Npm, &["install", "i", "add"], NPM_OPTIONS),
        "yarn" => (Manager::Npm, &["install", "add", "global", ""], NPM_OPTIONS),
        _ if is_pip(program) => (Manager::Pip, &["install"], PIP_OPTIONS),
        _ => return None,
    };
    let verb = call.verb();
    if !verbs.contains(&verb) || (verb.is_empty() && !call.arguments.is_empty()) {
        return None;
    }
    let verb = if verb == "global" { "add" } else { verb };
    let at = call.arguments.iter().position(|word| word == verb).map_or(0, |at| at + 1);
    let mut packages = Vec::new();
    let mut words = call.arguments[at..].iter();
    while let Some(word) = words.next() {
        if with_value.contains(&word.as_str()) {
            words.next();
        } else if !word.starts_with('-') {
            packages.push(word.as_str());
        }
    }
    Some(Install { manager, call, packages })
}

/// Options that take the next word, as npm, yarn and pnpm have them.
const NPM_OPTIONS: &[&str] = &[
    "--prefix",
    "--registry",
    "-C",
    "--cache",
    "--loglevel",
    "-w",
    "--workspace",
    "--omit",
    "--cwd",
    "--dir",
    "--filter",
];

/// Options that take the next word, as pip has them.
const PIP_OPTIONS: &[&str] = &[
    "-r",
    "--requirement",
    "-c",
    "--constraint",
    "-e",
    "--editable",
    "-i",
    "--index-url",
    "--extra-index-url",
    "-f",
    "--find-links",
    "-t",
    "--target",
    "--prefix",
    "--root",
    "--src",
    "--platform",
    "--python-version",
    "--no-binary",
    "--only-binary",
    "--trusted-host",
    "--proxy",
    "--timeout",
    "--default-timeout",
    "--retries",
    "--cache-dir",
    "--log",
    "--cert",
    "--upgrade-strategy",
    "--progress-bar",
    "--global-option",
    "--config-settings",
    "--root-user-action",
];

fn is_pip(program: &str) -> bool {
    program
        .strip_prefix("pip")
        .is_some_and(|rest| rest.chars().all(|character| character.is_ascii_digit() || character == '.'))
}

impl<'c> Install<'c> {
    /// The packages whose version is left to the day of the build. What a variable or a file says is not judged.
    pub fn unpinned(&self) -> Vec<&'c str> {
        let is_constrained = ["-c", "--constraint", "-v", "--version", "--require-hashes"];
        let by_option = |word: &String| {
            is_constrained.iter().any(|option| word == option || word.starts_with(&format!("{option}=")))
        };
        let constrained =
            matches!(self.manager, Manager::Pip | Manager::Gem) && self.call.arguments.iter().any(by_option);
        let is_open = |package: &str| {
            package.contains(['$', '`', '*', '{', '<', '>'])
                || package.contains("://")
                || package.starts_with(['.', '/', '@', '-', '~', '#'])
        };
        let unpinned = |package: &str| match self.manager {
            Manager::Apt => {
                !package.contains(['=', '/'])
                    && !package.ends_with(['-', '+', '^'])
                    && !package.ends_with(".deb")
            }
            Manager::Apk => !package.contains(['=', '~', '@', '/', '!']),
            Manager::Dnf => {
                !package.ends_with(".rpm") && !has_version_part(package) && !package.contains('/')
            }
            Manager::Zypper => !package.contains(['=', '/']) && !package.ends_with(".rpm"),
            Manager::Pip => {
                let is_file = package.contains('/') || package.ends_with(".whl") || package.ends_with(".gz");
                !is_file && !package.contains(['=', '~', '!', '@'])
            }
            Manager::Npm => {
                let is_elsewhere = package.contains([':', '#']) || package.ends_with(".tgz");
                let version = package.rsplit_once('@').map(|(_, version)| version);
                !is_elsewhere && !package.contains('/') && version.is_none_or(|version| !has_digit(version))
            }
            Manager::Gem => !package.contains(':') && !package.ends_with(".gem"),
            Manager::Go => ["@latest", "@master", "@main", "@HEAD"].iter().any(|end| package.ends_with(end)),
        };
        // A scoped package of npm begins with `@`.
        let is_scoped = |package: &str| self.manager == Manager::Npm && package.starts_with('@');
        let judged = |package: &&str| match is_scoped(package) {
            true => {
                !package.contains('$')
                    && package[1..].split_once('@').is_none_or(|(_, version)| !has_digit(version))
            }
            false => !is_open(package) && unpinned(package),
        };
        if constrained { Vec::new() } else { self.packages.iter().copied().filter(judged).collect() }
    }
}

fn has_digit(text: &str) -> bool {
    text.contains(|character: char| character.is_ascii_digit())
}

/// `nginx-1.26.2`: a part behind a dash that begins with a digit.
fn has_version_part(package: &str) -> bool {
    package.split('-').skip(1).any(|part| part.starts_with(|character: char| character.is_ascii_digit()))
}
