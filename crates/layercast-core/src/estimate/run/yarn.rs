//! yarn, of the first line and of Berry's: packages as parts, its cache, what compiling itself leaves.

use super::super::call::{Call, Outcome};
use super::super::machine::Machine;
use super::super::part::Span;
use super::super::tree::FileContent;
use super::Estimator;
use super::node::{
    self, Omit, Project, Text, ask_and_tell, is_production, platform_of, span, tell_scripts, variable,
    write_by_rule, write_packages,
};
use crate::packages::npm::spec::Spec;
use crate::packages::npm::tree::{Plan, Root, Wish, plan};
use crate::packages::npm::yarn::YarnLock;

const WITH_VALUE: &[&str] = &[
    "--cwd",
    "--cache-folder",
    "--network-timeout",
    "--network-concurrency",
    "--registry",
    "--modules-folder",
    "--mutex",
    "--global-folder",
    "--prefix",
];

/// What Node keeps of yarn's own program once compiled: measured.
const COMPILED: u64 = 2_198_000;
/// A line of node_modules/.yarn-integrity for each package.
const INTEGRITY_LINE: u64 = 130;

pub(super) fn estimator_of(program: &str) -> Option<Estimator> {
    (program == "yarn" || program == "yarnpkg").then_some(yarn as Estimator)
}

fn yarn(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    if machine.system().marks.contains("corepack is on") {
        node::fetch_manager("yarn", machine);
    }
    let operands = call.operands(WITH_VALUE);
    let (verb, words) =
        operands.split_first().map_or(("install", &[] as &[&str]), |(verb, words)| (*verb, words));
    if matches!(call.arguments.first().map(String::as_str), Some("--version" | "-v" | "--help")) {
        return Outcome::done();
    }
    let folder =
        call.value(&["--cwd"]).map_or_else(|| machine.folder.clone(), |folder| machine.absolute(folder));
    let project = Project::at(&folder);
    match verb {
        "install" => install(call, &[], &project, machine),
        "add" => install(call, words, &project, machine),
        "global" if words.first() == Some(&"add") => {
            global(call, words.get(1..).unwrap_or_default(), machine)
        }
        "workspaces" if words.first() == Some(&"focus") => install(call, &[], &project, machine),
        "cache" if words.contains(&"clean") || words.contains(&"clear") => {
            machine.remove(&cache_folder(call, machine));
            machine.remove(&format!("{}/.yarn/berry/cache", machine.home()));
        }
        "remove" => {
            for word in words {
                machine.remove(&format!("{}/node_modules/{word}", project.folder));
            }
        }
        "run" => words.iter().take(1).for_each(|script| node::run_script(&project, script, machine)),
        "dlx" | "exec" => return rest(call, words.first().copied(), machine),
        "set" | "config" | "why" | "list" | "info" | "outdated" | "audit" | "check" | "versions" | "init"
        | "autoclean" | "policies" | "plugin" | "node" | "link" | "unlink" | "global" | "cache"
        | "workspaces" | "workspace" => {}
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
    compiled(machine);
    Outcome::done()
}

/// `yarn vite build`: the program of the project.
fn rest(call: &Call, program: Option<&str>, machine: &mut Machine<'_>) -> Outcome {
    let Some(program) = program else { return Outcome::done() };
    let at = call.arguments.iter().position(|word| word == program).map_or(call.arguments.len(), |at| at + 1);
    let arguments = call.arguments.get(at..).unwrap_or_default().to_vec();
    super::call(&Call { program: Spec::of_word(program).name, arguments, ..call.clone() }, machine)
}

/// The first line of yarn keeps its own program compiled, once a stage.
fn compiled(machine: &mut Machine<'_>) {
    if machine.system().marks.contains("yarn is Berry") || !machine.system().marks.insert("yarn has run") {
        return;
    }
    let bytes = Span::around(COMPILED, 0.9, 1.1);
    let rule = "Node's cache of a compiled program";
    write_by_rule("yarn, compiled", "/tmp/v8-compile-cache-0/", bytes, [0.25, 0.32, 0.4], rule, machine);
}

fn cache_folder(call: &Call, machine: &Machine<'_>) -> String {
    let set = call
        .value(&["--cache-folder"])
        .map(str::to_owned)
        .or_else(|| variable(call, machine, "YARN_CACHE_FOLDER"));
    match set {
        Some(folder) => machine.absolute(&folder),
        // For root it is the system's.
        None if matches!(machine.home().as_str(), "/root" | "/") => "/usr/local/share/.cache/yarn".to_owned(),
        None => format!("{}/.cache/yarn", machine.home()),
    }
}

fn install(call: &Call, words: &[&str], project: &Project, machine: &mut Machine<'_>) {
    let has = |word: &str| call.arguments.iter().any(|own| own == word);
    let keeps = has("--production=false");
    let production =
        has("--production") || has("--prod") || has("--production=true") || is_production(call, machine);
    let omit = Omit { dev: production && !keeps, optional: has("--ignore-optional"), peer: true };
    let manifest = match project.text("package.json", machine) {
        Text::Known(_) => project.manifest(machine),
        Text::Unread(_) => {
            machine.unknown("the packages that yarn installs: the text of package.json is not known");
            return;
        }
        Text::None if words.is_empty() => {
            machine.unknown(
                "the packages that yarn installs: no package.json is known in its folder; give the build context by \
                 --context",
            );
            return;
        }
        Text::None => None,
    };
    let mut wish = manifest.as_ref().map(|manifest| node::wish(manifest, omit)).unwrap_or_default();
    wish.without_peers = true;
    wish.without_optional = omit.optional;
    for word in words {
        let spec = Spec::of_word(word);
        wish.roots.retain(|root| root.spec.name != spec.name);
        wish.roots.push(Root { spec, optional: false });
    }
    let manager = manifest.map(|manifest| manifest.package_manager).unwrap_or_default();
    let mut is_berry = manager.starts_with("yarn@") && !manager.starts_with("yarn@1");
    let plan = match project.text("yarn.lock", machine) {
        Text::Known(text) => {
            let lock = YarnLock::parse(&text);
            is_berry |= lock.berry;
            if lock.unread > 0 {
                machine.note(format!("{} lines of yarn.lock cannot be read; the rest holds", lock.unread));
            }
            lock.plan(&wish, &machine.facts().npm, &platform_of(machine))
        }
        Text::Unread(bytes) => {
            let n_packages = bytes / 320;
            let unpacked = Span::around(n_packages * 75_000, 0.2, 2.5);
            let path = format!("{}/node_modules/", project.folder);
            let name = format!("about {n_packages} packages");
            write_by_rule(&name, &path, unpacked, [0.14, 0.25, 0.45], "length of the lock file", machine);
            return;
        }
        Text::None => plan(&wish, &machine.facts().npm, &platform_of(machine)),
    };
    ask_and_tell(&plan, machine);
    if is_berry {
        machine.system().marks.insert("yarn is Berry");
    }
    write(call, &plan, project, is_berry, machine);
}

fn global(call: &Call, words: &[&str], machine: &mut Machine<'_>) {
    let roots = words.iter().map(|word| Root { spec: Spec::of_word(word), optional: false });
    let wish = Wish { roots: roots.collect(), without_peers: true, ..Wish::default() };
    let plan = plan(&wish, &machine.facts().npm, &platform_of(machine));
    ask_and_tell(&plan, machine);
    let home = machine.home();
    let folder =
        if home == "/root" { "/usr/local/share/.config".to_owned() } else { format!("{home}/.config") };
    write(call, &plan, &Project::at(&format!("{folder}/yarn/global")), false, machine);
}

fn write(call: &Call, plan: &Plan, project: &Project, is_berry: bool, machine: &mut Machine<'_>) {
    if is_berry {
        return write_berry(plan, project, machine);
    }
    let written = write_packages(&project.folder, &plan.packages, machine);
    let unpacked = Span::sum_alike(written.iter().map(|(_, weight)| span(weight.unpacked)));
    let archives = Span::sum_alike(written.iter().map(|(_, weight)| span(weight.tarball)));
    let download = Span::sum_alike(written.iter().map(|(_, weight)| span(weight.download)));
    let n_written = written.len() as u64;
    tell_scripts(&plan.packages, machine);
    if n_written == 0 {
        return;
    }
    let path = format!("{}/node_modules/.yarn-integrity", project.folder);
    machine.write_file(&path, plan.packages.len() as u64 * INTEGRITY_LINE, FileContent::ByName);
    // The cache holds each package unpacked, its archive beside it, and a description.
    let cache = cache_folder(call, machine);
    let rule = "yarn's cache";
    let path = format!("{cache}/");
    let ratio = download.likely as f64 / unpacked.likely.max(1) as f64;
    write_by_rule(
        "packages that yarn keeps",
        &path,
        unpacked,
        [ratio * 0.94, ratio, ratio * 1.06],
        rule,
        machine,
    );
    write_by_rule("archives that yarn keeps", &path, archives, [0.99, 1.0, 1.01], rule, machine);
    let descriptions = Span::around(n_written * 5_000, 0.5, 2.0);
    write_by_rule("descriptions that yarn keeps", &path, descriptions, [0.2, 0.3, 0.4], rule, machine);
}

/// Berry keeps archives; into node_modules it unpacks them only where .yarnrc.yml says so.
fn write_berry(plan: &Plan, project: &Project, machine: &mut Machine<'_>) {
    let settings = match project.text(".yarnrc.yml", machine) {
        Text::Known(text) => text,
        _ => String::new(),
    };
    let weights = node::weighed(&plan.packages, machine);
    let archives = Span::sum_alike(weights.iter().map(|weight| span(weight.tarball)));
    let is_local = settings.contains("enableGlobalCache: false");
    let cache =
        if is_local { project.path(".yarn/cache") } else { format!("{}/.yarn/berry/cache", machine.home()) };
    // Zip files, packed a little less than the archives they come from.
    let zips = archives.times([1.0, 1.12, 1.3]);
    write_by_rule(
        "archives that yarn keeps",
        &format!("{cache}/"),
        zips,
        [0.96, 0.99, 1.0],
        "yarn's cache",
        machine,
    );
    if settings.contains("nodeLinker: node-modules") || settings.contains("nodeLinker: pnpm") {
        write_packages(&project.folder, &plan.packages, machine);
        tell_scripts(&plan.packages, machine);
    } else {
        let list = Span::around(400_000 + plan.packages.len() as u64 * 500, 0.4, 2.0);
        write_by_rule(
            "map of packages",
            &project.path(".pnp.cjs"),
            list,
            [0.15, 0.2, 0.3],
            "yarn's map",
            machine,
        );
    }
}
