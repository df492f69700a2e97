//! Three ways to split arguments: at blanks, by quoted words, as a JSON array.

use crate::json;
use crate::text::Range;

/// A word of the joined line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Its text: as written, or decoded where it stands in JSON.
    pub text: String,
    /// Its place in the joined line.
    pub place: Range,
}

/// What splits most arguments: runs of blanks, without regard to quotes.
pub fn is_blank(character: char) -> bool {
    matches!(character, '\t' | '\x0b' | '\x0c' | '\r' | ' ')
}

/// The words between blanks. `text` stands at `offset` of the joined line.
pub fn split_blanks(text: &str, offset: usize) -> Vec<Word> {
    if text.is_empty() {
        return Vec::new();
    }
    let mut words = Vec::new();
    let mut rest = text;
    loop {
        let start = text.len() - rest.len();
        let end = rest.find(is_blank).map_or(text.len(), |at| start + at);
        words.push(Word {
            text: text[start..end].to_owned(),
            place: Range::new(offset + start, offset + end),
        });
        if end == text.len() {
            return words;
        }
        rest = text[end..].trim_start_matches(is_blank);
    }
}

/// The words of ENV, LABEL and ARG: quotes and the escape protect white space and stay in the word.
pub fn split_quoted(text: &str, offset: usize, escape: char) -> Vec<Word> {
    let mut words = Vec::new();
    let mut characters = text.char_indices().peekable();
    loop {
        while characters.next_if(|(_, character)| character.is_whitespace()).is_some() {}
        let Some(&(start, _)) = characters.peek() else { return words };
        let mut word = String::new();
        let mut quote = None;
        let mut quoted = false;
        let mut end = text.len();
        while let Some(&(at, character)) = characters.peek() {
            if quote.is_none() && character.is_whitespace() {
                end = at;
                break;
            }
            characters.next();
            if character == escape && quote != Some('\'') {
                // An escape at the very end is dropped; elsewhere it stays, with what it escapes.
                if let Some((_, escaped)) = characters.next() {
                    word.extend([character, escaped]);
                }
                continue;
            }
            match (character, quote) {
                ('\'' | '"', None) => {
                    quote = Some(character);
                    quoted = true;
                }
                (character, Some(open)) if character == open => quote = None,
                _ => {}
            }
            word.push(character);
        }
        if quoted || !word.is_empty() {
            words.push(Word { text: word, place: Range::new(offset + start, offset + end) });
        }
    }
}

/// What arguments that may be JSON turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MaybeJson {
    /// An array of strings.
    Strings(Vec<String>),
    /// An array that holds something else: refused.
    NotStrings,
    /// No JSON array: the shell form.
    Shell,
}

/// Reads `text` as a JSON array of strings, as far as it is one.
pub fn parse_json(text: &str) -> MaybeJson {
    if !text.trim_start().starts_with('[') {
        return MaybeJson::Shell;
    }
    match json::strings(text) {
        Some(strings) => MaybeJson::Strings(strings),
        None if json::is_list(text) => MaybeJson::NotStrings,
        None => MaybeJson::Shell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn quoted(text: &str, expected: &[&str]) {
        let words: Vec<String> = split_quoted(text, 0, '\\').into_iter().map(|word| word.text).collect();
        assert_eq!(words, expected, "{text}");
    }

    #[test]
    fn blanks_split_without_regard_to_quotes() {
        let words = split_blanks("\"a b\"  c", 10);
        let words: Vec<_> = words.iter().map(|word| (word.text.as_str(), word.place.start)).collect();
        assert_eq!(words, [("\"a", 10), ("b\"", 13), ("c", 17)]);
    }

    #[test]
    fn quotes_and_escapes_protect_blanks_and_stay() {
        quoted(r#"a="x y" b='p q' c=d\ e"#, &[r#"a="x y""#, "b='p q'", r"c=d\ e"]);
        quoted(r#"a="x\"y z" b"#, &[r#"a="x\"y z""#, "b"]);
        quoted(r"a=\", &["a="]);
        quoted("  ", &[]);
    }

    #[test]
    fn json_is_an_array_of_strings_or_the_shell_form() {
        assert_eq!(parse_json(r#"["a", "b"]"#), MaybeJson::Strings(vec!["a".into(), "b".into()]));
        assert_eq!(parse_json("[]"), MaybeJson::Strings(vec![]));
        assert_eq!(parse_json(r#"["a", 1]"#), MaybeJson::NotStrings);
        for shell in ["['a']", r#"["a"] b"#, r#"["\w"]"#, "[", "a"] {
            assert_eq!(parse_json(shell), MaybeJson::Shell, "{shell}");
        }
    }
}
