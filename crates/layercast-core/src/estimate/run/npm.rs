//! npm, npx and corepack: packages as parts, and what npm keeps beside them: its cache of archives, its logs, its lists.
//!
//! Measured: docs/decisions/0045-npm-packages.md.

use super::super::call::{Call, Outcome};
use super::super::machine::Machine;
use super::super::part::Span;
use super::super::tree::FileContent;
use super::Estimator;
use super::node::{
    self, Omit, Project, Text, ask_and_tell, of_lock, parts_below, platform_of, remove_others, span,
    tell_scripts, variable, wish, write_by_rule, write_packages,
};
use crate::facts::{Answered, NpmWanted, Question};
use crate::packages::npm::lock::Lock;
use crate::packages::npm::spec::{Source, Spec};
use crate::packages::npm::tree::{Plan, Planned, Root, Wish, plan};
use crate::packages::npm::weigh::Weight;
use std::collections::BTreeSet;

/// Options that take the next word.
const WITH_VALUE: &[&str] = &[
    "--prefix",
    "-C",
    "--registry",
    "--omit",
    "--include",
    "--only",
    "--cache",
    "--loglevel",
    "--workspace",
    "-w",
    "--userconfig",
    "--globalconfig",
    "--tag",
    "--install-strategy",
    "--before",
    "--location",
    "--fetch-retries",
    "--fetch-timeout",
    "--fetch-retry-mintimeout",
    "--fetch-retry-maxtimeout",
    "--maxsockets",
    "--network-timeout",
    "--package",
    "-p",
    "--call",
    "-c",
    "--script-shell",
    "--cafile",
    "--proxy",
    "--https-proxy",
    "--noproxy",
    "--cpu",
    "--os",
    "--libc",
    "--node-options",
];

/// One archive's entry in the index of npm's cache: measured over 447 of them.
const INDEX_ENTRY: u64 = 560;
/// Lines in the log of one run: for what was chosen anew, for what a lock file names; and the rest of the log.
const LOG_CHOSEN: u64 = 830;
const LOG_LOCKED: u64 = 450;
const LOG_BASE: u64 = 4_200;
/// A log of a command that installs nothing.
const LOG_SHORT: u64 = 700;

pub(super) fn estimator_of(program: &str) -> Option<Estimator> {
    Some(match program {
        "npm" => npm,
        "npx" | "pnpx" | "bunx" => npx,
        "corepack" => corepack,
        _ => return None,
    })
}

fn npm(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let operands = call.operands(WITH_VALUE);
    let Some((verb, words)) = operands.split_first() else { return Outcome::done() };
    match *verb {
        "ci" | "clean-install" | "ic" | "install-clean" | "isntall-clean" | "cit" => {
            install(call, &[], true, machine)
        }
        "install" | "i" | "in" | "ins" | "inst" | "insta" | "instal" | "isnt" | "isnta" | "isntal"
        | "isntall" | "add" | "it" => install(call, words, false, machine),
        "update" | "up" | "upgrade" => install(call, words, false, machine),
        "prune" | "dedupe" | "ddp" => prune(call, machine),
        "uninstall" | "un" | "remove" | "rm" | "r" | "unlink" => uninstall(call, words, machine),
        "cache" if words.first().is_some_and(|word| matches!(*word, "clean" | "clear" | "rm")) => {
            let cache = cache_folder(call, machine);
            machine.remove(&format!("{cache}/_cacache"));
            log(LOG_SHORT + 400, "cache", call, machine);
        }
        "init" | "create" | "innit" => init(call, words, machine),
        "run" | "run-script" | "rum" | "urn" => run_script(call, words.first().copied(), machine),
        "test" | "t" | "tst" | "start" | "stop" | "restart" => run_script(call, Some(verb), machine),
        "exec" | "x" => return npx(call, machine),
        "config" | "set" | "c" if words.contains(&"set") || *verb == "set" => {
            let path = format!("{}/.npmrc", machine.home());
            machine.write_file(&path, 60, FileContent::ByName);
        }
        "pack" => machine.unknown("the archive that npm pack makes"),
        _ => {}
    }
    Outcome::done()
}

/// True where it is for the whole system.
fn is_global(call: &Call) -> bool {
    call.arguments.iter().any(|word| matches!(word.as_str(), "-g" | "--global" | "--location=global"))
        || call.value(&["--location"]) == Some("global")
}

/// The folder that holds node_modules.
fn project_of(call: &Call, machine: &Machine<'_>) -> Project {
    let prefix = call.value(&["--prefix", "-C"]).map(str::to_owned);
    if is_global(call) {
        let set = variable(call, machine, "NPM_CONFIG_PREFIX")
            .or_else(|| variable(call, machine, "npm_config_prefix"));
        let prefix = prefix.or(set).unwrap_or_else(|| "/usr/local".to_owned());
        return Project::at(&machine.absolute(&format!("{prefix}/lib")));
    }
    let folder = prefix.map_or_else(|| machine.folder.clone(), |prefix| machine.absolute(&prefix));
    Project::at(&folder)
}

fn omit_of(call: &Call, machine: &Machine<'_>) -> Omit {
    let values = |name: &str| {
        let joined = format!("{name}=");
        let mut found = Vec::new();
        for pair in call.arguments.windows(2) {
            if let [option, value] = pair
                && option == name
            {
                found.push(value.clone());
            }
        }
        found.extend(call.arguments.iter().filter_map(|word| Some(word.strip_prefix(&joined)?.to_owned())));
        found
    };
    let (omitted, included) = (values("--omit"), values("--include"));
    let has = |word: &str| call.arguments.iter().any(|own| own == word);
    let setting =
        |name: &str| variable(call, machine, name).or_else(|| variable(call, machine, &name.to_lowercase()));
    let by_setting = setting("NPM_CONFIG_PRODUCTION").is_some_and(|value| value == "true")
        || setting("NPM_CONFIG_OMIT").is_some_and(|value| value.contains("dev"));
    let by_option = has("--production")
        || has("--prod")
        || has("--production=true")
        || values("--only").iter().any(|value| value.starts_with("prod"))
        || omitted.iter().any(|value| value == "dev");
    let keeps = has("--production=false")
        || has("--no-production")
        || has("--dev")
        || has("--also=dev")
        || included.iter().any(|value| value == "dev");
    Omit {
        dev: !keeps && (by_option || by_setting || node::is_production(call, machine)),
        optional: has("--no-optional") || omitted.iter().any(|value| value == "optional"),
        peer: has("--legacy-peer-deps") || omitted.iter().any(|value| value == "peer"),
    }
}

fn cache_folder(call: &Call, machine: &Machine<'_>) -> String {
    let set =
        variable(call, machine, "NPM_CONFIG_CACHE").or_else(|| variable(call, machine, "npm_config_cache"));
    match call.value(&["--cache"]).map(str::to_owned).or(set) {
        Some(folder) => machine.absolute(&folder),
        None => format!("{}/.npm", machine.home().trim_end_matches('/')),
    }
}

/// What an installation is to do, and what its log and its cache will tell of.
struct Installed {
    packages: Vec<Planned>,
    /// The packages that a lock file named: the log tells of each, installed or not.
    n_locked: usize,
    /// The packages that had to be chosen.
    n_chosen: usize,
    /// The packages whose lock entry does not say where their archive lies: npm asks for their list of versions too.
    n_unaddressed: usize,
    /// True where package-lock.json is written.
    writes_lock: bool,
}

fn install(call: &Call, words: &[&str], is_clean: bool, machine: &mut Machine<'_>) {
    let project = project_of(call, machine);
    let has = |word: &str| call.arguments.iter().any(|own| own == word);
    if has("--dry-run") {
        return;
    }
    if call.open && words.is_empty() && !is_clean {
        machine.unknown("the packages that npm is told only when the build runs");
    }
    let locks_only = has("--package-lock-only");
    let Some(mut installed) = wanted(call, words, is_clean, &project, machine) else { return };
    if locks_only {
        installed.packages.clear();
    }
    let modules = format!("{}/node_modules", project.folder);
    let before: BTreeSet<String> = parts_below(&modules, machine).into_values().collect();
    if is_clean {
        machine.remove(&modules);
    } else if words.is_empty() {
        remove_others(&project.folder, &installed.packages, machine);
    }
    let written: Vec<(Planned, Weight)> = write_packages(&project.folder, &installed.packages, machine)
        .into_iter()
        .map(|(package, weight)| (package.clone(), weight))
        .collect();
    if !has("--ignore-scripts") {
        let new: Vec<Planned> = written.iter().map(|(package, _)| package.clone()).collect();
        tell_scripts(&new, machine);
    }
    let is_global = is_global(call);
    let entries: u64 = installed.packages.iter().map(|package| package.entry_bytes).sum();
    if !is_global && !installed.packages.is_empty() {
        let list = Span::around(entries + 120, 0.85, 1.2);
        let path = format!("{modules}/.package-lock.json");
        write_by_rule(
            "npm's list of packages",
            &path,
            list,
            [0.2, 0.25, 0.32],
            "npm's list of packages",
            machine,
        );
    }
    if installed.writes_lock && !is_global {
        let lock = Span::around(entries + 350, 0.85, 1.2);
        let path = project.path("package-lock.json");
        write_by_rule("package-lock.json", &path, lock, [0.2, 0.25, 0.32], "npm's list of packages", machine);
        save(words, &installed.packages, &project, machine);
    }
    let n_listed = installed.n_chosen + installed.n_unaddressed;
    keep_in_cache(call, words, &written, &before, n_listed, machine);
    let n_chosen = installed.n_chosen as u64;
    let told = LOG_BASE + n_chosen * LOG_CHOSEN + installed.n_locked as u64 * LOG_LOCKED;
    log(told, &format!("install {}", words.join(" ")), call, machine);
}

/// Writes package.json anew, with what was asked for in it.
fn save(words: &[&str], packages: &[Planned], project: &Project, machine: &mut Machine<'_>) {
    let old = match project.text("package.json", machine) {
        Text::Known(text) => text,
        Text::Unread(_) => return,
        Text::None => "{}".to_owned(),
    };
    let Ok(serde_json::Value::Object(mut root)) = serde_json::from_str(&old) else { return };
    let dependencies = root.entry("dependencies").or_insert_with(|| serde_json::json!({}));
    for word in words {
        let name = Spec::of_word(word).name;
        let path = format!("node_modules/{name}");
        if let Some(package) = packages.iter().find(|package| package.path == path) {
            let version = serde_json::Value::String(format!("^{}", package.version));
            dependencies.as_object_mut().and_then(|own| own.insert(name, version));
        }
    }
    if let Ok(text) = serde_json::to_string_pretty(&root)
        && !words.is_empty()
    {
        machine.write_text(&project.path("package.json"), &format!("{text}\n"));
    }
}

/// The packages to be installed; none where that is not known, which is told.
fn wanted(
    call: &Call,
    words: &[&str],
    is_clean: bool,
    project: &Project,
    machine: &mut Machine<'_>,
) -> Option<Installed> {
    let omit = omit_of(call, machine);
    let has = |word: &str| call.arguments.iter().any(|own| own == word);
    let saves = !has("--no-save") && !has("--no-package-lock") && !has("--package-lock=false");
    let mut packages = Vec::new();
    let (mut n_locked, mut n_chosen, mut n_unaddressed, mut writes_lock) = (0, 0, 0, false);
    let mut has_lock = false;
    if !is_global(call) {
        match lock_of(project, machine) {
            LockText::Known(lock) => {
                packages = of_lock(&lock, omit, &platform_of(machine));
                n_locked = packages.len();
                let unaddressed = lock.packages.iter().filter(|package| !package.addressed && !package.link);
                n_unaddressed = unaddressed.count().min(n_locked);
                has_lock = true;
            }
            LockText::Unread(bytes) => {
                by_length_of_lock(bytes, project, machine);
                return None;
            }
            LockText::None if is_clean => {
                machine.unknown(
                    "the packages that npm ci installs: no package-lock.json is known in its folder; give the build \
                     context by --context",
                );
                return None;
            }
            LockText::None => {}
        }
    }
    let mut wish = Wish::default();
    if !has_lock && !is_global(call) {
        wish = project.wish("npm", omit, !words.is_empty(), machine)?;
        writes_lock = saves;
    }
    wish.without_optional = omit.optional;
    wish.without_peers = omit.peer;
    for word in words {
        let spec = Spec::of_word(word);
        wish.roots.retain(|root| root.spec.name != spec.name);
        wish.roots.push(Root { spec, optional: false });
    }
    if !wish.roots.is_empty() {
        let chosen = planned(&wish, machine);
        n_chosen = chosen.packages.len();
        let there: BTreeSet<String> = packages.iter().map(|package| package.path.clone()).collect();
        packages.extend(chosen.packages.into_iter().filter(|package| !there.contains(&package.path)));
    }
    Some(Installed { packages, n_locked, n_chosen, n_unaddressed, writes_lock })
}

fn planned(wish: &Wish, machine: &mut Machine<'_>) -> Plan {
    let plan = plan(wish, &machine.facts().npm, &platform_of(machine));
    ask_and_tell(&plan, machine);
    plan
}

enum LockText {
    None,
    Unread(u64),
    Known(Lock),
}

/// npm-shrinkwrap.json goes before package-lock.json. A broken one is told, and left aside.
fn lock_of(project: &Project, machine: &mut Machine<'_>) -> LockText {
    for name in ["npm-shrinkwrap.json", "package-lock.json"] {
        match project.text(name, machine) {
            Text::Known(text) => match Lock::parse(&text) {
                Ok(lock) => return LockText::Known(lock),
                Err(why) => {
                    machine.note(format!("{name} {why}; the packages are taken from package.json"));
                    return LockText::None;
                }
            },
            Text::Unread(bytes) => return LockText::Unread(bytes),
            Text::None => {}
        }
    }
    LockText::None
}

/// Where only the length of the lock file is known: an entry takes 300 to 650 bytes, a package on the whole 75 kB.
fn by_length_of_lock(bytes: u64, project: &Project, machine: &mut Machine<'_>) {
    let n_packages = bytes / 450;
    let unpacked = Span::around(n_packages * 75_000, 0.2, 2.5);
    let path = format!("{}/node_modules/", project.folder);
    let rule = "length of the lock file";
    write_by_rule(
        &format!("about {n_packages} packages"),
        &path,
        unpacked,
        [0.14, 0.25, 0.45],
        rule,
        machine,
    );
}

/// What npm keeps of what it fetched: every archive as it came, an entry of its index for each, and the lists of versions
/// that it chose from.
fn keep_in_cache(
    call: &Call,
    words: &[&str],
    written: &[(Planned, Weight)],
    before: &BTreeSet<String>,
    n_chosen: usize,
    machine: &mut Machine<'_>,
) {
    let cache = cache_folder(call, machine);
    let path = format!("{cache}/_cacache/");
    let is_known = !parts_below(path.trim_end_matches('/'), machine).is_empty();
    let mut names = BTreeSet::new();
    let fetched = written.iter().filter(|(package, _)| {
        let name = format!("{} {}", package.name, package.version);
        // What lies there from an earlier step came by the same cache.
        !(is_known && before.contains(&name)) && names.insert(name)
    });
    let fetched: Vec<&(Planned, Weight)> = fetched.collect();
    if fetched.is_empty() {
        return;
    }
    let archives = Span::sum_alike(fetched.iter().map(|(_, weight)| span(weight.tarball)));
    let n_fetched = fetched.len() as u64;
    let what = if words.is_empty() { "the project".to_owned() } else { words.join(" ") };
    let name = format!("archives that npm keeps of {what}");
    write_by_rule(&name, &path, archives, [0.99, 1.0, 1.01], "npm's cache", machine);
    let index = Span::around(n_fetched * INDEX_ENTRY, 0.8, 1.3);
    let name = format!("index of npm's cache of {what}");
    write_by_rule(&name, &path, index, [0.25, 0.35, 0.45], "npm's cache", machine);
    if n_chosen > 0 {
        let documents = documents(call, words, n_chosen, machine);
        let name = format!("lists of versions that npm keeps of {what}");
        write_by_rule(&name, &path, span(documents), [0.12, 0.18, 0.25], "npm's cache", machine);
    }
}

/// The lists of versions that npm chose from. Of a program for the whole system the list may outweigh the program (pnpm's
/// has 3 MB), so its length is asked for.
fn documents(call: &Call, words: &[&str], n_chosen: usize, machine: &mut Machine<'_>) -> [u64; 3] {
    const MOST_ASKED: usize = 6;
    let named: Vec<&&str> = words.iter().take(if is_global(call) { MOST_ASKED } else { 0 }).collect();
    let mut known = 0;
    let mut n_known = 0;
    for word in named {
        let name = match Spec::of_word(word).source {
            Source::Range(name, _) | Source::Tag(name, _) => name,
            Source::Folder(_) | Source::Elsewhere(_) => continue,
        };
        match machine.facts().npm.packages.get(&name) {
            Some(Answered::Known(package)) if package.bytes > 0 => {
                known += package.bytes;
                n_known += 1;
            }
            Some(_) => {}
            None => {
                let (version, wanted) = (String::new(), NpmWanted::Versions);
                machine.ask(Question::NpmPackage { name, version, wanted });
            }
        }
    }
    node::VERSIONS_DOCUMENT.map(|bytes| known + bytes * n_chosen.saturating_sub(n_known) as u64)
}

fn log(bytes: u64, what: &str, call: &Call, machine: &mut Machine<'_>) {
    let path = format!("{}/_logs/", cache_folder(call, machine));
    let name = format!("log of npm {}", what.trim());
    write_by_rule(&name, &path, Span::around(bytes, 0.8, 1.3), [0.08, 0.12, 0.2], "npm's log", machine);
}

fn prune(call: &Call, machine: &mut Machine<'_>) {
    let project = project_of(call, machine);
    let omit = omit_of(call, machine);
    let wanted = match lock_of(&project, machine) {
        LockText::Known(lock) => of_lock(&lock, omit, &platform_of(machine)),
        LockText::Unread(_) => return,
        LockText::None => {
            let Some(manifest) = project.manifest(machine) else {
                machine.unknown("what npm prune takes away: no package.json is known in its folder");
                return;
            };
            planned(&wish(&manifest, omit), machine).packages
        }
    };
    remove_others(&project.folder, &wanted, machine);
    let entries: u64 = wanted.iter().map(|package| package.entry_bytes).sum();
    let path = format!("{}/node_modules/.package-lock.json", project.folder);
    let list = Span::around(entries + 120, 0.85, 1.2);
    write_by_rule(
        "npm's list of packages",
        &path,
        list,
        [0.2, 0.25, 0.32],
        "npm's list of packages",
        machine,
    );
    // npm reads the project's whole list, writes it anew, and logs each.
    log(LOG_BASE + wanted.len() as u64 * LOG_LOCKED, "prune", call, machine);
}

fn uninstall(call: &Call, words: &[&str], machine: &mut Machine<'_>) {
    let project = project_of(call, machine);
    for word in words {
        machine.remove(&format!("{}/node_modules/{}", project.folder, Spec::of_word(word).name));
    }
    log(LOG_BASE, "uninstall", call, machine);
}

/// package.json with npm's defaults; `npm create x` runs a package that writes a project.
fn init(call: &Call, words: &[&str], machine: &mut Machine<'_>) {
    match words.first() {
        Some(template) => machine.unknown(format!("the project that npm creates by {template}")),
        None => {
            let folder = project_of(call, machine);
            let name = folder.folder.rsplit('/').next().unwrap_or_default().to_owned();
            let text = format!(
                "{{\n  \"name\": \"{name}\",\n  \"version\": \"1.0.0\",\n  \"main\": \"index.js\",\n  \"scripts\": {{\n    \
                 \"test\": \"echo \\\"Error: no test specified\\\" && exit 1\"\n  }},\n  \"keywords\": [],\n  \
                 \"author\": \"\",\n  \"license\": \"ISC\",\n  \"description\": \"\"\n}}\n"
            );
            machine.write_text(&folder.path("package.json"), &text);
            log(LOG_SHORT, "init", call, machine);
        }
    }
}

/// A script of package.json, and those that npm runs before and after it.
fn run_script(call: &Call, script: Option<&str>, machine: &mut Machine<'_>) {
    let Some(script) = script else { return };
    let project = project_of(call, machine);
    log(LOG_SHORT, &format!("run {script}"), call, machine);
    node::run_script(&project, script, machine);
}

/// `npx x`: the project's own x, else one that is fetched for it.
fn npx(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let operands = call.operands(WITH_VALUE);
    let skipped = usize::from(matches!(operands.first(), Some(&"exec" | &"x")));
    let Some(word) = operands.get(skipped) else { return Outcome::done() };
    let spec = Spec::of_word(call.value(&["--package", "-p"]).unwrap_or(word));
    let program = Spec::of_word(word).name;
    let project = project_of(call, machine);
    let is_there = !machine.under(&format!("{}/node_modules", project.folder)).is_empty();
    if !is_there {
        let mut spec = spec;
        if let Some(package) = super::bundlers::package_of(&spec.name) {
            spec = Spec::new(package, &spec.text);
        }
        let wish = Wish { roots: vec![Root { spec, optional: false }], ..Wish::default() };
        let plan = planned(&wish, machine);
        let folder = format!("{}/_npx/{}", cache_folder(call, machine), program.replace('/', "-"));
        let written = write_packages(&folder, &plan.packages, machine);
        let written: Vec<(Planned, Weight)> =
            written.into_iter().map(|(one, weight)| (one.clone(), weight)).collect();
        keep_in_cache(call, &[&program], &written, &BTreeSet::new(), plan.packages.len(), machine);
    }
    let at = call.arguments.iter().position(|own| own == word).map_or(call.arguments.len(), |at| at + 1);
    let arguments = call.arguments.get(at..).unwrap_or_default().to_vec();
    super::call(
        &Call {
            program: program.rsplit('/').next().unwrap_or(&program).to_owned(),
            arguments,
            ..call.clone()
        },
        machine,
    )
}

/// corepack brings the managers when they are first called, or by `prepare`.
fn corepack(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let operands = call.operands(WITH_VALUE);
    match operands.split_first() {
        Some((&"enable", _)) => {
            machine.system().marks.insert("corepack is on");
        }
        Some((&("prepare" | "use" | "install" | "up"), words)) => {
            machine.system().marks.insert("corepack is on");
            for word in words {
                node::fetch_manager(Spec::of_word(word).name.as_str(), machine);
            }
        }
        _ => {}
    }
    Outcome::done()
}
