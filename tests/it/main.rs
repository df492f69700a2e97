//! The native tests of the page and of the project as a whole: one binary.

#![cfg(not(target_arch = "wasm32"))]

mod languages;
mod layers;
mod reduce;
mod views;

mod tidy;
