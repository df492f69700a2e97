//! pip, and what makes virtual environments: python -m venv, virtualenv, activate.

use super::super::Basis;
use super::super::call::{Call, Outcome};
use super::super::machine::Machine;
use super::super::part::{Part, Span};
use super::super::tree::Entry;
use super::Estimator;
use super::python::interpreter::{Interpreter, variable};
use super::python::{Cache, Manner, install, read_constraints, read_file, take};
use crate::packages::python::lock::{Groups, build_requires, pyproject, setup};
use crate::packages::python::requirements_file::{Line, what};
use crate::packages::python::{Wanted, normalised};

pub(super) fn estimator_of(program: &str) -> Option<Estimator> {
    let versioned = |name: &str| {
        let rest = program.strip_prefix(name);
        rest.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
    };
    Some(match program {
        "." | "source" => activate,
        "virtualenv" => make_virtualenv,
        "easy_install" => easy_install,
        _ if versioned("pip") => pip,
        _ if versioned("python") => python,
        _ => return None,
    })
}

/// Options of `pip install` that take a value and change no size.
const WITH_VALUE: [&str; 37] = [
    "-w",
    "--wheel-dir",
    "-d",
    "--dest",
    "--python-platform",
    "--root",
    "--platform",
    "--python-version",
    "--implementation",
    "--abi",
    "--src",
    "--upgrade-strategy",
    "--progress-bar",
    "--timeout",
    "--default-timeout",
    "--retries",
    "--trusted-host",
    "--proxy",
    "--log",
    "--config-settings",
    "--config-setting",
    "-C",
    "--global-option",
    "--install-option",
    "--build-option",
    "--report",
    "--exists-action",
    "--cert",
    "--client-cert",
    "--use-feature",
    "--use-deprecated",
    "--only-binary",
    "--python",
    "--root-user-action",
    "--keyring-provider",
    "--build",
    "-b",
];

/// What a command line of pip asks for.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) wanted: Wanted,
    target: Option<String>,
    prefix: Option<String>,
    user: bool,
    pub(super) no_cache: bool,
    pub(super) cache: Option<String>,
    pub(super) no_compile: bool,
    pub(super) compile: bool,
}

fn pip(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let options_first =
        ["--cache-dir", "--timeout", "--retries", "--proxy", "--log", "--python", "--cert", "--trusted-host"];
    let verb = call.operands(&options_first).first().map_or("", |verb| verb);
    let interpreter = Interpreter::of(call, machine);
    let at = call.arguments.iter().position(|word| word == verb).map_or(0, |at| at + 1);
    let rest = call.arguments.get(at..).unwrap_or_default();
    match verb {
        "install" => {
            let mut asked =
                read(call.arguments.get(..at.saturating_sub(1)).unwrap_or_default(), rest, machine);
            open_words(call, machine);
            for (name, version) in &interpreter.installed {
                asked.wanted.installed.insert(name.clone(), version.clone());
            }
            let manner = manner(&asked, call, &interpreter, machine);
            if !asked.wanted.requirements.is_empty() {
                install(&mut asked.wanted, &interpreter, &manner, machine);
            }
            interpreter.run_pip(call, machine);
        }
        "wheel" | "download" => {
            let mut asked = read(&[], rest, machine);
            open_words(call, machine);
            let folder = call.value(&["-w", "--wheel-dir", "-d", "--dest", "--dest-dir"]).unwrap_or(".");
            let folder = machine.absolute(folder);
            // What is fetched is kept as it came: the cache of a run that unpacks nothing.
            fetch(&mut asked.wanted, &interpreter, &folder, machine);
            interpreter.run_pip(call, machine);
        }
        "cache" if call.arguments.iter().any(|word| word == "purge") => {
            let folder = cache_folder(&Asked::default(), call, machine);
            machine.remove(&folder);
        }
        "uninstall" => {
            for name in call.operands(&["-r"]).into_iter().skip(1) {
                machine.remove(&format!("{}/{}", interpreter.site, normalised(name)));
            }
            interpreter.run_pip(call, machine);
        }
        // These read, or change a file of settings; to do so pip is loaded.
        "config" | "list" | "freeze" | "check" | "show" | "debug" | "cache" | "index" | "--version"
        | "-V" | "hash" | "inspect" | "" => interpreter.run_pip(call, machine),
        other => machine.unknown(format!("what pip {other} writes")),
    }
    Outcome::done()
}

fn open_words(call: &Call, machine: &mut Machine<'_>) {
    if call.open {
        machine.unknown(format!(
            "what {} installs: part of its words is only known when the build runs",
            call.program
        ));
    }
}

/// Reads the words of pip's command line, and the files that it names.
pub(super) fn read(before: &[String], words: &[String], machine: &mut Machine<'_>) -> Asked {
    let mut asked = Asked::default();
    let folder = machine.folder.clone();
    let mut words = before.iter().chain(words).map(String::as_str);
    while let Some(word) = words.next() {
        let (option, value) = match word.split_once('=') {
            Some((option, value)) if option.starts_with("--") => (option, Some(value.to_owned())),
            // `-rrequirements.txt`
            _ if word.len() > 2
                && word.is_char_boundary(2)
                && ["-r", "-c", "-e", "-t"].contains(&&word[..2]) =>
            {
                (&word[..2], Some(word[2..].to_owned()))
            }
            _ => (word, None),
        };
        let mut value = || value.clone().or_else(|| words.next().map(str::to_owned)).unwrap_or_default();
        match option {
            "-r" | "--requirement" => read_file(&value(), &mut asked.wanted, machine),
            "-c" | "--constraint" => read_constraints(&value(), &mut asked.wanted, machine),
            "-e" | "--editable" => {
                let value = value();
                let line = match what(&value) {
                    Line::Requirement(one) if one.url.is_none() => Line::Local(value),
                    other => other,
                };
                let line = match line {
                    Line::Local(path) => Line::Local(format!("-e {path}")),
                    other => other,
                };
                take(line, &folder, &mut asked.wanted, machine);
            }
            "-t" | "--target" => asked.target = Some(value()),
            "--prefix" => asked.prefix = Some(value()),
            "--user" => asked.user = true,
            "--no-deps" => asked.wanted.no_dependencies = true,
            "-U" | "--upgrade" | "--force-reinstall" | "-I" | "--ignore-installed" => {
                asked.wanted.upgrade = true
            }
            "--pre" => asked.wanted.pre_releases = true,
            "--no-binary" => take(Line::NoBinary(value()), &folder, &mut asked.wanted, machine),
            "-i" | "--index-url" | "--extra-index-url" | "-f" | "--find-links" | "--index"
            | "--default-index" => {
                take(Line::Index(value()), &folder, &mut asked.wanted, machine);
            }
            "--no-cache-dir" | "--no-cache" | "-n" => asked.no_cache = true,
            "--cache-dir" => asked.cache = Some(value()),
            "--no-compile" => asked.no_compile = true,
            "--compile" | "--compile-bytecode" => asked.compile = true,
            _ if WITH_VALUE.contains(&option) => drop(value()),
            // `-qU`, `-Iv`
            _ if option.starts_with('-') && !option.starts_with("--") => {
                asked.wanted.upgrade |= option.contains(['U', 'I']);
            }
            _ if option.starts_with("--") => {}
            _ => take(what(word), &folder, &mut asked.wanted, machine),
        }
    }
    asked
}

fn manner(asked: &Asked, call: &Call, interpreter: &Interpreter, machine: &Machine<'_>) -> Manner {
    let set = |name: &str| variable(call, machine, name).filter(|value| !value.is_empty());
    let folder = format!("lib/{}/site-packages", interpreter.name());
    let site = if let Some(target) = asked.target.clone().or_else(|| set("PIP_TARGET")) {
        machine.absolute(&target).trim_end_matches('/').to_owned()
    } else if let Some(prefix) = asked.prefix.clone().or_else(|| set("PIP_PREFIX")) {
        format!("{}/{folder}", machine.absolute(&prefix).trim_end_matches('/'))
    } else if (asked.user || set("PIP_USER").is_some()) && interpreter.virtual_environment.is_none() {
        format!("{}/.local/{folder}", machine.home())
    } else {
        interpreter.site.clone()
    };
    // Whatever its value: pip took every one for "no cache" once, and keeps to it.
    let no_cache = asked.no_cache || set("PIP_NO_CACHE_DIR").is_some();
    let cache = if no_cache { Cache::None } else { Cache::Archives(cache_folder(asked, call, machine)) };
    let compiles = !asked.no_compile && set("PIP_NO_COMPILE").is_none();
    Manner { site, compiles, cache }
}

fn cache_folder(asked: &Asked, call: &Call, machine: &Machine<'_>) -> String {
    let set = |name: &str| variable(call, machine, name).filter(|value| !value.is_empty());
    let users = || {
        set("XDG_CACHE_HOME")
            .map_or_else(|| format!("{}/.cache/pip", machine.home()), |home| format!("{home}/pip"))
    };
    let folder = asked.cache.clone().or_else(|| set("PIP_CACHE_DIR")).unwrap_or_else(users);
    machine.absolute(&folder).trim_end_matches('/').to_owned()
}

/// Archives kept in a folder, as they came.
fn fetch(wanted: &mut Wanted, interpreter: &Interpreter, folder: &str, machine: &mut Machine<'_>) {
    let resolution =
        crate::packages::python::resolve(&machine.facts().python, &interpreter.environment, wanted);
    for question in resolution.questions {
        machine.ask(question);
    }
    for (name, why) in resolution.unknown {
        machine.unknown(format!("what {name} weighs: {why}"));
    }
    for chosen in resolution.chosen {
        let Some(bytes) = chosen.file.bytes.or(chosen.archive.map(|archive| archive.bytes)) else { continue };
        let unpacked = if chosen.from_source { Span::around(bytes, 0.3, 3.0) } else { Span::exact(bytes) };
        let project = chosen.project;
        machine.write(Part {
            name: chosen.file.name.clone(),
            path: format!("{folder}/{}", chosen.file.name),
            unpacked,
            download: unpacked.times([0.985, 0.996, 1.0]),
            basis: Basis::Package { source: project.source.clone(), as_of: project.as_of.clone() },
        });
    }
}

/// A project in a folder of the image, `-e ` before its path where it stays there; or a wheel beside it.
pub(super) fn local_project(path: &str, folder: &str, wanted: &mut Wanted, machine: &mut Machine<'_>) {
    let (editable, path) = path.strip_prefix("-e ").map_or((false, path), |path| (true, path));
    let (path, extras) = match path.split_once('[') {
        Some((path, extras)) => (path, extras.trim_end_matches(']')),
        None => (path, ""),
    };
    let root = if path.starts_with(['/', '~']) {
        machine.absolute(path)
    } else {
        crate::graph::scope::join_path(folder, path)
    };
    if let Some(Entry::File(file)) = machine.entry(&root) {
        archive_of_image(&root, file.bytes, machine);
        return;
    }
    let named = extras.split(',').map(str::trim).filter(|extra| !extra.is_empty()).map(normalised).collect();
    let groups = Groups { extras: named, ..Groups::default() };
    let text = |name: &str, machine: &mut Machine<'_>| {
        let path = format!("{}/{name}", root.trim_end_matches('/'));
        machine.entry(&path).and_then(|_| machine.text_of(&path))
    };
    let project = text("pyproject.toml", machine);
    let mut is_known = false;
    if let Some(requirements) = project.as_deref().and_then(|project| pyproject(project, &groups)) {
        wanted.requirements.extend(requirements);
        is_known = true;
    }
    for name in ["setup.cfg", "setup.py"] {
        if let Some(setup_text) = text(name, machine) {
            wanted.requirements.extend(setup(&setup_text));
            is_known = true;
        }
    }
    if !is_known {
        machine.unknown(format!("what the project in {root} needs: give the build context by --context"));
        return;
    }
    // What a build needs is unpacked aside and thrown away.
    let _ = project.as_deref().map(build_requires);
    if editable {
        return;
    }
    let skipped = ["tests", "test", "docs", "doc", "examples", ".git", "node_modules", "venv", ".venv"];
    let below = root.trim_end_matches('/').len() + 1;
    let modules = machine.under(&root).into_iter().filter_map(|(path, entry)| {
        let inside = path.get(below..)?;
        let is_module = inside.ends_with(".py") && inside.contains('/');
        let skips = inside.split('/').any(|part| skipped.contains(&part));
        match entry {
            Entry::File(file) if is_module && !skips => Some(file.bytes),
            _ => None,
        }
    });
    let bytes: u64 = modules.sum();
    if bytes > 0 {
        let unpacked = Span::around(bytes * 5 / 2, 0.4, 1.3);
        machine.write(Part {
            name: "the project itself".to_owned(),
            path: format!("{}/the project/", "/usr/local/lib/python3/site-packages"),
            unpacked,
            download: unpacked.times([0.2, 0.3, 0.4]),
            basis: Basis::Heuristic { name: "modules of the project, compiled".to_owned() },
        });
    }
}

/// A wheel or source archive that lies in the image.
fn archive_of_image(path: &str, bytes: u64, machine: &mut Machine<'_>) {
    let unpacked = Span::exact(bytes).times([1.2, 3.5, 6.0]);
    let name = path.rsplit('/').next().unwrap_or(path);
    machine.note(format!("what {name} needs besides itself is not known"));
    machine.write(Part {
        name: format!("{name}, installed"),
        path: format!("/usr/local/lib/python3/site-packages/{name}/"),
        unpacked,
        download: Span::exact(bytes).times([0.9, 1.1, 1.6]),
        basis: Basis::Heuristic { name: "installed over archived length of wheels".to_owned() },
    });
}

/// The interpreter itself: `-m venv` is known, and so is what only prints.
fn python(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let interpreter = Interpreter::of(call, machine);
    let words: Vec<&str> = call.arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["-m", "venv", rest @ ..] => {
            let with_pip = !rest.contains(&"--without-pip");
            for root in rest.iter().filter(|word| !word.starts_with('-')) {
                let root = machine.absolute(root);
                interpreter.make_virtual_environment(root.trim_end_matches('/'), with_pip, machine);
            }
            if rest.contains(&"--upgrade-deps") {
                machine.note("--upgrade-deps: the newer pip is taken to weigh what the older one does");
            }
        }
        ["-V" | "--version" | "-VV", ..] | ["-c", ..] | [] => {}
        ["-m", "ensurepip" | "site" | "unittest", ..] => {}
        _ => machine.unknown(format!("what {} {} writes", call.program, words.join(" "))),
    }
    Outcome::done()
}

fn make_virtualenv(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let interpreter = Interpreter::of(call, machine);
    for root in call.operands(&["-p", "--python", "--prompt", "--seeder", "--pip", "--setuptools", "--wheel"])
    {
        let root = machine.absolute(root);
        interpreter.make_virtual_environment(root.trim_end_matches('/'), !call.has(&["--no-pip"]), machine);
    }
    Outcome::done()
}

/// `. venv/bin/activate`: what follows uses it.
fn activate(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let script = call.arguments.first().map(|script| machine.absolute(script));
    if let Some(root) = script.as_deref().and_then(|script| script.strip_suffix("/bin/activate")) {
        let path = machine.variable("PATH").unwrap_or_default();
        machine.variables.insert("PATH".to_owned(), Some(format!("{root}/bin:{path}")));
        machine.variables.insert("VIRTUAL_ENV".to_owned(), Some(root.to_owned()));
    }
    Outcome::done()
}

fn easy_install(_call: &Call, machine: &mut Machine<'_>) -> Outcome {
    machine.unknown("what easy_install writes: pip in its place could be weighed");
    Outcome::done()
}
