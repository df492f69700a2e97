//! Which Python there is, what it stands on, and what it has not compiled yet.

use super::super::super::Basis;
use super::super::super::call::Call;
use super::super::super::machine::Machine;
use super::super::super::part::{Part, Span};
use super::super::super::system::Distribution;
use crate::packages::python::{Environment, Libc, Version};
use std::collections::BTreeMap;

/// A Python of the image.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Interpreter {
    /// What wheels are chosen for.
    pub(in super::super) environment: Environment,
    /// Where pip puts distributions.
    pub(in super::super) site: String,
    /// The folder of a virtual environment.
    pub(in super::super) virtual_environment: Option<String>,
    /// Whether the standard library and pip were compiled when the image was built; none where nothing tells.
    pub(in super::super) is_compiled: Option<bool>,
    /// What pip finds installed before any step, versions unknown.
    pub(in super::super) installed: BTreeMap<String, Option<Version>>,
}

/// What a step does to a Python that has never run.
const PIP_HAS_RUN: &str = "pip has run";

impl Interpreter {
    /// The Python that `call` is one of, or starts.
    pub(in super::super) fn of(call: &Call, machine: &Machine<'_>) -> Self {
        let system = &machine.state.system;
        let python = version(call, machine);
        let patch =
            machine.variable("PYTHON_VERSION").and_then(|text| numbers(&text)).and_then(|(_, patch)| patch);
        let environment = Environment {
            patch: patch.unwrap_or(9),
            libc: libc(system.distribution.as_ref()),
            ..Environment::linux(python, &system.platform.architecture)
        };
        let folder = format!("python{}.{}", python.0, python.1);
        let virtual_environment = virtual_environment(call, machine);
        let packaged = is_packaged(machine);
        let is_alpine = matches!(system.distribution, Some(Distribution::Alpine { .. }));
        let site = match &virtual_environment {
            Some(root) => format!("{root}/lib/{folder}/site-packages"),
            None if packaged && is_alpine => format!("/usr/lib/{folder}/site-packages"),
            None if packaged && is_debian(machine) => format!("/usr/local/lib/{folder}/dist-packages"),
            None => format!("/usr/local/lib/{folder}/site-packages"),
        };
        let mut names = vec!["pip"];
        if python < (3, 12) || (packaged && virtual_environment.is_none()) {
            names.push("setuptools");
        }
        if python < (3, 12) && virtual_environment.is_none() {
            names.push("wheel");
        }
        let mut installed: BTreeMap<_, _> = names.into_iter().map(|name| (name.to_owned(), None)).collect();
        if packaged && virtual_environment.is_none() {
            // Debian's own packages of distributions are seen by its pip.
            let of_debian = system.installed.keys().filter_map(|name| name.strip_prefix("python3-"));
            installed.extend(of_debian.map(|name| (crate::packages::python::normalised(name), None)));
        }
        Self {
            environment,
            site,
            virtual_environment,
            is_compiled: is_compiled(machine, packaged),
            installed,
        }
    }

    /// `python3.11`.
    pub(in super::super) fn name(&self) -> String {
        format!("python{}.{}", self.environment.python.0, self.environment.python.1)
    }

    /// Writes what running pip for the first time leaves in an image whose Python was not compiled.
    pub(in super::super) fn run_pip(&self, call: &Call, machine: &mut Machine<'_>) {
        let writes = variable(call, machine, "PYTHONDONTWRITEBYTECODE").is_none_or(|value| value.is_empty());
        if !writes || self.is_compiled == Some(true) || !machine.system().marks.insert(PIP_HAS_RUN) {
            return;
        }
        // Measured: pip's own modules are half of it.
        let (likely, pip) = match self.environment.python {
            (3, ..=10) => (6_900_000, "pip 23"),
            (3, 11) => (10_600_000, "pip 23 and 24"),
            (3, 12) => (9_700_000, "pip 24"),
            _ => (8_500_000, "pip 24 and 25"),
        };
        let unpacked = match self.is_compiled {
            Some(_) => Span::around(likely, 0.85, 1.15),
            None => Span { low: 0, likely, high: likely + likely / 6 },
        };
        machine.write(Part {
            name: "compiled standard library and pip".to_owned(),
            path: format!("/usr/local/lib/{}/", self.name()),
            unpacked,
            download: unpacked.times([0.36, 0.385, 0.41]),
            basis: Basis::Heuristic {
                name: format!("the first run of {pip} in an image without .pyc files"),
            },
        });
    }

    /// A virtual environment as `python -m venv` makes it.
    pub(in super::super) fn make_virtual_environment(
        &self,
        root: &str,
        with_pip: bool,
        machine: &mut Machine<'_>,
    ) {
        let python = self.environment.python;
        machine.write_text(
            &format!("{root}/pyvenv.cfg"),
            &format!("version = {}\n", self.environment.version()),
        );
        machine.make_folder(&format!("{root}/bin"));
        // Measured: pip, below 3.12 with setuptools, compiled.
        let likely = match python {
            _ if !with_pip => 9_000,
            (3, ..=9) => 15_400_000,
            (3, 10) => 17_500_000,
            (3, 11) => 21_800_000,
            (3, 12) => 13_800_000,
            _ => 11_800_000,
        };
        let unpacked = Span::around(likely, 0.88, 1.15);
        machine.write(Part {
            name: "virtual environment".to_owned(),
            path: format!("{root}/lib/{}/", self.name()),
            unpacked,
            download: unpacked.times([0.30, 0.33, 0.36]),
            basis: Basis::Heuristic { name: format!("an empty virtual environment of {}", self.name()) },
        });
    }
}

/// A variable as the call sees it.
pub(in super::super) fn variable(call: &Call, machine: &Machine<'_>, name: &str) -> Option<String> {
    let own = call.variables.iter().rev().find(|(own, _)| own == name);
    own.map_or_else(|| machine.variable(name), |(_, value)| value.clone())
}

fn is_debian(machine: &Machine<'_>) -> bool {
    let distribution = &machine.state.system.distribution;
    matches!(distribution, Some(Distribution::Debian { .. } | Distribution::Ubuntu { .. }))
}

/// True where the distribution's own package of Python is used, not one that was built for the image.
fn is_packaged(machine: &Machine<'_>) -> bool {
    let system = &machine.state.system;
    let Some(image) = system.image.as_ref() else { return true };
    let is_python = image.repository.rsplit('/').next().is_some_and(|name| name.contains("python"))
        || image.tag.as_deref().is_some_and(|tag| tag.contains("python"));
    if !is_python {
        return true;
    }
    // The official images say which version they built.
    let fact = machine.facts().image(&image.to_string(), &system.platform);
    fact.is_some_and(|fact| {
        !fact.config.env.is_empty() && !fact.config.env.iter().any(|one| one.starts_with("PYTHON_VERSION="))
    })
}

/// The official images take all `.pyc` files away after building Python; packages of distributions bring theirs.
fn is_compiled(machine: &Machine<'_>, packaged: bool) -> Option<bool> {
    let system = &machine.state.system;
    let fact =
        system.image.as_ref().and_then(|image| machine.facts().image(&image.to_string(), &system.platform));
    // A layer that only takes files away is longer than an empty one by their names.
    const NAMES_OF_MANY_FILES: u64 = 1500;
    let only_takes_away = fact.is_some_and(|fact| {
        fact.layers.iter().any(|layer| layer.unpacked == Some(0) && layer.download > NAMES_OF_MANY_FILES)
    });
    let is_official = system.image.as_ref().is_some_and(|image| image.repository == "library/python");
    match (packaged, is_official) {
        (true, true) => Some(!only_takes_away),
        (true, false) => Some(true),
        (false, true) => Some(false),
        // An image of somebody else's, by its name one of Python.
        (false, false) => None,
    }
}

/// `3.11.4` is 3, 11 and 4.
fn numbers(text: &str) -> Option<((u64, u64), Option<u64>)> {
    let mut numbers = text.split('.').map_while(|number| {
        let end = number.find(|next: char| !next.is_ascii_digit()).unwrap_or(number.len());
        number[..end].parse::<u64>().ok()
    });
    Some(((numbers.next()?, numbers.next()?), numbers.next()))
}

/// The newest Python that this program knows of.
const NEWEST: (u64, u64) = (3, 14);

fn version(call: &Call, machine: &Machine<'_>) -> (u64, u64) {
    let by_program = ["python", "pip"].iter().find_map(|name| numbers(call.program.strip_prefix(name)?));
    let by_variable = || machine.variable("PYTHON_VERSION").and_then(|text| numbers(&text));
    let system = &machine.state.system;
    let by_tag = || {
        let image = system.image.as_ref()?;
        let tag = image.tag.as_deref().unwrap_or("latest");
        if let Some((_, after)) = tag.split_once("python") {
            return numbers(after.trim_start_matches(['-', ':']));
        }
        let is_python = image.repository.rsplit('/').next() == Some("python");
        is_python.then(|| numbers(tag).unwrap_or((NEWEST, None)))
    };
    let by_distribution = || match system.distribution.as_ref()? {
        Distribution::Debian { release, .. } => Some(match release.as_str() {
            "buster" => (3, 7),
            "bullseye" => (3, 9),
            "bookworm" => (3, 11),
            _ => (3, 13),
        }),
        Distribution::Ubuntu { release } => Some(match release.as_str() {
            "18.04" => (3, 6),
            "20.04" => (3, 8),
            "22.04" => (3, 10),
            "24.04" => (3, 12),
            _ => (3, 13),
        }),
        Distribution::Alpine { release } => Some(match numbers(release)?.0 {
            (3, ..=16) => (3, 10),
            (3, 17) => (3, 10),
            (3, 18 | 19) => (3, 11),
            _ => (3, 12),
        }),
        Distribution::Rpm { name } if name.starts_with("ubi") || name.contains("linux") => Some((3, 9)),
        _ => None,
    };
    let told = by_program.or_else(by_tag).or_else(by_variable).map(|(version, _)| version);
    let version = told.or_else(by_distribution).unwrap_or((3, 12));
    if version.0 == 3 { version } else { (3, 12) }
}

fn libc(distribution: Option<&Distribution>) -> Libc {
    match distribution {
        Some(Distribution::Alpine { .. }) => Libc::Musl(1, 2),
        Some(Distribution::Debian { release, .. }) => match release.as_str() {
            "buster" => Libc::Glibc(2, 28),
            "bullseye" => Libc::Glibc(2, 31),
            "bookworm" => Libc::Glibc(2, 36),
            _ => Libc::Glibc(2, 41),
        },
        Some(Distribution::Ubuntu { release }) => match release.as_str() {
            "18.04" => Libc::Glibc(2, 27),
            "20.04" => Libc::Glibc(2, 31),
            "22.04" => Libc::Glibc(2, 35),
            _ => Libc::Glibc(2, 39),
        },
        _ => Libc::Glibc(2, 36),
    }
}

/// The virtual environment that the call's program lies in, or the first one on PATH.
fn virtual_environment(call: &Call, machine: &Machine<'_>) -> Option<String> {
    let is_one = |root: &str| machine.entry(&format!("{root}/pyvenv.cfg")).is_some();
    let own = call.folder.as_deref().map(|folder| machine.absolute(folder));
    let own = own.as_deref().and_then(|folder| folder.strip_suffix("/bin"));
    if let Some(root) = own {
        return is_one(root).then(|| root.to_owned());
    }
    let set = variable(call, machine, "VIRTUAL_ENV").filter(|root| is_one(root));
    let path = variable(call, machine, "PATH").unwrap_or_default();
    let on_path = path.split(':').filter_map(|folder| folder.strip_suffix("/bin")).find(|root| is_one(root));
    on_path.map(str::to_owned).or(set)
}
