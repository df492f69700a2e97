//! The distributions that Dockerfiles name most, with sizes and dependencies, for when no index is asked.
//!
//! **Invariant:** every line is what an index listed and what a wheel held, written by `layercast catalogue-python` of `names.txt`.

use super::{Chosen, Environment, Requirement, Wanted, resolve};
use crate::facts::Question;
use crate::facts::python::{PythonArchive, PythonFacts, PythonFile, PythonProject, PythonVersion};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The Python that the table is made for: one that most wheels are there for.
const PYTHON: (u64, u64) = (3, 12);

static TABLE: &str = include_str!("table.tsv");

/// The table as facts: one version and one wheel a project.
pub fn facts() -> &'static PythonFacts {
    static FACTS: LazyLock<PythonFacts> = LazyLock::new(|| read(TABLE));
    &FACTS
}

/// The first line says the day; of the others each is a project: name, version, file, and what is inside.
pub fn read(table: &str) -> PythonFacts {
    let mut facts = PythonFacts::default();
    let mut as_of = String::new();
    for line in table.lines() {
        if let Some(day) = line.strip_prefix("# as of ") {
            day.clone_into(&mut as_of);
        } else if let Some((name, project, archive)) = project(line) {
            let file = project.versions.first().and_then(|version| version.files.first());
            facts.archives.extend(file.map(|file| (file.name.clone(), archive)));
            facts.projects.insert(name, PythonProject { as_of: as_of.clone(), ..project });
        }
    }
    facts
}

fn project(line: &str) -> Option<(String, PythonProject, PythonArchive)> {
    let mut fields = line.split('\t');
    let mut text = || fields.next();
    let (name, version, file) = (text()?.to_owned(), text()?.to_owned(), text()?.to_owned());
    let mut number = || fields.next()?.parse::<u64>().ok();
    let archive = PythonArchive {
        bytes: number()?,
        unpacked: number()?,
        packed: number()?,
        entries: number()?,
        python: number()?,
        python_packed: number()?,
        python_entries: number()?,
        python_paths: number()?,
        requires: Vec::new(),
    };
    let listing_bytes = number()?;
    let requires = fields.next()?.split(';').filter(|one| !one.is_empty()).map(str::to_owned).collect();
    let files = vec![PythonFile { name: file, bytes: Some(archive.bytes) }];
    let version = PythonVersion { version, files, ..PythonVersion::default() };
    let source = "table of popular distributions".to_owned();
    let project =
        PythonProject { source, listing_bytes, versions: vec![version], ..PythonProject::default() };
    Some((name, project, PythonArchive { requires, ..archive }))
}

/// A project as a line of the table: its newest wheel that `python` on Debian takes, and the names it needs there.
fn line(name: &str, facts: &PythonFacts, chosen: &Chosen<'_>, requires: &[String]) -> Option<String> {
    let archive = facts.archives.get(&chosen.file.name)?;
    let PythonArchive {
        bytes,
        unpacked,
        packed,
        entries,
        python,
        python_packed,
        python_entries,
        python_paths,
        ..
    } = archive;
    let listing = chosen.project.listing_bytes;
    Some(format!(
        "{name}\t{}\t{}\t{bytes}\t{unpacked}\t{packed}\t{entries}\t{python}\t{python_packed}\t{python_entries}\t\
         {python_paths}\t{listing}\t{}",
        chosen.version,
        chosen.file.name,
        requires.join(";")
    ))
}

/// What the table's wheels were chosen for.
pub fn environment() -> Environment {
    Environment::linux(PYTHON, "amd64")
}

/// The table of these names and of what they need, as far as facts go, and what must be asked first.
pub fn make(names: &[&str], facts: &PythonFacts) -> (String, Vec<Question>) {
    let environment = environment();
    let mut lines = BTreeMap::new();
    let mut questions = Vec::new();
    for name in names {
        let wanted = Wanted { requirements: vec![Requirement::named(name)], ..Wanted::default() };
        let resolution = resolve(facts, &environment, &wanted);
        for question in resolution.questions {
            if !questions.contains(&question) {
                questions.push(question);
            }
        }
        for chosen in &resolution.chosen {
            let requires = chosen.archive.map_or(&[][..], |archive| &archive.requires);
            let needed = requires.iter().filter_map(|text| Requirement::parse(text)).filter(|one| {
                one.url.is_none() && one.marker.as_ref().is_none_or(|marker| marker.holds(&environment, &[]))
            });
            let mut needed: Vec<String> = needed.map(|requirement| requirement.name).collect();
            needed.sort();
            needed.dedup();
            if let Some(line) = line(&chosen.name, facts, chosen, &needed) {
                lines.entry(chosen.name.clone()).or_insert(line);
            }
        }
    }
    let lines: Vec<String> = lines.into_values().map(|line| line + "\n").collect();
    (lines.concat(), questions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_project_with_its_wheel() {
        let text = "# as of 2026-11-26\nflask\t3.0.3\tflask-3.0.3-py3-none-any.whl\t9\t8\t7\t6\t5\t4\t3\t2\t1\tclick;werkzeug\nnonsense\n";
        let facts = read(text);
        assert_eq!(facts.projects.len(), 1);
        assert_eq!(facts.projects["flask"].as_of, "2026-11-26");
        let archive = &facts.archives["flask-3.0.3-py3-none-any.whl"];
        assert_eq!((archive.bytes, archive.python_paths, archive.requires.len()), (9, 2, 2));
    }
}
