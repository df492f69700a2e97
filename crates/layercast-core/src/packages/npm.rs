//! The packages of npm registries: versions, lock files, what an installation puts where.

pub mod bun;
pub mod json;
pub mod lock;
pub mod manifest;
pub mod pick;
pub mod platform;
pub mod pnpm;
pub mod reply;
pub mod semver;
pub mod spec;
pub mod table;
pub mod tree;
pub mod weigh;
mod yaml;
pub mod yarn;
