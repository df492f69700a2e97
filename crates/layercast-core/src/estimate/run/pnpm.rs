//! pnpm: a store of files, and node_modules made of hard links to it, so that both together weigh once.

use super::super::call::{Call, Outcome};
use super::super::machine::Machine;
use super::super::part::Span;
use super::Estimator;
use super::node::{
    self, Omit, Project, Text, ask_and_tell, is_production, parts_below, platform_of, remove_others, span,
    tell_scripts, variable, write_by_rule, write_packages,
};
use crate::packages::npm::pnpm::PnpmLock;
use crate::packages::npm::spec::Spec;
use crate::packages::npm::tree::{Planned, Root, Wish, plan};

const WITH_VALUE: &[&str] = &[
    "--filter",
    "-F",
    "--dir",
    "-C",
    "--store-dir",
    "--registry",
    "--reporter",
    "--loglevel",
    "--network-concurrency",
    "--child-concurrency",
    "--package",
];

/// The store's index has an entry for each package with the digest of each file: measured over 448 packages.
const INDEX_ENTRY: u64 = 2_800;
/// pnpm looks for a newer one of itself, and keeps the list of its versions: measured.
const OWN_VERSIONS: u64 = 3_260_000;

pub(super) fn estimator_of(program: &str) -> Option<Estimator> {
    (program == "pnpm").then_some(pnpm as Estimator)
}

fn pnpm(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    if machine.system().marks.contains("corepack is on") {
        node::fetch_manager("pnpm", machine);
    }
    let operands = call.operands(WITH_VALUE);
    let Some((verb, words)) = operands.split_first() else { return Outcome::done() };
    let folder = call
        .value(&["--dir", "-C"])
        .map_or_else(|| machine.folder.clone(), |folder| machine.absolute(folder));
    let project = Project::at(&folder);
    match *verb {
        "install" | "i" | "ci" => install(call, &[], &project, machine),
        "add" => install(call, words, &project, machine),
        "fetch" => fetch(call, &project, machine),
        "deploy" => {
            if let Some(target) = words.last() {
                let target = Project::at(&machine.absolute(target));
                deploy(call, &project, &target, machine);
            }
        }
        "prune" => {
            if let Some(packages) = wanted(call, &[], &project, machine) {
                remove_others(&project.folder, &packages, machine);
            }
        }
        "store" if words.first() == Some(&"prune") => {
            machine.remove(&format!("{}/.cache/pnpm", machine.home()));
        }
        "remove" | "rm" | "uninstall" => {
            for word in words {
                machine.remove(&format!("{}/node_modules/{word}", project.folder));
            }
        }
        "run" | "run-script" => {
            words.iter().take(1).for_each(|script| node::run_script(&project, script, machine))
        }
        "test" | "t" | "start" => node::run_script(&project, verb, machine),
        "dlx" | "exec" => return rest(call, words.first().copied(), machine),
        "config" | "set" | "list" | "ls" | "why" | "audit" | "outdated" | "setup" | "env" | "init"
        | "store" | "approve-builds" | "rebuild" | "rb" | "-v" => {}
        script => {
            let is_script =
                project.manifest(machine).is_some_and(|manifest| manifest.scripts.contains_key(script));
            if is_script {
                node::run_script(&project, script, machine);
            } else {
                return rest(call, Some(script), machine);
            }
        }
    }
    Outcome::done()
}

fn rest(call: &Call, program: Option<&str>, machine: &mut Machine<'_>) -> Outcome {
    let Some(program) = program else { return Outcome::done() };
    let at = call.arguments.iter().position(|word| word == program).map_or(call.arguments.len(), |at| at + 1);
    let arguments = call.arguments.get(at..).unwrap_or_default().to_vec();
    super::call(&Call { program: Spec::of_word(program).name, arguments, ..call.clone() }, machine)
}

fn store(call: &Call, machine: &Machine<'_>) -> String {
    if let Some(folder) = call.value(&["--store-dir"]) {
        return machine.absolute(folder);
    }
    match variable(call, machine, "PNPM_HOME") {
        Some(home) => format!("{home}/store"),
        None => format!("{}/.local/share/pnpm/store", machine.home()),
    }
}

fn is_global(call: &Call) -> bool {
    call.arguments.iter().any(|word| matches!(word.as_str(), "-g" | "--global"))
}

/// The packages to be installed; none where that is not known, which is told.
fn wanted(call: &Call, words: &[&str], project: &Project, machine: &mut Machine<'_>) -> Option<Vec<Planned>> {
    let has = |word: &str| call.arguments.iter().any(|own| own == word);
    let keeps = has("--prod=false") || has("--production=false") || has("--dev") || has("-D");
    let production = has("--prod") || has("-P") || has("--production") || is_production(call, machine);
    let omit = Omit { dev: production && !keeps, optional: has("--no-optional"), peer: false };
    let mut packages = Vec::new();
    let mut has_lock = false;
    if !is_global(call) {
        match project.text("pnpm-lock.yaml", machine) {
            Text::Known(text) => {
                let lock = PnpmLock::parse(&text);
                has_lock = !lock.is_empty();
                if lock.unread > 0 || !has_lock {
                    machine.note(format!("{} lines of pnpm-lock.yaml cannot be read", lock.unread));
                }
                packages = lock.plan(omit.dev, omit.optional, &platform_of(machine));
            }
            Text::Unread(bytes) => {
                let n_packages = bytes / 330;
                let unpacked = Span::around(n_packages * 75_000, 0.2, 2.5);
                let path = format!("{}/node_modules/", project.folder);
                let name = format!("about {n_packages} packages");
                write_by_rule(&name, &path, unpacked, [0.14, 0.25, 0.45], "length of the lock file", machine);
                return None;
            }
            Text::None => {}
        }
    }
    let mut wish = Wish::default();
    if !has_lock && !is_global(call) {
        wish = project.wish("pnpm", omit, !words.is_empty(), machine)?;
    }
    for word in words {
        wish.roots.push(Root { spec: Spec::of_word(word), optional: false });
    }
    if !wish.roots.is_empty() {
        let plan = plan(&wish, &machine.facts().npm, &platform_of(machine));
        ask_and_tell(&plan, machine);
        let n_chosen = plan.packages.len() as u64;
        let documents = node::VERSIONS_DOCUMENT.map(|bytes| bytes * n_chosen);
        let path = format!("{}/.cache/pnpm/", machine.home());
        write_by_rule(
            "lists of versions",
            &path,
            span(documents),
            [0.12, 0.18, 0.25],
            "pnpm's cache",
            machine,
        );
        packages.extend(plan.packages);
    }
    Some(packages)
}

fn install(call: &Call, words: &[&str], project: &Project, machine: &mut Machine<'_>) {
    let Some(packages) = wanted(call, words, project, machine) else { return };
    let folder = match is_global(call) {
        true => Project::at(&store(call, machine).replace("/store", "/global/5")),
        false => project.clone(),
    };
    let written = write_packages(&folder.folder, &packages, machine).len() as u64;
    tell_scripts(&packages, machine);
    describe(call, written, machine);
    let list = Span::around(packages.len() as u64 * 300, 0.5, 2.0);
    let path = folder.path("node_modules/.modules.yaml");
    write_by_rule("pnpm's lists", &path, list, [0.2, 0.3, 0.4], "pnpm's lists", machine);
}

/// Into the store alone.
fn fetch(call: &Call, project: &Project, machine: &mut Machine<'_>) {
    let Some(packages) = wanted(call, &[], project, machine) else { return };
    let store = store(call, machine);
    let written = write_packages(&store, &packages, machine).len() as u64;
    describe(call, written, machine);
}

fn describe(call: &Call, n_written: u64, machine: &mut Machine<'_>) {
    let path = format!("{}/.cache/pnpm/", machine.home());
    let own = Span::around(OWN_VERSIONS, 0.85, 1.15);
    write_by_rule("list of pnpm's own versions", &path, own, [0.1, 0.16, 0.25], "pnpm's cache", machine);
    let index = Span::around(n_written * INDEX_ENTRY, 0.5, 2.0);
    let path = format!("{}/index/", store(call, machine));
    write_by_rule("index of pnpm's store", &path, index, [0.35, 0.5, 0.6], "pnpm's store", machine);
}

/// A package of the workspace with all that it needs, copied.
fn deploy(call: &Call, project: &Project, target: &Project, machine: &mut Machine<'_>) {
    let Some(packages) = wanted(call, &[], project, machine) else { return };
    let there = parts_below(&project.path("node_modules"), machine);
    if there.is_empty() {
        machine.note("what pnpm deploy copies is taken to be all of the lock file");
    }
    write_packages(&target.folder, &packages, machine);
}
