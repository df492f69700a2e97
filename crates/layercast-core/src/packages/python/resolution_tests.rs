//! Resolutions over made-up indexes.

use super::environment::Environment;
use super::requirement::Requirement;
use super::resolution::{Wanted, resolve};
use super::version::Version;
use super::wheel::Archive;
use crate::facts::FailureReason;
use crate::facts::Question;
use crate::facts::python::{
    PythonArchive, PythonFacts, PythonFailure, PythonFile, PythonProject, PythonVersion,
};

/// One line a wheel: `flask-3.0-py3-none-any.whl: click>=8, tomli ; python_version < "3.11"`. Newest first.
fn index(lines: &str) -> PythonFacts {
    let mut facts = PythonFacts::default();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (file, requires) = line.split_once(": ").unwrap_or((line.trim_end_matches(':'), ""));
        let (file, attributes) = file.split_once(' ').unwrap_or((file, ""));
        let archive = Archive::parse(file).expect("the test's file is named as one");
        let project: &mut PythonProject = facts.projects.entry(archive.name).or_default();
        let version = archive.version.to_string();
        if project.versions.last().is_none_or(|last| last.version != version) {
            project.versions.push(PythonVersion { version, ..PythonVersion::default() });
        }
        let last = project.versions.last_mut().expect("it was just pushed");
        last.yanked |= attributes.contains("yanked");
        last.requires_python = attributes.strip_prefix("python").map(str::to_owned);
        last.files.push(PythonFile { name: file.to_owned(), bytes: Some(1000) });
        let requires = requires.split(", ").filter(|one| !one.is_empty()).map(str::to_owned).collect();
        facts.archives.insert(file.to_owned(), PythonArchive { requires, ..PythonArchive::default() });
    }
    facts
}

fn wanted(requirements: &str) -> Wanted {
    let read = |text: &str| Requirement::parse(text).expect("the test's requirement is sound");
    Wanted { requirements: requirements.split(", ").map(read).collect(), ..Wanted::default() }
}

#[track_caller]
fn check(facts: &PythonFacts, wanted: &Wanted, expected: &str) {
    let resolution = resolve(facts, &Environment::linux((3, 11), "amd64"), wanted);
    let mut shown: Vec<String> = resolution
        .chosen
        .iter()
        .map(|chosen| {
            format!("{} {}{}", chosen.name, chosen.version, if chosen.from_source { " built" } else { "" })
        })
        .collect();
    shown.extend(resolution.questions.iter().map(|question| match question {
        Question::PythonProject { name } => format!("? {name}"),
        Question::PythonArchive { file, .. } => format!("? {file}"),
        _ => "? something else".to_owned(),
    }));
    shown.extend(resolution.unknown.iter().map(|(name, why)| format!("unknown {name}: {why}")));
    shown.extend(resolution.notes.iter().map(|note| format!("note: {note}")));
    assert_eq!(shown.join("; "), expected);
}

#[test]
fn the_newest_final_version_that_runs_here() {
    let facts = index(
        "x-4.0rc1-py3-none-any.whl:
         x-3.2-py3-none-any.whl yanked:
         x-3.1-py3-none-any.whl python>=3.12:
         x-3.0-cp312-cp312-manylinux2014_x86_64.whl:
         x-2.0-py3-none-any.whl:
         x-1.0-py3-none-any.whl:",
    );
    check(&facts, &wanted("x"), "x 2.0");
    check(&facts, &wanted("x<2"), "x 1.0");
    check(&facts, &wanted("x==3.2"), "x 3.2");
    check(&facts, &wanted("x>=4.0rc1"), "x 4.0rc1");
    check(&facts, &Wanted { pre_releases: true, ..wanted("x") }, "x 4.0rc1");
    check(&facts, &wanted("x>3.2"), "x 4.0rc1");
}

#[test]
fn dependencies_with_markers_and_extras_and_circles() {
    let facts = index(
        "app-1-py3-none-any.whl: lib[fast], old ; python_version < '3.9', win ; sys_platform == 'win32'
         lib-2-py3-none-any.whl: app, speed>=1 ; extra == 'fast', never ; extra == 'other'
         speed-1-py3-none-any.whl: lib
         old-1-py3-none-any.whl:",
    );
    check(&facts, &wanted("app"), "app 1; lib 2; speed 1");
    check(&facts, &Wanted { no_dependencies: true, ..wanted("app") }, "app 1");
}

#[test]
fn all_who_want_a_distribution_are_heard() {
    let facts = index(
        "a-1-py3-none-any.whl: c>=1
         b-1-py3-none-any.whl: c<3
         c-3-py3-none-any.whl: only-three
         c-2-py3-none-any.whl:
         only_three-1-py3-none-any.whl:",
    );
    check(&facts, &wanted("a"), "a 1; c 3; only-three 1");
    check(&facts, &wanted("a, b"), "a 1; b 1; c 2");
    let constraints = wanted("c<3").requirements;
    check(&facts, &Wanted { constraints, ..wanted("a") }, "a 1; c 2");
}

#[test]
fn a_conflict_goes_back_to_an_older_version() {
    let facts = index(
        "a-2-py3-none-any.whl: c>=3
         a-1-py3-none-any.whl: c
         b-1-py3-none-any.whl: c<3
         c-3-py3-none-any.whl:
         c-2-py3-none-any.whl:",
    );
    check(&facts, &wanted("b, a"), "a 1; b 1; c 2");
    check(
        &facts,
        &wanted("a==2, b"),
        "a 2; b 1; c 2; note: no version of c satisfies all who want it: pip would stop here",
    );
}

#[test]
fn a_conflict_within_a_circle_keeps_what_others_need() {
    let facts = index(
        "app-2-py3-none-any.whl:
         app-1-py3-none-any.whl: plugin, lib
         plugin-3-py3-none-any.whl: app>=2
         plugin-2-py3-none-any.whl: app>=2
         plugin-1-py3-none-any.whl: app<2
         lib-1-py3-none-any.whl: base
         base-1-py3-none-any.whl:",
    );
    check(&facts, &wanted("app==1"), "app 1; base 1; lib 1; plugin 1");
}

#[test]
fn what_is_missing_is_asked_for_at_once() {
    let mut facts = index("a-1-py3-none-any.whl: c\n b-1-py3-none-any.whl:");
    facts.archives.remove("b-1-py3-none-any.whl");
    check(&facts, &wanted("a, b, d"), "a 1; b 1; ? b-1-py3-none-any.whl; ? c; ? d");
    let gone = PythonFailure { reason: FailureReason::NotFound, message: "the index has no d".to_owned() };
    facts.failures.insert("d".to_owned(), gone.clone());
    facts.failures.insert("b-1-py3-none-any.whl".to_owned(), gone);
    check(&facts, &wanted("b, d"), "b 1; unknown d: the index has no d");
}

#[test]
fn wheels_before_source_archives_and_what_is_built_all_the_same() {
    let facts = index(
        "a-2.tar.gz: c\n a-2-cp312-cp312-win32.whl:\n b-1-py3-none-any.whl:\n b-1.tar.gz:\n c-1-py3-none-any.whl:",
    );
    check(&facts, &wanted("a, b"), "a 2 built; b 1; c 1");
    check(&facts, &Wanted { from_source: vec!["b".to_owned()], ..wanted("b") }, "b 1 built");
}

#[test]
fn what_is_installed_stays_where_it_does() {
    let facts = index(
        "a-2-py3-none-any.whl: c>=2\n a-1-py3-none-any.whl:\n c-2-py3-none-any.whl:\n c-1-py3-none-any.whl:",
    );
    let installed =
        |version: &str| [("a".to_owned(), Version::parse(version)), ("c".to_owned(), None)].into();
    check(&facts, &Wanted { installed: installed("1"), ..wanted("a") }, "");
    check(&facts, &Wanted { installed: installed("1"), upgrade: true, ..wanted("a") }, "a 2");
    check(&facts, &Wanted { installed: installed("1"), ..wanted("a>=2") }, "a 2");
    check(&facts, &Wanted { installed: installed("2"), upgrade: true, ..wanted("a") }, "");
}

#[test]
fn nothing_for_this_platform_is_said() {
    let facts = index("a-2-cp312-cp312-win32.whl:");
    check(
        &facts,
        &wanted("a"),
        "unknown a: the index has no version of a for Python 3.11.9 on this platform",
    );
    let facts = index("a-2-py3-none-any.whl:");
    check(&facts, &wanted("a==3"), "unknown a: the index has no version of a as it is asked for");
}
