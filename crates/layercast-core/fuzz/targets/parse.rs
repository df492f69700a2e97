//! Any text as a Dockerfile.

#![no_main]

use layercast_core::fuzzing::any_text;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| any_text(&String::from_utf8_lossy(bytes)));
