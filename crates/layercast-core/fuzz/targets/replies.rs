//! Any bytes as what a registry replies.

#![no_main]

use layercast_core::fuzzing::any_replies;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| any_replies(bytes));
