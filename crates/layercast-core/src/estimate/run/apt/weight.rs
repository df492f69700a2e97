//! What packages weigh, and what dpkg and apt write beside them.
//!
//! A package that was measured is known within its rounding; another one is taken by its Installed-Size, by the shares
//! found in the measured ones: docs/decisions/0043-debian-packages.md.

use super::super::super::Basis;
use super::super::super::machine::Machine;
use super::super::super::part::{Part, Span};
use super::release::Release;
use super::scripts;
use crate::package_table::{Measured, PackageId, Table};
use crate::packages::debian::Installed;

/// The mark of a stage whose packages were upgraded.
pub(super) const UPGRADED: &str = "apt has upgraded";

/// dpkg adds to a package's paragraph in its status file: the state, and the list of configuration files.
const PARAGRAPH: u64 = 80;
/// A line for each step of each package in dpkg's log, and what apt prints, a package and a run.
const LOG_OF_PACKAGE: u64 = 810;
const LOG_OF_RUN: u64 = 5_200;
/// What debconf keeps twice of a package that asks questions; a full image holds translations of older questions too.
const QUESTIONS: u64 = 40_000;
const QUESTIONS_OF_FULL: u64 = 1_500_000;
/// Shares of what -slim images leave out: translations, documentation, manuals.
const DROPPED: [(&str, &str, f64); 3] = [
    ("translations", "/usr/share/locale/", 0.5),
    ("documentation", "/usr/share/doc/", 0.37),
    ("manuals", "/usr/share/man/", 0.13),
];

/// What one package weighs.
#[derive(Clone, Copy, Debug, Default)]
struct Weight {
    kept: Span,
    kept_gzip: Span,
    dropped: Span,
    dropped_gzip: Span,
    /// Bytes of Python's source.
    python: Span,
}

/// A part's name for people: the package and its version.
pub(super) fn title_of(table: &Table, id: PackageId) -> String {
    format!("{} {}", table.name(id), table.version(id))
}

/// Where most of a package lies, by its section.
pub(super) fn place_of(table: &Table, id: PackageId) -> &'static str {
    match table.section(id) {
        "libs" | "oldlibs" | "introspection" | "perl" | "java" | "php" | "ruby" | "interpreters" => {
            "/usr/lib/"
        }
        "python" => "/usr/lib/python3/",
        "libdevel" => "/usr/include/",
        "fonts" => "/usr/share/fonts/",
        "doc" => "/usr/share/doc/",
        "javascript" | "localization" => "/usr/share/",
        _ => "/usr/bin/",
    }
}

/// Writes new packages and what comes with them.
pub(super) fn write(release: &Release, new: &[PackageId], before: &Installed, machine: &mut Machine<'_>) {
    if new.is_empty() {
        return;
    }
    let table = &release.table;
    let installed = release.installed(machine);
    write_packages(release, new, machine);
    write_lockstep(release, new, machine);
    for id in new {
        if let Some(part) = scripts::of(table.name(*id)) {
            machine.write(part);
        }
    }
    let has_python =
        |installed: &Installed| table.find("python3-minimal").is_some_and(|id| installed.contains(id));
    if has_python(&installed) {
        // Python that comes now compiles also what waited for it.
        let late = if has_python(before) { Vec::new() } else { before.ids().collect() };
        for id in new.iter().chain(&late) {
            let source = weight(table, *id).python;
            if source.likely > 0 {
                machine.write(scripts::compiled(&title_of(table, *id), source));
            }
        }
    }
    write_database(release, &installed, machine);
    write_questions(release, new, machine);
}

/// Writes newer versions of packages that the image holds: none to all of them.
pub(super) fn write_upgrade(release: &Release, newer: &[PackageId], machine: &mut Machine<'_>) {
    let weights: Vec<Weight> = newer.iter().map(|id| weight(&release.table, *id)).collect();
    let sum = |pick: fn(&Weight) -> Span| Span::sum_alike(weights.iter().map(pick));
    let (mut unpacked, mut download) = (sum(|weight| weight.kept), sum(|weight| weight.kept_gzip));
    if !release.is_slim {
        unpacked = Span::sum([unpacked, sum(|weight| weight.dropped)]);
        download = Span::sum([download, sum(|weight| weight.dropped_gzip)]);
    }
    let any = [0.0, 1.0, 1.2];
    machine.write(Part {
        name: format!("newer versions of up to {} packages", newer.len()),
        path: "/usr/".to_owned(),
        unpacked: unpacked.times(any),
        download: download.times(any),
        basis: release.basis(),
    });
    let installed = release.installed(machine);
    write_database(release, &installed, machine);
    write_questions(release, newer, machine);
}

fn write_packages(release: &Release, new: &[PackageId], machine: &mut Machine<'_>) {
    let table = &release.table;
    let mut dropped = Vec::new();
    for id in new {
        let weight = weight(table, *id);
        machine.write(Part {
            name: title_of(table, *id),
            path: place_of(table, *id).to_owned(),
            unpacked: release.widened(weight.kept),
            download: release.widened(weight.kept_gzip),
            basis: release.basis(),
        });
        dropped.push((weight.dropped, weight.dropped_gzip));
    }
    if release.is_slim {
        return;
    }
    let unpacked = Span::sum_alike(dropped.iter().map(|(unpacked, _)| *unpacked));
    let download = Span::sum_alike(dropped.iter().map(|(_, download)| *download));
    for (what, path, share) in DROPPED {
        machine.write(Part {
            name: format!("{what} of {} packages, {} the first", new.len(), first_of(table, new)),
            path: path.to_owned(),
            unpacked: release.widened(unpacked.scaled(share)),
            download: release.widened(download.scaled(share)),
            basis: release.basis(),
        });
    }
}

/// Packages of one source have one version, and mostly need each other at just that: what comes new brings the newer
/// version of the base's own packages with it, where the base image is older than the update.
fn write_lockstep(release: &Release, new: &[PackageId], machine: &mut Machine<'_>) {
    let table = &release.table;
    let is_alike = |own: PackageId| new.iter().any(|id| table.version(*id) == table.version(own));
    let older: Vec<PackageId> =
        table.base().iter().copied().filter(|id| table.is_update(*id) && is_alike(*id)).collect();
    if older.is_empty() || machine.state.system.marks.contains(UPGRADED) {
        return;
    }
    let weights = older.iter().map(|id| weight(table, *id));
    let (unpacked, download): (Vec<Span>, Vec<Span>) =
        weights.map(|weight| (weight.kept, weight.kept_gzip)).unzip();
    let maybe = |spans: &[Span]| Span { low: 0, likely: 0, high: spans.iter().map(|span| span.high).sum() };
    let names: Vec<&str> = older.iter().map(|id| table.name(*id)).collect();
    machine.write(Part {
        name: format!("newer versions of {}, where the base image is older", names.join(", ")),
        path: "/usr/lib/".to_owned(),
        unpacked: maybe(&unpacked),
        download: maybe(&download),
        basis: Basis::Heuristic { name: "packages of one source".to_owned() },
    });
}

fn first_of<'t>(table: &'t Table, new: &[PackageId]) -> &'t str {
    new.first().map_or("", |id| table.name(*id))
}

/// dpkg writes its whole status anew and keeps the one before; logs of earlier steps are copied up with the new lines.
pub(super) fn write_database(release: &Release, installed: &Installed, machine: &mut Machine<'_>) {
    let table = &release.table;
    let paragraph = |id: PackageId| table.measured(id).map_or(900, |measured| measured.control) + PARAGRAPH;
    let status: u64 = table.base().iter().copied().chain(installed.ids()).map(paragraph).sum();
    let heuristic = |name: &str| Basis::Heuristic { name: name.to_owned() };
    let unpacked = Span::around(2 * status, 0.95, 1.15);
    machine.write(Part {
        name: "status of dpkg".to_owned(),
        path: "/var/lib/dpkg/".to_owned(),
        unpacked,
        download: unpacked.times([0.2, 0.24, 0.3]),
        basis: heuristic("status of dpkg"),
    });
    let n_packages = machine.state.system.installed.len() as u64;
    let unpacked = Span::around(LOG_OF_RUN + LOG_OF_PACKAGE * n_packages, 0.7, 1.6);
    machine.write(Part {
        name: "logs of apt and dpkg".to_owned(),
        path: "/var/log/".to_owned(),
        unpacked,
        download: unpacked.times([0.07, 0.1, 0.15]),
        basis: heuristic("logs of apt and dpkg"),
    });
}

fn write_questions(release: &Release, new: &[PackageId], machine: &mut Machine<'_>) {
    let n_asking = new.iter().filter(|id| release.table.uses_debconf(**id)).count() as u64;
    if n_asking == 0 {
        return;
    }
    let own = if release.is_slim { 0 } else { QUESTIONS_OF_FULL };
    let unpacked = Span::around(own + QUESTIONS * n_asking, 0.5, 2.0);
    machine.write(Part {
        name: "questions that packages may ask".to_owned(),
        path: "/var/cache/debconf/".to_owned(),
        unpacked,
        download: unpacked.times([0.2, 0.25, 0.35]),
        basis: Basis::Heuristic { name: "debconf".to_owned() },
    });
}

fn weight(table: &Table, id: PackageId) -> Weight {
    match table.measured(id) {
        Some(measured) => of_measured(&measured),
        None => of_index(table, id),
    }
}

/// What the .deb itself told: files to the byte, compressed as a stream of its own.
fn of_measured(measured: &Measured) -> Weight {
    let near = |bytes| Span::around(bytes, 0.98, 1.02);
    let packed = |bytes| Span::around(bytes, 0.93, 1.05);
    Weight {
        kept: Span::sum([near(measured.kept), near(measured.info)]),
        kept_gzip: Span::sum([packed(measured.kept_gzip), near(measured.info).scaled(0.33)]),
        dropped: near(measured.dropped),
        dropped_gzip: packed(measured.dropped_gzip),
        python: near(measured.python),
    }
}

/// Sections whose packages hold little documentation and few translations.
const CODE: [&str; 19] = [
    "fonts",
    "gnu-r",
    "golang",
    "graphics",
    "haskell",
    "httpd",
    "interpreters",
    "introspection",
    "java",
    "libdevel",
    "libs",
    "math",
    "php",
    "python",
    "ruby",
    "rust",
    "science",
    "sound",
    "video",
];

/// Low, likely and high share of something.
type Share = [f64; 3];

/// By Installed-Size, section and size.
fn of_index(table: &Table, id: PackageId) -> Weight {
    let (size, archive) = (table.installed_size(id), table.archive_size(id));
    // Installed-Size rounds up each file and counts folders and links: small packages are mostly that.
    let (all, gzip): (Share, Share) = match size {
        0..200_000 => ([0.6, 0.75, 0.92], [0.82, 1.0, 1.15]),
        200_000..1_000_000 => ([0.82, 0.91, 0.97], [1.04, 1.19, 1.4]),
        1_000_000..5_000_000 => ([0.9, 0.95, 0.99], [1.1, 1.3, 1.66]),
        5_000_000..30_000_000 => ([0.9, 0.985, 1.0], [1.15, 1.45, 2.3]),
        _ => ([0.95, 0.997, 1.0], [1.1, 1.45, 2.2]),
    };
    let code = CODE.contains(&table.section(id));
    let kept: Share = match (table.section(id), size) {
        ("doc" | "oldlibs" | "localization", _) => [0.01, 0.1, 0.5],
        (_, 0..200_000) => [0.2, if code { 0.6 } else { 0.5 }, 0.92],
        (_, 200_000..1_000_000) => [0.45, if code { 0.88 } else { 0.65 }, 0.98],
        (_, 1_000_000..5_000_000) => [if code { 0.7 } else { 0.4 }, if code { 0.96 } else { 0.75 }, 1.02],
        (_, 5_000_000..30_000_000) => [if code { 0.9 } else { 0.4 }, if code { 0.995 } else { 0.95 }, 1.02],
        _ => [if code { 0.95 } else { 0.6 }, if code { 0.998 } else { 0.99 }, 1.02],
    };
    let whole = Span::exact(size).times(all);
    let packed = Span::exact(archive).times(gzip);
    let left = kept.map(|share| (1.0 - share).max(0.0));
    let is_python = table.section(id) == "python" && table.name(id).starts_with("python3-");
    let kept_bytes = whole.times(kept);
    let left: Share = [left[2].max(0.001), left[1].max(0.002), left[0].max(0.003)];
    Weight {
        // Scripts and lists of dpkg are of the package too.
        kept: Span::sum([kept_bytes, Span::around(1_500 + size / 400, 0.4, 3.0)]),
        kept_gzip: Span::sum([packed.times(kept), Span::around(700 + size / 1_200, 0.4, 3.0)]),
        dropped: whole.times(left),
        dropped_gzip: packed.times(left),
        python: if is_python { kept_bytes.times([0.2, 0.5, 0.9]) } else { Span::default() },
    }
}
