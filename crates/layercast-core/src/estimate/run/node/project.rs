//! A project's package.json and lock files, as far as the build context tells.

use super::super::super::machine::Machine;
use crate::packages::npm::lock::{Lock, Locked};
use crate::packages::npm::manifest::Manifest;
use crate::packages::npm::platform::{self, names_another};
use crate::packages::npm::tree::{Planned, Root, Wish};

/// What is installed of a project.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Omit {
    /// Without what only development needs.
    pub(in super::super) dev: bool,
    /// Without what can be done without.
    pub(in super::super) optional: bool,
    /// Without what is only there because others want it beside them.
    pub(in super::super) peer: bool,
}

/// A project's folder.
#[derive(Clone, Debug)]
pub(in super::super) struct Project {
    /// The folder, absolute.
    pub(in super::super) folder: String,
}

/// A file of a project.
pub(in super::super) enum Text {
    /// There is none that we know of.
    None,
    /// It is there; its text is not known (yet), its length is.
    Unread(u64),
    /// Its text.
    Known(String),
}

impl Project {
    /// The project in a folder.
    pub(in super::super) fn at(folder: &str) -> Self {
        let folder = if folder == "/" { String::new() } else { folder.trim_end_matches('/').to_owned() };
        Self { folder }
    }

    /// The path of a file of it.
    pub(in super::super) fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.folder)
    }

    /// A file of it.
    pub(in super::super) fn text(&self, name: &str, machine: &mut Machine<'_>) -> Text {
        use super::super::super::tree::{Entry, File};
        let path = self.path(name);
        match machine.entry(&path) {
            Some(Entry::File(File { bytes, .. })) => match machine.text_of(&path) {
                Some(text) => Text::Known(text),
                None => Text::Unread(bytes),
            },
            _ => Text::None,
        }
    }

    /// Its package.json; what is wrong with it is told.
    pub(in super::super) fn manifest(&self, machine: &mut Machine<'_>) -> Option<Manifest> {
        match self.text("package.json", machine) {
            Text::Known(text) => match Manifest::parse(&text) {
                Ok(manifest) => Some(manifest),
                Err(why) => {
                    machine.unknown(format!("the packages of {}: {why}", self.path("package.json")));
                    None
                }
            },
            _ => None,
        }
    }

    /// What its package.json asks for, for those whose lock file does not say. None where that is not known, which is
    /// told; who names packages needs no package.json.
    pub(in super::super) fn wish(
        &self,
        manager: &str,
        omit: Omit,
        names_packages: bool,
        machine: &mut Machine<'_>,
    ) -> Option<Wish> {
        match self.text("package.json", machine) {
            Text::Known(_) => Some(wish(&self.manifest(machine)?, omit)),
            Text::Unread(_) => {
                let what = format!("the packages that {manager} installs");
                machine.unknown(format!("{what}: the text of package.json is not known"));
                None
            }
            Text::None if names_packages => Some(Wish::default()),
            Text::None => {
                let what = format!("the packages that {manager} installs");
                let why = "no package.json is known in its folder; give the build context by --context";
                machine.unknown(format!("{what}: {why}"));
                None
            }
        }
    }
}

/// What package.json asks for.
pub(in super::super) fn wish(manifest: &Manifest, omit: Omit) -> Wish {
    let mut roots: Vec<Root> = Vec::new();
    let mut add = |map: &std::collections::BTreeMap<String, String>, optional| {
        roots.extend(map.iter().map(|(name, text)| Root::new(name, text, optional)));
    };
    add(&manifest.dependencies, false);
    if !omit.dev {
        add(&manifest.dev, false);
    }
    if !omit.optional {
        add(&manifest.optional, true);
    }
    if !omit.peer {
        add(&manifest.peers, false);
    }
    // What two kinds name is one.
    roots.sort_by(|one, other| one.spec.name.cmp(&other.spec.name));
    roots.dedup_by(|one, other| one.spec.name == other.spec.name);
    Wish {
        roots,
        overrides: manifest.overrides.clone(),
        without_optional: omit.optional,
        without_peers: false,
    }
}

/// The packages of a lock file that are installed.
pub(in super::super) fn of_lock(lock: &Lock, omit: Omit, platform: &platform::Machine) -> Vec<Planned> {
    let is_taken = |one: &&Locked| {
        let left_out = (one.dev && omit.dev)
            || (one.optional && omit.optional)
            || (one.dev_optional && omit.dev && omit.optional)
            || (one.peer && omit.peer);
        let is_own = !one.link && !one.bundled && !one.version.is_empty();
        let can_be_left = one.optional || one.dev_optional;
        // The first form of lock files does not say what a package is for; its name may.
        let says = !(one.os.is_empty() && one.cpu.is_empty());
        let fits = !can_be_left
            || (platform.takes(&one.os, &one.cpu, &one.libc)
                && (says || !names_another(&one.name, platform)));
        !left_out && is_own && fits
    };
    let taken = lock.packages.iter().filter(is_taken);
    taken
        .map(|one| Planned {
            path: one.path.clone(),
            name: one.name.clone(),
            version: one.version.clone(),
            entry_bytes: one.entry_bytes,
            install_script: one.install_script,
            // No registry knows of it.
            stands_in: one.elsewhere,
            ..Planned::default()
        })
        .collect()
}
