//! apt-get, apt, aptitude, dpkg and their kin: which packages come in and go, and what is left beside them.
//!
//! Each package is a part of its own, so that what takes it away again finds it. Beside them lie the lists, dpkg's
//! status, logs, and what the packages' scripts write: docs/decisions/0043-debian-packages.md.

mod configuration;
mod release;
mod scripts;
#[cfg(test)]
mod tests;
mod weight;

use super::super::Basis;
use super::super::call::{Call, Outcome};
use super::super::machine::Machine;
use super::super::part::{Part, Span};
use super::super::tree::{Entry, File};
use super::Estimator;
use crate::glob::Glob;
use crate::package_table::PackageId;
use crate::packages::debian::{Installed, Request, Why, install, remove};
use configuration::Configuration;
use release::Release;

/// Options that take the next word.
const WITH_VALUE: [&str; 12] = [
    "-t",
    "--target-release",
    "--default-release",
    "-o",
    "--option",
    "-c",
    "--config-file",
    "-a",
    "--host-architecture",
    "--solver",
    "-P",
    "--build-profiles",
];

/// A .deb's files take so many times its length; its content in a layer's gzip, less dense than the .deb's xz, so
/// many: measured over the layers of 85 installations.
const UNPACKED_OF_DEB: [f64; 3] = [2.9, 3.7, 4.6];
const GZIP_OF_DEB: [f64; 3] = [1.1, 1.33, 1.6];

pub(super) fn estimator_of(program: &str) -> Option<Estimator> {
    Some(match program {
        "apt-get" | "apt" | "aptitude" | "apt-fast" => apt,
        "dpkg" => dpkg,
        "apt-mark" => mark,
        "add-apt-repository" | "apt-add-repository" => add_repository,
        "apt-key" | "apt-cache" | "apt-config" | "dpkg-query" | "dpkg-divert" | "dpkg-statoverride"
        | "apt-file" | "debconf" | "dpkg-architecture" => nothing,
        _ => return None,
    })
}

fn nothing(_call: &Call, _machine: &mut Machine<'_>) -> Outcome {
    Outcome::done()
}

fn apt(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let dry = ["-s", "--simulate", "--just-print", "--dry-run", "--recon", "--no-act", "--print-uris"];
    if dry.iter().any(|option| call.arguments.iter().any(|word| word == option)) {
        return Outcome::done();
    }
    let operands = call.operands(&WITH_VALUE);
    let Some((verb, words)) = operands.split_first() else { return Outcome::done() };
    let configuration = Configuration::of(call, machine);
    match *verb {
        "update" => update(&configuration, machine),
        "install" | "reinstall" | "satisfy" => bring(call, words, &configuration, machine),
        "upgrade" | "dist-upgrade" | "full-upgrade" | "safe-upgrade" => {
            upgrade(&configuration, machine);
            if !words.is_empty() {
                bring(call, words, &configuration, machine);
            }
        }
        "build-dep" => {
            bring(call, &["build-essential"], &configuration, machine);
            machine.unknown(format!(
                "what is needed to build {}: only its source package tells",
                words.join(", ")
            ));
        }
        "remove" | "purge" | "autoremove" | "autopurge" => take(call, verb, words, machine),
        "clean" | "autoclean" | "auto-clean" => {
            machine.remove("/var/cache/apt/archives/*");
            machine.remove("/var/cache/apt/pkgcache.bin");
            machine.remove("/var/cache/apt/srcpkgcache.bin");
        }
        "source" | "download" => machine.unknown(format!("the archives that apt-get {verb} fetches")),
        _ => {}
    }
    Outcome::done()
}

/// The lists of packages, and what apt makes of them. Lists that are there already are not fetched again.
fn update(configuration: &Configuration, machine: &mut Machine<'_>) {
    const LISTS: &str = "/var/lib/apt/lists";
    let Some(release) = Release::of(machine) else { return };
    if !machine.under(LISTS).is_empty() {
        return;
    }
    let (bytes, ratio) = match configuration.keeps_compressed_lists {
        true => (release.table.lists(), [0.76, 0.77, 0.78]),
        false => (release.table.plain_lists(), [0.2, 0.22, 0.25]),
    };
    // One suite alone is 5 % less; repositories that were added come on top.
    let unpacked = release.widened(Span::around(bytes, 0.94, 1.04));
    machine.write(Part {
        name: "lists of packages".to_owned(),
        path: format!("{LISTS}/"),
        unpacked,
        download: unpacked.times(ratio),
        basis: release.basis(),
    });
    if configuration.keeps_caches {
        // Two tables that apt builds of the lists, less than once as long as those.
        let unpacked = Span::around(release.table.plain_lists(), 0.7, 1.3);
        machine.write(Part {
            name: "tables that apt builds of the lists".to_owned(),
            path: "/var/cache/apt/".to_owned(),
            unpacked,
            download: unpacked.times([0.2, 0.25, 0.35]),
            basis: Basis::Heuristic { name: "apt's caches".to_owned() },
        });
    }
}

/// `install` with its words.
fn bring(call: &Call, words: &[&str], configuration: &Configuration, machine: &mut Machine<'_>) {
    if call.open {
        machine.unknown("packages whose names are only known when the build runs");
    }
    let files: Vec<&str> =
        words.iter().copied().filter(|word| word.starts_with(['.', '/']) || word.ends_with(".deb")).collect();
    for file in &files {
        unpack_archive(file, machine);
    }
    let names: Vec<&str> = words.iter().copied().filter(|word| !files.contains(word)).collect();
    if names.is_empty() {
        return;
    }
    let Some(release) = Release::of(machine) else { return };
    if let Some(suite) = call.value(&["-t", "--target-release", "--default-release"])
        && suite != release.name
    {
        machine.note(format!("packages of {suite} are taken to be like those of {}", release.title()));
    }
    let expanded: Vec<String> = names.iter().flat_map(|name| release.matching(name)).collect();
    let requests: Vec<Request<'_>> = expanded.iter().map(|word| Request::parse(word)).collect();
    let mut installed = release.installed(machine);
    let before = installed.clone();
    let closure = install(&release.table, &mut installed, &requests, configuration.recommends);
    for (name, nearest) in &closure.unknown {
        let title = release.title();
        let hint = nearest.as_ref().map(|nearest| format!(": did you mean {nearest}?")).unwrap_or_default();
        machine.unknown(format!("{title} has no package {name}{hint}"));
    }
    for problem in &closure.problems {
        machine.note(problem.clone());
    }
    let again: Vec<PackageId> = match call.has(&["--reinstall"]) || call.verb() == "reinstall" {
        true => requests.iter().filter_map(|request| release.table.find(request.name)).collect(),
        false => Vec::new(),
    };
    let mut new = closure.new.clone();
    new.extend(again.into_iter().filter(|id| !closure.new.contains(id)));
    if configuration.keeps_archives {
        write_archives(&release, &new, machine);
    }
    if call.has(&["-d", "--download-only"]) {
        return;
    }
    for id in &closure.removed {
        erase(&release, *id, machine);
    }
    release.remember(&installed, machine);
    weight::write(&release, &new, &before, machine);
}

/// The .debs themselves, where nothing deletes them.
fn write_archives(release: &Release, new: &[PackageId], machine: &mut Machine<'_>) {
    let bytes: u64 = new.iter().map(|id| release.table.archive_size(*id)).sum();
    if bytes > 0 {
        let unpacked = release.widened(Span::exact(bytes));
        machine.write(Part {
            name: format!("{} package archives", new.len()),
            path: "/var/cache/apt/archives/".to_owned(),
            unpacked,
            download: unpacked.times([0.99, 1.0, 1.0]),
            basis: release.basis(),
        });
    }
}

/// What a .deb holds that lies in the image.
fn unpack_archive(path: &str, machine: &mut Machine<'_>) {
    let absolute = machine.absolute(path);
    let length = match machine.entry(&absolute) {
        Some(Entry::File(File { bytes, .. })) => Some(Span::exact(bytes)),
        Some(Entry::Part(part)) => Some(part.unpacked),
        _ => None,
    };
    let Some(length) = length else {
        machine.unknown(format!("what {path} holds"));
        return;
    };
    machine.write(Part {
        name: format!("content of {}", super::files::base_name(path)),
        path: "/usr/".to_owned(),
        unpacked: length.times(UNPACKED_OF_DEB),
        download: length.times(GZIP_OF_DEB),
        basis: Basis::Heuristic { name: "length of a .deb".to_owned() },
    });
    machine.note(format!("what {path} depends on is not known"));
}

/// What the suites of updates and of security have newer than the release: an image older than that gets all of it, one
/// built the same day nothing.
fn upgrade(configuration: &Configuration, machine: &mut Machine<'_>) {
    let Some(release) = Release::of(machine) else { return };
    let installed = release.installed(machine);
    let steps_own: Vec<PackageId> =
        machine.state.system.installed.keys().filter_map(|name| release.table.find(name)).collect();
    let newer: Vec<PackageId> = release
        .table
        .base()
        .iter()
        .copied()
        .chain(installed.ids().filter(|id| !steps_own.contains(id)))
        .filter(|id| release.table.is_update(*id))
        .collect();
    if newer.is_empty() || machine.state.system.marks.contains(weight::UPGRADED) {
        return;
    }
    machine.state.system.marks.insert(weight::UPGRADED);
    machine.note("an upgrade writes every newer package whole again; how many there are depends on the age of the base image");
    if configuration.keeps_archives {
        write_archives(&release, &newer, machine);
    }
    weight::write_upgrade(&release, &newer, machine);
}

/// `remove`, `purge` and `autoremove`.
fn take(call: &Call, verb: &str, words: &[&str], machine: &mut Machine<'_>) {
    let Some(release) = Release::of(machine) else { return };
    if call.open {
        machine.note("which packages go is only known when the build runs");
    }
    let unused = verb.starts_with("auto") || call.has(&["--auto-remove", "--autoremove"]);
    let mut installed = release.installed(machine);
    let expanded: Vec<String> = words.iter().flat_map(|word| release.matching(word)).collect();
    let named: Vec<PackageId> =
        expanded.iter().filter_map(|word| release.table.find(Request::parse(word).name)).collect();
    let gone = remove(&release.table, &mut installed, &named, unused);
    for id in &gone {
        erase(&release, *id, machine);
    }
    if !gone.is_empty() {
        release.remember(&installed, machine);
        weight::write_database(&release, &installed, machine);
    }
}

/// Takes a package's part away, with what its scripts wrote and clean up again.
fn erase(release: &Release, id: PackageId, machine: &mut Machine<'_>) {
    let title = weight::title_of(&release.table, id);
    let (compiled, name) = scripts::compiled_of(&title);
    let written = scripts::of(release.table.name(id));
    let tree = &mut machine.state.tree;
    tree.remove_part(weight::place_of(&release.table, id), &title);
    tree.remove_part(compiled, &name);
    if let Some(part) = written {
        tree.remove_part(&part.path, &part.name);
    }
}

/// `dpkg -i`, `dpkg -r` and their kin.
fn dpkg(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let operands = call.operands(&[]);
    if call.has(&["-i", "--install", "--unpack"]) {
        for path in operands {
            unpack_archive(path, machine);
        }
    } else if call.arguments.iter().any(|word| matches!(word.as_str(), "-r" | "-P" | "--remove" | "--purge"))
    {
        take(call, "remove", &operands, machine);
    } else if call.has(&["--add-architecture"]) {
        machine.note("lists and packages of a second architecture are not counted");
    }
    Outcome::done()
}

/// `apt-mark auto` and `apt-mark manual`: what `autoremove` may take.
fn mark(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let operands = call.operands(&["-f", "--file"]);
    let Some((verb, words)) = operands.split_first() else { return Outcome::done() };
    let why = match *verb {
        "auto" | "markauto" => Why::Needed,
        "manual" | "unmarkauto" => Why::Asked,
        "showmanual" => return Outcome::prints(asked_for(machine)),
        _ => return Outcome::done(),
    };
    let Some(release) = Release::of(machine) else { return Outcome::done() };
    let mut installed: Installed = release.installed(machine);
    let all: Vec<PackageId> = installed.ids().collect();
    for word in words {
        for id in &all {
            let name = release.table.name(*id);
            if *word == ".*" || *word == name || Glob::new(word).is_some_and(|glob| glob.matches(name)) {
                installed.mark(*id, why);
            }
        }
    }
    if call.open && why == Why::Asked {
        // Official images keep what their programs are linked with: the libraries, not what compiled them.
        let libraries = all.iter().filter(|id| release.table.section(**id) == "libs");
        libraries.for_each(|id| installed.mark(*id, Why::Asked));
        machine.note("which packages are kept is only known when the build runs: taken as the libraries");
    }
    release.remember(&installed, machine);
    Outcome::done()
}

/// What `apt-mark showmanual` prints, of the packages that steps have installed.
pub(super) fn asked_for(machine: &Machine<'_>) -> String {
    let asked = machine.state.system.installed.iter().filter(|(_, asked)| **asked);
    asked.map(|(name, _)| name.as_str()).collect::<Vec<_>>().join("\n")
}

fn add_repository(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let named = call.operands(&[]).join(" ");
    machine.note(format!("packages of {named} are not known: those of the distribution stand for them"));
    Outcome::done()
}
