//! Flags behind a keyword: `--from=build`, `--link`.

use crate::text::Range;

/// One flag word, its quotes and escapes removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// Its name, without `--`.
    pub name: String,
    /// What follows `=`; none where there is no `=`.
    pub value: Option<String>,
    /// Its place in the joined line.
    pub place: Range,
}

/// Reads the flags at the start of `rest`, which stands at `offset` of the joined line. Gives the flags and
/// the offset in `rest` at which the arguments begin. `--` alone ends the flags and is dropped.
pub fn split_flags(rest: &str, offset: usize) -> (Vec<Flag>, usize) {
    let mut flags = Vec::new();
    let mut at = 0;
    loop {
        at += rest[at..].len() - rest[at..].trim_start().len();
        if !rest[at..].starts_with("--") {
            return (flags, at);
        }
        let (word, end) = flag_word(rest, at);
        if word == "--" {
            return (flags, end);
        }
        let (name, value) = match word[2..].split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (&word[2..], None),
        };
        let place = Range::new(offset + at, offset + end);
        flags.push(Flag { name: name.to_owned(), value, place });
        at = end;
    }
}

/// One word up to white space outside quotes; both kinds of quotes and the backslash are taken out.
fn flag_word(rest: &str, start: usize) -> (String, usize) {
    let mut word = String::new();
    let mut quote = None;
    let mut characters = rest[start..].char_indices();
    while let Some((at, character)) = characters.next() {
        match (character, quote) {
            (character, None) if character.is_whitespace() => return (word, start + at),
            ('\'' | '"', None) => quote = Some(character),
            (character, Some(open)) if character == open => quote = None,
            ('\\', _) => word.extend(characters.next().map(|(_, escaped)| escaped)),
            (character, _) => word.push(character),
        }
    }
    (word, rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rest: &str, expected: &[(&str, Option<&str>)], arguments: &str) {
        let (flags, at) = split_flags(rest, 0);
        let flags: Vec<_> = flags.iter().map(|flag| (flag.name.as_str(), flag.value.as_deref())).collect();
        assert_eq!((flags.as_slice(), &rest[at..]), (expected, arguments));
    }

    #[test]
    fn flags_stand_before_the_first_other_word() {
        check("--from=b --link a b", &[("from", Some("b")), ("link", None)], "a b");
        check("a --from=b", &[], "a --from=b");
        check("--from=b", &[("from", Some("b"))], "");
    }

    #[test]
    fn two_dashes_alone_end_the_flags() {
        check("--link -- --x y", &[("link", None)], " --x y");
    }

    #[test]
    fn quotes_and_escapes_are_taken_out() {
        check(r#"--mount=type="bind,x y" z"#, &[("mount", Some("type=bind,x y"))], "z");
        check(r"--a=b\ c d", &[("a", Some("b c"))], "d");
    }
}
