//! What COPY and ADD take from the build context, to the byte.
//! Reference: <https://docs.docker.com/reference/dockerfile/#copy>.

use crate::facts::{BuildContext, ContextFile, Facts};
use crate::glob::Glob;
use crate::ignore::{IgnoreFile, Sieve};
use std::collections::BTreeMap;

/// The files of a context that reach the builder, by path.
#[derive(Clone, Debug)]
pub struct ContextFiles<'c> {
    files: Vec<(u32, &'c ContextFile)>,
    /// True where there are files that the listing does not name.
    pub partial: bool,
}

/// One file that a COPY takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TakenFile<'c> {
    /// Its place in the listing; of what it points to, where a link was named.
    pub place: u32,
    /// What the listing says of it.
    pub file: &'c ContextFile,
}

/// What one COPY takes: each file by its path in the layer, and the sources that name nothing.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Taken<'c> {
    /// Each by its path below the destination.
    pub files: BTreeMap<&'c str, TakenFile<'c>>,
    /// True where a source is a folder or a pattern: what is taken lies below the destination.
    pub is_folder: bool,
    /// Sources without wildcards that the context does not hold.
    pub missing: Vec<String>,
}

impl<'c> ContextFiles<'c> {
    /// The context that the facts tell of, less what their .dockerignore keeps out.
    pub fn of(facts: &'c Facts) -> Option<Self> {
        let ignore = facts.build.dockerignore.as_deref().map(IgnoreFile::parse);
        facts.context.as_ref().map(|context| Self::new(context, ignore.as_ref()))
    }

    /// The context less what .dockerignore keeps out.
    pub fn new(context: &'c BuildContext, ignore: Option<&IgnoreFile>) -> Self {
        let mut files: Vec<(u32, &ContextFile)> = (0..).zip(&context.files).collect();
        if !files.is_sorted_by(|left, right| left.1.path <= right.1.path) {
            files.sort_unstable_by(|left, right| left.1.path.cmp(&right.1.path));
        }
        if let Some(ignore) = ignore {
            let mut sieve = Sieve::new(ignore);
            files.retain(|(_, file)| sieve.keeps(&file.path));
        }
        Self { files, partial: context.partial }
    }

    /// The file at a path.
    pub fn get(&self, path: &str) -> Option<TakenFile<'c>> {
        let at = self.files.binary_search_by(|(_, file)| file.path.as_str().cmp(path)).ok()?;
        let (place, file) = self.files[at];
        Some(TakenFile { place, file })
    }

    /// What sources take. A folder gives its content; a link that is named gives what it points to. With `parents`
    /// each keeps its whole path.
    pub fn take(&self, sources: &[&str], exclude: &[String], parents: bool) -> Taken<'c> {
        let mut taken = Taken::default();
        let excluded: Vec<Glob> = exclude.iter().filter_map(|pattern| Glob::new(&clean(pattern))).collect();
        for source in sources {
            let path = clean(source);
            match Glob::new(&path).filter(|glob| !glob.is_literal()) {
                None if self.take_path(&path, &excluded, parents, &mut taken) => {}
                None => taken.missing.push((*source).to_owned()),
                Some(glob) => {
                    taken.is_folder = true;
                    self.matching(&path, &glob).into_iter().for_each(|path| {
                        self.take_path(path, &excluded, parents, &mut taken);
                    });
                }
            }
        }
        taken
    }

    /// Takes the file or the content of the folder at a path. False where there is neither.
    fn take_path(&self, path: &str, excluded: &[Glob], parents: bool, taken: &mut Taken<'c>) -> bool {
        if let Some(named) = self.get(path) {
            let own = &named.file.path;
            let name = if parents { own } else { own.rsplit('/').next().unwrap_or(own) };
            let meant = named.file.link.as_ref().and_then(|link| self.linked(own, link)).unwrap_or(named);
            taken.files.insert(name, meant);
            return true;
        }
        let below = self.below(path);
        taken.is_folder = true;
        for (place, file) in below {
            let is_whole = path.is_empty() || parents;
            let rest = if is_whole { file.path.as_str() } else { &file.path[path.len() + 1..] };
            let folders = rest.match_indices('/').map(|(at, _)| &rest[..at]);
            let is_excluded = std::iter::once(rest)
                .chain(folders)
                .any(|rest| excluded.iter().any(|glob| glob.matches(rest)));
            if !is_excluded {
                taken.files.insert(rest, TakenFile { place: *place, file });
            }
        }
        !below.is_empty() || path.is_empty()
    }

    /// The files below a folder.
    fn below(&self, folder: &str) -> &[(u32, &'c ContextFile)] {
        if folder.is_empty() {
            return &self.files;
        }
        let prefix = format!("{folder}/");
        let start = self.files.partition_point(|(_, file)| file.path.as_str() < prefix.as_str());
        let count = self.files[start..].partition_point(|(_, file)| file.path.starts_with(&prefix));
        &self.files[start..start + count]
    }

    /// The files and folders that a pattern matches: each `*` stays between two slashes.
    fn matching(&self, pattern: &str, glob: &Glob) -> Vec<&'c str> {
        let depth = pattern.matches('/').count();
        let mut found: Vec<&str> = Vec::new();
        for (_, file) in &self.files {
            let end = file.path.match_indices('/').nth(depth).map_or(file.path.len(), |(at, _)| at);
            let candidate = &file.path[..end];
            if found.last() != Some(&candidate) && glob.matches(candidate) {
                found.push(candidate);
            }
        }
        found
    }

    /// What a link points to, where that is a file of the context.
    fn linked(&self, path: &str, link: &str) -> Option<TakenFile<'c>> {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let target = if link.starts_with('/') { clean(link) } else { clean(&format!("{folder}/{link}")) };
        self.get(&target).filter(|taken| taken.file.link.is_none())
    }
}

/// A path without outer slashes, `.` and `..`; empty for the context itself.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(files: &[(&str, u64)]) -> BuildContext {
        let file = |(path, bytes): &(&str, u64)| ContextFile::new(*path, *bytes);
        BuildContext { files: files.iter().map(file).collect(), partial: false }
    }

    #[track_caller]
    fn check(ignore: &str, sources: &[&str], exclude: &[&str], expected: &[(&str, u64)]) {
        let context = context(&[
            ("Dockerfile", 10),
            ("package.json", 1),
            ("package-lock.json", 2),
            ("src/index.js", 4),
            ("src/lib/a.js", 8),
            ("src/lib/a.test.js", 16),
            ("docs/a.md", 32),
        ]);
        let ignore = IgnoreFile::parse(ignore);
        let exclude: Vec<String> = exclude.iter().map(|pattern| (*pattern).to_owned()).collect();
        let taken = ContextFiles::new(&context, Some(&ignore)).take(sources, &exclude, false);
        let files: Vec<(&str, u64)> =
            taken.files.into_iter().map(|(path, taken)| (path, taken.file.bytes)).collect();
        assert_eq!(files, expected, "{sources:?}, missing: {:?}", taken.missing);
    }

    #[test]
    fn files_keep_their_name_and_folders_give_their_content() {
        check(
            "",
            &["package.json", "./src/"],
            &[],
            &[("index.js", 4), ("lib/a.js", 8), ("lib/a.test.js", 16), ("package.json", 1)],
        );
        check("", &["package*.json"], &[], &[("package-lock.json", 2), ("package.json", 1)]);
        check("", &["src/l*"], &[], &[("a.js", 8), ("a.test.js", 16)]);
    }

    #[test]
    fn what_is_ignored_or_excluded_stays_out() {
        check(
            "docs\n*.json\nDockerfile",
            &["."],
            &["**/*.test.js"],
            &[("src/index.js", 4), ("src/lib/a.js", 8)],
        );
        check("", &["src"], &["lib"], &[("index.js", 4)]);
    }

    #[test]
    fn a_file_that_is_copied_twice_weighs_once() {
        check("", &["docs", "docs/a.md"], &[], &[("a.md", 32)]);
    }

    #[test]
    fn a_plain_source_must_be_there_and_a_pattern_need_not() {
        let context = context(&[("a", 1)]);
        let files = ContextFiles::new(&context, None);
        assert_eq!(files.take(&["b", "c*", "a/b"], &[], false).missing, ["b", "a/b"]);
        assert!(files.take(&["."], &[], false).missing.is_empty());
    }

    #[test]
    fn a_link_that_is_named_gives_its_file_and_below_a_folder_stays_a_link() {
        let mut context = context(&[("real/data", 7)]);
        context.files.push(ContextFile::to("real/link", "data"));
        let files = ContextFiles::new(&context, None);
        let bytes =
            |source| files.take(&[source], &[], false).files.get("link").map(|taken| taken.file.bytes);
        assert_eq!([bytes("real/link"), bytes("real")], [Some(7), Some(0)]);
    }
}
