//! ENV and LABEL: names and values.

use super::reader::{Reader, Refusal, Text};
use crate::syntax::words::is_blank;

/// One name and value, both as written, quotes and all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
    /// True for the old form `NAME value`.
    pub legacy: bool,
    /// The bytes of both.
    pub range: crate::text::Range,
}

pub(super) fn read(reader: &Reader<'_>) -> Result<Vec<Pair>, Refusal> {
    let keyword = reader.keyword().to_ascii_uppercase();
    let words = reader.quoted_words();
    let pairs = match words.first() {
        None => Vec::new(),
        Some(first) if !first.text.contains('=') => vec![legacy_pair(reader, &keyword)?],
        Some(_) => words.iter().map(|word| pair(reader, word)).collect::<Result<_, _>>()?,
    };
    reader.flags(&[])?;
    if pairs.is_empty() {
        let refusal = reader.refuse("pair-expected", format!("{keyword} names nothing"));
        return Err(refusal.note(format!("Write `{keyword} NAME=value`.")));
    }
    match pairs.iter().find(|pair| pair.name.is_empty()) {
        Some(pair) => {
            let message = "the name before `=` is missing".to_owned();
            Err(reader.refuse_in_source("blank-name", pair.range, message))
        }
        None => Ok(pairs),
    }
}

fn legacy_pair(reader: &Reader<'_>, keyword: &str) -> Result<Pair, Refusal> {
    let arguments = reader.arguments();
    let Some(at) = arguments.find(is_blank) else {
        let refusal = reader.refuse("pair-expected", format!("{keyword} gives `{arguments}` no value"));
        return Err(refusal.note(format!("Write `{keyword} {arguments}=value`.")).in_tree());
    };
    let range = reader.whole().map(|whole| whole.range).unwrap_or_default();
    let value = arguments[at..].trim_start_matches(is_blank).to_owned();
    Ok(Pair { name: arguments[..at].to_owned(), value, legacy: true, range })
}

fn pair(reader: &Reader<'_>, word: &Text) -> Result<Pair, Refusal> {
    let Some((name, value)) = word.text.split_once('=') else {
        let keyword = reader.keyword().to_ascii_uppercase();
        let message = format!("`{}` has no `=`, and {keyword} takes NAME=value", word.text);
        return Err(reader
            .refuse_in_source("pair-expected", word.range, message)
            .note("Quote a value that holds blanks: NAME=\"two words\".")
            .in_tree());
    };
    Ok(Pair { name: name.to_owned(), value: value.to_owned(), legacy: false, range: word.range })
}

#[cfg(test)]
mod tests {
    use crate::dockerfile::Instruction;
    use crate::dockerfile::tests::{check_refused, read};

    #[track_caller]
    fn check(source: &str, expected: &[(&str, &str)]) {
        let Ok(Instruction::Env(pairs) | Instruction::Label(pairs)) = read(source) else {
            panic!("{source}")
        };
        let pairs: Vec<_> = pairs.iter().map(|pair| (pair.name.as_str(), pair.value.as_str())).collect();
        assert_eq!(pairs, expected);
    }

    #[test]
    fn pairs_keep_their_quotes_until_they_are_expanded() {
        check(r#"ENV a="x y" b='z' c="#, &[("a", "\"x y\""), ("b", "'z'"), ("c", "")]);
        check("LABEL a b = c", &[("a", "b = c")]);
    }

    #[test]
    fn what_is_no_pair_is_refused() {
        check_refused("ENV a", "ENV gives `a` no value (Write `ENV a=value`.) @ a");
        check_refused(
            "ENV a=b c",
            "`c` has no `=`, and ENV takes NAME=value (Quote a value that holds blanks: NAME=\"two words\".) @ c",
        );
        check_refused("ENV =b", "the name before `=` is missing @ =b");
        check_refused("ENV", "ENV names nothing (Write `ENV NAME=value`.) @ ENV");
    }
}
