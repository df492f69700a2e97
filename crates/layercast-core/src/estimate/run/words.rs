//! The words of a command as they are when it runs, as far as that is known before.

use super::super::machine::Machine;
use crate::shell::word::{Part, Word};

/// The words that one word becomes, and whether some of it is only known when it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Expanded {
    /// The words.
    pub(super) words: Vec<String>,
    /// True where a part is missing.
    pub(super) open: bool,
}

/// Expands a word as the shell does: a variable outside quotes becomes as many words as its value has.
pub(super) fn expand(word: &Word, machine: &mut Machine<'_>) -> Expanded {
    let mut expanded = Expanded::default();
    let mut current: Option<String> = None;
    for part in &word.parts {
        let (value, splits) = match part {
            Part::Plain(text) | Part::Quoted(text) => (Some(text.clone()), false),
            Part::Variable { name, modifier, quoted } => (variable(name, modifier, machine), !quoted),
            Part::Substitution(text) => (super::script::output_of(text, machine), true),
            Part::Arithmetic(_) => (None, true),
        };
        let Some(value) = value else {
            expanded.open = true;
            continue;
        };
        if !splits {
            current.get_or_insert_default().push_str(&value);
            continue;
        }
        if value.starts_with(char::is_whitespace) {
            expanded.words.extend(current.take());
        }
        for (place, piece) in value.split_whitespace().enumerate() {
            if place > 0 {
                expanded.words.extend(current.take());
            }
            current.get_or_insert_default().push_str(piece);
        }
        if value.ends_with(char::is_whitespace) {
            expanded.words.extend(current.take());
        }
    }
    expanded.words.extend(current);
    expanded
}

/// The same as one word; none where some of it is only known when it runs.
pub(super) fn expand_whole(word: &Word, machine: &mut Machine<'_>) -> Option<String> {
    let mut text = String::new();
    for part in &word.parts {
        match part {
            Part::Plain(part) | Part::Quoted(part) => text.push_str(part),
            Part::Variable { name, modifier, .. } => text.push_str(&variable(name, modifier, machine)?),
            Part::Substitution(inner) => text.push_str(&super::script::output_of(inner, machine)?),
            Part::Arithmetic(_) => return None,
        }
    }
    Some(text)
}

/// A variable's value. One that nobody sets is empty; one that is set to what is not known is not known.
fn variable(name: &str, modifier: &str, machine: &mut Machine<'_>) -> Option<String> {
    let is_unknown = machine.variables.get(name).is_some_and(Option::is_none);
    let value = machine.variable(name).or_else(|| match name {
        "HOME" => Some(machine.home()),
        "PWD" => Some(machine.folder.clone()),
        "?" | "#" => Some("0".to_owned()),
        _ => None,
    });
    if is_unknown {
        return None;
    }
    if modifier.is_empty() {
        return Some(value.unwrap_or_default());
    }
    let word = Word {
        parts: vec![Part::Variable { name: name.to_owned(), modifier: modifier.to_owned(), quoted: true }],
        ..Word::default()
    };
    if let Some(text) = word.expand(|_| value.clone()) {
        return Some(text);
    }
    trimmed(&value?, modifier)
}

/// `${name#prefix}`, `${name%suffix}`, where prefix and suffix are plain text or end in `*`.
fn trimmed(value: &str, modifier: &str) -> Option<String> {
    let (operator, pattern) = modifier.split_at(modifier.find(|character| !matches!(character, '#' | '%'))?);
    if pattern.contains(['$', '`', '"', '\'', '?', '[']) {
        return None;
    }
    let found = match (operator, pattern.strip_suffix('*'), pattern.strip_prefix('*')) {
        ("%", Some(text), _) if !text.contains('*') => value.rfind(text).map(|at| &value[..at]),
        ("%%", Some(text), _) if !text.contains('*') => value.find(text).map(|at| &value[..at]),
        ("#", _, Some(text)) if !text.contains('*') => value.find(text).map(|at| &value[at + text.len()..]),
        ("##", _, Some(text)) if !text.contains('*') => value.rfind(text).map(|at| &value[at + text.len()..]),
        ("%" | "%%", None, None) => value.strip_suffix(pattern),
        ("#" | "##", None, None) => value.strip_prefix(pattern),
        _ => return None,
    };
    Some(found.unwrap_or(value).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_cut_off_as_the_shell_does() {
        let cut = |modifier| trimmed("1.22.5-rc1", modifier);
        assert_eq!(cut("%-*").as_deref(), Some("1.22.5"));
        assert_eq!(cut("%%.*").as_deref(), Some("1"));
        assert_eq!(cut("##*.").as_deref(), Some("5-rc1"));
        assert_eq!(cut("#1.").as_deref(), Some("22.5-rc1"));
        assert_eq!(cut("/a/b"), None);
    }
}
