//! Any text as a .dockerignore: the first line is a path, the rest is the file.

#![no_main]

use layercast_core::fuzzing::any_ignore_file;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let (path, file) = text.split_once('\n').unwrap_or(("a/b", &text));
    any_ignore_file(file, path);
});
