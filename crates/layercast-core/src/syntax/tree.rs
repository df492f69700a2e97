//! The lossless tree: pieces that tile the text, and the instructions they form.

use super::directives::Directives;
use super::flags::Flag;
use super::heredoc::Heredoc;
use super::logical::LogicalLine;
use crate::text::{LineIndex, Range};

/// What the parser made of a text.
#[derive(Debug)]
pub struct Parse<'a> {
    /// The text.
    pub source: &'a str,
    /// Its lines.
    pub lines: LineIndex,
    /// The directives at its head.
    pub directives: Directives,
    /// Its instructions, in order.
    pub nodes: Vec<Node<'a>>,
    /// Pieces that tile the text from its first byte to its last.
    pub pieces: Vec<Piece>,
    /// What BuildKit's parser would stop at, in order.
    pub problems: Vec<Problem>,
}

/// One instruction, its arguments not yet looked into.
#[derive(Debug)]
pub struct Node<'a> {
    /// Its bytes from the keyword to the end of its last line, that line's end left aside.
    pub range: Range,
    /// Its first line, from 1.
    pub line: usize,
    /// Its last line, heredoc bodies included.
    pub end_line: usize,
    /// The joined line, continuations and the comments between them taken out.
    pub text: LogicalLine<'a>,
    /// The keyword's place in the joined line.
    pub keyword: Range,
    /// Its flags.
    pub flags: Vec<Flag>,
    /// The arguments' place in the joined line, flags and outer white space left aside.
    pub arguments: Range,
    /// Its heredocs, in order.
    pub heredocs: Vec<Heredoc<'a>>,
    /// The comment lines directly above it, without `#` and outer white space.
    pub comments: Vec<&'a str>,
    /// The last line of the joined line, where a blank line stands inside a continuation.
    pub empty_continuation: Option<usize>,
}

impl Node<'_> {
    /// The keyword as written.
    pub fn keyword(&self) -> &str {
        self.keyword.of(self.text.text())
    }

    /// The arguments as joined, flags left aside.
    pub fn arguments(&self) -> &str {
        self.arguments.of(self.text.text())
    }

    /// The text that a pin holds on to: keyword in upper case, continuations joined, white space folded, heredoc
    /// bodies included.
    pub fn folded(&self) -> String {
        let after_keyword = self.text.text().get(self.keyword.end..).unwrap_or_default();
        let bodies = self.heredocs.iter().flat_map(|heredoc| heredoc.body.split_whitespace());
        let mut text = String::with_capacity(self.range.len());
        text.push_str(self.keyword());
        text.make_ascii_uppercase();
        for word in after_keyword.split_whitespace().chain(bodies) {
            text.push(' ');
            text.push_str(word);
        }
        text
    }

    /// The bytes of the keyword in the source.
    pub fn keyword_range(&self) -> Range {
        self.text.source_range(self.keyword)
    }

    /// The bytes of the arguments in the source; the keyword's where there are none.
    pub fn arguments_range(&self) -> Range {
        if self.arguments.is_empty() { self.keyword_range() } else { self.text.source_range(self.arguments) }
    }
}

/// A piece of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub kind: PieceKind,
    /// Its bytes.
    pub range: Range,
}

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PieceKind {
    /// A byte order mark, or a line of white space.
    Blank,
    /// A whole comment line.
    Comment,
    /// A directive line.
    Directive,
    /// A line, or a part of one, of an instruction.
    Instruction,
    /// The escape character, the blanks after it and the end of the line.
    Continuation,
    /// A line of a heredoc's body.
    HeredocBody,
    /// The line that ends a heredoc.
    HeredocEnd,
}

/// Something that BuildKit's parser refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Our name for the kind of error.
    pub rule: &'static str,
    /// The line BuildKit reports, from 1.
    pub line: usize,
    /// The bytes at fault.
    pub range: Range,
    /// One sentence without a full stop.
    pub message: String,
    /// What to do.
    pub note: Option<String>,
}

impl Parse<'_> {
    /// The text again, put together from the pieces.
    pub fn print(&self) -> String {
        self.pieces.iter().map(|piece| piece.range.of(self.source)).collect()
    }
}
