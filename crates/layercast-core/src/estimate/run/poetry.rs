//! Poetry and Pipenv: projects by their locks.

use super::super::call::{Call, Outcome};
use super::super::machine::Machine;
use super::Estimator;
use super::python::interpreter::{Interpreter, variable};
use super::python::{Cache, Manner, install};
use crate::packages::python::Wanted;
use crate::packages::python::lock::{self, Groups};
use std::collections::BTreeSet;

pub(super) fn estimator_of(program: &str) -> Option<Estimator> {
    Some(match program {
        "poetry" => poetry,
        "pipenv" => pipenv,
        _ => return None,
    })
}

/// `poetry config virtualenvs.create false`, in a step before.
const NO_ENVIRONMENT: &str = "poetry makes no environments";
/// `poetry config virtualenvs.in-project true`.
const IN_PROJECT: &str = "poetry makes environments in projects";

fn poetry(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let operands = call.operands(&[
        "-C",
        "--directory",
        "-P",
        "--project",
        "--with",
        "--without",
        "--only",
        "-E",
        "--extras",
        "-o",
        "--output",
        "-f",
        "--format",
    ]);
    match operands.as_slice() {
        ["config", key, value, ..] => {
            let is_on = matches!(*value, "true" | "1");
            match *key {
                "virtualenvs.create" if !is_on => drop(machine.system().marks.insert(NO_ENVIRONMENT)),
                "virtualenvs.in-project" if is_on => drop(machine.system().marks.insert(IN_PROJECT)),
                _ => {}
            }
        }
        ["install" | "sync", ..] => poetry_install(call, machine),
        ["export", ..] => {
            machine.note(
                "what poetry export writes is taken from poetry.lock only where it is installed by poetry",
            );
        }
        ["run", program, rest @ ..] => {
            let arguments = rest.iter().map(|word| (*word).to_owned()).collect();
            let inner = Call { program: (*program).to_owned(), arguments, folder: None, ..call.clone() };
            return super::call(&inner, machine);
        }
        ["config" | "check" | "lock" | "version" | "show" | "env" | "about" | "self" | "cache", ..] | [] => {}
        other => machine.unknown(format!("what poetry {} writes", other.join(" "))),
    }
    Outcome::done()
}

fn poetry_install(call: &Call, machine: &mut Machine<'_>) {
    let interpreter = Interpreter::of(call, machine);
    let names = |options: &[&str]| -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        let mut words = call.arguments.iter();
        while let Some(word) = words.next() {
            let (option, value) =
                word.split_once('=').map_or((word.as_str(), None), |(option, value)| (option, Some(value)));
            if options.contains(&option) {
                let value = value.map(str::to_owned).or_else(|| words.next().cloned()).unwrap_or_default();
                names.extend(value.split([',', ' ']).filter(|name| !name.is_empty()).map(str::to_owned));
            }
        }
        names
    };
    let only = names(&["--only"]);
    let is_named = !only.is_empty();
    let no_dev = call.has(&["--no-dev"]);
    let mut named = names(&["--with"]);
    named.extend(only.iter().cloned());
    let groups = Groups {
        // Groups are not optional unless they say so; `--only` leaves the others out.
        all: !is_named && !no_dev,
        named,
        without: names(&["--without"]),
        no_main: is_named && !only.contains("main"),
        extras: names(&["-E", "--extras"]),
        all_extras: call.has(&["--all-extras"]),
    };
    let folder = call.value(&["-C", "--directory", "-P", "--project"]).unwrap_or(".").to_owned();
    let folder = machine.absolute(&folder);
    let text = |name: &str, machine: &mut Machine<'_>| {
        let path = format!("{folder}/{name}");
        machine.entry(&path).and_then(|_| machine.text_of(&path))
    };
    let (project, lock) = (text("pyproject.toml", machine), text("poetry.lock", machine));
    let mut wanted = Wanted::default();
    let locked = lock
        .as_deref()
        .and_then(|lock| lock::poetry(lock, project.as_deref(), &groups, &interpreter.environment));
    if let Some(requirements) = locked {
        (wanted.requirements, wanted.no_dependencies) = (requirements, true);
    } else if let Some(requirements) =
        project.as_deref().and_then(|project| lock::pyproject(project, &groups))
    {
        if lock.is_some() {
            machine.note("poetry.lock cannot be read: pyproject.toml is taken instead");
        }
        wanted.requirements = requirements;
    } else {
        machine
            .unknown(format!("what {folder}/pyproject.toml asks for: give the build context by --context"));
        return;
    }
    let setting =
        |name: &str| variable(call, machine, name).map(|value| matches!(value.as_str(), "true" | "1"));
    let marks = &machine.state.system.marks;
    let makes = setting("POETRY_VIRTUALENVS_CREATE").unwrap_or(!marks.contains(NO_ENVIRONMENT));
    let in_project = setting("POETRY_VIRTUALENVS_IN_PROJECT").unwrap_or(marks.contains(IN_PROJECT));
    let cache = variable(call, machine, "POETRY_CACHE_DIR")
        .unwrap_or_else(|| format!("{}/.cache/pypoetry", machine.home()));
    let site = if interpreter.virtual_environment.is_some() || !makes {
        for (name, version) in &interpreter.installed {
            wanted.installed.insert(name.clone(), version.clone());
        }
        interpreter.site.clone()
    } else {
        let path = variable(call, machine, "POETRY_VIRTUALENVS_PATH")
            .unwrap_or_else(|| format!("{cache}/virtualenvs"));
        let root = if in_project { format!("{folder}/.venv") } else { format!("{path}/project") };
        if machine.entry(&format!("{root}/pyvenv.cfg")).is_none() {
            interpreter.make_virtual_environment(&root, true, machine);
        }
        format!("{root}/lib/{}/site-packages", interpreter.name())
    };
    let cache = if call.has(&["--no-cache"]) { Cache::None } else { Cache::Archives(cache) };
    let manner = Manner { site, compiles: call.has(&["--compile"]), cache };
    install(&mut wanted, &interpreter, &manner, machine);
}

fn pipenv(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let operands = call.operands(&["--python", "--index", "-i", "--categories"]);
    match operands.as_slice() {
        ["install" | "sync"] => {}
        ["--version" | "lock" | "check" | "graph" | "requirements", ..] | [] => return Outcome::done(),
        other => {
            machine.unknown(format!("what pipenv {} writes", other.join(" ")));
            return Outcome::done();
        }
    }
    let interpreter = Interpreter::of(call, machine);
    let path = machine.absolute("Pipfile.lock");
    let mut groups = Groups::default();
    if call.has(&["--dev", "-d"]) {
        groups.named.insert("dev".to_owned());
    }
    let listed = machine.entry(&path).and_then(|_| machine.text_of(&path));
    let Some(requirements) = listed.and_then(|text| lock::pipfile(&text, &groups)) else {
        machine.unknown(format!("what {path} lists: give the build context by --context"));
        return Outcome::done();
    };
    let mut wanted = Wanted { requirements, no_dependencies: true, ..Wanted::default() };
    let site = if call.has(&["--system"]) || interpreter.virtual_environment.is_some() {
        interpreter.site.clone()
    } else {
        let in_project = variable(call, machine, "PIPENV_VENV_IN_PROJECT").is_some();
        let root = if in_project {
            machine.absolute(".venv")
        } else {
            format!("{}/.local/share/virtualenvs/project", machine.home())
        };
        interpreter.make_virtual_environment(&root, true, machine);
        format!("{root}/lib/{}/site-packages", interpreter.name())
    };
    let keeps = variable(call, machine, "PIP_NO_CACHE_DIR").is_none();
    let cache =
        if keeps { Cache::Archives(format!("{}/.cache/pipenv", machine.home())) } else { Cache::None };
    install(&mut wanted, &interpreter, &Manner { site, compiles: true, cache }, machine);
    Outcome::done()
}
