//! ARG: build arguments and their defaults.

use super::reader::{Reader, Refusal, Text};

/// One build argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arg {
    /// Its name.
    pub name: String,
    /// Its default as written, quotes and all.
    pub default: Option<String>,
    /// The bytes of name and default.
    pub word: Text,
}

pub(super) fn read(reader: &Reader<'_>) -> Result<Vec<Arg>, Refusal> {
    let words = reader.quoted_words();
    if words.is_empty() {
        return Err(reader
            .refuse("arg-without-name", "ARG names no build argument")
            .note("Write `ARG NAME=default`."));
    }
    words
        .into_iter()
        .map(|word| match word.text.split_once('=') {
            Some(("", _)) => Err(reader.refuse_in_source(
                "blank-name",
                word.range,
                "the name before `=` is missing".to_owned(),
            )),
            Some((name, default)) => {
                Ok(Arg { name: name.to_owned(), default: Some(default.to_owned()), word: word.clone() })
            }
            None => Ok(Arg { name: word.text.clone(), default: None, word }),
        })
        .collect()
}
