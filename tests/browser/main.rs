//! The page in a real browser: mounting, typing, choosing, the keyboard. One binary, wasm only.

#![cfg(target_arch = "wasm32")]

mod page;

mod keyboard;
mod mounting;
mod typing;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
