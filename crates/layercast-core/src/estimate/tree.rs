//! The files of a stage, as far as they are known: layer upon layer, as the builder has them.
//!
//! **Invariant:** a layer's size is what lies in it. What a later layer hides still weighs below, and is kept
//! as [`Waste`].

use super::Basis;
use super::part::Part;
use crate::glob::Glob;
use serde::Serialize;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Separates a folder from the name of a part whose files lie somewhere below it.
const BELOW: char = '\u{0}';

/// What lies at a path.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// A file whose length is known.
    File(File),
    /// Files that are known together.
    Part(Arc<Part>),
    /// A folder.
    Folder,
    /// A symbolic link, and where it points as written: it weighs nothing.
    Link(Arc<str>),
}

/// A file whose length is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its length.
    pub bytes: u64,
    /// What it holds.
    pub content: FileContent,
}

/// What a file of known length holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileContent {
    /// A file of the build context: its place in the listing.
    Context(u32),
    /// Text that an instruction writes out.
    Text(Arc<str>),
    /// Only its name tells.
    ByName,
    /// Nothing but zeros.
    Zeros,
    /// Random bytes, or something already compressed.
    Random,
    /// Something that is known to shrink to so many thousandths.
    Ratio(u16),
}

/// Something that lies in a lower layer and is seen no more.
#[derive(Clone, Debug, PartialEq)]
pub struct Waste {
    /// The layer it weighs in: its place among those of the stage and its bases.
    pub layer: usize,
    /// The layer that hides it.
    pub hidden_by: usize,
    /// Its path.
    pub path: String,
    /// What it is.
    pub entry: Entry,
    /// Why it is seen no more.
    pub cause: Cause,
}

/// Why something of a lower layer is seen no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// It was deleted.
    Removed,
    /// Something else was written in its place.
    Replaced,
    /// It was copied up whole, as its owner, its mode, its times or its place changed.
    CopiedUp,
}

/// The files that one layer adds.
#[derive(Clone, Debug, Default)]
pub struct LayerFiles {
    entries: BTreeMap<String, Entry>,
    hidden: BTreeSet<String>,
    copied_up: BTreeSet<String>,
}

/// The files of a stage.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    below: Vec<Arc<LayerFiles>>,
    top: LayerFiles,
    waste: Vec<Waste>,
    /// How many entries were looked at so far.
    visited: Cell<u64>,
}

impl Tree {
    /// Ends the layer that is being written; gives what it holds.
    pub fn seal(&mut self) -> Arc<LayerFiles> {
        let layer = Arc::new(std::mem::take(&mut self.top));
        self.below.push(layer.clone());
        layer
    }

    /// How many entries were looked at so far: the effort that its steps have cost.
    pub fn n_visited(&self) -> u64 {
        self.visited.get()
    }

    fn visit(&self, n_entries: usize) {
        self.visited.set(self.visited.get().saturating_add(n_entries as u64));
    }

    /// How many layers are sealed.
    pub fn n_layers(&self) -> usize {
        self.below.len()
    }

    /// What lies in lower layers and is seen no more.
    pub fn waste(&self) -> &[Waste] {
        &self.waste
    }

    /// Writes a file, a link or a folder.
    pub fn put(&mut self, path: &str, entry: Entry) {
        if entry == Entry::Folder && self.is_folder(path) {
            return;
        }
        self.hide_below(path, Cause::Replaced);
        self.top.copied_up.remove(path);
        self.top.entries.insert(path.to_owned(), entry);
    }

    /// Writes a part. One of the same name in the same folder is replaced.
    pub fn put_part(&mut self, part: Part) {
        let key = match part.path.strip_suffix('/') {
            Some(folder) => format!("{folder}/{BELOW}{}", part.name),
            None => part.path.clone(),
        };
        self.hide_below(&key, Cause::Replaced);
        self.top.copied_up.remove(&key);
        self.top.entries.insert(key, Entry::Part(Arc::new(part)));
    }

    /// What lies at a path.
    pub fn get(&self, path: &str) -> Option<&Entry> {
        if let Some(entry) = self.top.entries.get(path) {
            return Some(entry);
        }
        if is_hidden(&self.top, path) {
            return None;
        }
        self.find_below(path).map(|(_, entry)| entry)
    }

    /// True where a path is known to be a folder.
    pub fn is_folder(&self, path: &str) -> bool {
        path == "/" || self.get(path) == Some(&Entry::Folder) || self.has_below(path)
    }

    /// True where something is known at a path or below it.
    pub fn holds(&self, path: &str) -> bool {
        self.get(path).is_some() || self.has_below(path)
    }

    fn has_below(&self, folder: &str) -> bool {
        let prefix = prefix_of(folder);
        let visible = |layer: &LayerFiles, above: &[Arc<LayerFiles>], is_top: bool| {
            layer.entries.range(prefix.clone()..).take_while(|(path, _)| path.starts_with(&prefix)).any(
                |(path, _)| {
                    is_top
                        || (!is_hidden(&self.top, path) && !above.iter().any(|above| is_hidden(above, path)))
                },
            )
        };
        visible(&self.top, &[], true)
            || (0..self.below.len()).rev().any(|at| visible(&self.below[at], &self.below[at + 1..], false))
    }

    /// What of unknown length lies somewhere below one of the folders above a path: the path may be part of it.
    pub fn unknown_above(&self, path: &str) -> Option<String> {
        let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
        let folders: Vec<String> = folders.map(|folder| format!("{folder}/{BELOW}")).collect();
        let layers = self.below.iter().map(Arc::as_ref).chain(std::iter::once(&self.top));
        for layer in layers {
            for prefix in &folders {
                let own =
                    layer.entries.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(prefix));
                for (_, entry) in own {
                    if let Entry::Part(part) = entry
                        && let Basis::Unknown { what } = &part.basis
                    {
                        return Some(what.clone());
                    }
                }
            }
        }
        None
    }

    /// True where a folder that a pattern looks into holds something of which the files' names are not known.
    pub fn has_parts_at(&self, pattern: &str) -> bool {
        let stem = pattern.split(['*', '?', '[']).next().unwrap_or_default();
        let folder = stem.rsplit_once('/').map_or("", |(folder, _)| folder);
        let prefix = format!("{folder}/{BELOW}");
        self.under(if folder.is_empty() { "/" } else { folder })
            .iter()
            .any(|(key, _)| key.starts_with(&prefix))
    }

    /// Everything at a path and below it, by path. A part is named by its folder with [`name_of`] behind it.
    pub fn under(&self, path: &str) -> Vec<(String, Entry)> {
        let mut found: BTreeMap<&str, &Entry> = BTreeMap::new();
        let prefix = prefix_of(path);
        let layers: Vec<&LayerFiles> =
            self.below.iter().map(Arc::as_ref).chain(std::iter::once(&self.top)).collect();
        for layer in layers {
            for hidden in &layer.hidden {
                found.remove(hidden.as_str());
                let below = prefix_of(hidden);
                let gone: Vec<&str> = found
                    .range(below.as_str()..)
                    .map(|(path, _)| *path)
                    .take_while(|path| path.starts_with(&below))
                    .collect();
                for path in gone {
                    found.remove(path);
                }
            }
            found.extend(layer.entries.get_key_value(path).map(|(path, entry)| (path.as_str(), entry)));
            let below = layer.entries.range(prefix.clone()..);
            found.extend(
                below
                    .take_while(|(path, _)| path.starts_with(&prefix))
                    .map(|(path, entry)| (path.as_str(), entry)),
            );
        }
        self.visit(found.len());
        found.into_iter().map(|(path, entry)| (path.to_owned(), entry.clone())).collect()
    }

    /// The paths that a pattern of the shell names, among those that are known.
    pub fn matching(&self, pattern: &str) -> Vec<String> {
        let Some(glob) = Glob::new(pattern).filter(|glob| !glob.is_literal()) else {
            return vec![pattern.to_owned()];
        };
        let stem = pattern.split(['*', '?', '[']).next().unwrap_or_default();
        let folder =
            stem.rsplit_once('/').map_or("/", |(folder, _)| if folder.is_empty() { "/" } else { folder });
        let depth = pattern.matches('/').count();
        let takes_all = pattern.ends_with("/*");
        let mut found = BTreeSet::new();
        for (path, _) in self.under(folder) {
            // What is known of a folder's content as a whole goes with `*` alone.
            let end = path.match_indices('/').nth(depth).map_or(path.len(), |(at, _)| at);
            let candidate = &path[..end];
            let is_part = candidate.contains(BELOW);
            let matches = match candidate.split_once(BELOW) {
                Some((above, _)) => takes_all && glob.matches(&format!("{above}x")),
                None => glob.matches(candidate),
            };
            if matches {
                found.insert(if is_part { path.clone() } else { candidate.to_owned() });
            }
        }
        found.into_iter().collect()
    }

    /// Deletes what lies at a path and below it. True where something was known there.
    pub fn remove(&mut self, path: &str) -> bool {
        let known = self.under(path);
        for (key, _) in &known {
            self.top.entries.remove(key);
            self.top.copied_up.remove(key);
        }
        let below: Vec<(usize, String, Entry)> = self.visible_below(path);
        for (layer, path, entry) in below {
            self.waste.push(Waste { layer, hidden_by: self.below.len(), path, entry, cause: Cause::Removed });
        }
        self.top.hidden.insert(path.to_owned());
        !known.is_empty()
    }

    /// Deletes a part by the place and the name that it was written with. True where it was known.
    pub fn remove_part(&mut self, path: &str, name: &str) -> bool {
        match path.strip_suffix('/') {
            Some(folder) => self.remove(&format!("{folder}/{BELOW}{name}")),
            None => self.remove(path),
        }
    }

    /// True where a step has deleted a path, or a folder above it, and nothing was written there again.
    pub fn is_removed(&self, path: &str) -> bool {
        let layers = self.below.iter().map(Arc::as_ref).chain(std::iter::once(&self.top));
        layers.fold(false, |removed, layer| {
            !layer.entries.contains_key(path) && (removed || is_hidden(layer, path))
        })
    }

    /// Copies files of lower layers whole into this one, as the builder does when owner, mode or times change.
    pub fn copy_up(&mut self, path: &str, with_content: bool) {
        let found = match with_content {
            true => self.visible_below(path),
            false => {
                let own = if self.top.entries.contains_key(path) { None } else { self.lower(path) };
                own.into_iter().map(|(layer, entry)| (layer, path.to_owned(), entry)).collect()
            }
        };
        for (layer, path, entry) in found {
            if matches!(entry, Entry::Folder | Entry::Link(_)) {
                continue;
            }
            let (hidden_by, cause) = (self.below.len(), Cause::CopiedUp);
            self.waste.push(Waste { layer, hidden_by, path: path.clone(), entry: entry.clone(), cause });
            self.top.copied_up.insert(path.clone());
            self.top.entries.insert(path, entry);
        }
    }

    /// Moves what lies at a path to another. True where something was known there.
    pub fn rename(&mut self, from: &str, to: &str) -> bool {
        let moved = self.under(from);
        if moved.is_empty() {
            return false;
        }
        self.remove(from);
        for (path, entry) in moved {
            self.put(&rebased(&path, from, to), entry);
        }
        true
    }

    fn lower(&self, path: &str) -> Option<(usize, Entry)> {
        if is_hidden(&self.top, path) {
            return None;
        }
        self.find_below(path).map(|(layer, entry)| (layer, entry.clone()))
    }

    /// What of lower layers is seen at a path and below it.
    fn visible_below(&self, path: &str) -> Vec<(usize, String, Entry)> {
        let prefix = prefix_of(path);
        let mut found: BTreeMap<&str, (usize, &Entry)> = BTreeMap::new();
        for (at, layer) in self.below.iter().enumerate().rev() {
            let own = layer.entries.get_key_value(path);
            let below = layer.entries.range(prefix.clone()..);
            let mut n_entries = 0;
            for (path, entry) in
                own.into_iter().chain(below.take_while(|(path, _)| path.starts_with(&prefix)))
            {
                n_entries += 1;
                let above = &self.below[at + 1..];
                let hidden = is_hidden(&self.top, path)
                    || self.top.entries.contains_key(path)
                    || above.iter().any(|above| is_hidden(above, path));
                if !hidden && !found.contains_key(path.as_str()) {
                    found.insert(path, (at, entry));
                }
            }
            self.visit(n_entries);
        }
        found.into_iter().map(|(path, (layer, entry))| (layer, path.to_owned(), entry.clone())).collect()
    }

    fn find_below(&self, path: &str) -> Option<(usize, &Entry)> {
        for (at, layer) in self.below.iter().enumerate().rev() {
            if let Some(entry) = layer.entries.get(path) {
                return Some((at, entry));
            }
            if is_hidden(layer, path) {
                return None;
            }
        }
        None
    }

    fn hide_below(&mut self, path: &str, cause: Cause) {
        if self.top.entries.contains_key(path) {
            return;
        }
        if let Some((layer, entry)) = self.lower(path).filter(|(_, entry)| *entry != Entry::Folder) {
            let hidden_by = self.below.len();
            self.waste.push(Waste { layer, hidden_by, path: path.to_owned(), entry, cause });
        }
    }
}

impl LayerFiles {
    /// What it adds, by path.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries.iter().map(|(path, entry)| (path.as_str(), entry))
    }

    /// True where a file was in a lower layer already and was copied up.
    pub fn is_copied_up(&self, path: &str) -> bool {
        self.copied_up.contains(path)
    }
}

/// A path moved from one folder, or file, to another.
pub fn rebased(path: &str, from: &str, to: &str) -> String {
    let rest = path.strip_prefix(from.trim_end_matches('/')).unwrap_or_default();
    match rest.strip_prefix('/') {
        Some(rest) => format!("{}/{rest}", to.trim_end_matches('/')),
        None => to.to_owned(),
    }
}

/// A key as people read it: a part's folder, or the path.
pub fn name_of(key: &str) -> &str {
    key.split(BELOW).next().unwrap_or(key)
}

fn prefix_of(folder: &str) -> String {
    format!("{}/", folder.trim_end_matches('/'))
}

/// True where a layer hides what lower ones hold at a path.
fn is_hidden(layer: &LayerFiles, path: &str) -> bool {
    if layer.hidden.is_empty() {
        return false;
    }
    let folders = path.match_indices('/').skip(1).map(|(at, _)| &path[..at]);
    layer.hidden.contains(path) || folders.into_iter().any(|folder| layer.hidden.contains(folder))
}

#[cfg(test)]
mod tests {
    use super::super::part::Span;
    use super::*;

    fn file(bytes: u64) -> Entry {
        Entry::File(File { bytes, content: FileContent::ByName })
    }

    fn part(name: &str, path: &str, bytes: u64) -> Part {
        let span = Span::exact(bytes);
        Part {
            name: name.into(),
            path: path.into(),
            unpacked: span,
            download: span,
            basis: Basis::Definition,
        }
    }

    #[track_caller]
    fn check(tree: &Tree, path: &str, expected: &[&str]) {
        let found: Vec<String> =
            tree.under(path).into_iter().map(|(path, _)| path.replace(BELOW, "|")).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_deleted_in_its_own_layer_weighs_nothing() {
        let mut tree = Tree::default();
        tree.put("/a/x", file(1));
        tree.put("/a/y", file(2));
        assert!(tree.remove("/a/x"));
        check(&tree, "/a", &["/a/y"]);
        assert!(tree.waste().is_empty());
        assert_eq!(tree.seal().entries().count(), 1);
    }

    #[test]
    fn what_is_deleted_later_is_waste_below() {
        let mut tree = Tree::default();
        tree.put("/a/x", file(1));
        tree.put_part(part("lists", "/var/lists/", 7));
        tree.seal();
        assert!(tree.remove("/a"));
        assert!(tree.matching("/var/lists/*").iter().all(|path| tree.clone().remove(path)));
        check(&tree, "/", &["/var/lists/|lists"]);
        assert_eq!(tree.get("/a/x"), None);
        let waste: Vec<(usize, &str, Cause)> =
            tree.waste().iter().map(|waste| (waste.layer, waste.path.as_str(), waste.cause)).collect();
        assert_eq!(waste, [(0, "/a/x", Cause::Removed)]);
        tree.put("/a/x", file(3));
        assert_eq!(tree.get("/a/x"), Some(&file(3)));
        assert_eq!(tree.waste().len(), 1, "what is hidden is not wasted twice");
    }

    #[test]
    fn what_changes_its_owner_is_copied_up_whole() {
        let mut tree = Tree::default();
        tree.put("/a/x", file(1));
        tree.put("/a/b/y", file(2));
        tree.seal();
        tree.copy_up("/a", true);
        let layer = tree.seal();
        assert_eq!(layer.entries().map(|(path, _)| path).collect::<Vec<_>>(), ["/a/b/y", "/a/x"]);
        assert!(layer.is_copied_up("/a/x"));
        assert_eq!(tree.waste().len(), 2);
        tree.copy_up("/a/x", false);
        assert_eq!(tree.seal().entries().count(), 1);
    }

    #[test]
    fn patterns_name_what_is_known() {
        let mut tree = Tree::default();
        tree.put("/d/a.txt", file(1));
        tree.put("/d/b.txt", file(1));
        tree.put("/d/sub/c.txt", file(1));
        tree.put_part(part("lists", "/d/", 7));
        assert_eq!(tree.matching("/d/*.txt"), ["/d/a.txt", "/d/b.txt"]);
        let all: Vec<String> = tree.matching("/d/*").iter().map(|path| path.replace(BELOW, "|")).collect();
        assert_eq!(all, ["/d/|lists", "/d/a.txt", "/d/b.txt", "/d/sub"]);
        assert_eq!(tree.matching("/e"), ["/e"]);
    }

    #[test]
    fn what_is_moved_keeps_its_shape() {
        let mut tree = Tree::default();
        tree.put("/src/a/x", file(1));
        tree.put_part(part("node", "/src/lib/", 5));
        assert!(tree.rename("/src", "/app"));
        check(&tree, "/", &["/app/a/x", "/app/lib/|node"]);
        assert!(!tree.rename("/nowhere", "/x"));
    }

    #[test]
    fn what_a_folder_held_before_it_was_deleted_does_not_come_back() {
        let mut tree = Tree::default();
        tree.put("/a/x", file(1));
        tree.seal();
        tree.remove("/a");
        tree.put("/a/y", file(2));
        tree.seal();
        check(&tree, "/a", &["/a/y"]);
        assert!(tree.is_folder("/a") && !tree.is_folder("/b"));
    }
}
