//! Any word with variables: the first line is their value, the rest is the word.

#![no_main]

use layercast_core::fuzzing::any_word;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let (value, word) = text.split_once('\n').unwrap_or(("value", &text));
    any_word(word, value);
});
