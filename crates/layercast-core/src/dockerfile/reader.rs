//! What the instructions are read with: words, flags, and refusals that point at the right bytes.

use super::flag_set::FlagSet;
use crate::syntax::flags::Flag;
use crate::syntax::heredoc::Heredoc;
use crate::syntax::parser::split_command;
use crate::syntax::words::{MaybeJson, Word, parse_json, split_blanks, split_quoted};
use crate::syntax::{Node, Problem};
use crate::text::Range;

/// A piece of text with the bytes it stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The text, continuations joined; decoded where it stood in JSON.
    pub text: String,
    /// Its bytes in the source.
    pub range: Range,
}

/// Which of BuildKit's two passes refuses an instruction: it stops at the first error of the first pass
/// before it begins the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// The pass that makes the tree.
    Tree,
    /// The pass that makes instructions of it.
    Instruction,
}

/// Why an instruction cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Which pass refuses it.
    pub phase: Phase,
    /// What is wrong.
    pub problem: Problem,
}

impl Refusal {
    /// The same with a note.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.problem.note = Some(note.into());
        self
    }

    /// The same, refused by the pass that makes the tree.
    #[must_use]
    pub fn in_tree(mut self) -> Self {
        self.phase = Phase::Tree;
        self
    }
}

/// Reads one instruction: a node, or the instruction inside an ONBUILD.
pub struct Reader<'n> {
    node: &'n Node<'n>,
    keyword: Range,
    flags: Vec<Flag>,
    arguments: Range,
    /// The escape character.
    pub escape: char,
}

impl<'n> Reader<'n> {
    /// Reads a node.
    pub fn new(node: &'n Node<'n>, escape: char) -> Self {
        Self { node, keyword: node.keyword, flags: node.flags.clone(), arguments: node.arguments, escape }
    }

    /// Reads the instruction that an ONBUILD holds.
    pub fn inner(&self) -> Self {
        let (keyword, flags, arguments) = split_command(self.node.text.text(), self.arguments.start);
        Self { node: self.node, keyword, flags, arguments, escape: self.escape }
    }

    /// The keyword as written.
    pub fn keyword(&self) -> &str {
        self.keyword.of(self.node.text.text())
    }

    /// The arguments as joined.
    pub fn arguments(&self) -> &str {
        self.arguments.of(self.node.text.text())
    }

    /// The heredocs of the node.
    pub fn heredocs(&self) -> &[Heredoc<'n>] {
        &self.node.heredocs
    }

    /// The flags, held against those there are. `known`: name and kind.
    pub fn flags(
        &self,
        known: &'static [(&'static str, super::flag_set::FlagKind)],
    ) -> Result<FlagSet, Refusal> {
        FlagSet::read(self, &self.flags, known)
    }

    /// The arguments as one text, if there are any.
    pub fn whole(&self) -> Option<Text> {
        (!self.arguments.is_empty()).then(|| self.text(self.arguments().to_owned(), self.arguments))
    }

    /// The arguments split at blanks.
    pub fn blank_words(&self) -> Vec<Text> {
        self.texts(split_blanks(self.arguments(), self.arguments.start))
    }

    /// The arguments split at white space that no quote or escape protects.
    pub fn quoted_words(&self) -> Vec<Text> {
        self.texts(split_quoted(self.arguments(), self.arguments.start, self.escape))
    }

    /// The arguments as a JSON array of strings; none where they are in shell form.
    pub fn json(&self) -> Result<Option<Vec<String>>, Refusal> {
        self.json_of(self.arguments)
    }

    /// The same for a part of the joined line.
    pub fn json_of(&self, place: Range) -> Result<Option<Vec<String>>, Refusal> {
        match parse_json(place.of(self.node.text.text())) {
            MaybeJson::Strings(strings) => Ok(Some(strings)),
            MaybeJson::Shell => Ok(None),
            MaybeJson::NotStrings => Err(self
                .refuse_at(
                    "json-not-strings",
                    place,
                    "the JSON array holds something other than strings".to_owned(),
                )
                .note("Put every element in double quotes.")
                .in_tree()),
        }
    }

    /// The first word of the arguments and the place of the rest.
    pub fn first_word(&self) -> Option<(Text, Range)> {
        let arguments = self.arguments();
        let end = arguments.find(char::is_whitespace).unwrap_or(arguments.len());
        if end == 0 {
            return None;
        }
        let place = Range::new(self.arguments.start, self.arguments.start + end);
        let rest = self.arguments.end - arguments[end..].trim_start().len();
        Some((self.text(arguments[..end].to_owned(), place), Range::new(rest, self.arguments.end)))
    }

    /// A part of the joined line with its bytes.
    pub fn part(&self, place: Range) -> Text {
        self.text(place.of(self.node.text.text()).to_owned(), place)
    }

    /// A refusal at the arguments, or at the keyword where there are none.
    pub fn refuse(&self, rule: &'static str, message: impl Into<String>) -> Refusal {
        let place = if self.arguments.is_empty() { self.keyword } else { self.arguments };
        self.refuse_at(rule, place, message.into())
    }

    /// A refusal at the keyword.
    pub fn refuse_keyword(&self, rule: &'static str, message: String) -> Refusal {
        self.refuse_at(rule, self.keyword, message)
    }

    /// A refusal at a place of the joined line.
    pub fn refuse_at(&self, rule: &'static str, place: Range, message: String) -> Refusal {
        self.refuse_in_source(rule, self.node.text.source_range(place), message)
    }

    /// A refusal at bytes of the source.
    pub fn refuse_in_source(&self, rule: &'static str, range: Range, message: String) -> Refusal {
        let problem = Problem { rule, line: self.node.line, range, message, note: None };
        Refusal { phase: Phase::Instruction, problem }
    }

    fn texts(&self, words: Vec<Word>) -> Vec<Text> {
        words.into_iter().map(|word| self.text(word.text, word.place)).collect()
    }

    fn text(&self, text: String, place: Range) -> Text {
        Text { text, range: self.node.text.source_range(place) }
    }
}

/// The place of a flag in the source, for those who hold a [`Flag`].
pub(super) fn flag_range(reader: &Reader<'_>, flag: &Flag) -> Range {
    reader.node.text.source_range(flag.place)
}
