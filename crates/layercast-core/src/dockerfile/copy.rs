//! COPY and ADD: sources, destination, and how they are laid down.

use super::flag_set::FlagKind;
use super::reader::{Reader, Refusal, Text};
use crate::syntax::heredoc::heredoc_word;
use crate::text::Range;

/// COPY or ADD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// The paths to copy, as written.
    pub sources: Vec<Text>,
    /// The files written out in the Dockerfile.
    pub inline_files: Vec<InlineFile>,
    /// Where to, as written.
    pub destination: Text,
    /// `--from`, COPY alone.
    pub from: Option<Text>,
    /// `--chown`.
    pub chown: Option<Text>,
    /// `--chmod`.
    pub chmod: Option<Text>,
    /// `--link`.
    pub link: bool,
    /// `--parents`, COPY alone.
    pub parents: bool,
    /// `--exclude`.
    pub exclude: Vec<Text>,
    /// `--checksum`, ADD alone.
    pub checksum: Option<Text>,
    /// `--unpack`, ADD alone; none where it is left to the kind of source.
    pub unpack: Option<bool>,
    /// `--keep-git-dir`, ADD alone.
    pub keep_git_dir: bool,
}

/// A heredoc that is a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InlineFile {
    /// Its name.
    pub name: String,
    /// Its content as written.
    pub content: String,
    /// True where variables in it are expanded.
    pub expand: bool,
}

pub(super) fn read_copy(reader: &Reader<'_>) -> Result<Copy, Refusal> {
    read(
        reader,
        &[
            ("from", FlagKind::Text),
            ("chown", FlagKind::Text),
            ("chmod", FlagKind::Text),
            ("link", FlagKind::Bool),
            ("parents", FlagKind::Bool),
            ("exclude", FlagKind::List),
        ],
    )
}

pub(super) fn read_add(reader: &Reader<'_>) -> Result<Copy, Refusal> {
    read(
        reader,
        &[
            ("chown", FlagKind::Text),
            ("chmod", FlagKind::Text),
            ("link", FlagKind::Bool),
            ("keep-git-dir", FlagKind::Bool),
            ("checksum", FlagKind::Text),
            ("unpack", FlagKind::Bool),
            ("exclude", FlagKind::List),
        ],
    )
}

fn read(reader: &Reader<'_>, known: &'static [(&'static str, FlagKind)]) -> Result<Copy, Refusal> {
    let keyword = reader.keyword().to_ascii_uppercase();
    let mut words = match (reader.json()?, reader.whole()) {
        (Some(paths), Some(whole)) => {
            paths.into_iter().map(|text| Text { text, range: whole.range }).collect()
        }
        _ => reader.blank_words(),
    };
    let destination = match words.pop() {
        Some(destination) if !words.is_empty() => destination,
        only => {
            let message = format!("{keyword} takes a source and a destination");
            return Err(match only {
                Some(only) => reader
                    .refuse("destination-missing", format!("{message}; there is only `{}`", only.text))
                    .note(format!("Say where to: `{keyword} {} ./`.", only.text)),
                None => reader.refuse("destination-missing", message),
            });
        }
    };
    let flags = reader.flags(known)?;
    let (mut sources, mut inline_files) = (Vec::new(), Vec::new());
    if let Ok(Some(_)) = heredoc_word(&destination.text) {
        let message = format!("the destination of {keyword} cannot be a heredoc");
        return Err(reader.refuse_in_source("heredoc-destination", destination.range, message));
    }
    for word in words {
        match inline_file(reader, &word) {
            Some(file) => inline_files.push(file),
            None => sources.push(word),
        }
    }
    let text = |name| flags.get(name).filter(|value| !value.text.is_empty()).cloned();
    Ok(Copy {
        sources,
        inline_files,
        destination,
        from: text("from"),
        chown: text("chown"),
        chmod: text("chmod"),
        link: flags.is_on("link"),
        parents: flags.is_on("parents"),
        exclude: flags.all("exclude"),
        checksum: text("checksum"),
        unpack: flags.get("unpack").map(|value| value.text == "true"),
        keep_git_dir: flags.is_on("keep-git-dir"),
    })
}

/// The file that a heredoc word stands for. Of several with one name, the last body serves for all.
fn inline_file(reader: &Reader<'_>, word: &Text) -> Option<InlineFile> {
    let announced = heredoc_word(&word.text).ok().flatten()?;
    let heredoc = reader.heredocs().iter().rev().find(|heredoc| heredoc.word.name == announced.name);
    let content = heredoc.map(|heredoc| heredoc.content()).unwrap_or_default();
    Some(InlineFile { name: announced.name, content, expand: announced.expand })
}

impl Copy {
    /// The bytes to underline where a source is at fault.
    pub fn sources_range(&self) -> Range {
        self.sources.iter().map(|source| source.range).reduce(Range::cover).unwrap_or(self.destination.range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::Instruction;
    use crate::dockerfile::tests::{check_refused, read};

    fn copy(source: &str) -> Copy {
        match read(source) {
            Ok(Instruction::Copy(copy) | Instruction::Add(copy)) => copy,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_last_word_is_the_destination() {
        let copy = copy("COPY --from=build --chown=app a b /c/");
        assert_eq!(copy.sources.iter().map(|source| source.text.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((copy.destination.text.as_str(), copy.from.unwrap().text.as_str()), ("/c/", "build"));
    }

    #[test]
    fn json_and_heredocs_are_sources_too() {
        assert_eq!(copy(r#"COPY ["a b", "c"]"#).sources[0].text, "a b");
        let file = &copy("COPY <<-EOF /x\n\thello\n\tEOF").inline_files[0];
        assert_eq!((file.name.as_str(), file.content.as_str()), ("EOF", "hello\n"));
    }

    #[test]
    fn a_source_needs_a_destination() {
        check_refused(
            "COPY a",
            "COPY takes a source and a destination; there is only `a` (Say where to: `COPY a ./`.) @ a",
        );
        check_refused("ADD", "ADD takes a source and a destination @ ADD");
        check_refused("COPY a <<EOF\nEOF", "the destination of COPY cannot be a heredoc @ <<EOF");
    }
}
