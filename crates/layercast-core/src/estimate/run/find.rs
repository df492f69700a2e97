//! find: what it deletes or changes, as far as names tell.

use super::super::Basis;
use super::super::call::{Call, Outcome};
use super::super::machine::Machine;
use super::super::part::{Part, Span};
use super::super::tree::{Entry, name_of};
use super::Estimator;
use crate::glob::Glob;

pub(super) fn estimator_of(program: &str) -> Option<Estimator> {
    (program == "find").then_some(find as Estimator)
}

/// Which of the things below a folder are meant.
#[derive(Default)]
struct Test {
    names: Vec<Glob>,
    folders_only: bool,
    files_only: bool,
    /// A test on what nobody knows before: mode, owner, age, length.
    unknown: bool,
}

fn find(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let is_root = |word: &&String| !word.starts_with(['-', '(', '!']) && *word != "\\(";
    let roots: Vec<String> =
        call.arguments.iter().take_while(is_root).map(|path| machine.absolute(path)).collect();
    let rest = call.arguments.get(roots.len()..).unwrap_or_default();
    let test = test_of(rest);
    let action = rest.iter().position(|word| matches!(word.as_str(), "-exec" | "-execdir" | "-ok"));
    let program = action.and_then(|at| rest.get(at + 1)).map_or("", |word| super::files::base_name(word));
    let deletes = rest.iter().any(|word| word == "-delete") || matches!(program, "rm" | "unlink");
    let changes = matches!(program, "chmod" | "chown" | "chgrp" | "touch" | "setfacl");
    if !deletes && !changes {
        return Outcome { success: Some(true), output: super::super::call::Stream::Unknown };
    }
    let mut touched = 0_u64;
    for root in roots {
        for (path, entry) in machine.under(&root) {
            if !test.takes(&path, &entry) || machine.is_mounted(&path) {
                continue;
            }
            match (deletes, test.unknown) {
                (true, false) => drop(machine.state.tree.remove(&path)),
                (false, false) => machine.state.tree.copy_up(&path, false),
                (_, true) => touched += length(&entry),
            }
        }
    }
    if test.unknown && changes && touched > 0 {
        // Which files have that mode or owner nobody knows before: mostly few.
        let size = Span { low: 0, likely: 0, high: touched };
        machine.write(Part {
            name: "files that find changes".to_owned(),
            path: "/".to_owned(),
            unpacked: size,
            download: size.scaled(0.4),
            basis: Basis::Heuristic { name: "files that find changes".to_owned() },
        });
    }
    Outcome::done()
}

fn length(entry: &Entry) -> u64 {
    match entry {
        Entry::File(file) => file.bytes,
        Entry::Part(part) => part.unpacked.likely,
        Entry::Folder | Entry::Link(_) => 0,
    }
}

fn test_of(words: &[String]) -> Test {
    let mut test = Test::default();
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        match word {
            "-name" | "-iname" | "-path" | "-wholename" | "-ipath" => {
                test.names.extend(words.next().and_then(Glob::new));
            }
            "-type" => match words.next() {
                Some("d") => test.folders_only = true,
                Some("f") => test.files_only = true,
                _ => test.unknown = true,
            },
            "-perm" | "-user" | "-group" | "-uid" | "-gid" | "-mtime" | "-size" | "-newer" | "-regex" => {
                words.next();
                test.unknown = true;
            }
            "!" | "-not" | "-empty" | "-executable" | "-nouser" | "-nogroup" => test.unknown = true,
            "-exec" | "-execdir" | "-ok" => return test,
            _ => {}
        }
    }
    test
}

impl Test {
    fn takes(&self, path: &str, entry: &Entry) -> bool {
        let named = name_of(path);
        if let Entry::Part(part) = entry
            && named.ends_with('/')
        {
            // A part whose own files are not known goes where its name says what it holds.
            let is_bytecode = part.name.contains(".pyc");
            return is_bytecode
                && self.names.iter().any(|glob| glob.matches("x.pyc") || glob.matches("__pycache__"));
        }
        let in_folder = |glob: &Glob| {
            // `-type d -name x -exec rm -rf`: what lies below such a folder goes with it.
            named.split('/').any(|name| glob.matches(name)) || glob.matches(named)
        };
        let own = |glob: &Glob| glob.matches(super::files::base_name(named)) || glob.matches(named);
        match self.names.is_empty() {
            true => !self.folders_only || *entry == Entry::Folder,
            false if self.files_only => self.names.iter().any(own),
            false => self.names.iter().any(in_folder),
        }
    }
}
