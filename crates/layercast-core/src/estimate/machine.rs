//! The machine that a build step runs on, as far as it is known: its files, its system, what is asked meanwhile.

use super::context_copy::ContextFiles;
use super::measured::identity;
use super::part::Part;
use super::system::System;
use super::tree::{Entry, File, FileContent, Tree};
use crate::dockerfile::mount::MountKind;
use crate::facts::{Facts, Question, Wanted};
use crate::graph::scope::{Scope, join_path};
use crate::syntax::expansion::Variables;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a stage holds at some point.
#[derive(Clone, Debug, Default)]
pub struct StageState {
    /// Its files.
    pub tree: Tree,
    /// Its system.
    pub system: System,
    /// Variables, working directory, user and shell.
    pub scope: Scope,
    /// Steps of which something is not known: what later steps take may be theirs.
    pub has_unknown: bool,
}

/// A mount of the RUN that is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mounted {
    /// What kind it is.
    pub kind: MountKind,
    /// Where it is, absolute.
    pub target: String,
    /// What a bind mount shows: a stage's place; none for the build context.
    pub stage: Option<usize>,
    /// The path in it.
    pub source: String,
}

/// The machine that a step runs on.
#[derive(Debug)]
pub struct Machine<'m> {
    facts: &'m Facts,
    context: Option<&'m ContextFiles<'m>>,
    stages: &'m [StageState],
    /// What the stage holds.
    pub state: StageState,
    /// The mounts of the RUN that is under way.
    pub mounts: Vec<Mounted>,
    /// The shell's folder.
    pub folder: String,
    /// The shell's variables; none for a value that is only known when it runs.
    pub variables: BTreeMap<String, Option<String>>,
    /// What is asked.
    pub questions: Vec<Question>,
    unknown: Vec<String>,
    notes: Vec<String>,
}

impl<'m> Machine<'m> {
    /// A machine that goes on where `state` ends. `stages` are the ended ones, in order.
    pub fn new(
        facts: &'m Facts,
        context: Option<&'m ContextFiles<'m>>,
        stages: &'m [StageState],
        state: StageState,
    ) -> Self {
        Self {
            facts,
            context,
            stages,
            state,
            mounts: Vec::new(),
            folder: String::new(),
            variables: BTreeMap::new(),
            questions: Vec::new(),
            unknown: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// What is known from outside.
    pub fn facts(&self) -> &'m Facts {
        self.facts
    }

    /// The build context; none where it is not known.
    pub fn context(&self) -> Option<&'m ContextFiles<'m>> {
        self.context
    }

    /// Digest of what sources take from the build context.
    pub fn digest_of_context(&self, sources: &[&str], exclude: &[String], parents: bool) -> String {
        match self.context.filter(|context| !context.partial) {
            Some(context) => identity::digest_of_files(&context.take(sources, exclude, parents)),
            None => identity::UNKNOWN.to_owned(),
        }
    }

    /// A stage that has ended.
    pub fn stage(&self, place: usize) -> Option<&'m StageState> {
        self.stages.get(place)
    }

    /// The system, to be changed.
    pub fn system(&mut self) -> &mut System {
        &mut self.state.system
    }

    /// Asks, once.
    pub fn ask(&mut self, question: Question) {
        if !self.questions.contains(&question) {
            self.questions.push(question);
        }
    }

    /// Says that part of what this step writes is not known: what, and what would make it known.
    pub fn unknown(&mut self, why: impl Into<String>) {
        let why = why.into();
        self.state.has_unknown = true;
        if !self.unknown.contains(&why) {
            self.unknown.push(why);
        }
    }

    /// Says what the reader of this step's size should know.
    pub fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// What was said to be unknown, and what was noted, since this was asked last.
    pub fn take_remarks(&mut self) -> (Vec<String>, Vec<String>) {
        (std::mem::take(&mut self.unknown), std::mem::take(&mut self.notes))
    }

    /// A path as the shell's folder makes it absolute.
    pub fn absolute(&self, path: &str) -> String {
        match path.strip_prefix('~') {
            Some("") => self.home(),
            Some(rest) if rest.starts_with('/') => format!("{}{rest}", self.home()),
            _ => join_path(&self.folder, path),
        }
    }

    /// The value of a variable; none where it is not set or not known.
    pub fn variable(&self, name: &str) -> Option<String> {
        match self.variables.get(name) {
            Some(value) => value.clone(),
            None => self.state.scope.value(name).map(str::to_owned),
        }
    }

    /// The folder of the user who runs the step.
    pub fn home(&self) -> String {
        if let Some(home) = self.variable("HOME").filter(|home| home.starts_with('/')) {
            return home;
        }
        match self.state.scope.user.split(':').next().unwrap_or_default() {
            "" | "root" | "0" => "/root".to_owned(),
            user if user.bytes().all(|byte| byte.is_ascii_digit()) => "/".to_owned(),
            user => format!("/home/{user}"),
        }
    }

    /// True where what is written there does not get into the layer.
    pub fn is_mounted(&self, path: &str) -> bool {
        self.mount_of(path).is_some()
    }

    fn mount_of(&self, path: &str) -> Option<&Mounted> {
        const ALWAYS: [&str; 3] = ["/dev", "/proc", "/sys"];
        let below = |folder: &str| {
            path.strip_prefix(folder.trim_end_matches('/'))
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if ALWAYS.iter().any(|folder| below(folder)) {
            return Some(
                const {
                    &Mounted {
                        kind: MountKind::Tmpfs,
                        target: String::new(),
                        stage: None,
                        source: String::new(),
                    }
                },
            );
        }
        self.mounts.iter().filter(|mount| below(&mount.target)).max_by_key(|mount| mount.target.len())
    }

    /// Writes a part, unless a mount lies there.
    pub fn write(&mut self, part: Part) {
        if !self.is_mounted(part.path.trim_end_matches('/')) {
            self.state.tree.put_part(part);
        }
    }

    /// Writes a file of known length, unless a mount lies there.
    pub fn write_file(&mut self, path: &str, bytes: u64, content: FileContent) {
        if !self.is_mounted(path) {
            self.state.tree.put(path, Entry::File(File { bytes, content }));
        }
    }

    /// Writes a file with this text, unless a mount lies there.
    pub fn write_text(&mut self, path: &str, text: &str) {
        self.write_file(path, text.len() as u64, FileContent::Text(Arc::from(text)));
    }

    /// Makes a folder.
    pub fn make_folder(&mut self, path: &str) {
        if !self.is_mounted(path) {
            self.state.tree.put(path, Entry::Folder);
        }
    }

    /// Deletes what a pattern of the shell names. True where something was known there.
    pub fn remove(&mut self, pattern: &str) -> bool {
        let pattern = self.absolute(pattern);
        let found = self.state.tree.matching(&pattern);
        let kept: Vec<&String> = found.iter().filter(|path| !self.is_mounted(path)).collect();
        kept.into_iter().fold(false, |any, path| self.state.tree.remove(path) | any)
    }

    /// The text of a file, asked for where the build context has it. Bind mounts are looked through.
    pub fn text_of(&mut self, path: &str) -> Option<String> {
        let path = self.absolute(path);
        match self.entry(&path)? {
            Entry::File(File { content: FileContent::Text(text), .. }) => Some(text.to_string()),
            Entry::File(File { content: FileContent::Context(place), .. }) => {
                let context = self.facts.context.as_ref()?;
                let file = context.files.get(place as usize)?;
                if let Some(failure) = &file.failure {
                    self.note(format!("{}: {failure}", file.path));
                    return None;
                }
                if file.text.is_none() {
                    self.ask(Question::ContextFile { path: file.path.clone(), wanted: Wanted::Text });
                }
                file.text.clone()
            }
            _ => None,
        }
    }

    /// What lies at an absolute path. Bind mounts are looked through.
    pub fn entry(&self, path: &str) -> Option<Entry> {
        let Some(mount) = self.mount_of(path) else { return self.state.tree.get(path).cloned() };
        if mount.kind != MountKind::Bind {
            return None;
        }
        let rest = path.strip_prefix(mount.target.trim_end_matches('/'))?.trim_start_matches('/');
        match mount.stage {
            Some(stage) => {
                let path = join_path(&join_path("/", &mount.source), rest);
                self.stages.get(stage)?.tree.get(&path).cloned()
            }
            None => {
                let path = join_path(&join_path("/", &mount.source), rest);
                let taken = self.context?.get(path.trim_start_matches('/'))?;
                let content = FileContent::Context(taken.place);
                Some(Entry::File(File { bytes: taken.file.bytes, content }))
            }
        }
    }

    /// Everything at an absolute path and below it, by path. Bind mounts are looked through.
    pub fn under(&self, path: &str) -> Vec<(String, Entry)> {
        let Some(mount) = self.mount_of(path).filter(|mount| mount.kind == MountKind::Bind) else {
            return self.state.tree.under(path);
        };
        let rest = path.strip_prefix(mount.target.trim_end_matches('/')).unwrap_or_default();
        let source = join_path(&join_path("/", &mount.source), rest.trim_start_matches('/'));
        match mount.stage {
            Some(stage) => {
                let found = self.stages.get(stage).map(|stage| stage.tree.under(&source)).unwrap_or_default();
                let rebase =
                    |(own, entry): (String, Entry)| (super::tree::rebased(&own, &source, path), entry);
                found.into_iter().map(rebase).collect()
            }
            None => {
                let Some(context) = self.context else { return Vec::new() };
                let taken = context.take(&[source.as_str()], &[], false);
                let is_file = !taken.is_folder;
                let entry = |(rest, taken): (&str, super::context_copy::TakenFile<'_>)| {
                    let own = if is_file { path.to_owned() } else { join_path(path, rest) };
                    let content = FileContent::Context(taken.place);
                    (own, Entry::File(File { bytes: taken.file.bytes, content }))
                };
                taken.files.into_iter().map(entry).collect()
            }
        }
    }
}
