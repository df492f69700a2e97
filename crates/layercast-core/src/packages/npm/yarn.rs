//! yarn.lock, of the first form and of Berry's: which version each range got.
//! Reference: <https://classic.yarnpkg.com/en/docs/yarn-lock/>, <https://yarnpkg.com/configuration/yarnrc>.

use crate::facts::{NpmFacts, NpmManifest};
use crate::packages::npm::pick::{Pick, pick};
use crate::packages::npm::platform::Machine;
use crate::packages::npm::spec::{Source, split_name};
use crate::packages::npm::tree::{Index, Plan, Wish, build};
use crate::packages::npm::yaml::{self, Node, unquoted};
use std::collections::BTreeMap;

/// A lock file of yarn's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct YarnLock {
    /// The registry's name and the document of each, by what was asked: `express@^4.0.0`.
    entries: BTreeMap<String, (String, NpmManifest)>,
    /// True for the form of yarn 2 and later.
    pub berry: bool,
    /// Lines that could not be read.
    pub unread: usize,
}

impl YarnLock {
    /// Reads the text of a lock file.
    pub fn parse(text: &str) -> Self {
        let (root, unread) = yaml::parse(text);
        let mut lock = Self { unread, berry: root.get("__metadata").is_some(), ..Self::default() };
        for (key, node) in &root.children {
            if key == "__metadata" {
                continue;
            }
            let manifest = manifest(node);
            if manifest.version.is_empty() {
                lock.unread += 1;
                continue;
            }
            for asked in key.split(", ").map(|one| unquoted(one.trim().trim_matches('"'))) {
                let Some((name, _)) = split(asked) else { continue };
                let real = match node.text("resolution") {
                    "" => real_name(asked).unwrap_or(name),
                    resolution => split(resolution).map_or(name, |(name, _)| name),
                };
                lock.entries.insert(asked_key(asked), (real.to_owned(), manifest.clone()));
            }
        }
        lock
    }

    /// The number of packages.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True where it holds none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What an installation by it puts where; what it does not tell is asked of the registry.
    pub fn plan(&self, wish: &Wish, facts: &NpmFacts, machine: &Machine) -> Plan {
        build(wish, &Locked { lock: self, facts, machine }, machine)
    }
}

struct Locked<'a> {
    lock: &'a YarnLock,
    facts: &'a NpmFacts,
    machine: &'a Machine,
}

impl<'a> Index<'a> for Locked<'a> {
    fn pick_text(&self, folder: &str, text: &str, source: &Source) -> Pick<'a> {
        let asked = asked_key(&format!("{folder}@{text}"));
        match self.lock.entries.get(&asked) {
            // The folders of the project itself have this version.
            Some((_, manifest)) if manifest.version == "0.0.0-use.local" => Pick::Link,
            Some((name, manifest)) => Pick::Chosen(name.clone(), manifest),
            None => pick(source, self.facts, self.machine),
        }
    }
}

/// `name` and what stands behind the next `@`.
fn split(asked: &str) -> Option<(&str, &str)> {
    match split_name(asked) {
        (name, Some(text)) => Some((name, text)),
        _ => None,
    }
}

/// Berry writes the protocol (`npm:^4`), the first form does not; an alias keeps its own (`npm:real@^4`).
fn asked_key(asked: &str) -> String {
    let Some((name, text)) = split(asked) else { return asked.to_owned() };
    let text = text.strip_prefix("npm:").filter(|rest| split(rest).is_none()).unwrap_or(text);
    // `patch:` has what it patches inside: `patch:x@npm%3A4.0#…`.
    format!("{name}@{text}")
}

/// The package behind an alias.
fn real_name(asked: &str) -> Option<&str> {
    let (_, text) = split(asked)?;
    split(text.strip_prefix("npm:")?).map(|(name, _)| name)
}

fn manifest(node: &Node) -> NpmManifest {
    let map = |name: &str| {
        let entries = node.get(name).map(|inner| inner.children.as_slice()).unwrap_or_default();
        entries.iter().map(|(name, node)| (name.clone(), node.text.clone())).collect::<BTreeMap<_, _>>()
    };
    let mut dependencies = map("dependencies");
    let mut optional = map("optionalDependencies");
    // Berry says in a list of its own which of them can be done without.
    if let Some(meta) = node.get("dependenciesMeta") {
        for (name, meta) in &meta.children {
            if meta.text("optional") == "true"
                && let Some(text) = dependencies.remove(name)
            {
                optional.insert(name.clone(), text);
            }
        }
    }
    let conditions = node.text("conditions");
    let condition = |name: &str| {
        let words = conditions.split(['&', '|', '(', ')']).map(str::trim);
        words.filter_map(|word| Some(word.strip_prefix(name)?.to_owned())).collect::<Vec<_>>()
    };
    NpmManifest {
        version: node.text("version").to_owned(),
        dependencies,
        optional,
        os: condition("os="),
        cpu: condition("cpu="),
        libc: condition("libc="),
        ..NpmManifest::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packages::npm::tree::Root;

    #[track_caller]
    fn check(lock: &str, roots: &[(&str, &str)], expected: &str) {
        let lock = YarnLock::parse(lock);
        let roots = roots.iter().map(|(name, text)| Root::new(name, text, false));
        let wish = Wish { roots: roots.collect(), without_peers: true, ..Wish::default() };
        let plan = lock.plan(&wish, &NpmFacts::default(), &Machine::linux("amd64", false));
        let told = plan
            .packages
            .iter()
            .map(|one| format!("{}@{}", one.path.replace("node_modules/", ""), one.version));
        assert_eq!(told.collect::<Vec<_>>().join(" "), expected);
        assert!(plan.asks.is_empty(), "{:?}", plan.asks);
    }

    #[test]
    fn the_first_form_is_read() {
        let lock = "# yarn lockfile v1\n\n\n\"@s/a@^1.0.0\", \"@s/a@^1.1.0\":\n  version \"1.2.0\"\n  resolved \
                    \"https://registry.example/a.tgz#abc\"\n  dependencies:\n    b \"~2.0.0\"\n\nb@~2.0.0:\n  version \
                    \"2.0.5\"\n\nb@^1:\n  version \"1.0.0\"\n";
        check(lock, &[("@s/a", "^1.1.0"), ("b", "^1")], "@s/a@1.2.0 @s/a/b@2.0.5 b@1.0.0");
    }

    #[test]
    fn the_form_of_berry_is_read() {
        let lock = "__metadata:\n  version: 8\n\n\"a@npm:^1.0.0\":\n  version: 1.2.0\n  resolution: \"a@npm:1.2.0\"\n  \
                    dependencies:\n    \"@x/linux\": \"npm:1.0.0\"\n    \"@x/other\": \"npm:1.0.0\"\n  dependenciesMeta:\n    \
                    \"@x/linux\":\n      optional: true\n    \"@x/other\":\n      optional: true\n\n\"@x/linux@npm:1.0.0\":\n  \
                    version: 1.0.0\n  resolution: \"@x/linux@npm:1.0.0\"\n  conditions: os=linux & \
                    cpu=x64\n\n\"@x/other@npm:1.0.0\":\n  version: 1.0.0\n  conditions: os=sunos\n\n\"own@workspace:.\":\n  \
                    version: 0.0.0-use.local\n";
        check(lock, &[("a", "^1.0.0")], "@x/linux@1.0.0 a@1.2.0");
        assert!(YarnLock::parse(lock).berry);
    }

    #[test]
    fn a_broken_lock_file_says_how_much_of_it() {
        assert_eq!(
            YarnLock::parse("a@1:\n  version \"1.0.0\"\n\nb@1:\n  resolved \"x\"\n<<<<<<<\n").unread,
            2
        );
    }
}
