//! Which packages a machine takes: `os`, `cpu` and `libc` of optional packages, `engines` of all.
//! Reference: <https://github.com/npm/npm-install-checks>.

use crate::packages::npm::semver::{Range, Version};

/// The machine that packages are installed for, in the words of Node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// `linux`.
    pub os: String,
    /// `x64`, `arm64`.
    pub cpu: String,
    /// `glibc`, `musl`.
    pub libc: String,
    /// The version of Node, where it is known.
    pub node: Option<Version>,
}

impl Machine {
    /// Linux on an architecture as images name it (`amd64`), with musl or glibc.
    pub fn linux(architecture: &str, musl: bool) -> Self {
        let cpu = match architecture {
            "amd64" => "x64",
            "386" => "ia32",
            other => other,
        };
        let libc = if musl { "musl" } else { "glibc" };
        Self { os: "linux".to_owned(), cpu: cpu.to_owned(), libc: libc.to_owned(), node: None }
    }

    /// True where a package with these lists goes onto the machine. A list may be empty (any), of what it takes, or
    /// of what it does not take (`!win32`).
    pub fn takes(&self, os: &[String], cpu: &[String], libc: &[String]) -> bool {
        allows(os, &self.os) && allows(cpu, &self.cpu) && allows(libc, &self.libc)
    }

    /// True where the version of Node will do, or is not known.
    pub fn runs(&self, engines_node: &str) -> bool {
        let Some(node) = &self.node else { return true };
        engines_node.is_empty() || Range::parse(engines_node).is_none_or(|range| range.allows(node))
    }
}

/// The words for systems and processors that names of packages have, and what they mean.
const WORDS: &[(&str, &str)] = &[
    ("darwin", "darwin"),
    ("macos", "darwin"),
    ("win32", "win32"),
    ("windows", "win32"),
    ("freebsd", "freebsd"),
    ("openbsd", "openbsd"),
    ("netbsd", "netbsd"),
    ("sunos", "sunos"),
    ("aix", "aix"),
    ("android", "android"),
    ("openharmony", "openharmony"),
    ("wasm32", "wasm32"),
    ("x64", "x64"),
    ("arm64", "arm64"),
    ("ia32", "ia32"),
    ("arm", "arm"),
    ("armv6", "arm"),
    ("armv7", "arm"),
    ("riscv64", "riscv64"),
    ("riscv64gc", "riscv64"),
    ("ppc64", "ppc64"),
    ("ppc64le", "ppc64"),
    ("powerpc64le", "ppc64"),
    ("s390x", "s390x"),
    ("loong64", "loong64"),
    ("mips64el", "mips64el"),
];

/// True where the name of an optional package says that it is for another machine (`@esbuild/darwin-arm64`), so that
/// nobody need be asked.
pub fn names_another(name: &str, machine: &Machine) -> bool {
    let parts = || name.split(|sign: char| !sign.is_ascii_alphanumeric());
    name == "fsevents" && machine.os != "darwin"
        || parts().any(|part| {
            let meant = WORDS.iter().find(|(word, _)| *word == part).map(|(_, meant)| *meant);
            meant.is_some_and(|meant| meant != machine.os && meant != machine.cpu)
        })
}

fn allows(list: &[String], own: &str) -> bool {
    let (refused, taken): (Vec<&String>, Vec<&String>) = list.iter().partition(|word| word.starts_with('!'));
    let is_refused = refused.iter().any(|word| word.get(1..) == Some(own));
    let is_taken = taken.is_empty() || taken.iter().any(|word| *word == own || *word == "any");
    !is_refused && is_taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(os: &str, cpu: &str, libc: &str, taken: bool) {
        let words = |list: &str| list.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(Machine::linux("amd64", false).takes(&words(os), &words(cpu), &words(libc)), taken);
    }

    #[test]
    fn a_package_says_where_it_goes() {
        check("", "", "", true);
        check("linux", "x64", "glibc", true);
        check("linux", "x64", "musl", false);
        check("linux", "arm64", "", false);
        check("darwin win32", "", "", false);
        check("!win32", "!arm", "", true);
        check("!linux", "", "", false);
    }

    #[test]
    fn a_name_may_say_that_it_is_for_another_machine() {
        let machine = Machine::linux("amd64", false);
        for name in [
            "@esbuild/darwin-arm64",
            "@rollup/rollup-linux-arm64-gnu",
            "fsevents",
            "@next/swc-win32-x64-msvc",
        ] {
            assert!(names_another(name, &machine), "{name}");
        }
        for name in ["@esbuild/linux-x64", "@rollup/rollup-linux-x64-musl", "express", "alarm"] {
            assert!(!names_another(name, &machine), "{name}");
        }
    }

    #[test]
    fn an_old_node_does_not_run_all() {
        let node = |version: &str| Machine { node: Version::parse(version), ..Machine::linux("arm64", true) };
        assert!(node("20.19.0").runs("^20.19.0 || >=22.12.0"));
        assert!(!node("18.0.0").runs(">=20"));
        assert!(Machine::linux("amd64", true).runs(">=99"));
    }
}
