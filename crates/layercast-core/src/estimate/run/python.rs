//! What Python's tools have in common: which interpreter they install for, what a distribution weighs there.

pub(super) mod interpreter;
#[cfg(test)]
mod tests;
pub(super) mod weight;

use super::super::Basis;
use super::super::machine::Machine;
use super::super::part::{Part, Span};
use crate::facts::Question;
use crate::packages::python::lock::{self, Groups};
use crate::packages::python::requirements_file::{self, Line};
use crate::packages::python::{Chosen, Requirement, Resolution, Version, Wanted, resolve, table};
use interpreter::Interpreter;
use std::collections::BTreeMap;
use weight::Weight;

/// What a tool leaves of what it fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Cache {
    /// Nothing.
    #[default]
    None,
    /// The archives as they were fetched, and the lists of files of their projects, below this folder.
    Archives(String),
    /// The lists alone: what was unpacked is linked to, not copied.
    Lists(String),
    /// The lists, and once more what was unpacked.
    Unpacked(String),
}

/// How a tool installs.
#[derive(Clone, Debug)]
pub(super) struct Manner {
    /// The folder that distributions lie in.
    pub(super) site: String,
    /// True where `.pyc` files are written.
    pub(super) compiles: bool,
    /// What is left of what was fetched.
    pub(super) cache: Cache,
}

/// Installs what is wanted: a part for each distribution, what is left behind, questions for what is not known.
pub(super) fn install(
    wanted: &mut Wanted,
    interpreter: &Interpreter,
    manner: &Manner,
    machine: &mut Machine<'_>,
) {
    for (name, version) in installed_in(&manner.site, machine) {
        wanted.installed.insert(name, version);
    }
    for requirement in wanted.requirements.iter().filter(|one| one.url.is_some()) {
        let holds =
            requirement.marker.as_ref().is_none_or(|marker| marker.holds(&interpreter.environment, &[]));
        if holds {
            let address = requirement.url.as_deref().unwrap_or_default();
            machine.unknown(format!(
                "what {} from {} writes: pin it",
                requirement.name,
                without_secret(address)
            ));
        }
    }
    let facts = &machine.facts().python;
    let resolution = resolve(facts, &interpreter.environment, wanted);
    for chosen in &resolution.chosen {
        write(chosen, interpreter, manner, machine);
    }
    for (name, why) in &resolution.unknown {
        if !stand_in(name, wanted, interpreter, manner, machine) {
            machine.unknown(format!("what {name} writes: {why}"));
        }
    }
    settle(&resolution, wanted, interpreter, manner, machine);
    for note in resolution.notes {
        machine.note(note);
    }
}

/// Asks for what is missing; until it is answered, the table inside stands in.
fn settle(
    resolution: &Resolution<'_>,
    wanted: &Wanted,
    interpreter: &Interpreter,
    manner: &Manner,
    machine: &mut Machine<'_>,
) {
    for question in &resolution.questions {
        machine.ask(question.clone());
        if let Question::PythonProject { name } = question
            && !stand_in(name, wanted, interpreter, manner, machine)
        {
            machine.unknown(format!(
                "what {name} writes: no index of Python distributions was asked, and the table inside does not have it"
            ));
        }
    }
}

/// Takes a distribution and what it needs from the table inside; false where it does not have it.
fn stand_in(
    name: &str,
    wanted: &Wanted,
    interpreter: &Interpreter,
    manner: &Manner,
    machine: &mut Machine<'_>,
) -> bool {
    let table = table::facts();
    if !table.projects.contains_key(name) {
        return false;
    }
    // Versions move: what the table holds stands for the version that is asked for.
    let alone = Wanted { requirements: vec![Requirement::named(name)], ..wanted.clone() };
    let alone = Wanted { constraints: Vec::new(), ..alone };
    let resolution = resolve(table, &table::environment(), &alone);
    for chosen in &resolution.chosen {
        write(chosen, interpreter, manner, machine);
    }
    !resolution.chosen.is_empty()
}

fn write(chosen: &Chosen<'_>, interpreter: &Interpreter, manner: &Manner, machine: &mut Machine<'_>) {
    let project = chosen.project;
    let in_table = table::facts().projects.get(&chosen.name);
    let from_table = in_table.is_some_and(|listed| std::ptr::eq(listed, project));
    let Some(weight) = weight::weight(chosen, interpreter, manner.compiles) else {
        machine.unknown(format!(
            "what {} {} writes: {} says no length",
            chosen.name, chosen.version, project.source
        ));
        return;
    };
    let basis = Basis::Package { source: project.source.clone(), as_of: project.as_of.clone() };
    let of_table = |span: Span| if from_table { span.times([0.6, 1.0, 1.5]) } else { span };
    let path = format!("{}/{}/", manner.site, chosen.name);
    if chosen.replaces.is_some() {
        machine.remove(path.trim_end_matches('/'));
    }
    machine.write(Part {
        name: format!("{} {}", chosen.name, chosen.version),
        path,
        unpacked: of_table(weight.unpacked),
        download: of_table(weight.download),
        basis: basis.clone(),
    });
    leave(chosen, &manner.cache, &weight, basis, machine);
}

/// What stays in the cache: the archive, and the list of the project's files. What is there already is not fetched.
fn leave(chosen: &Chosen<'_>, cache: &Cache, weight: &Weight, basis: Basis, machine: &mut Machine<'_>) {
    let (folder, file) = match cache {
        Cache::None => return,
        Cache::Archives(folder) => {
            (folder, Some((weight.archive, weight.archive.times([0.985, 0.996, 1.0]))))
        }
        Cache::Unpacked(folder) => (folder, Some((weight.unpacked, weight.download))),
        Cache::Lists(folder) => (folder, None),
    };
    let mut keep = |name: String, path: String, unpacked: Span, download: Span| {
        if machine.entry(&path).is_none() && unpacked.likely > 0 {
            machine.write(Part { name, path, unpacked, download, basis: basis.clone() });
        }
    };
    if let Some((unpacked, download)) = file {
        let path = format!("{folder}/http/{}", chosen.file.name);
        keep(format!("{} in the cache", chosen.file.name), path, unpacked, download);
    }
    // Kept as it came: compressed already where the index compresses it.
    let list = Span::around(chosen.project.listing_bytes, 0.75, 1.02);
    let ratio = if chosen.project.listing_compressed { [0.95, 1.0, 1.0] } else { [0.08, 0.15, 0.25] };
    keep(
        format!("list of {} in the cache", chosen.name),
        format!("{folder}/http/lists/{}", chosen.name),
        list,
        list.times(ratio),
    );
}

/// What is installed below a folder by steps that were walked through.
pub(super) fn installed_in(site: &str, machine: &Machine<'_>) -> BTreeMap<String, Option<Version>> {
    let parts = machine.under(site).into_iter().filter_map(|(_, entry)| match entry {
        super::super::tree::Entry::Part(part) => {
            let (name, version) = part.name.split_once(' ')?;
            Some((name.to_owned(), Some(Version::parse(version)?)))
        }
        _ => None,
    });
    parts.collect()
}

/// The requirements of a file of the image, and of those it includes.
pub(super) fn read_file(path: &str, wanted: &mut Wanted, machine: &mut Machine<'_>) {
    read_into(path, false, 0, wanted, machine);
}

/// The constraints of a file of the image.
pub(super) fn read_constraints(path: &str, wanted: &mut Wanted, machine: &mut Machine<'_>) {
    read_into(path, true, 0, wanted, machine);
}

/// Files that include each other end here.
const DEEPEST: usize = 8;

fn read_into(path: &str, constrains: bool, depth: usize, wanted: &mut Wanted, machine: &mut Machine<'_>) {
    if path.starts_with("http://") || path.starts_with("https://") {
        machine.unknown(format!("what the requirements at {} ask for", without_secret(path)));
        return;
    }
    let path = machine.absolute(path);
    let Some(text) = machine.text_of(&path) else {
        machine.unknown(format!("what {path} asks for: give the build context by --context"));
        return;
    };
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    if path.ends_with(".toml") {
        // uv takes a project where pip takes a list.
        match lock::pyproject(&text, &Groups::default()) {
            Some(requirements) if constrains => wanted.constraints.extend(requirements),
            Some(requirements) => wanted.requirements.extend(requirements),
            None => machine.unknown(format!("what {path} asks for: it cannot be read")),
        }
        return;
    }
    let beside =
        |name: &str| if name.starts_with('/') { name.to_owned() } else { format!("{folder}/{name}") };
    for line in requirements_file::parse(&text) {
        match line {
            Line::Include(name) if depth < DEEPEST => {
                read_into(&beside(&name), constrains, depth + 1, wanted, machine);
            }
            Line::Constraints(name) if depth < DEEPEST => {
                read_into(&beside(&name), true, depth + 1, wanted, machine);
            }
            Line::Requirement(requirement) if constrains => wanted.constraints.push(requirement),
            other => take(other, &folder, wanted, machine),
        }
    }
}

/// Takes in what a line or a word names; paths are from `folder` on.
pub(super) fn take(line: Line, folder: &str, wanted: &mut Wanted, machine: &mut Machine<'_>) {
    match line {
        Line::Requirement(requirement) => wanted.requirements.push(requirement),
        Line::Local(path) => super::pip::local_project(&path, folder, wanted, machine),
        Line::Address(address) => {
            machine.unknown(format!("what {} writes: pin it", without_secret(&address)));
        }
        Line::NoBinary(names) => wanted.from_source.extend(names.split(',').map(|name| {
            if name == ":all:" { name.to_owned() } else { crate::packages::python::normalised(name) }
        })),
        Line::Index(address) => {
            let address = without_secret(&address);
            machine
                .note(format!("{address} is not asked: sizes come from the index that pip is set to here"));
        }
        Line::PreReleases => wanted.pre_releases = true,
        Line::Unreadable(text) => machine.note(format!("`{text}` is no requirement that pip could read")),
        Line::Include(_) | Line::Constraints(_) => machine.note("requirements files that include each other"),
    }
}

/// An address without user and password.
pub(super) fn without_secret(address: &str) -> String {
    match address.split_once("://") {
        Some((scheme, rest)) => {
            let end = rest.find('/').unwrap_or(rest.len());
            let (host, path) = rest.split_at(end);
            let host = host.rsplit('@').next().unwrap_or(host);
            format!("{scheme}://{host}{path}")
        }
        None => address.to_owned(),
    }
}
