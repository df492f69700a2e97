//! What a dependency names: a range of a registry's package, a tag, another name, or something elsewhere.
//! Reference: <https://docs.npmjs.com/cli/v11/using-npm/package-spec>.

use crate::packages::npm::semver::Range;

/// A package as a dependency or a command names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The folder's name in node_modules.
    pub name: String,
    /// Where it comes from.
    pub source: Source,
    /// What is written behind the name.
    pub text: String,
}

/// Where a dependency comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A registry, by range; the package's own name where it differs from the folder's (`npm:` aliases).
    Range(String, Range),
    /// A registry, by tag: `latest`.
    Tag(String, String),
    /// A folder beside it (`file:`, `link:`, `workspace:`): a symbolic link.
    Folder(String),
    /// A repository or an archive that no registry speaks of.
    Elsewhere(String),
}

impl Spec {
    /// What `"name": "text"` of a package.json asks for.
    pub fn new(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), source: source(name, text.trim()), text: text.to_owned() }
    }

    /// What a word of `npm install` asks for: `express`, `express@4`, `@scope/x@^1`, `alias@npm:real@1`, `./x`.
    pub fn of_word(word: &str) -> Self {
        if is_elsewhere(word) || is_folder(word) {
            let name = word.trim_end_matches('/').rsplit('/').next().unwrap_or(word);
            return Self { name: name.to_owned(), source: source(name, word), text: word.to_owned() };
        }
        match split_name(word) {
            (name, Some(text)) => Self::new(name, text),
            // A repository's short form, `owner/name`; a scoped name has its `@`.
            (name, None) if name.contains('/') && !name.starts_with('@') => {
                let last = name.rsplit('/').next().unwrap_or(name);
                Self {
                    name: last.to_owned(),
                    source: Source::Elsewhere(name.to_owned()),
                    text: name.to_owned(),
                }
            }
            (name, None) => Self::new(name, "latest"),
        }
    }
}

/// `@scope/name@text`, cut behind the name.
pub(crate) fn split_name(word: &str) -> (&str, Option<&str>) {
    let skipped = usize::from(word.starts_with('@'));
    match word.get(skipped..).and_then(|rest| rest.find('@')) {
        Some(at) => {
            word.split_at_checked(at + skipped).map_or((word, None), |(name, rest)| (name, rest.get(1..)))
        }
        None => (word, None),
    }
}

fn source(name: &str, text: &str) -> Source {
    if let Some(alias) = text.strip_prefix("npm:") {
        let (real, text) = split_name(alias);
        return by_registry(real, text.unwrap_or("*"));
    }
    if let Some(folder) =
        ["file:", "link:", "workspace:", "portal:"].iter().find_map(|one| text.strip_prefix(one))
    {
        return Source::Folder(folder.to_owned());
    }
    if is_folder(text) {
        return Source::Folder(text.to_owned());
    }
    if is_elsewhere(text) || (text.contains('/') && Range::parse(text).is_none()) {
        return Source::Elsewhere(text.to_owned());
    }
    by_registry(name, text)
}

fn by_registry(name: &str, text: &str) -> Source {
    match Range::parse(text) {
        Some(range) => Source::Range(name.to_owned(), range),
        None => Source::Tag(name.to_owned(), text.to_owned()),
    }
}

fn is_folder(text: &str) -> bool {
    text == "." || ["./", "../", "/", "~/"].iter().any(|start| text.starts_with(start))
}

fn is_elsewhere(text: &str) -> bool {
    let starts =
        ["git:", "git+", "git@", "http:", "https:", "ssh:", "github:", "gitlab:", "bitbucket:", "gist:"];
    starts.iter().any(|start| text.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, name: &str, source: &str) {
        let spec = Spec::of_word(word);
        let told = match &spec.source {
            Source::Range(real, range) => {
                let exact = range.exact().map_or("a range".to_owned(), ToString::to_string);
                format!("{real} {exact}")
            }
            Source::Tag(real, tag) => format!("{real} tag {tag}"),
            Source::Folder(path) => format!("folder {path}"),
            Source::Elsewhere(at) => format!("elsewhere {at}"),
        };
        assert_eq!((spec.name.as_str(), told.as_str()), (name, source));
    }

    #[test]
    fn words_of_a_command_are_read() {
        check("express", "express", "express tag latest");
        check("express@4.21.1", "express", "express 4.21.1");
        check("@nestjs/core@^10", "@nestjs/core", "@nestjs/core a range");
        check("@nestjs/core", "@nestjs/core", "@nestjs/core tag latest");
        check("npm@next", "npm", "npm tag next");
        check("old@npm:lodash@3.0.0", "old", "lodash 3.0.0");
        check("./tools/x", "x", "folder ./tools/x");
        check("expressjs/express", "express", "elsewhere expressjs/express");
        check("git+https://host.example/x.git", "x.git", "elsewhere git+https://host.example/x.git");
    }
}
