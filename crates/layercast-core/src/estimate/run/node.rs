//! What npm, yarn, pnpm and bun have in common: the project, the machine in Node's words, packages as parts.

mod project;
#[cfg(test)]
mod tests;

pub(super) use project::{Omit, Project, Text, of_lock, wish};

use super::super::Basis;
use super::super::call::Call;
use super::super::machine::Machine;
use super::super::part::{Part, Span};
use super::super::system::Distribution;
use super::super::tree::Entry;
use crate::facts::{Answered, FailureReason, Question};
use crate::packages::npm::pick::Ask;
use crate::packages::npm::platform;
use crate::packages::npm::semver::Version;
use crate::packages::npm::table;
use crate::packages::npm::tree::{Plan, Planned};
use crate::packages::npm::weigh::{How, Weight, asks, weigh};
use std::collections::{BTreeMap, BTreeSet};

/// Packages whose own program fetches far more than their archive holds.
const FETCHES_MORE: &[(&str, &str)] = &[
    ("puppeteer", "the browser that puppeteer fetches"),
    ("cypress", "the program that cypress fetches"),
    ("electron", "the program that electron fetches"),
    ("playwright-chromium", "the browser that playwright fetches"),
    ("node-sass", "what node-sass fetches or compiles"),
];

/// The list of a package's versions, as npm and pnpm keep it where they had to choose: a few kilobytes for most packages,
/// megabytes for some.
pub(super) const VERSIONS_DOCUMENT: [u64; 3] = [10_000, 55_000, 160_000];

/// The machine in Node's words.
pub(super) fn platform_of(machine: &Machine<'_>) -> platform::Machine {
    let system = &machine.state.system;
    let is_musl = matches!(system.distribution, Some(Distribution::Alpine { .. }));
    let mut own = platform::Machine::linux(&system.platform.architecture, is_musl);
    own.node = machine.variable("NODE_VERSION").and_then(|version| {
        let version = version.trim_start_matches('v').to_owned();
        let newest = |major: &str| Some(Version::new(major.parse().ok()?, 999, 0));
        Version::parse(&version).or_else(|| newest(version.split('.').next()?))
    });
    own
}

/// The value of a setting of a call: of its own variables, else the machine's.
pub(super) fn variable(call: &Call, machine: &Machine<'_>, name: &str) -> Option<String> {
    let own = call.variables.iter().rev().find(|(own, _)| own == name).and_then(|(_, value)| value.clone());
    own.or_else(|| machine.variable(name))
}

/// True where NODE_ENV says production.
pub(super) fn is_production(call: &Call, machine: &Machine<'_>) -> bool {
    variable(call, machine, "NODE_ENV").is_some_and(|value| value == "production")
}

/// Asks for what a plan lacks, and tells what nobody has.
pub(super) fn ask_and_tell(plan: &Plan, machine: &mut Machine<'_>) {
    for Ask { name, version, wanted } in &plan.asks {
        machine.ask(Question::NpmPackage { name: name.clone(), version: version.clone(), wanted: *wanted });
    }
    for (name, why) in &plan.missing {
        machine.unknown(format!("the package {name}: {why}"));
    }
}

/// More archives are not asked for in one round: a shell sends no more requests in one run.
const MOST_ASKED: usize = 1_500;

/// The packages of an installation, weighed.
pub(super) fn weighed(packages: &[Planned], machine: &mut Machine<'_>) -> Vec<Weight> {
    for Ask { name, version, wanted } in asks(packages, &machine.facts().npm).into_iter().take(MOST_ASKED) {
        machine.ask(Question::NpmPackage { name, version, wanted });
    }
    let facts = &machine.facts().npm;
    let failures =
        packages.iter().filter_map(|package| match facts.tarball(&package.name, &package.version)? {
            Answered::Failed { message, .. } => Some(message.clone()),
            Answered::Known(_) => None,
        });
    let failures: Vec<String> = failures.collect();
    let weights = packages.iter().map(|package| widened(package, weigh(package, facts))).collect();
    match failures.as_slice() {
        [] => {}
        [only] => machine.note(only.clone()),
        [first, others @ ..] => machine.note(format!("{first}; so it is with {} more", others.len())),
    }
    weights
}

/// What a lock file names is what is installed; what npm chooses may be another version by the time of the build, and lie
/// in more places or fewer.
fn widened(package: &Planned, weight: Weight) -> Weight {
    let (less, more) = if package.chosen { (0.92, 1.1) } else { (0.985, 1.015) };
    let wide = |[low, likely, high]: [u64; 3]| {
        let scaled = |bytes: u64, by: f64| (bytes as f64 * by) as u64;
        [scaled(low, less), likely, scaled(high, more)]
    };
    Weight { unpacked: wide(weight.unpacked), download: wide(weight.download), ..weight }
}

/// Writes packages below a folder, as far as they are not there already. Returns those that were not.
pub(super) fn write_packages<'p>(
    folder: &str,
    packages: &'p [Planned],
    machine: &mut Machine<'_>,
) -> Vec<(&'p Planned, Weight)> {
    let there = parts_below(&format!("{folder}/node_modules"), machine);
    let weights = weighed(packages, machine);
    let mut written = Vec::new();
    for (package, weight) in packages.iter().zip(weights) {
        let path = format!("{folder}/{}/", package.path);
        let name = format!("{} {}", package.name, package.version);
        if there.get(&path) == Some(&name) {
            continue;
        }
        let basis = basis_of(weight.how, &package.name, machine);
        machine.write(Part {
            name,
            path,
            unpacked: span(weight.unpacked),
            download: span(weight.download),
            basis,
        });
        written.push((package, weight));
    }
    written
}

/// The packages below a folder, by the paths of their parts.
pub(super) fn parts_below(folder: &str, machine: &Machine<'_>) -> BTreeMap<String, String> {
    let found = machine.under(folder).into_iter().filter_map(|(_, entry)| match entry {
        Entry::Part(part) => Some((part.path.clone(), part.name.clone())),
        _ => None,
    });
    found.collect()
}

/// Takes away the packages below a folder that an installation does not want.
pub(super) fn remove_others(folder: &str, packages: &[Planned], machine: &mut Machine<'_>) {
    let wanted: BTreeSet<String> = packages.iter().map(|one| format!("{folder}/{}/", one.path)).collect();
    for path in parts_below(&format!("{folder}/node_modules"), machine).into_keys() {
        // What tools keep in hidden folders is no package.
        let is_package = path.ends_with('/') && !path.contains("/node_modules/.");
        if is_package && !wanted.contains(&path) {
            machine.remove(path.trim_end_matches('/'));
        }
    }
}

/// Says what packages fetch by programs of their own.
pub(super) fn tell_scripts(packages: &[Planned], machine: &mut Machine<'_>) {
    for (name, what) in FETCHES_MORE {
        if packages.iter().any(|package| package.name == *name) {
            machine.unknown(*what);
        }
    }
}

pub(super) fn basis_of(how: How, name: &str, machine: &Machine<'_>) -> Basis {
    let facts = &machine.facts().npm;
    match how {
        How::Archive | How::Beginning => {
            let source =
                if facts.source.is_empty() { "npm registry".to_owned() } else { facts.source.clone() };
            Basis::Package { source, as_of: facts.as_of.clone() }
        }
        How::Table | How::OtherVersion => {
            let source = "table of npm packages".to_owned();
            Basis::Package { source, as_of: table::as_of().to_owned() }
        }
        How::Typical => {
            let unreachable = facts.tarballs.iter().any(|(key, answer)| {
                let Answered::Failed { reason, .. } = answer else { return false };
                key.starts_with(name) && *reason != FailureReason::NotFound
            });
            let name = if unreachable {
                "typical npm package, as no registry answered"
            } else {
                "typical npm package"
            };
            heuristic(name)
        }
    }
}

pub(super) fn heuristic(name: &str) -> Basis {
    Basis::Heuristic { name: name.to_owned() }
}

pub(super) fn span([low, likely, high]: [u64; 3]) -> Span {
    Span { low, likely, high }
}

/// Writes something that is known by a rule alone.
pub(super) fn write_by_rule(
    name: &str,
    path: &str,
    unpacked: Span,
    ratio: [f64; 3],
    rule: &str,
    machine: &mut Machine<'_>,
) {
    if unpacked.high > 0 {
        let download = unpacked.times(ratio);
        let (name, path) = (name.to_owned(), path.to_owned());
        machine.write(Part { name, path, unpacked, download, basis: heuristic(rule) });
    }
}

/// So deep may scripts call scripts.
const DEEPEST: usize = 4;
/// Counts them, as npm's own variables do.
const DEPTH: &str = "npm_lifecycle_depth";

/// Runs a script of package.json, with those before and after it.
pub(super) fn run_script(project: &Project, script: &str, machine: &mut Machine<'_>) {
    let depth = machine
        .variables
        .get(DEPTH)
        .cloned()
        .flatten()
        .and_then(|depth| depth.parse().ok())
        .unwrap_or(0_usize);
    if depth >= DEEPEST {
        return;
    }
    let manifest = match project.text("package.json", machine) {
        Text::Known(_) => project.manifest(machine),
        Text::Unread(_) | Text::None => {
            machine
                .unknown(format!("what the script `{script}` of package.json writes: its text is not known"));
            return;
        }
    };
    let Some(manifest) = manifest else { return };
    let own = manifest.scripts.get(script);
    if own.is_none() && script != "start" {
        machine.note(format!("package.json has no script `{script}`"));
    }
    let folder = std::mem::replace(
        &mut machine.folder,
        if project.folder.is_empty() { "/".to_owned() } else { project.folder.clone() },
    );
    let variables = machine.variables.clone();
    machine.variables.insert(DEPTH.to_owned(), Some((depth + 1).to_string()));
    for name in [format!("pre{script}"), script.to_owned(), format!("post{script}")] {
        if let Some(text) = manifest.scripts.get(&name) {
            super::script::run_text(text, machine);
        }
    }
    machine.folder = folder;
    machine.variables = variables;
}

/// What corepack fetches when a manager is first called: its archive unpacked. Measured.
pub(super) fn fetch_manager(name: &str, machine: &mut Machine<'_>) {
    let (mark, bytes) = match name {
        "pnpm" => ("corepack has fetched pnpm", 17_500_000),
        "yarn" => ("corepack has fetched yarn", 5_400_000),
        _ => return,
    };
    if machine.system().marks.insert(mark) {
        let path = format!("{}/.cache/node/corepack/", machine.home().trim_end_matches('/'));
        let unpacked = Span::around(bytes, 0.4, 1.6);
        write_by_rule(
            &format!("{name} by corepack"),
            &path,
            unpacked,
            [0.18, 0.24, 0.3],
            "corepack",
            machine,
        );
    }
}
