//! What holds for the core as a whole: over real Dockerfiles and broken ones, and over its own folders.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests read files, and stop where one is missing"
)]

mod checks;
mod fixes;
mod peer;
mod rewrites;
mod shell_peer;
mod unbreakable;
