//! A word of the shell: what stands in it, what is quoted, what is only known when it runs.

use crate::text::Range;

/// A word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// What it is made of.
    pub parts: Vec<Part>,
    /// Its bytes within the text.
    pub range: Range,
}

/// A part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text outside quotes: `*`, `?`, `[` in it are patterns.
    Plain(String),
    /// Text in quotes or behind an escape.
    Quoted(String),
    /// `$name`, `${name…}`.
    Variable {
        /// The name.
        name: String,
        /// What follows the name inside braces: `:-default`.
        modifier: String,
        /// True inside double quotes.
        quoted: bool,
    },
    /// `$(…)` or `` `…` ``: the text inside.
    Substitution(String),
    /// `$((…))`: the text inside.
    Arithmetic(String),
}

impl Word {
    /// The word without its quotes; variables and substitutions as they are written.
    pub fn text(&self) -> String {
        if let [Part::Plain(text) | Part::Quoted(text)] = self.parts.as_slice() {
            return text.clone();
        }
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Plain(part) | Part::Quoted(part) => text.push_str(part),
                Part::Variable { name, modifier, .. } if modifier.is_empty() => {
                    text.push('$');
                    text.push_str(name);
                }
                Part::Variable { name, modifier, .. } => text.push_str(&format!("${{{name}{modifier}}}")),
                Part::Substitution(inner) => text.push_str(&format!("$({inner})")),
                Part::Arithmetic(inner) => text.push_str(&format!("$(({inner}))")),
            }
        }
        text
    }

    /// The word as it is when it runs; none where that is not known before. `value` gives variables their values.
    pub fn expand(&self, mut value: impl FnMut(&str) -> Option<String>) -> Option<String> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Plain(part) | Part::Quoted(part) => text.push_str(part),
                Part::Variable { name, modifier, .. } => text.push_str(&modified(value(name), modifier)?),
                Part::Substitution(_) | Part::Arithmetic(_) => return None,
            }
        }
        Some(text)
    }

    /// True where nothing of it is left to the time it runs.
    pub fn is_literal(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Plain(_) | Part::Quoted(_)))
    }

    /// True where it holds a pattern outside quotes.
    pub fn has_pattern(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Plain(text) if text.contains(['*', '?', '['])))
    }
}

/// A variable's value after its modifier; none where the value, or what the modifier does, is not known.
fn modified(value: Option<String>, modifier: &str) -> Option<String> {
    let with_colon = modifier.strip_prefix(':');
    let present = value.as_ref().is_some_and(|value| with_colon.is_none() || !value.is_empty());
    let rest = with_colon.unwrap_or(modifier);
    let plain = |operand: &str| (!operand.contains(['$', '`', '"', '\''])).then(|| operand.to_owned());
    match rest.chars().next() {
        None => value,
        Some('-' | '=') if present => value,
        Some('-' | '=') => plain(&rest[1..]),
        Some('+') => {
            if present {
                plain(&rest[1..])
            } else {
                Some(String::new())
            }
        }
        Some('?') => value,
        _ => None,
    }
}
