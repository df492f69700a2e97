//! pnpm-lock.yaml, versions 5 to 9: the packages of the store, and which of them the project needs.
//! Reference: <https://github.com/pnpm/spec/tree/master/lockfile>.

use crate::packages::npm::platform::Machine;
use crate::packages::npm::tree::Planned;
use crate::packages::npm::yaml::{self, Node};
use std::collections::{BTreeMap, BTreeSet};

/// A lock file of pnpm's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PnpmLock {
    root: Node,
    /// Lines that could not be read.
    pub unread: usize,
}

struct Entry<'l> {
    name: String,
    version: String,
    node: &'l Node,
}

impl PnpmLock {
    /// Reads the text of a lock file.
    pub fn parse(text: &str) -> Self {
        let (root, unread) = yaml::parse(text);
        Self { root, unread }
    }

    /// True where it tells nothing of packages.
    pub fn is_empty(&self) -> bool {
        self.root.get("lockfileVersion").is_none()
    }

    /// The packages that an installation takes, each once, as the store holds each once.
    pub fn plan(&self, without_dev: bool, without_optional: bool, machine: &Machine) -> Vec<Planned> {
        let entries = self.entries();
        let mut open: Vec<String> = Vec::new();
        let importers =
            self.root.get("importers").map(|node| node.children.iter().map(|(_, one)| one).collect());
        for importer in importers.unwrap_or_else(|| vec![&self.root]) {
            let kinds = [
                ("dependencies", false),
                ("devDependencies", without_dev),
                ("optionalDependencies", without_optional),
            ];
            for (kind, left_out) in kinds {
                if !left_out {
                    open.extend(references(importer.get(kind)));
                }
            }
        }
        let snapshots = self.root.get("snapshots");
        let mut seen = BTreeSet::new();
        let mut packages: BTreeMap<(String, String), Planned> = BTreeMap::new();
        while let Some(key) = open.pop() {
            if !seen.insert(key.clone()) {
                continue;
            }
            let bare = key.split('(').next().unwrap_or(&key);
            let Some(entry) = entries.get(&key).or_else(|| entries.get(bare)) else { continue };
            let list = |name: &str| entry.node.list(name);
            if !machine.takes(&list("os"), &list("cpu"), &list("libc")) {
                continue;
            }
            let needs = snapshots.and_then(|all| all.get(&key)).unwrap_or(entry.node);
            open.extend(references(needs.get("dependencies")));
            if !without_optional {
                open.extend(references(needs.get("optionalDependencies")));
            }
            let planned = Planned {
                path: format!(
                    "node_modules/.pnpm/{}@{}/node_modules/{}",
                    entry.name.replace('/', "+"),
                    entry.version,
                    entry.name
                ),
                name: entry.name.clone(),
                version: entry.version.clone(),
                install_script: entry.node.text("requiresBuild") == "true",
                ..Planned::default()
            };
            packages.insert((entry.name.clone(), entry.version.clone()), planned);
        }
        packages.into_values().collect()
    }

    /// The packages by the key that dependencies refer to them by: `name@version(peers)`.
    fn entries(&self) -> BTreeMap<String, Entry<'_>> {
        let all = self.root.get("packages").map(|node| node.children.as_slice()).unwrap_or_default();
        let read = all.iter().filter_map(|(key, node)| {
            let (name, version) = split_key(key)?;
            let version_bare = version.split(['(', '_']).next().unwrap_or(&version).to_owned();
            Some((format!("{name}@{version}"), Entry { name, version: version_bare, node }))
        });
        read.collect()
    }
}

/// `/name/1.0.0_peer` (5), `/name@1.0.0(peer)` (6), `name@1.0.0` (9).
fn split_key(key: &str) -> Option<(String, String)> {
    let key = key.strip_prefix('/').unwrap_or(key);
    let scope = if key.starts_with('@') { key.find('/')? + 1 } else { 0 };
    let at = scope + key.get(scope..)?.find(['/', '@'])?;
    let (name, version) = (key.get(..at)?, key.get(at + 1..)?);
    (!version.is_empty()).then(|| (name.to_owned(), version.to_owned()))
}

/// What a list of dependencies refers to.
fn references(list: Option<&Node>) -> Vec<String> {
    let entries = list.map(|list| list.children.as_slice()).unwrap_or_default();
    entries
        .iter()
        .filter_map(|(name, node)| {
            let version = if node.text.is_empty() { node.text("version") } else { &node.text };
            if version.is_empty() || version.starts_with("link:") || version.starts_with("file:") {
                return None;
            }
            // An alias names the package itself: `real@1.0.0`, `/real/1.0.0`.
            let is_version = version.starts_with(|first: char| first.is_ascii_digit());
            if is_version {
                Some(format!("{name}@{version}"))
            } else {
                split_key(version).map(|(name, version)| format!("{name}@{version}"))
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, without_dev: bool, expected: &str) {
        let lock = PnpmLock::parse(text);
        assert!(!lock.is_empty());
        let packages = lock.plan(without_dev, false, &Machine::linux("amd64", false));
        let told: Vec<String> = packages.iter().map(|one| format!("{}@{}", one.name, one.version)).collect();
        assert_eq!(told.join(" "), expected);
    }

    #[test]
    fn version_nine_keeps_needs_apart() {
        let text = "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      '@s/a':\n        specifier: ^1\n        \
                    version: 1.0.0(p@2.0.0)\n    devDependencies:\n      d:\n        specifier: ^3\n        version: 3.0.0\n\n\
                    packages:\n\n  '@s/a@1.0.0':\n    resolution: {integrity: sha512-x}\n\n  d@3.0.0:\n    resolution: {integrity: \
                    sha512-x}\n\n  l@1.0.0:\n    os: [linux]\n    cpu: [x64]\n\n  p@2.0.0:\n    engines: {node: '>=6'}\n\n  w@1.0.0:\n    \
                    os: [win32]\n\nsnapshots:\n\n  '@s/a@1.0.0(p@2.0.0)':\n    dependencies:\n      p: 2.0.0\n    \
                    optionalDependencies:\n      l: 1.0.0\n      w: 1.0.0\n\n  d@3.0.0: {}\n";
        check(text, true, "@s/a@1.0.0 l@1.0.0 p@2.0.0");
        check(text, false, "@s/a@1.0.0 d@3.0.0 l@1.0.0 p@2.0.0");
    }

    #[test]
    fn versions_five_and_six_have_them_in_one() {
        let five = "lockfileVersion: 5.4\n\ndependencies:\n  a: 1.0.0_p@2.0.0\n\npackages:\n\n  /a/1.0.0_p@2.0.0:\n    dependencies:\n      \
                    '@s/b': 2.0.0\n\n  /@s/b/2.0.0:\n    dev: false\n";
        check(five, false, "@s/b@2.0.0 a@1.0.0");
        let six = "lockfileVersion: '6.0'\n\ndependencies:\n  a:\n    specifier: ^1\n    version: 1.0.0(p@2.0.0)\n\npackages:\n\n  \
                   /a@1.0.0(p@2.0.0):\n    dependencies:\n      '@s/b': 2.0.0\n\n  /@s/b@2.0.0:\n    dev: false\n";
        check(six, false, "@s/b@2.0.0 a@1.0.0");
    }
}
