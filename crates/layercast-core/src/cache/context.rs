//! Which copies and mounts take the files of the build context that change.

use crate::estimate::context_copy::ContextFiles;
use crate::facts::{BuildContext, ContextFile};
use crate::glob::Glob;
use crate::ignore::{IgnoreFile, Sieve};

/// The files of the context that change.
#[derive(Clone, Copy, Default)]
pub(super) struct ContextChange<'c> {
    /// What is known of them.
    pub files: Option<&'c ChangedFiles>,
}

/// What changes, beside the files there are.
pub(super) struct ChangedFiles {
    /// The context less what .dockerignore keeps out; what changes is in it.
    context: BuildContext,
    ignore: Option<IgnoreFile>,
    /// The paths that change, sorted.
    changed: Vec<String>,
    /// A pattern of which nobody knows what it stands for, as the context is not known.
    pattern: Option<Glob>,
    /// The folder before the first star of that pattern.
    folder: String,
    /// True where .dockerignore itself changes, and with it what gets in.
    is_ignore_file: bool,
    /// True where nobody knows whether it lies in the context at all.
    is_doubtful: bool,
}

/// What a change does to what is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    None,
    /// It is not known whether it is among it.
    Possible,
    Certain,
}

impl ChangedFiles {
    /// The files that `pattern` stands for, in a context of which all, some or nothing is known.
    pub fn new(pattern: &str, context: Option<&BuildContext>, ignore: Option<&str>) -> Self {
        let path = clean(pattern);
        let glob = Glob::new(&path);
        let ignore = ignore.map(IgnoreFile::parse);
        let listed = context.map(|context| context.files.as_slice()).unwrap_or_default();
        let folder = format!("{path}/");
        let matches = |file: &&ContextFile| {
            file.path.starts_with(&folder) || glob.as_ref().is_some_and(|glob| glob.matches(&file.path))
        };
        let mut changed: Vec<String> = listed.iter().filter(matches).map(|file| file.path.clone()).collect();
        let mut files: Vec<ContextFile> = listed.iter().map(named).collect();
        let is_known = context.is_some_and(|context| !context.partial);
        let is_pattern = glob.as_ref().is_some_and(|glob| !glob.is_literal());
        if changed.is_empty() && !is_pattern {
            // A file that is new, or that nobody has told of.
            files.push(ContextFile::new(path.clone(), 0));
            changed.push(path.clone());
        }
        changed.sort_unstable();
        files.sort_unstable_by(|one, other| one.path.cmp(&other.path));
        if let Some(ignore) = &ignore {
            let mut sieve = Sieve::new(ignore);
            files.retain(|file| sieve.keeps(&file.path));
        }
        let star = path.find(['*', '?', '[']).unwrap_or(path.len());
        let folder = path[..star].rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        Self {
            context: BuildContext { files, partial: !is_known },
            ignore,
            changed,
            pattern: glob.filter(|_| is_pattern && !is_known),
            folder,
            is_ignore_file: path == ".dockerignore",
            is_doubtful: false,
        }
    }

    /// The same where nobody knows whether it lies in the context at all.
    pub fn doubtful(self) -> Self {
        Self { is_doubtful: true, ..self }
    }

    /// The line of .dockerignore that keeps all out that changes; none where something gets in.
    pub fn kept_out(&self) -> Option<usize> {
        let ignore = self.ignore.as_ref()?;
        if self.pattern.is_some() {
            return None;
        }
        let lines: Option<Vec<usize>> =
            self.changed.iter().map(|path| ignore.ignores(path).map(|line| line.number)).collect();
        lines?.first().copied()
    }

    /// True where the pattern stands for no file of a context that is known.
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.pattern.is_none()
    }

    fn effect(&self, sources: &[&str], exclude: &[String], parents: bool) -> (Effect, Option<String>) {
        let files = ContextFiles::new(&self.context, None);
        let taken = files.take(sources, exclude, parents);
        let is_changed = |path: &str| self.changed.binary_search_by(|own| own.as_str().cmp(path)).is_ok();
        if let Some(file) = taken.files.values().find(|taken| is_changed(&taken.file.path)) {
            let effect = if self.is_doubtful { Effect::Possible } else { Effect::Certain };
            return (effect, Some(file.file.path.clone()));
        }
        let possible = sources.iter().map(|source| self.unlisted(&clean(source))).max();
        let possible = possible.unwrap_or(Effect::None);
        let by_ignore_file = self.is_ignore_file && taken.is_folder;
        (if by_ignore_file { possible.max(Effect::Possible) } else { possible }, None)
    }

    /// What a change does to a source of which the listing does not tell.
    fn unlisted(&self, source: &str) -> Effect {
        if !self.context.partial {
            return Effect::None;
        }
        let within = |path: &str, folder: &str| {
            folder.is_empty() || path == folder || path.starts_with(&format!("{folder}/"))
        };
        let Some(pattern) = &self.pattern else {
            // What changes may be a folder that the source lies in.
            let is_below = |path: &String| source != path && within(source, path);
            return if self.changed.iter().any(is_below) { Effect::Possible } else { Effect::None };
        };
        let star = source.find(['*', '?', '[']).unwrap_or(source.len());
        let literal = &source[..star];
        let is_whole = source.is_empty();
        if is_whole || pattern.matches(source) || (star == source.len() && within(&self.folder, source)) {
            return if self.ignore.is_some() && !self.kept_in() { Effect::Possible } else { Effect::Certain };
        }
        let folder = literal.rsplit_once('/').map_or("", |(folder, _)| folder);
        let meets = within(source, &self.folder) || (star < source.len() && within(&self.folder, folder));
        if meets { Effect::Possible } else { Effect::None }
    }

    /// True where no line of .dockerignore can be about the folder that the pattern begins with.
    fn kept_in(&self) -> bool {
        self.ignore.as_ref().is_none_or(|ignore| ignore.lines.is_empty())
    }
}

impl ContextChange<'_> {
    /// What the change does to these sources, and a file that it is about.
    pub fn effect(self, sources: &[&str], exclude: &[String], parents: bool) -> (Effect, Option<String>) {
        self.files.map_or((Effect::None, None), |files| files.effect(sources, exclude, parents))
    }
}

/// A file without its text: what it is called and where it points is what counts.
fn named(file: &ContextFile) -> ContextFile {
    ContextFile { link: file.link.clone(), ..ContextFile::new(file.path.clone(), file.bytes) }
}

/// A path without outer slashes and `.`; empty for the context itself.
fn clean(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    /// What a change does to several sources of a context with these files; `None` where it is not known.
    #[track_caller]
    fn check(change: &str, files: Option<&[&str]>, ignore: &str, expected: Expect) {
        let context = files.map(|files| BuildContext {
            files: files.iter().map(|path| ContextFile::new(*path, 1)).collect(),
            partial: false,
        });
        let changed = ChangedFiles::new(change, context.as_ref(), Some(ignore));
        let said: String = [".", "src", "src/main.rs", "*.md", "docs/*", "Cargo.toml"]
            .into_iter()
            .map(|source| format!("{source}: {:?}\n", changed.effect(&[source], &[], false).0))
            .collect();
        expected.assert_eq(&said);
    }

    const FILES: [&str; 5] = ["Cargo.toml", "README.md", "docs/a.md", "src/lib.rs", "src/main.rs"];

    #[test]
    fn a_file_is_taken_by_its_path_by_a_folder_and_by_a_pattern() {
        check(
            "src/main.rs",
            Some(&FILES),
            "",
            expect![[r#"
            .: Certain
            src: Certain
            src/main.rs: Certain
            *.md: None
            docs/*: None
            Cargo.toml: None
        "#]],
        );
        check(
            "./README.md",
            None,
            "",
            expect![[r#"
            .: Certain
            src: None
            src/main.rs: None
            *.md: Certain
            docs/*: None
            Cargo.toml: None
        "#]],
        );
        check(
            "src",
            Some(&FILES),
            "",
            expect![[r#"
            .: Certain
            src: Certain
            src/main.rs: Certain
            *.md: None
            docs/*: None
            Cargo.toml: None
        "#]],
        );
        check(
            "src",
            None,
            "",
            expect![[r#"
            .: Certain
            src: Certain
            src/main.rs: Possible
            *.md: None
            docs/*: None
            Cargo.toml: None
        "#]],
        );
    }

    #[test]
    fn a_pattern_stands_for_files_of_the_context_where_they_are_known() {
        check(
            "**/*.md",
            Some(&FILES),
            "",
            expect![[r#"
            .: Certain
            src: None
            src/main.rs: None
            *.md: Certain
            docs/*: Certain
            Cargo.toml: None
        "#]],
        );
        check(
            "**/*.md",
            None,
            "",
            expect![[r#"
            .: Certain
            src: Possible
            src/main.rs: Possible
            *.md: Certain
            docs/*: Possible
            Cargo.toml: Possible
        "#]],
        );
        check(
            "src/*.rs",
            None,
            "",
            expect![[r#"
            .: Certain
            src: Certain
            src/main.rs: Certain
            *.md: Possible
            docs/*: None
            Cargo.toml: None
        "#]],
        );
    }

    #[test]
    fn what_is_ignored_is_taken_by_nothing() {
        check(
            "src/main.rs",
            Some(&FILES),
            "src",
            expect![[r#"
            .: None
            src: None
            src/main.rs: None
            *.md: None
            docs/*: None
            Cargo.toml: None
        "#]],
        );
        check(
            "src/main.rs",
            None,
            "src",
            expect![[r#"
            .: None
            src: None
            src/main.rs: None
            *.md: None
            docs/*: None
            Cargo.toml: None
        "#]],
        );
        check(
            ".dockerignore",
            Some(&FILES),
            ".dockerignore",
            expect![[r#"
            .: Possible
            src: Possible
            src/main.rs: None
            *.md: Possible
            docs/*: Possible
            Cargo.toml: None
        "#]],
        );
    }
}
