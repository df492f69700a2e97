//! `cargo xtask accuracy`: the scoreboard of estimates, written anew.

use crate::project::{cargo, root};
use crate::step::Failed;
use std::fs;

/// The test that compares the scoreboard is what writes it.
pub(crate) fn run() -> Result<(), Failed> {
    cargo(["test", "--quiet", "--package", "layercast-cli", "--test", "it", "accuracy::"])
        .env("UPDATE_EXPECT", "1")
        .run()?;
    println!("{}", fs::read_to_string(root().join("tests/accuracy/scoreboard.md"))?);
    Ok(())
}
