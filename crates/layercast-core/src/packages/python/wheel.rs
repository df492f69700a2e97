//! Names of wheels and source archives, and which wheel pip takes.
//! Reference: <https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/>.

use super::environment::{Environment, Libc};
use super::requirement::normalised;
use super::version::Version;

/// A file of an index by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive<'a> {
    /// The distribution's name, normalised.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// The tags of a wheel; none for a source archive.
    pub tags: Option<Tags<'a>>,
}

/// The three tags of a wheel, each with `.` between alternatives, and its build number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tags<'a> {
    /// `cp311`, `py2.py3`.
    pub python: &'a str,
    /// `cp311`, `abi3`, `none`.
    pub abi: &'a str,
    /// `manylinux_2_17_x86_64.manylinux2014_x86_64`, `any`.
    pub platform: &'a str,
}

/// How early a wheel stands in pip's order: the least is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank(u8, u64, u64);

impl<'a> Archive<'a> {
    /// Reads a file name: `flask-3.0.3-py3-none-any.whl`, `flask-3.0.3.tar.gz`.
    pub fn parse(filename: &'a str) -> Option<Self> {
        if let Some(stem) = filename.strip_suffix(".whl") {
            let parts: Vec<&str> = stem.split('-').collect();
            let (name, version, [python, abi, platform]) = match parts[..] {
                [name, version, python, abi, platform] => (name, version, [python, abi, platform]),
                [name, version, _build, python, abi, platform] => (name, version, [python, abi, platform]),
                _ => return None,
            };
            let version = Version::parse(&version.replace('_', "-"))?;
            return Some(Self {
                name: normalised(name),
                version,
                tags: Some(Tags { python, abi, platform }),
            });
        }
        let stem =
            [".tar.gz", ".zip", ".tar.bz2", ".tgz"].iter().find_map(|end| filename.strip_suffix(end))?;
        let (name, version) = stem.rsplit_once('-')?;
        Some(Self { name: normalised(name), version: Version::parse(version)?, tags: None })
    }
}

impl Tags<'_> {
    /// Where the wheel stands in pip's order for `environment`; none where it does not run there.
    pub fn rank(&self, environment: &Environment) -> Option<Rank> {
        let each = |tag: &'_ str| tag.split('.').map(str::to_owned).collect::<Vec<_>>();
        let (pythons, abis, platforms) = (each(self.python), each(self.abi), each(self.platform));
        let ranks = pythons.iter().flat_map(|python| abis.iter().map(move |abi| (python, abi)));
        let ranks =
            ranks.flat_map(|(python, abi)| platforms.iter().map(move |platform| (python, abi, platform)));
        ranks.filter_map(|(python, abi, platform)| rank(python, abi, platform, environment)).min()
    }

    /// True where it may run on some Linux, whatever the interpreter.
    pub fn is_for_linux(&self) -> bool {
        let linux = |platform: &str| platform == "any" || platform.contains("linux");
        self.platform.split('.').any(linux)
    }
}

fn rank(python: &str, abi: &str, platform: &str, environment: &Environment) -> Option<Rank> {
    let (major, minor) = environment.python;
    let (interpreter, version) = python.split_at_checked(2)?;
    let (tag_major, tag_minor) = split_version(version)?;
    if tag_major != major || tag_minor.is_some_and(|tag_minor| tag_minor > minor) {
        return None;
    }
    let older_by = tag_minor.map(|tag_minor| minor - tag_minor);
    // py311, py3, py310, py39 …
    let generic = older_by.map_or(1, |by| if by == 0 { 0 } else { by + 1 });
    let own_abi = format!("cp{major}{minor}");
    if platform == "any" {
        return match (interpreter, abi, older_by) {
            ("cp", "none", Some(0)) => Some(Rank(5, 0, 0)),
            ("py", "none", _) => Some(Rank(6, generic, 0)),
            _ => None,
        };
    }
    let platform = platform_rank(platform, environment)?;
    match (interpreter, abi, older_by) {
        ("cp", abi, Some(0)) if abi == own_abi || (abi == format!("{own_abi}m") && minor < 8) => {
            Some(Rank(0, 0, platform))
        }
        ("cp", "abi3", Some(0)) => Some(Rank(1, 0, platform)),
        ("cp", "none", Some(0)) => Some(Rank(2, 0, platform)),
        ("cp", "abi3", Some(by)) => Some(Rank(3, by, platform)),
        ("py", "none", _) => Some(Rank(4, generic, platform)),
        _ => None,
    }
}

/// `311` is 3 and 11, `3` is 3 alone.
fn split_version(digits: &str) -> Option<(u64, Option<u64>)> {
    let (major, minor) = digits.split_at_checked(1)?;
    let minor = if minor.is_empty() { None } else { Some(minor.parse().ok()?) };
    Some((major.parse().ok()?, minor))
}

/// Newer C libraries come first, a bare `linux_…` last; none where it does not run.
fn platform_rank(platform: &str, environment: &Environment) -> Option<u64> {
    let machine = environment.machine.as_str();
    let system = platform.strip_suffix(machine)?.strip_suffix('_')?;
    if system == "linux" {
        return Some(1000);
    }
    let wanted = match system {
        "manylinux1" => Libc::Glibc(2, 5),
        "manylinux2010" => Libc::Glibc(2, 12),
        "manylinux2014" => Libc::Glibc(2, 17),
        _ => {
            let (family, version) = system.split_once('_')?;
            let (major, minor) = version.split_once('_')?;
            let (major, minor) = (major.parse().ok()?, minor.parse().ok()?);
            match family {
                "manylinux" => Libc::Glibc(major, minor),
                "musllinux" => Libc::Musl(major, minor),
                _ => return None,
            }
        }
    };
    match (wanted, environment.libc) {
        (Libc::Glibc(major, minor), Libc::Glibc(has_major, has_minor))
        | (Libc::Musl(major, minor), Libc::Musl(has_major, has_minor))
            if major == has_major && minor <= has_minor =>
        {
            Some(has_minor - minor)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(environment: &Environment, in_order: &[&str], never: &[&str]) {
        let rank = |name: &&str| {
            let archive = Archive::parse(name).expect("the test's name is a wheel's");
            archive.tags.expect("it has tags").rank(environment)
        };
        let ranks: Vec<Option<Rank>> = in_order.iter().map(rank).collect();
        assert!(ranks.iter().all(Option::is_some), "{ranks:?}");
        assert!(ranks.is_sorted_by(|one, next| one < next), "{ranks:?}");
        assert!(
            never.iter().all(|name| rank(name).is_none()),
            "{:?}",
            never.iter().find(|name| rank(name).is_some())
        );
    }

    #[test]
    fn wheels_in_pip_s_order_on_debian() {
        check(
            &Environment::linux((3, 11), "amd64"),
            &[
                "x-1-cp311-cp311-manylinux_2_28_x86_64.whl",
                "x-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
                "x-1-cp311-cp311-manylinux1_x86_64.whl",
                "x-1-cp311-cp311-linux_x86_64.whl",
                "x-1-cp311-abi3-manylinux2014_x86_64.whl",
                "x-1-cp39-abi3-manylinux_2_34_x86_64.whl",
                "x-1-cp37-abi3-manylinux_2_34_x86_64.whl",
                "x-1-py3-none-manylinux2014_x86_64.whl",
                "x-1-py39-none-manylinux2014_x86_64.whl",
                "x-1-cp311-none-any.whl",
                "x-1-py2.py3-none-any.whl",
            ],
            &[
                "x-1-cp312-cp312-manylinux2014_x86_64.whl",
                "x-1-cp310-cp310-manylinux2014_x86_64.whl",
                "x-1-cp311-cp311-manylinux2014_aarch64.whl",
                "x-1-cp311-cp311-manylinux_2_39_x86_64.whl",
                "x-1-cp311-cp311-musllinux_1_2_x86_64.whl",
                "x-1-cp311-cp311-win_amd64.whl",
                "x-1-cp311-cp311t-manylinux2014_x86_64.whl",
                "x-1-py2-none-any.whl",
            ],
        );
    }

    #[test]
    fn alpine_takes_musl_alone() {
        let alpine = Environment { libc: Libc::Musl(1, 2), ..Environment::linux((3, 12), "arm64") };
        check(
            &alpine,
            &[
                "x-1-cp312-cp312-musllinux_1_2_aarch64.whl",
                "x-1-cp312-cp312-musllinux_1_1_aarch64.whl",
                "x-1-py3-none-any.whl",
            ],
            &["x-1-cp312-cp312-manylinux2014_aarch64.whl", "x-1-cp312-cp312-musllinux_1_2_x86_64.whl"],
        );
    }

    #[test]
    fn names_of_files() {
        let read = |name| Archive::parse(name).map(|archive| (archive.name, archive.version.to_string()));
        assert_eq!(read("Ruamel.Yaml-0.17.1.tar.gz"), Some(("ruamel-yaml".to_owned(), "0.17.1".to_owned())));
        assert_eq!(read("a_b-1.0-2-py3-none-any.whl"), Some(("a-b".to_owned(), "1.0".to_owned())));
        for name in ["x.whl", "x-1-py3-any.whl", "x.exe", "x-y.tar.gz", "é-é-p-n-a.whl"] {
            assert_eq!(read(name), None, "{name}");
        }
    }
}
