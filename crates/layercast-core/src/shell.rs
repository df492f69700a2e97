//! The shell text of RUN, read: commands and what joins them. Small on purpose: what bash has beyond it is read
//! as plain words.
//! Reference: <https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html>.
//!
//! **Invariant:** parsing never fails and nests only so deep; what cannot be read is left out and
//! [`Script::complete`] says so.

mod lexer;
mod parser;
#[cfg(test)]
mod tests;
pub mod word;

use crate::text::Range;
pub use parser::parse;
pub use word::{Part, Word};

/// A whole text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// What it runs, in order.
    pub body: List,
    /// False where some of it could not be read.
    pub complete: bool,
}

/// Statements, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List(pub Vec<Statement>);

/// One pipeline, and what joins it to the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// When it runs.
    pub when: When,
    /// The parts of the pipeline; one where there is no `|`.
    pub pipeline: Vec<Node>,
    /// True with `!` before it.
    pub negated: bool,
}

/// When a statement runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Whatever the one before did: `;`, a new line, `&`.
    Always,
    /// When the one before succeeded: `&&`.
    Success,
    /// When the one before failed: `||`.
    Failure,
}

/// A command, simple or compound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A program and its arguments.
    Command(Command),
    /// `( … )`: what it changes of directory and variables stays inside.
    Subshell(List, Vec<Redirect>),
    /// `{ …; }`.
    Group(List, Vec<Redirect>),
    /// `if`: conditions with what they lead to, and what runs otherwise.
    If(Vec<(List, List)>, Option<List>, Vec<Redirect>),
    /// `for`: the variable, the words it takes, the body.
    For(String, Vec<Word>, List, Vec<Redirect>),
    /// `while` and `until`: the condition and the body.
    While(List, List, Vec<Redirect>),
    /// `case`: the word, and what runs for each set of patterns.
    Case(Word, Vec<(Vec<Word>, List)>, Vec<Redirect>),
    /// A function's name and body: it runs where it is called.
    Function(String, Box<Node>),
}

/// A program and its arguments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// The variables set before it: for it alone, or for what follows where there are no words.
    pub assignments: Vec<(String, Word)>,
    /// The program and its arguments.
    pub words: Vec<Word>,
    /// Where its input and output go.
    pub redirects: Vec<Redirect>,
    /// Its bytes within the text.
    pub range: Range,
}

/// Where input or output goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// `>`, `>>`, `<`, `<<`, `2>` has `>` and 2.
    pub operator: &'static str,
    /// The number before the operator.
    pub descriptor: Option<u32>,
    /// The file, the other descriptor, or the name of a heredoc.
    pub target: Word,
    /// The body of a heredoc.
    pub body: Option<String>,
}

impl Command {
    /// The program, its folder left aside: `apt-get` for `/usr/bin/apt-get`.
    pub fn program(&self) -> String {
        let text = self.words.first().map(Word::text).unwrap_or_default();
        text.rsplit('/').next().unwrap_or_default().to_owned()
    }

    /// The words behind the program.
    pub fn arguments(&self) -> &[Word] {
        self.words.get(1..).unwrap_or_default()
    }
}

impl Script {
    /// Every simple command, in the order of the text, whatever stands around it.
    pub fn commands(&self) -> Vec<&Command> {
        let mut commands = Vec::new();
        self.body.collect(&mut commands);
        commands
    }
}

impl List {
    fn collect<'l>(&'l self, commands: &mut Vec<&'l Command>) {
        self.0.iter().flat_map(|statement| &statement.pipeline).for_each(|node| node.collect(commands));
    }
}

impl Node {
    fn collect<'n>(&'n self, commands: &mut Vec<&'n Command>) {
        match self {
            Self::Command(command) => commands.push(command),
            Self::Subshell(list, _) | Self::Group(list, _) | Self::For(_, _, list, _) => {
                list.collect(commands)
            }
            Self::If(branches, otherwise, _) => {
                let lists = branches.iter().flat_map(|(condition, body)| [condition, body]);
                lists.chain(otherwise).for_each(|list| list.collect(commands));
            }
            Self::While(condition, body, _) => {
                condition.collect(commands);
                body.collect(commands);
            }
            Self::Case(_, arms, _) => arms.iter().for_each(|(_, body)| body.collect(commands)),
            Self::Function(_, body) => body.collect(commands),
        }
    }
}
