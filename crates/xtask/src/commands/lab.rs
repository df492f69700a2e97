//! `cargo xtask lab`: a Docker of the project's own, with base images, for real builds.

use crate::lab::{Bases, Lab};
use crate::step::Failed;

pub(crate) fn run(words: &[&str]) -> Result<(), Failed> {
    let lab = Lab::of_this_project();
    match words {
        ["up"] => lab.up(Bases::Plain),
        ["up", "--all"] => lab.up(Bases::All),
        ["down"] => lab.down(),
        ["status"] => lab.status(),
        ["measure"] => lab.measure(""),
        ["measure", word] => lab.measure(word),
        ["learn", word] => lab.learn_again(word),
        _ => Err(Failed(format!(
            "lab takes up, up --all, down, status, measure or learn, not {:?}",
            words.join(" ")
        ))),
    }
}
