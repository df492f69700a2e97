//! Splits shell text into words and operators.

use super::word::{Part, Word};
use crate::text::Range;

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A word.
    Word(Word),
    /// `&&`, `|`, `(`, a new line as `\n`, …
    Operator(&'static str),
    /// A redirection with the number before it.
    Redirect(&'static str, Option<u32>),
}

/// The tokens of a text, each with its bytes; the bodies of heredocs, in order; and whether all was read.
#[derive(Default)]
pub(super) struct Tokens {
    pub(super) list: Vec<(Token, Range)>,
    pub(super) bodies: Vec<String>,
    pub(super) complete: bool,
}

const OPERATORS: [&str; 12] = ["&&", "||", ";;&", ";;", ";&", "|&", "&", ";", "|", "(", ")", "\n"];
const REDIRECTS: [&str; 11] = ["&>>", "&>", "<<<", "<<-", "<<", "<&", "<>", ">>", ">&", ">|", "<"];

/// Splits a text.
pub(super) fn tokens(text: &str) -> Tokens {
    let mut lexer =
        Lexer { text, at: 0, tokens: Tokens { complete: true, ..Tokens::default() }, heredocs: Vec::new() };
    lexer.tokens.list.reserve(text.len() / 8);
    lexer.run();
    lexer.tokens
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    tokens: Tokens,
    /// The heredocs announced on this line: where their name stands among the tokens, and whether tabs go.
    heredocs: Vec<(usize, bool)>,
}

impl Lexer<'_> {
    fn run(&mut self) {
        while let Some(character) = self.rest().chars().next() {
            match character {
                ' ' | '\t' | '\r' => self.at += 1,
                '\\' if self.rest().starts_with("\\\n") => self.at += 2,
                '#' => self.at += self.rest().find('\n').unwrap_or(self.rest().len()),
                _ => self.token(),
            }
        }
        self.heredoc_bodies();
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn token(&mut self) {
        let start = self.at;
        let first = self.rest().as_bytes().first();
        if !first.is_some_and(|first| first.is_ascii_digit() || b"&|;()<>\n".contains(first)) {
            return self.word(start);
        }
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        let behind = &self.rest()[digits..];
        let redirects = REDIRECTS.iter().chain(&[">"]).copied();
        if let Some(operator) = redirects.clone().find(|operator| behind.starts_with(operator)) {
            // `&>` never takes a number.
            if digits == 0 || !operator.starts_with('&') {
                let descriptor = self.rest()[..digits].parse().ok();
                self.at += digits + operator.len();
                self.push(Token::Redirect(operator, descriptor), start);
                if matches!(operator, "<<" | "<<-") {
                    self.heredocs.push((self.tokens.list.len(), operator == "<<-"));
                }
                return;
            }
        }
        if let Some(operator) = OPERATORS.iter().find(|operator| self.rest().starts_with(**operator)) {
            self.at += operator.len();
            self.push(Token::Operator(operator), start);
            if *operator == "\n" {
                self.heredoc_bodies();
            }
            return;
        }
        self.word(start);
    }

    fn word(&mut self, start: usize) {
        let parts = self.word_parts();
        self.push(Token::Word(Word { parts, range: Range::new(start, self.at) }), start);
    }

    fn push(&mut self, token: Token, start: usize) {
        self.tokens.list.push((token, Range::new(start, self.at)));
    }

    /// The lines up to the name of each heredoc that the line just read announces.
    fn heredoc_bodies(&mut self) {
        for (index, strip_tabs) in std::mem::take(&mut self.heredocs) {
            let name = match self.tokens.list.get(index) {
                Some((Token::Word(word), _)) => word.text(),
                _ => String::new(),
            };
            let mut body = String::new();
            loop {
                if self.rest().is_empty() {
                    self.tokens.complete = false;
                    break;
                }
                let line = self.rest().split_inclusive('\n').next().unwrap_or_default().to_owned();
                self.at += line.len();
                let shown = if strip_tabs { line.trim_start_matches('\t') } else { &line };
                if shown.trim_end_matches(['\n', '\r']) == name {
                    break;
                }
                body.push_str(shown);
            }
            self.tokens.bodies.push(body);
        }
    }

    fn word_parts(&mut self) -> Vec<Part> {
        // Most words are one part, and there are many words.
        let mut parts = Vec::with_capacity(1);
        while let Some(character) = self.rest().chars().next() {
            match character {
                ' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>' => break,
                '\'' => {
                    self.at += 1;
                    let end = self.rest().find('\'');
                    let quoted = self.take(end.unwrap_or(self.rest().len()));
                    self.close(end.is_some());
                    parts.push(Part::Quoted(quoted));
                }
                '"' => {
                    self.at += 1;
                    self.double_quoted(&mut parts);
                }
                '\\' => {
                    self.at += 1;
                    let escaped = self.rest().chars().next().map_or(0, char::len_utf8);
                    let escaped = self.take(escaped);
                    if escaped != "\n" {
                        parts.push(Part::Quoted(escaped));
                    }
                }
                '$' | '`' => self.expansion(&mut parts, false),
                _ => {
                    let special = |byte: u8| b" \t\r\n;&|()<>'\"\\$`".contains(&byte);
                    let length = self.rest().bytes().position(special).unwrap_or(self.rest().len());
                    let plain = self.take(length);
                    parts.push(Part::Plain(plain));
                }
            }
        }
        parts
    }

    fn double_quoted(&mut self, parts: &mut Vec<Part>) {
        let mut text = String::new();
        loop {
            let Some(character) = self.rest().chars().next() else {
                self.tokens.complete = false;
                break;
            };
            match character {
                '"' => {
                    self.at += 1;
                    break;
                }
                '\\' => {
                    self.at += 1;
                    match self.rest().chars().next() {
                        Some('\n') => self.at += 1,
                        Some(escaped @ ('"' | '$' | '`' | '\\')) => {
                            self.at += 1;
                            text.push(escaped);
                        }
                        _ => text.push('\\'),
                    }
                }
                '$' | '`' => {
                    parts.push(Part::Quoted(std::mem::take(&mut text)));
                    self.expansion(parts, true);
                }
                other => {
                    self.at += other.len_utf8();
                    text.push(other);
                }
            }
        }
        parts.push(Part::Quoted(text));
    }

    /// At `$` or a backtick.
    fn expansion(&mut self, parts: &mut Vec<Part>, quoted: bool) {
        let rest = self.rest();
        if rest.starts_with('`') {
            self.at += 1;
            let end = self.rest().find('`');
            let inner = self.take(end.unwrap_or(self.rest().len()));
            self.close(end.is_some());
            return parts.push(Part::Substitution(inner));
        }
        if rest.starts_with("$((") {
            self.at += 3;
            let inner = self.balanced('(', ')');
            self.close(self.rest().starts_with(')'));
            return parts.push(Part::Arithmetic(inner));
        }
        if rest.starts_with("$(") {
            self.at += 2;
            let inner = self.balanced('(', ')');
            return parts.push(Part::Substitution(inner));
        }
        if rest.starts_with("${") {
            self.at += 2;
            let inner = self.balanced('{', '}');
            let name = inner.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
            let (name, modifier) = (inner[..name].to_owned(), inner[name..].to_owned());
            return parts.push(Part::Variable { name, modifier, quoted });
        }
        let behind = &rest[1..];
        let name = behind.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        let special = behind.starts_with(['@', '*', '#', '?', '-', '$', '!']);
        let name = if name == 0 && special { 1 } else { name };
        self.at += 1;
        let name = self.take(name);
        let part = Part::Variable { name: name.clone(), modifier: String::new(), quoted };
        parts.push(if name.is_empty() { Part::Quoted("$".to_owned()) } else { part });
    }

    /// The text up to the closing character, nested pairs, quotes and escapes inside heeded. The closing
    /// character is passed over.
    fn balanced(&mut self, open: char, close: char) -> String {
        let (mut depth, mut quote, mut escaped) = (1_usize, None, false);
        let end = self.rest().char_indices().find_map(|(at, character)| {
            match (character, quote) {
                _ if escaped => escaped = false,
                ('\\', quote) if quote != Some('\'') => escaped = true,
                (character, Some(inside)) if character == inside => quote = None,
                (_, Some(_)) => {}
                ('\'' | '"', None) => quote = Some(character),
                (character, None) if character == open => depth += 1,
                (character, None) if character == close => depth -= 1,
                _ => {}
            }
            (depth == 0).then_some(at)
        });
        let inner = self.take(end.unwrap_or(self.rest().len()));
        self.close(end.is_some());
        inner
    }

    fn take(&mut self, length: usize) -> String {
        let taken = self.rest()[..length].to_owned();
        self.at += length;
        taken
    }

    /// Passes over a closing character of one byte, where it is there.
    fn close(&mut self, there: bool) {
        self.tokens.complete &= there;
        self.at += usize::from(there);
    }
}
