//! uv and pipx: pip's distributions without `.pyc` files, and projects by their lock.

use super::super::Basis;
use super::super::call::{Call, Outcome};
use super::super::machine::Machine;
use super::super::part::{Part, Span};
use super::Estimator;
use super::pip::{local_project, read};
use super::python::interpreter::{Interpreter, variable};
use super::python::{Cache, Manner, install};
use crate::packages::python::lock::{self, Groups};
use crate::packages::python::{Requirement, Wanted, normalised};

pub(super) fn estimator_of(program: &str) -> Option<Estimator> {
    Some(match program {
        "uv" => uv,
        "uvx" => uvx,
        "pipx" => pipx,
        _ => return None,
    })
}

fn uv(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let operands = call.operands(&[
        "--directory",
        "--project",
        "--cache-dir",
        "--config-file",
        "--python",
        "-p",
        "--color",
    ]);
    let at = |word: &str| call.arguments.iter().position(|one| one == word).map_or(0, |at| at + 1);
    match operands.as_slice() {
        ["pip", "install", ..] => {
            pip_install(call, call.arguments.get(at("install")..).unwrap_or_default(), machine)
        }
        ["pip", "sync", files @ ..] => {
            let words: Vec<String> =
                files.iter().flat_map(|file| ["-r".to_owned(), (*file).to_owned()]).collect();
            pip_install(call, &words, machine);
        }
        ["sync", ..] | ["run", ..] => sync(call, machine),
        ["venv", rest @ ..] => {
            let root = machine.absolute(rest.first().copied().unwrap_or(".venv"));
            let interpreter = Interpreter::of(call, machine);
            interpreter.make_virtual_environment(root.trim_end_matches('/'), call.has(&["--seed"]), machine);
        }
        ["tool", "install", names @ ..] => {
            let root = variable(call, machine, "UV_TOOL_DIR");
            let root = root.unwrap_or_else(|| format!("{}/.local/share/uv/tools", machine.home()));
            for name in names {
                tool(call, name, &format!("{root}/{name}"), false, machine);
            }
        }
        ["python", "install", ..] => {
            let root = variable(call, machine, "UV_PYTHON_INSTALL_DIR");
            let root = root.unwrap_or_else(|| format!("{}/.local/share/uv/python", machine.home()));
            let unpacked = Span { low: 60_000_000, likely: 95_000_000, high: 150_000_000 };
            machine.write(Part {
                name: "a Python of uv's own".to_owned(),
                path: format!("{root}/"),
                unpacked,
                download: unpacked.times([0.27, 0.33, 0.4]),
                basis: Basis::Heuristic { name: "a stand-alone build of Python".to_owned() },
            });
        }
        ["cache", "clean" | "prune", ..] => {
            let folder = cache_folder(call, machine);
            machine.remove(&folder);
        }
        ["pip", "compile" | "list" | "freeze" | "check" | "show" | "tree", ..]
        | ["lock" | "export" | "version" | "self" | "help" | "tree" | "init" | "python", ..]
        | [] => {}
        ["add", ..] => pip_like_add(call, machine),
        other => machine.unknown(format!("what uv {} writes", other.join(" "))),
    }
    Outcome::done()
}

fn uvx(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    if let Some(name) = call.operands(&["--from", "--with", "-p", "--python"]).first() {
        machine.unknown(format!("what {name} of uvx writes"));
    }
    Outcome::done()
}

fn pip_like_add(call: &Call, machine: &mut Machine<'_>) {
    let at = call.arguments.iter().position(|word| word == "add").map_or(0, |at| at + 1);
    pip_install(call, call.arguments.get(at..).unwrap_or_default(), machine);
}

fn cache_folder(call: &Call, machine: &Machine<'_>) -> String {
    let own =
        call.value(&["--cache-dir"]).map(str::to_owned).or_else(|| variable(call, machine, "UV_CACHE_DIR"));
    let users = variable(call, machine, "XDG_CACHE_HOME").map(|home| format!("{home}/uv"));
    machine.absolute(&own.or(users).unwrap_or_else(|| format!("{}/.cache/uv", machine.home())))
}

fn manner(call: &Call, site: String, machine: &Machine<'_>) -> Manner {
    let on = |name: &str| {
        variable(call, machine, name).is_some_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
    };
    let no_cache = call.has(&["--no-cache", "--no-cache-dir"]) || on("UV_NO_CACHE");
    let compiles = call.has(&["--compile-bytecode", "--compile"]) || on("UV_COMPILE_BYTECODE");
    let folder = cache_folder(call, machine);
    let copies = variable(call, machine, "UV_LINK_MODE").is_some_and(|mode| mode == "copy");
    let cache = match (no_cache, copies) {
        (true, _) => Cache::None,
        (false, true) => Cache::Unpacked(folder),
        // What is installed is linked to the cache: one file with two names weighs once.
        (false, false) => Cache::Lists(folder),
    };
    Manner { site, compiles, cache }
}

fn pip_install(call: &Call, words: &[String], machine: &mut Machine<'_>) {
    let interpreter = Interpreter::of(call, machine);
    let mut asked = read(&[], words, machine);
    if call.open {
        machine.unknown("what uv installs: part of its words is only known when the build runs");
    }
    let folder = format!("lib/{}/site-packages", interpreter.name());
    let target = call.value(&["--target", "-t"]).map(|target| machine.absolute(target));
    let prefix = call.value(&["--prefix"]).map(|prefix| format!("{}/{folder}", machine.absolute(prefix)));
    let is_system = call.has(&["--system"]) || variable(call, machine, "UV_SYSTEM_PYTHON").is_some();
    // Without an environment that is active uv takes .venv, where there is one.
    let beside = machine.absolute(".venv");
    let beside = machine
        .entry(&format!("{beside}/pyvenv.cfg"))
        .filter(|_| !is_system)
        .map(|_| format!("{beside}/{folder}"));
    let active = interpreter.virtual_environment.is_some().then(|| interpreter.site.clone());
    let site = target.or(prefix).or(active).or(beside).unwrap_or_else(|| interpreter.site.clone());
    if is_system || interpreter.virtual_environment.is_some() {
        for (name, version) in &interpreter.installed {
            asked.wanted.installed.insert(name.clone(), version.clone());
        }
    }
    let manner = manner(call, site, machine);
    if !asked.wanted.requirements.is_empty() {
        install(&mut asked.wanted, &interpreter, &manner, machine);
    }
}

/// `uv sync`: the lock's distributions in the project's environment.
fn sync(call: &Call, machine: &mut Machine<'_>) {
    let interpreter = Interpreter::of(call, machine);
    let is_run = call.arguments.iter().any(|word| word == "run");
    if is_run && call.has(&["--no-sync", "--no-project"]) {
        return;
    }
    let folder = call.value(&["--directory", "--project"]).unwrap_or(".").to_owned();
    let folder = machine.absolute(&folder);
    let values = |options: [&str; 1]| -> std::collections::BTreeSet<String> {
        let mut words = call.arguments.iter();
        let mut found = std::collections::BTreeSet::new();
        while let Some(word) = words.next() {
            if options.contains(&word.as_str()) {
                found.extend(words.next().map(|name| normalised(name)));
            } else if let Some((option, value)) = word.split_once('=')
                && options.contains(&option)
            {
                found.insert(normalised(value));
            }
        }
        found
    };
    let on = |name: &str| {
        variable(call, machine, name).is_some_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
    };
    let no_dev = call.has(&["--no-dev", "--no-default-groups", "--production"]) || on("UV_NO_DEV");
    let only_dev = call.has(&["--only-dev"]) || !values(["--only-group"]).is_empty();
    let mut named = values(["--group"]);
    named.extend(values(["--only-group"]));
    if !no_dev {
        named.insert("dev".to_owned());
    }
    let groups = Groups {
        named,
        all: call.has(&["--all-groups"]),
        without: values(["--no-group"]),
        no_main: only_dev,
        extras: values(["--extra"]),
        all_extras: call.has(&["--all-extras"]),
    };
    let lock = format!("{folder}/uv.lock");
    let project = format!("{folder}/pyproject.toml");
    let read_lock = machine.entry(&lock).and_then(|_| machine.text_of(&lock));
    let mut wanted = Wanted::default();
    if let Some(text) = read_lock {
        match lock::uv(&text, &groups, &interpreter.environment) {
            Some(requirements) => {
                (wanted.requirements, wanted.no_dependencies) = (requirements, true);
            }
            None => machine.unknown(format!("what {lock} lists: it cannot be read")),
        }
    } else if let Some(requirements) =
        machine.text_of(&project).and_then(|text| lock::pyproject(&text, &groups))
    {
        wanted.requirements = requirements;
    } else if !is_run {
        machine.unknown(format!("what {lock} lists: give the build context by --context"));
    }
    let root = variable(call, machine, "UV_PROJECT_ENVIRONMENT").unwrap_or_else(|| format!("{folder}/.venv"));
    let root = machine.absolute(&root);
    let root = root.trim_end_matches('/');
    if machine.entry(&format!("{root}/pyvenv.cfg")).is_none() && root != "/usr/local" {
        interpreter.make_virtual_environment(root, false, machine);
    }
    let manner = manner(call, format!("{root}/lib/{}/site-packages", interpreter.name()), machine);
    if !wanted.requirements.is_empty() {
        install(&mut wanted, &interpreter, &manner, machine);
    }
}

fn tool(call: &Call, name: &str, root: &str, compiles: bool, machine: &mut Machine<'_>) {
    let interpreter = Interpreter::of(call, machine);
    let mut wanted = Wanted::default();
    match Requirement::parse(name) {
        Some(requirement) => wanted.requirements.push(requirement),
        None => {
            let folder = machine.folder.clone();
            local_project(name, &folder, &mut wanted, machine);
        }
    }
    interpreter.make_virtual_environment(root, false, machine);
    let site = format!("{root}/lib/{}/site-packages", interpreter.name());
    let manner = Manner { compiles, ..manner(call, site, machine) };
    install(&mut wanted, &interpreter, &manner, machine);
}

/// `pipx install`: an environment for each, which share one pip.
fn pipx(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let operands =
        call.operands(&["--python", "--pip-args", "--index-url", "-i", "--suffix", "--preinstall"]);
    let ["install" | "inject", names @ ..] = operands.as_slice() else {
        if !matches!(operands.first(), None | Some(&("list" | "ensurepath" | "environment"))) {
            machine.unknown(format!("what pipx {} writes", operands.join(" ")));
        }
        return Outcome::done();
    };
    let home = variable(call, machine, "PIPX_HOME")
        .unwrap_or_else(|| format!("{}/.local/share/pipx", machine.home()));
    let interpreter = Interpreter::of(call, machine);
    let shared = format!("{home}/shared");
    if machine.entry(&format!("{shared}/pyvenv.cfg")).is_none() {
        interpreter.make_virtual_environment(&shared, true, machine);
    }
    let cache = format!("{}/.cache/pip", machine.home());
    let keeps = variable(call, machine, "PIP_NO_CACHE_DIR").is_none();
    for name in names {
        let Some(requirement) = Requirement::parse(name) else {
            machine.unknown(format!("what {name} of pipx writes"));
            continue;
        };
        let root = format!("{home}/venvs/{}", requirement.name);
        interpreter.make_virtual_environment(&root, false, machine);
        let site = format!("{root}/lib/{}/site-packages", interpreter.name());
        let cache = if keeps { Cache::Archives(cache.clone()) } else { Cache::None };
        let mut wanted = Wanted { requirements: vec![requirement], ..Wanted::default() };
        install(&mut wanted, &interpreter, &Manner { site, compiles: true, cache }, machine);
    }
    Outcome::done()
}
