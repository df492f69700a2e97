//! Any text as the shell's.

#![no_main]

use layercast_core::fuzzing::any_script;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| any_script(&String::from_utf8_lossy(bytes)));
