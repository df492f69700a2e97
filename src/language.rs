//! The language of the page: English is in the program, another comes as a dictionary from the English words.

use layercast_core::json::Reader;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::sync::OnceLock;

static DICTIONARY: OnceLock<BTreeMap<String, String>> = OnceLock::new();

/// Takes a dictionary: a JSON object from English to another language. What it lacks stays English, and so does all
/// where it is none.
pub fn learn(dictionary: &str) {
    let mut reader = Reader::new(dictionary);
    let mut words = BTreeMap::new();
    let read = reader.object(&mut |reader, english| {
        words.insert(english, reader.string()?);
        Some(())
    });
    if read.is_some() {
        let _ = DICTIONARY.set(words);
    }
}

/// A sentence or word in the language of the page.
pub fn t(english: &'static str) -> &'static str {
    DICTIONARY.get().and_then(|words| words.get(english)).map_or(english, String::as_str)
}

/// A sentence with `{}` where values stand, in their order. A translation may turn them round: `{1}` is the second.
pub fn fill(english: &'static str, values: &[&str]) -> String {
    let mut text = String::new();
    let mut rest = t(english);
    let mut next = 0;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((place, behind)) = after.split_once('}') else { break };
        text.push_str(before);
        text.push_str(values.get(place.parse().unwrap_or(next)).copied().unwrap_or_default());
        next += 1;
        rest = behind;
    }
    text + rest
}

/// A word or sentence of the page, written in English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text(pub &'static str);

impl Text {
    /// In the language of the page.
    pub fn t(self) -> &'static str {
        t(self.0)
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.t()
    }
}

impl fmt::Display for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.t())
    }
}

impl maud::Render for Text {
    fn render_to(&self, buffer: &mut String) {
        self.t().render_to(buffer);
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn values_stand_where_the_sentence_has_them() {
        assert_eq!(fill("{} of {}", &["1", "2"]), "1 of 2");
        assert_eq!(fill("{1} before {0}", &["a", "b"]), "b before a");
        assert_eq!(fill("{} and {", &["a {}"]), "a {} and {");
        assert_eq!(fill("none", &["a"]), "none");
        assert_eq!(fill("{}{}", &["a"]), "a");
    }
}
