//! One file per route. Only pages hold the state and hand out ways to change it.

pub mod playground;
