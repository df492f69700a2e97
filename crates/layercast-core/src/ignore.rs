//! .dockerignore: which paths of the build context never reach the builder, and which line decides.
//! Reference: <https://docs.docker.com/build/concepts/context/#dockerignore-files>.

use crate::glob::Glob;

/// The lines of a .dockerignore that hold a pattern.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IgnoreFile {
    /// The patterns, in order: the last that matches decides.
    pub lines: Vec<IgnoreLine>,
    /// The lines that hold none, with what is wrong.
    pub problems: Vec<IgnoreProblem>,
}

/// One pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IgnoreLine {
    /// Its line, from 1.
    pub number: usize,
    /// The line as written, outer white space left aside.
    pub text: String,
    /// True with `!`: what it matches is kept.
    pub exception: bool,
    glob: Glob,
}

/// A line that holds no pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IgnoreProblem {
    /// Its line, from 1.
    pub line: usize,
    /// One sentence without a full stop.
    pub message: String,
}

impl IgnoreFile {
    /// Reads the text of a .dockerignore.
    pub fn parse(text: &str) -> Self {
        let mut file = Self::default();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (index, line) in text.split('\n').enumerate() {
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            match IgnoreLine::parse(index + 1, line.trim()) {
                Ok(line) => file.lines.push(line),
                Err(message) => file.problems.push(IgnoreProblem { line: index + 1, message }),
            }
        }
        file
    }

    /// True where some line begins with `!`.
    pub fn has_exceptions(&self) -> bool {
        self.lines.iter().any(|line| line.exception)
    }

    /// The line that keeps `path` out of the context; none where it gets in. A path below a folder that is left
    /// out is left out too, unless a later line takes it in again.
    pub fn ignores(&self, path: &str) -> Option<&IgnoreLine> {
        let path = clean(path);
        let mut decided: Option<&IgnoreLine> = None;
        for line in &self.lines {
            // A line that would change nothing is not asked.
            if line.exception == decided.is_some() && line.matches_or_parent(&path) {
                decided = (!line.exception).then_some(line);
            }
        }
        decided
    }
}

impl IgnoreLine {
    fn parse(number: usize, text: &str) -> Result<Self, String> {
        let (exception, pattern) = match text.strip_prefix('!') {
            Some(rest) => (true, rest.trim()),
            None => (false, text),
        };
        if pattern.is_empty() {
            return Err("`!` alone takes nothing in".to_owned());
        }
        let pattern = clean(pattern);
        let glob = Glob::new(&pattern).ok_or_else(|| format!("`{pattern}` is no pattern"))?;
        Ok(Self { number, text: text.to_owned(), exception, glob })
    }

    fn matches_or_parent(&self, path: &str) -> bool {
        let parents = path.match_indices('/').map(|(at, _)| &path[..at]);
        std::iter::once(path).chain(parents).any(|path| self.glob.matches(path))
    }
}

/// Asks of many paths, in ascending order, whether they get in; what was found of a folder is remembered.
pub struct Sieve<'f> {
    file: &'f IgnoreFile,
    /// The folders on the way to the last path, each with the lines that match it or a folder above it.
    folders: Vec<(String, Vec<bool>)>,
}

impl<'f> Sieve<'f> {
    /// A sieve of a .dockerignore.
    pub fn new(file: &'f IgnoreFile) -> Self {
        Self { file, folders: Vec::new() }
    }

    /// True where the path gets in. It is clean: without `.`, `..` and outer slashes.
    pub fn keeps(&mut self, path: &str) -> bool {
        let below = |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        while self.folders.last().is_some_and(|(folder, _)| !below(folder)) {
            self.folders.pop();
        }
        let known = self.folders.last().map_or(0, |(folder, _)| folder.len() + 1);
        let deeper: Vec<usize> = path[known..].match_indices('/').map(|(at, _)| known + at).collect();
        for end in deeper {
            let matched = self.matched(&path[..end]);
            self.folders.push((path[..end].to_owned(), matched));
        }
        let matched = self.matched(path);
        let lines = self.file.lines.iter().zip(matched);
        !lines.fold(false, |ignored, (line, matched)| if matched { !line.exception } else { ignored })
    }

    fn matched(&self, path: &str) -> Vec<bool> {
        let above = self.folders.last().map(|(_, matched)| matched);
        let matches = |(index, line): (usize, &IgnoreLine)| {
            above.is_some_and(|above| above[index]) || line.glob.matches(path)
        };
        self.file.lines.iter().enumerate().map(matches).collect()
    }
}

/// A path without `.`, `..`, doubled and outer slashes; `.` for the context itself.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The paths that a .dockerignore keeps out, each with the line that decides.
    #[track_caller]
    fn check(ignore: &str, paths: &[&str], expected: &[(&str, usize)]) {
        let file = IgnoreFile::parse(ignore);
        let out: Vec<_> = paths.iter().filter_map(|path| Some((*path, file.ignores(path)?.number))).collect();
        assert_eq!(out, expected, "{ignore}");
    }

    #[test]
    fn stars_stop_at_slashes_and_double_stars_do_not() {
        let paths = ["a.md", "x/a.md", "x/y/a.md", "b.txt"];
        check("*.md", &paths, &[("a.md", 1)]);
        check("**/*.md", &paths, &[("a.md", 1), ("x/a.md", 1), ("x/y/a.md", 1)]);
        check("x/**", &["x", "x/a"], &[("x/a", 1)]);
        check("?.md", &["a.md", "ab.md"], &[("a.md", 1)]);
    }

    #[test]
    fn the_last_line_that_matches_decides() {
        check("*.md\n!README.md", &["a.md", "README.md"], &[("a.md", 1)]);
        check("dir\n!dir/keep", &["dir/x", "dir/keep", "dir"], &[("dir/x", 1), ("dir", 1)]);
        check("!a\na", &["a"], &[("a", 2)]);
    }

    #[test]
    fn comments_begin_in_the_first_column() {
        check("# a\n #a\n\n  b  ", &["# a", "#a", "b"], &[("#a", 2), ("b", 4)]);
    }

    #[test]
    fn paths_are_taken_from_the_root_of_the_context() {
        check(
            "/a\n./b/\nc/../d",
            &["a", "x/a", "b", "b/c", "d", "c"],
            &[("a", 1), ("b", 2), ("b/c", 2), ("d", 3)],
        );
        check("*", &[".", "a", "/"], &[(".", 1), ("a", 1), ("/", 1)]);
    }

    #[test]
    fn classes_and_escapes() {
        check(
            "[a-c]x\n\\*y\n[^z]q",
            &["bx", "dx", "*y", "ay", "zq", "aq"],
            &[("bx", 1), ("*y", 2), ("aq", 3)],
        );
    }

    #[test]
    fn a_sieve_decides_as_each_path_alone_would() {
        let paths = [
            "a/b/c.md",
            "a/b/keep.md",
            "a/x",
            "b",
            "node_modules/p/index.js",
            "src/m/node_modules/q/r",
            "z.md",
        ];
        for ignore in
            ["**/node_modules\n*.md", "a\n!a/b/keep.md", "*\n!src\nsrc/m/*/q", "", "**/b/**\n!**/keep.md"]
        {
            let file = IgnoreFile::parse(ignore);
            let mut sieve = Sieve::new(&file);
            for path in paths {
                assert_eq!(sieve.keeps(path), file.ignores(path).is_none(), "{path} by {ignore:?}");
            }
        }
    }

    #[test]
    fn lines_without_a_pattern_say_what_is_wrong() {
        let file = IgnoreFile::parse("!\n[a\nb");
        let problems: Vec<_> =
            file.problems.iter().map(|problem| (problem.line, problem.message.as_str())).collect();
        assert_eq!(problems, [(1, "`!` alone takes nothing in"), (2, "`[a` is no pattern")]);
        assert_eq!(file.lines.len(), 1);
    }
}
