//! FROM: where a stage starts from, for which platform, under which name.

use super::flag_set::FlagKind;
use super::reader::{Reader, Refusal, Text};

/// FROM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct From {
    /// The base as written.
    pub base: Text,
    /// The stage's name as written.
    pub name: Option<Text>,
    /// `--platform` as written.
    pub platform: Option<Text>,
    /// The word between base and name, as written: `AS`, `as`.
    pub as_word: Option<Text>,
}

pub(super) fn read(reader: &Reader<'_>) -> Result<From, Refusal> {
    let words = reader.blank_words();
    let (base, as_word, name) = match words.as_slice() {
        [base] => (base, None, None),
        [base, as_word, name] if as_word.text.eq_ignore_ascii_case("as") => (base, Some(as_word), Some(name)),
        _ => return Err(wrong_arity(reader, &words)),
    };
    if let Some(name) = name.filter(|name| !is_stage_name(&name.text.to_ascii_lowercase())) {
        let message = format!("`{}` cannot be the name of a stage", name.text);
        return Err(reader
            .refuse_in_source("invalid-stage-name", name.range, message)
            .note("It begins with a letter, and goes on with letters, digits, `-`, `_` and `.`."));
    }
    let flags = reader.flags(&[("platform", FlagKind::Text)])?;
    let platform = flags.get("platform").filter(|platform| !platform.text.is_empty()).cloned();
    Ok(From { base: base.clone(), name: name.cloned(), platform, as_word: as_word.cloned() })
}

fn is_stage_name(name: &str) -> bool {
    let rest = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
    name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase()) && name.bytes().all(rest)
}

fn wrong_arity(reader: &Reader<'_>, words: &[Text]) -> Refusal {
    let refusal = reader.refuse("from-arguments", "FROM takes a base image, or a base image AS a name");
    match words {
        [_, hash, ..] if hash.text.starts_with('#') => refusal.note("A comment stands on a line of its own."),
        [_, as_word] if as_word.text.eq_ignore_ascii_case("as") => {
            refusal.note("The name behind AS is missing.")
        }
        [base, tag] if !is_stage_name(&tag.text.to_ascii_lowercase()) => {
            refusal.note(format!("Did you mean `FROM {}:{}`?", base.text, tag.text))
        }
        [base, name] => refusal.note(format!("Did you mean `FROM {} AS {}`?", base.text, name.text)),
        _ => refusal.note("Write `FROM image` or `FROM image AS name`."),
    }
}

#[cfg(test)]
mod tests {
    use crate::dockerfile::tests::check_refused;

    #[test]
    fn anything_but_one_or_three_words_is_refused() {
        let message = "FROM takes a base image, or a base image AS a name";
        check_refused("FROM", &format!("{message} (Write `FROM image` or `FROM image AS name`.) @ FROM"));
        check_refused("FROM a b", &format!("{message} (Did you mean `FROM a AS b`?) @ a b"));
        check_refused("FROM a 1.2", &format!("{message} (Did you mean `FROM a:1.2`?) @ a 1.2"));
        check_refused("FROM a # b", &format!("{message} (A comment stands on a line of its own.) @ a # b"));
    }

    #[test]
    fn a_stage_name_begins_with_a_letter() {
        let note = "It begins with a letter, and goes on with letters, digits, `-`, `_` and `.`.";
        check_refused("FROM a AS 1b", &format!("`1b` cannot be the name of a stage ({note}) @ 1b"));
    }
}
