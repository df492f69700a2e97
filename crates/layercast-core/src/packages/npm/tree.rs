//! What an installation without a lock file puts where: breadth first, each package as high in the tree as nothing
//! else of its name forbids, peers beside who wants them.
//! Reference: <https://docs.npmjs.com/cli/v11/commands/npm-install#algorithm>.
//!
//! **Invariant:** circular dependencies end, as a package that is in sight is not put there again.

use crate::facts::{NpmFacts, NpmManifest};
use crate::packages::npm::pick::{Ask, Pick, pick};
use crate::packages::npm::platform::{Machine, names_another};
use crate::packages::npm::semver::Version;
use crate::packages::npm::spec::{Source, Spec};
use crate::packages::npm::table;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// A tree of more packages is cut off, and said to be.
const MOST_PACKAGES: usize = 20_000;

/// What is to be installed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// The dependencies of the project.
    pub roots: Vec<Root>,
    /// Versions that hold whatever others ask for.
    pub overrides: BTreeMap<String, String>,
    /// True where optional dependencies are left out.
    pub without_optional: bool,
    /// True where peers are not installed of themselves (yarn).
    pub without_peers: bool,
}

/// A dependency of the project itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// What it asks for.
    pub spec: Spec,
    /// True where it can be done without.
    pub optional: bool,
}

impl Root {
    /// An entry of a package.json.
    pub fn new(name: &str, text: &str, optional: bool) -> Self {
        Self { spec: Spec::new(name, text), optional }
    }
}

/// What an installation does, as far as is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The packages, by their paths.
    pub packages: Vec<Planned>,
    /// What must be asked to know more.
    pub asks: BTreeSet<Ask>,
    /// The packages that are missing, and why.
    pub missing: Vec<(String, String)>,
}

/// One package where it is put.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Planned {
    /// Its folder: `node_modules/a/node_modules/b`.
    pub path: String,
    /// The name that a registry knows it by.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it takes in node_modules/.package-lock.json, in bytes.
    pub entry_bytes: u64,
    /// True where it runs a program when it is installed.
    pub install_script: bool,
    /// Sum of its files in bytes, where the registry's document says so.
    pub unpacked: Option<u64>,
    /// True where npm chose it: on another day it may choose another version.
    pub chosen: bool,
    /// True where nobody was asked: the version and what it needs are those of the table inside.
    pub stands_in: bool,
}

/// Where the versions come from.
pub(super) trait Index<'a> {
    /// The version that a dependency gets: its folder's name, what is written behind it, and what that means.
    fn pick_text(&self, folder: &str, text: &str, source: &Source) -> Pick<'a>;
}

/// The answers of a registry.
pub(super) struct Registry<'a> {
    pub(super) facts: &'a NpmFacts,
    pub(super) machine: &'a Machine,
}

impl<'a> Index<'a> for Registry<'a> {
    fn pick_text(&self, _folder: &str, _text: &str, source: &Source) -> Pick<'a> {
        pick(source, self.facts, self.machine)
    }
}

struct Node<'a> {
    name: String,
    manifest: Cow<'a, NpmManifest>,
    version: Option<Version>,
    parent: usize,
    depth: usize,
    path: String,
    children: BTreeMap<String, usize>,
    stands_in: bool,
}

struct Tree<'a, 'm> {
    nodes: Vec<Node<'a>>,
    queue: BTreeSet<(usize, String, usize)>,
    index: &'m dyn Index<'a>,
    machine: &'m Machine,
    wish: &'m Wish,
    plan: Plan,
    told: BTreeSet<String>,
}

/// The plan by what a registry is known to have said.
pub fn plan(wish: &Wish, facts: &NpmFacts, machine: &Machine) -> Plan {
    build(wish, &Registry { facts, machine }, machine)
}

/// The plan by any index.
pub(super) fn build<'a>(wish: &Wish, index: &dyn Index<'a>, machine: &Machine) -> Plan {
    let root = Node {
        name: String::new(),
        manifest: Cow::Owned(NpmManifest::default()),
        version: None,
        parent: 0,
        depth: 0,
        path: String::new(),
        children: BTreeMap::new(),
        stands_in: false,
    };
    let mut tree = Tree {
        nodes: vec![root],
        queue: BTreeSet::new(),
        index,
        machine,
        wish,
        plan: Plan::default(),
        told: BTreeSet::new(),
    };
    let mut roots: Vec<&Root> = wish.roots.iter().collect();
    roots.sort_by(|one, other| one.spec.name.cmp(&other.spec.name));
    let placed: Vec<usize> =
        roots.iter().filter_map(|root| tree.put(0, &root.spec, root.optional, false)).collect();
    for node in placed {
        tree.put_peers(node);
    }
    while let Some((.., node)) = tree.queue.pop_first() {
        tree.put_dependencies(node);
        if tree.nodes.len() > MOST_PACKAGES {
            tree.plan.missing.push(("more packages".to_owned(), "the tree is too large".to_owned()));
            break;
        }
    }
    tree.finish()
}

impl Tree<'_, '_> {
    fn put_dependencies(&mut self, node: usize) {
        let Some(own) = self.nodes.get(node) else { return };
        let manifest = own.manifest.clone();
        let stands_in = own.stands_in;
        let mut edges: Vec<(&String, &String, bool)> =
            manifest.dependencies.iter().map(|(name, text)| (name, text, false)).collect();
        if !self.wish.without_optional {
            edges.extend(manifest.optional.iter().map(|(name, text)| (name, text, true)));
        }
        edges.sort();
        let mut placed = Vec::new();
        for (name, text, optional) in edges {
            if !manifest.bundled.contains(name) {
                placed.extend(self.put(node, &self.spec(name, text), optional, stands_in));
            }
        }
        for node in placed {
            self.put_peers(node);
        }
    }

    /// What a package wants beside it comes into sight of whoever holds the package.
    fn put_peers(&mut self, node: usize) {
        if self.wish.without_peers {
            return;
        }
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            let Some(own) = self.nodes.get(node) else { continue };
            let (parent, stands_in, peers) = (own.parent, own.stands_in, own.manifest.peers.clone());
            for (name, text) in &peers {
                if self.find(parent, name).is_none() {
                    open.extend(self.put(parent, &self.spec(name, text), false, stands_in));
                }
            }
        }
    }

    fn spec(&self, name: &str, text: &str) -> Spec {
        Spec::new(
            name,
            self.wish.overrides.get(name).filter(|text| !text.starts_with('$')).map_or(text, |text| text),
        )
    }

    /// Puts a package where `from` finds it; none where it is there already, or nothing is known of it.
    fn put(&mut self, from: usize, spec: &Spec, optional: bool, by_stand_in: bool) -> Option<usize> {
        if optional && names_another(&spec.name, self.machine) {
            return None;
        }
        if let Some(found) = self.find(from, &spec.name)
            && self.satisfies(found, &spec.source)
        {
            return None;
        }
        let target = self.target(from, &spec.name)?;
        let (name, manifest, stands_in) = match self.index.pick_text(&spec.name, &spec.text, &spec.source) {
            Pick::Link => return None,
            Pick::Chosen(name, manifest) => (name, Cow::Borrowed(manifest), false),
            Pick::Asks(ask) => {
                let name = ask.name.clone();
                if !by_stand_in {
                    self.plan.asks.insert(ask);
                }
                match table::manifest(spec, &name) {
                    Some(manifest) => (name, Cow::Owned(manifest), true),
                    None => {
                        self.miss(&spec.name, "no registry was asked");
                        return None;
                    }
                }
            }
            Pick::None(why) => {
                if !optional {
                    self.miss(&spec.name, &why);
                }
                return None;
            }
        };
        if optional && !self.machine.takes(&manifest.os, &manifest.cpu, &manifest.libc) {
            return None;
        }
        let parent = self.nodes.get(target)?;
        let within = if parent.path.is_empty() { String::new() } else { format!("{}/", parent.path) };
        let path = format!("{within}node_modules/{}", spec.name);
        let depth = parent.depth + 1;
        let node = self.nodes.len();
        let version = Version::parse(&manifest.version);
        self.nodes.push(Node {
            name,
            manifest,
            version,
            parent: target,
            depth,
            path: path.clone(),
            children: BTreeMap::new(),
            stands_in,
        });
        self.nodes.get_mut(target)?.children.insert(spec.name.clone(), node);
        self.queue.insert((depth, path, node));
        Some(node)
    }

    fn miss(&mut self, name: &str, why: &str) {
        if self.told.insert(name.to_owned()) {
            self.plan.missing.push((name.to_owned(), why.to_owned()));
        }
    }

    /// The package of a name that `from` would load.
    fn find(&self, from: usize, name: &str) -> Option<usize> {
        let mut at = from;
        loop {
            let node = self.nodes.get(at)?;
            if let Some(found) = node.children.get(name) {
                return Some(*found);
            }
            if at == 0 {
                return None;
            }
            at = node.parent;
        }
    }

    fn satisfies(&self, node: usize, source: &Source) -> bool {
        let Some(node) = self.nodes.get(node) else { return false };
        match source {
            Source::Range(name, range) => {
                let allowed = node.version.as_ref().is_some_and(|version| range.allows(version));
                node.name == *name && (allowed || range.is_any() || node.stands_in)
            }
            Source::Tag(name, _) => node.name == *name,
            Source::Folder(_) | Source::Elsewhere(_) => true,
        }
    }

    /// The highest folder in sight of `from` that holds nothing of this name on the way.
    fn target(&self, from: usize, name: &str) -> Option<usize> {
        let (mut at, mut target) = (from, None);
        loop {
            let node = self.nodes.get(at)?;
            if node.children.contains_key(name) {
                return target;
            }
            target = Some(at);
            if at == 0 {
                return target;
            }
            at = node.parent;
        }
    }

    fn finish(mut self) -> Plan {
        let mut packages: Vec<Planned> = self.nodes.drain(..).skip(1).map(planned).collect();
        packages.sort_by(|one, other| one.path.cmp(&other.path));
        self.plan.packages = packages;
        self.plan
    }
}

fn planned(node: Node<'_>) -> Planned {
    Planned {
        entry_bytes: entry_bytes(&node.path, &node.manifest),
        name: node.name,
        version: node.manifest.version.clone(),
        install_script: node.manifest.install_script,
        unpacked: node.manifest.unpacked,
        stands_in: node.stands_in,
        chosen: true,
        path: node.path,
    }
}

/// About what npm writes of a package: its path, address, digest (about 210 bytes with their indents), engines and
/// licence, and a line for each thing it needs.
fn entry_bytes(path: &str, manifest: &NpmManifest) -> u64 {
    let lines = |map: &BTreeMap<String, String>| {
        let lengths = map.iter().map(|(name, text)| name.len() + text.len() + 16);
        if map.is_empty() { 0 } else { 35 + lengths.sum::<usize>() }
    };
    let needs = lines(&manifest.dependencies) + lines(&manifest.optional) + lines(&manifest.peers);
    let engines = if manifest.node.is_empty() { 0 } else { 48 + manifest.node.len() };
    (2 * path.len() + 300 + engines + needs) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Answered;

    /// Each line: `name version: needs…`, where `?x` is optional, `^x` a peer, `!x` bundled; the last line of a name is
    /// `latest`.
    fn facts(lines: &str) -> NpmFacts {
        let mut facts = NpmFacts::default();
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (package, needs) = line.split_once(':').expect("a colon");
            let (name, version) = package.split_once(' ').expect("a version");
            let mut manifest = NpmManifest { version: version.to_owned(), ..NpmManifest::default() };
            for need in needs.split_whitespace() {
                let (sign, need) = match need.chars().next() {
                    Some(sign @ ('?' | '^' | '!')) => (sign, &need[1..]),
                    _ => (' ', need),
                };
                let (need, range) = need.split_once('@').unwrap_or((need, "*"));
                let map = match sign {
                    '?' => &mut manifest.optional,
                    '^' => &mut manifest.peers,
                    _ => &mut manifest.dependencies,
                };
                map.insert(need.to_owned(), range.to_owned());
                if sign == '!' {
                    manifest.bundled.push(need.to_owned());
                }
            }
            if name.contains("win") {
                manifest.os = vec!["win32".to_owned()];
            }
            facts.manifests.insert(format!("{name}@{version}"), Answered::Known(manifest.clone()));
            facts.manifests.insert(format!("{name}@latest"), Answered::Known(manifest));
        }
        facts
    }

    #[track_caller]
    fn check(roots: &str, lines: &str, expected: &str) {
        let specs = roots.split_whitespace().map(|word| Root { spec: Spec::of_word(word), optional: false });
        let wish = Wish { roots: specs.collect(), ..Wish::default() };
        let plan = plan(&wish, &facts(lines), &Machine::linux("amd64", false));
        let mut told: Vec<String> = plan
            .packages
            .iter()
            .map(|one| format!("{}@{}", one.path.replace("node_modules/", ""), one.version))
            .collect();
        told.extend(
            plan.asks.iter().map(|ask| format!("asks {} {}", ask.name, ask.version).trim_end().to_owned()),
        );
        told.extend(plan.missing.iter().map(|(name, _)| format!("misses {name}")));
        assert_eq!(told.join(", "), expected);
    }

    #[test]
    fn what_agrees_is_shared_and_what_does_not_is_nested() {
        let lines = "a 1.0.0: c@1.0.0\n b 1.0.0: c@2.0.0\n c 1.0.0:\n c 2.0.0:";
        check("a b", lines, "a@1.0.0, b@1.0.0, b/c@2.0.0, c@1.0.0");
        check("a b c@2.0.0", lines, "a@1.0.0, a/c@1.0.0, b@1.0.0, c@2.0.0");
    }

    #[test]
    fn circles_end() {
        check("a", "a 1.0.0: b@1.0.0\n b 1.0.0: a@1.0.0", "a@1.0.0, b@1.0.0");
    }

    #[test]
    fn peers_come_along_and_bundled_ones_do_not() {
        check("a", "a 1.0.0: ^p !q\n p 3.0.0: ^r\n r 1.0.0:", "a@1.0.0, p@3.0.0, r@1.0.0");
    }

    #[test]
    fn optional_packages_are_for_their_machines() {
        let lines = "a 1.0.0: ?x-darwin-arm64 ?winx ?y\n winx 1.0.0:\n y 1.0.0:";
        check("a", lines, "a@1.0.0, y@1.0.0");
    }

    #[test]
    fn what_is_not_known_is_asked_in_one_round() {
        let lines = "a 1.0.0: q1-made-up@^1 q2-made-up@2.0.0";
        let missing = "misses q1-made-up, misses q2-made-up";
        check("a", lines, &format!("a@1.0.0, asks q1-made-up latest, asks q2-made-up 2.0.0, {missing}"));
        let lines = "a 1.0.0: b@^1\n b 2.0.0:";
        check("a", lines, "a@1.0.0, asks b, misses b");
    }

    #[test]
    fn an_alias_has_its_own_folder() {
        check("old@npm:a@1.0.0 a", "a 1.0.0:\n a 2.0.0:", "a@2.0.0, old@1.0.0");
    }

    #[test]
    fn an_override_holds_for_all() {
        let mut wish =
            Wish { roots: vec![Root { spec: Spec::of_word("a"), optional: false }], ..Wish::default() };
        wish.overrides.insert("b".to_owned(), "2.0.0".to_owned());
        let facts = facts("a 1.0.0: b@1.0.0\n b 1.0.0:\n b 2.0.0:");
        let plan = plan(&wish, &facts, &Machine::linux("amd64", false));
        assert_eq!(plan.packages[1].version, "2.0.0");
    }
}
