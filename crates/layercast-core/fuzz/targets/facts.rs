//! Any bytes as a facts file.

#![no_main]

use layercast_core::fuzzing::any_facts;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| any_facts(bytes));
