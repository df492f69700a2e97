//! From tokens to commands.

use super::lexer::{Token, tokens};
use super::{Command, List, Node, Redirect, Script, Statement, When, Word};
use crate::text::Range;

/// How deep compound commands may nest: beyond it, the rest is left out.
const DEEPEST: usize = 64;

/// Reads a text.
pub fn parse(text: &str) -> Script {
    let tokens = tokens(text);
    let mut parser = Parser {
        tokens: tokens.list,
        bodies: tokens.bodies.into_iter(),
        at: 0,
        depth: 0,
        complete: tokens.complete,
    };
    let mut body = List::default();
    while parser.at < parser.tokens.len() {
        body.0.extend(parser.list(&[]).0);
        if parser.at < parser.tokens.len() {
            // A closing word without its opening one: passed over.
            parser.complete = false;
            parser.at += 1;
        }
    }
    Script { body, complete: parser.complete }
}

struct Parser {
    tokens: Vec<(Token, Range)>,
    bodies: std::vec::IntoIter<String>,
    at: usize,
    depth: usize,
    complete: bool,
}

const OPENING: [&str; 8] = ["{", "if", "for", "select", "while", "until", "case", "function"];
const CLOSING: [&str; 8] = ["then", "elif", "else", "fi", "do", "done", "esac", "}"];

impl Parser {
    /// Statements up to one of the closing words or `)`, which is left standing.
    fn list(&mut self, until: &[&str]) -> List {
        let mut list = List::default();
        let mut when = When::Always;
        loop {
            while self.operator(&["\n", ";", "&"]) {
                when = When::Always;
            }
            let Some((token, _)) = self.tokens.get(self.at) else { return list };
            let stops = match token {
                Token::Operator(operator) => matches!(*operator, ")" | ";;" | ";;&" | ";&"),
                Token::Word(word) => {
                    let text = keyword(word);
                    until.contains(&text) || CLOSING.contains(&text)
                }
                Token::Redirect(..) => false,
            };
            if stops {
                return list;
            }
            let before = self.at;
            list.0.push(self.statement(when));
            when = match self.next_operator(&["&&", "||"]) {
                Some("&&") => When::Success,
                Some(_) => When::Failure,
                None => When::Always,
            };
            while when != When::Always && self.operator(&["\n"]) {}
            if self.at == before {
                // Nothing that can begin a command: passed over.
                self.complete = false;
                self.at += 1;
            }
        }
    }

    fn statement(&mut self, when: When) -> Statement {
        let negated = self.word_is("!");
        self.at += usize::from(negated);
        let mut pipeline = vec![self.node()];
        while self.operator(&["|", "|&"]) {
            while self.operator(&["\n"]) {}
            pipeline.push(self.node());
        }
        Statement { when, pipeline, negated }
    }

    fn node(&mut self) -> Node {
        if self.depth >= DEEPEST {
            self.complete = false;
            self.at = self.tokens.len();
            return Node::Command(Command::default());
        }
        self.depth += 1;
        let node = self.compound().unwrap_or_else(|| self.command());
        self.depth -= 1;
        node
    }

    fn compound(&mut self) -> Option<Node> {
        if self.operator(&["("]) {
            let body = self.list(&[]);
            self.expect_operator(")");
            return Some(Node::Subshell(body, self.redirects()));
        }
        let is_function = self.is_operator(self.at + 1, "(") && self.is_operator(self.at + 2, ")");
        let word = match self.tokens.get(self.at) {
            Some((Token::Word(word), _)) if is_function || OPENING.contains(&keyword(word)) => {
                keyword(word).to_owned()
            }
            _ => return None,
        };
        let node = match word.as_str() {
            "{" => {
                self.at += 1;
                let body = self.list(&["}"]);
                self.expect_word("}");
                Node::Group(body, self.redirects())
            }
            "if" => self.if_node(),
            "for" | "select" => self.for_node(),
            "while" | "until" => {
                self.at += 1;
                let condition = self.list(&["do"]);
                let body = self.do_body();
                Node::While(condition, body, self.redirects())
            }
            "case" => self.case_node(),
            "function" => {
                self.at += 1;
                let name = self.word().map(|word| word.text()).unwrap_or_default();
                self.function(name)
            }
            name => {
                self.at += 1;
                self.function(name.to_owned())
            }
        };
        Some(node)
    }

    fn if_node(&mut self) -> Node {
        let mut branches = Vec::new();
        while self.word_is("if") || self.word_is("elif") {
            self.at += 1;
            let condition = self.list(&["then"]);
            self.expect_word("then");
            branches.push((condition, self.list(&["elif", "else", "fi"])));
        }
        let otherwise = self.word_is("else").then(|| {
            self.at += 1;
            self.list(&["fi"])
        });
        self.expect_word("fi");
        Node::If(branches, otherwise, self.redirects())
    }

    fn for_node(&mut self) -> Node {
        self.at += 1;
        let name = self.word().map(|word| word.text()).unwrap_or_default();
        let mut words = Vec::new();
        while self.operator(&["\n"]) {}
        if self.word_is("in") {
            self.at += 1;
            while let Some(word) = self.word() {
                words.push(word);
            }
        }
        while self.operator(&["\n", ";"]) {}
        let body = self.do_body();
        Node::For(name, words, body, self.redirects())
    }

    fn do_body(&mut self) -> List {
        self.expect_word("do");
        let body = self.list(&["done"]);
        self.expect_word("done");
        body
    }

    fn case_node(&mut self) -> Node {
        self.at += 1;
        let word = self.word().unwrap_or_default();
        while self.operator(&["\n"]) {}
        self.expect_word("in");
        let mut arms = Vec::new();
        loop {
            while self.operator(&["\n", ";;", ";;&", ";&"]) {}
            if self.at >= self.tokens.len() || self.word_is("esac") {
                break;
            }
            self.operator(&["("]);
            let mut patterns = Vec::new();
            while let Some(pattern) = self.word() {
                patterns.push(pattern);
                self.operator(&["|"]);
            }
            let before = self.at;
            self.expect_operator(")");
            arms.push((patterns, self.list(&["esac"])));
            if self.at == before {
                break;
            }
        }
        self.expect_word("esac");
        Node::Case(word, arms, self.redirects())
    }

    fn function(&mut self, name: String) -> Node {
        self.operator(&["("]);
        self.operator(&[")"]);
        while self.operator(&["\n"]) {}
        Node::Function(name, Box::new(self.node()))
    }

    fn command(&mut self) -> Node {
        let mut command = Command::default();
        let start = self.tokens.get(self.at).map_or(0, |(_, range)| range.start);
        command.range = Range::new(start, start);
        loop {
            command.redirects.extend(self.redirects());
            let Some(word) = self.word() else { break };
            command.range.end = word.range.end;
            match assignment(&word).filter(|_| command.words.is_empty()) {
                Some(assignment) => command.assignments.push(assignment),
                None => command.words.push(word),
            }
        }
        let last = self.at.checked_sub(1).and_then(|last| self.tokens.get(last));
        command.range.end = last.map_or(command.range.end, |(_, range)| range.end.max(command.range.end));
        Node::Command(command)
    }

    fn redirects(&mut self) -> Vec<Redirect> {
        let mut redirects = Vec::new();
        while let Some((Token::Redirect(operator, descriptor), _)) = self.tokens.get(self.at) {
            let (operator, descriptor) = (*operator, *descriptor);
            self.at += 1;
            let target = self.word().unwrap_or_default();
            let body = matches!(operator, "<<" | "<<-").then(|| self.bodies.next().unwrap_or_default());
            redirects.push(Redirect { operator, descriptor, target, body });
        }
        redirects
    }

    fn word(&mut self) -> Option<Word> {
        let Some((Token::Word(word), _)) = self.tokens.get_mut(self.at) else { return None };
        self.at += 1;
        // Nobody goes back to a word that was read.
        Some(std::mem::take(word))
    }

    fn word_is(&self, wanted: &str) -> bool {
        matches!(self.tokens.get(self.at), Some((Token::Word(word), _)) if keyword(word) == wanted)
    }

    fn expect_word(&mut self, wanted: &str) {
        let there = self.word_is(wanted);
        self.complete &= there;
        self.at += usize::from(there);
    }

    fn operator(&mut self, wanted: &[&str]) -> bool {
        self.next_operator(wanted).is_some()
    }

    fn next_operator(&mut self, wanted: &[&str]) -> Option<&'static str> {
        let Some((Token::Operator(operator), _)) = self.tokens.get(self.at) else { return None };
        let operator = *operator;
        wanted.contains(&operator).then(|| {
            self.at += 1;
            operator
        })
    }

    fn expect_operator(&mut self, wanted: &str) {
        let there = self.operator(&[wanted]);
        self.complete &= there;
    }

    fn is_operator(&self, at: usize, wanted: &str) -> bool {
        matches!(self.tokens.get(at), Some((Token::Operator(operator), _)) if *operator == wanted)
    }
}

/// The word where it could be a keyword: one plain part.
fn keyword(word: &Word) -> &str {
    match word.parts.as_slice() {
        [super::Part::Plain(text)] => text,
        _ => "",
    }
}

/// `NAME=value` at the start of a command.
fn assignment(word: &Word) -> Option<(String, Word)> {
    let Some(super::Part::Plain(first)) = word.parts.first() else { return None };
    let (name, value) = first.split_once('=')?;
    let name = name.strip_suffix('+').unwrap_or(name);
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    let mut parts = word.parts.clone();
    parts[0] = super::Part::Plain(value.to_owned());
    is_name.then(|| (name.to_owned(), Word { parts, range: word.range }))
}
