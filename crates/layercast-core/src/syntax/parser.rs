//! The parser: physical lines to instructions, going on after every problem.

use super::directives::{Directive, Directives, parse_directive};
use super::flags::split_flags;
use super::heredoc::{Heredoc, heredoc_words};
use super::logical::LogicalLine;
use super::tree::{Node, Parse, Piece, PieceKind, Problem};
use super::words::is_blank;
use crate::text::{LineIndex, Range};

/// The longest line that BuildKit reads, in bytes.
const LONGEST_LINE: usize = 65_535;

/// Parses a whole text.
pub fn parse(source: &str) -> Parse<'_> {
    let lines = LineIndex::new(source);
    let parse = Parse {
        source,
        directives: Directives::default(),
        nodes: Vec::with_capacity(lines.count() / 2),
        pieces: Vec::with_capacity(lines.count()),
        problems: Vec::new(),
        lines,
    };
    Parser { parse, line: 1, offset: 0, directives_open: true, comments: Vec::new() }.run()
}

struct Parser<'a> {
    parse: Parse<'a>,
    /// The line to read next, from 1, and its first byte.
    line: usize,
    offset: usize,
    directives_open: bool,
    comments: Vec<&'a str>,
}

/// One physical line.
#[derive(Clone, Copy)]
struct Line<'a> {
    number: usize,
    start: usize,
    /// With its end.
    full: &'a str,
    /// Without `\r` and `\n` at its end.
    text: &'a str,
}

impl<'a> Parser<'a> {
    fn run(mut self) -> Parse<'a> {
        if self.parse.source.is_empty() {
            self.problem(
                "empty-file",
                1,
                Range::new(0, 0),
                "the Dockerfile is empty",
                "Begin with FROM and a base image.",
            );
            return self.parse;
        }
        if self.parse.source.starts_with('\u{feff}') {
            self.piece(PieceKind::Blank, Range::new(0, 3));
            self.offset = 3;
        }
        while let Some(line) = self.next_line() {
            self.line_at_top(line);
        }
        let end = Range::new(self.parse.source.len(), self.parse.source.len());
        if self.parse.nodes.is_empty() {
            let last = self.line - 1;
            self.problem(
                "no-instructions",
                last,
                end,
                "there is no instruction in this file",
                "Begin with FROM and a base image.",
            );
        }
        self.find_long_lines();
        self.parse
    }

    fn next_line(&mut self) -> Option<Line<'a>> {
        let rest = &self.parse.source[self.offset..];
        if rest.is_empty() {
            return None;
        }
        let full = &rest[..rest.find('\n').map_or(rest.len(), |at| at + 1)];
        let line =
            Line { number: self.line, start: self.offset, full, text: full.trim_end_matches(['\r', '\n']) };
        self.line += 1;
        self.offset += full.len();
        Some(line)
    }

    fn line_at_top(&mut self, line: Line<'a>) {
        let text = line.text.trim_start();
        let is_directive = self.directive(line, text);
        if let Some(comment) = text.strip_prefix('#') {
            match (is_directive, comment.trim()) {
                (true, _) => {}
                (false, "") => self.comments.clear(),
                (false, comment) => self.comments.push(comment),
            }
            let kind = if is_directive { PieceKind::Directive } else { PieceKind::Comment };
            return self.piece(kind, whole(line));
        }
        if text.is_empty() {
            return self.piece(PieceKind::Blank, whole(line));
        }
        self.instruction(line, text);
    }

    /// Takes note of a directive, or of the end of the directives. True where the line is one.
    fn directive(&mut self, line: Line<'a>, text: &str) -> bool {
        if !self.directives_open {
            return false;
        }
        let Some((name, value)) = parse_directive(text) else {
            self.directives_open = false;
            return false;
        };
        // BuildKit reports what it refuses here at the line before.
        let reported = line.number - 1;
        if self.parse.directives.get(name).is_some() {
            let message = format!("the directive `{name}` is given twice");
            self.problem("duplicate-directive", reported, whole(line), &message, "Keep one of them.");
            return true;
        }
        if name == "escape" {
            match value {
                "\\" | "`" => self.parse.directives.escape = if value == "`" { '`' } else { '\\' },
                _ => {
                    let message = format!("`{value}` cannot be the escape character");
                    self.problem(
                        "invalid-escape",
                        reported,
                        whole(line),
                        &message,
                        "It is \\ or a backtick.",
                    );
                }
            }
        }
        let value = value.to_owned();
        self.parse.directives.list.push(Directive { name, value, range: whole(line), line: line.number });
        true
    }

    fn instruction(&mut self, first: Line<'a>, text: &'a str) {
        let indent = first.text.len() - text.len();
        let start = first.start + indent;
        let (kept, mut open) = self.strip_continuation(text);
        let mut joined = LogicalLine::new(kept, start);
        self.line_pieces(first, indent + kept.len(), open);
        let (mut end, mut end_line, mut empty_continuation) =
            (first.start + first.text.len(), first.number, false);
        while open {
            let Some(line) = self.next_line() else { break };
            end_line = line.number;
            let trimmed = line.text.trim_start();
            self.directive(line, line.text);
            if trimmed.starts_with('#') {
                self.piece(PieceKind::Comment, whole(line));
            } else if trimmed.is_empty() {
                empty_continuation = true;
                self.piece(PieceKind::Blank, whole(line));
            } else {
                let kept;
                (kept, open) = self.strip_continuation(line.text);
                joined.push(kept, line.start);
                self.line_pieces(line, kept.len(), open);
                end = line.start + line.text.len();
            }
        }
        let comments = std::mem::take(&mut self.comments);
        let Some(mut node) = split_node(joined) else { return };
        (node.line, node.end_line, node.range) = (first.number, end_line, Range::new(start, end));
        (node.comments, node.empty_continuation) = (comments, empty_continuation.then_some(end_line));
        self.heredocs(&mut node);
        self.parse.nodes.push(node);
    }

    /// The line without its continuation, and whether it had one. An escape behind an escape is none.
    fn strip_continuation(&self, text: &'a str) -> (&'a str, bool) {
        let escape = self.parse.directives.escape;
        match text.trim_end_matches([' ', '\t']).strip_suffix(escape) {
            Some(kept) if !kept.ends_with(escape) => (kept, true),
            _ => (text, false),
        }
    }

    fn line_pieces(&mut self, line: Line<'a>, kept: usize, continued: bool) {
        let end = line.start + line.full.len();
        if !continued {
            return self.piece(PieceKind::Instruction, whole(line));
        }
        self.piece(PieceKind::Instruction, Range::new(line.start, line.start + kept));
        self.piece(PieceKind::Continuation, Range::new(line.start + kept, end));
    }

    fn heredocs(&mut self, node: &mut Node<'a>) {
        if !takes_heredocs(node) || !node.text.text().contains("<<") {
            return;
        }
        let words = match heredoc_words(node.text.text()) {
            Ok(words) => words,
            Err(error) => {
                let message = format!("the name of a heredoc cannot be read: {error}");
                return self.problem(
                    "invalid-heredoc",
                    node.line,
                    node.range,
                    &message,
                    "Write it as <<EOF.",
                );
            }
        };
        for word in words {
            let start = self.offset;
            loop {
                let Some(line) = self.next_line() else {
                    let message = format!("the heredoc `{}` is not ended", word.name);
                    let body = &self.parse.source[start..];
                    let indented = body.lines().position(|line| line.trim() == word.name);
                    let note = match indented.map(|above| self.parse.lines.line(start) + above) {
                        Some(line) => format!(
                            "Line {line} holds `{0}`, but blanks too: let it hold `{0}` alone.",
                            word.name
                        ),
                        None => format!("End it with a line that holds `{}` alone.", word.name),
                    };
                    node.end_line = self.line - 1;
                    let range = announcement(node, &word.name);
                    return self.problem("unterminated-heredoc", node.line, range, &message, &note);
                };
                (node.end_line, node.range.end) = (line.number, line.start + line.text.len());
                if word.ends_at(line.full) {
                    self.piece(PieceKind::HeredocEnd, whole(line));
                    let range = Range::new(start, line.start);
                    node.heredocs.push(Heredoc { word, body: range.of(self.parse.source), range });
                    break;
                }
                self.piece(PieceKind::HeredocBody, whole(line));
            }
        }
    }

    fn find_long_lines(&mut self) {
        let mut start = 0;
        for line in self.parse.source.split('\n') {
            let range = Range::new(start, start + line.len());
            start += line.len() + 1;
            if line.len() > LONGEST_LINE {
                let number = self.parse.lines.line(range.start);
                let message =
                    format!("the line is longer than {LONGEST_LINE} bytes, the most that BuildKit reads");
                self.problem(
                    "long-line",
                    number.saturating_sub(1),
                    range,
                    &message,
                    "Break it up by continuations.",
                );
                return;
            }
        }
    }

    fn piece(&mut self, kind: PieceKind, range: Range) {
        if !range.is_empty() {
            self.parse.pieces.push(Piece { kind, range });
        }
    }

    fn problem(&mut self, rule: &'static str, line: usize, range: Range, message: &str, note: &str) {
        let (message, note) = (message.to_owned(), Some(note.to_owned()));
        self.parse.problems.push(Problem { rule, line, range, message, note });
    }
}

/// The bytes of `<<NAME`.
fn announcement(node: &Node<'_>, name: &str) -> Range {
    let line = node.text.text();
    let announces = |(at, _): &(usize, &str)| {
        let rest = line[at + 2..].trim_start_matches('-').trim_start();
        rest.trim_start_matches(['\'', '"']).starts_with(name)
    };
    match line.match_indices("<<").find(announces) {
        Some((at, _)) => {
            let length = line[at..].find(char::is_whitespace).unwrap_or(line.len() - at);
            node.text.source_range(Range::new(at, at + length))
        }
        None => node.text.source_range(node.keyword),
    }
}

fn whole(line: Line<'_>) -> Range {
    Range::new(line.start, line.start + line.full.len())
}

/// Splits a joined line into keyword, flags and arguments; none where nothing but white space was joined.
fn split_node(text: LogicalLine<'_>) -> Option<Node<'_>> {
    let (keyword, flags, arguments) = split_command(text.text(), 0);
    if keyword.is_empty() && text.text().is_empty() {
        return None;
    }
    Some(Node {
        range: Range::default(),
        line: 0,
        end_line: 0,
        keyword,
        flags,
        arguments,
        text,
        heredocs: Vec::new(),
        comments: Vec::new(),
        empty_continuation: None,
    })
}

/// The keyword, the flags and the arguments of `text[offset..]`, as places in `text`.
pub fn split_command(text: &str, offset: usize) -> (Range, Vec<super::flags::Flag>, Range) {
    let trimmed = trimmed_range(text, Range::new(offset, text.len()));
    let command = trimmed.of(text);
    let Some(blank) = command.find(is_blank) else {
        return (trimmed, Vec::new(), Range::new(trimmed.end, trimmed.end));
    };
    let keyword = Range::new(trimmed.start, trimmed.start + blank);
    let rest = command[blank..].trim_start_matches(is_blank);
    let rest_start = trimmed.end - rest.len();
    let (flags, at) = split_flags(rest, rest_start);
    (keyword, flags, trimmed_range(text, Range::new(rest_start + at, trimmed.end)))
}

/// `range` without the white space at both ends.
fn trimmed_range(text: &str, range: Range) -> Range {
    let piece = range.of(text);
    let start = range.start + (piece.len() - piece.trim_start().len());
    Range::new(start, start + piece.trim().len())
}

fn takes_heredocs(node: &Node<'_>) -> bool {
    let text = node.text.text();
    let (mut keyword, mut arguments) = (node.keyword, node.arguments);
    if keyword.of(text).eq_ignore_ascii_case("ONBUILD") {
        (keyword, _, arguments) = split_command(text, arguments.start);
    }
    let allowed = ["RUN", "COPY", "ADD"].iter().any(|allowed| keyword.of(text).eq_ignore_ascii_case(allowed));
    let is_json =
        || matches!(super::words::parse_json(arguments.of(text)), super::words::MaybeJson::Strings(_));
    allowed && !is_json()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, expected: &[&str]) {
        let parse = parse(source);
        assert_eq!(parse.print(), source);
        let nodes: Vec<String> = parse
            .nodes
            .iter()
            .map(|node| {
                let flags: Vec<_> = node.flags.iter().map(|flag| flag.name.as_str()).collect();
                format!("{}-{} {} {flags:?} {}", node.line, node.end_line, node.keyword(), node.arguments())
            })
            .collect();
        assert_eq!(nodes, expected);
    }

    #[track_caller]
    fn check_problem(source: &str, expected: &str) {
        let parse = parse(source);
        assert_eq!(parse.print(), source);
        let problems: Vec<_> =
            parse.problems.iter().map(|problem| format!("{}: {}", problem.line, problem.message)).collect();
        assert_eq!(problems.join("; "), expected);
    }

    #[test]
    fn continuations_are_glued_without_a_separator() {
        check("FROM a\nRUN b \\\n  c\\  \nd", &["1-1 FROM [] a", "2-4 RUN [] b   cd"]);
        check("FR\\\nOM a", &["1-2 FROM [] a"]);
        check("RUN a \\\\\nRUN b", &[r"1-1 RUN [] a \\", "2-2 RUN [] b"]);
    }

    #[test]
    fn comments_and_blank_lines_vanish_inside_a_continuation() {
        check("RUN a \\\n# why \\\n\n  b", &["1-4 RUN [] a   b"]);
        assert_eq!(parse("RUN a \\\n\n  b").nodes[0].empty_continuation, Some(3));
    }

    #[test]
    fn the_escape_may_be_a_backtick() {
        check("# escape=`\nRUN a `\n b\\\nRUN c", &["2-3 RUN [] a  b\\", "4-4 RUN [] c"]);
    }

    #[test]
    fn flags_stand_apart_from_arguments() {
        check("COPY --from=b --link a b", &[r#"1-1 COPY ["from", "link"] a b"#]);
    }

    #[test]
    fn heredoc_bodies_belong_to_their_instruction() {
        check("RUN <<A <<-B\na\nA\n\tb\n\tB\nCMD c", &["1-5 RUN [] <<A <<-B", "6-6 CMD [] c"]);
        check("CMD <<A\nRUN a", &["1-1 CMD [] <<A", "2-2 RUN [] a"]);
        check("ONBUILD RUN <<A\nx\nA", &["1-3 ONBUILD [] RUN <<A"]);
    }

    #[test]
    fn problems_do_not_stop_the_parser() {
        check_problem("", "1: the Dockerfile is empty");
        check_problem("# a\n", "1: there is no instruction in this file");
        check_problem("# escape=x\nFROM a", "0: `x` cannot be the escape character");
        check_problem("RUN <<A\nx", "1: the heredoc `A` is not ended");
    }

    #[test]
    fn comments_above_belong_to_the_instruction() {
        let parse = parse("# one\n# two\n\nFROM a\n# three\n#\nRUN b");
        assert_eq!(parse.nodes[0].comments, ["one", "two"]);
        assert!(parse.nodes[1].comments.is_empty());
    }
}
