//! `cargo xtask build`: the page in `dist/`, then the companion with that page inside.

use crate::project::cargo;
use crate::step::{Failed, step};
use crate::{page, tools};
use std::time::Instant;

pub(crate) fn run() -> Result<(), Failed> {
    let start = Instant::now();
    tools::install()?;
    page::build()?;
    step("companion: target/release/layercast, the page inside", || {
        cargo(["build", "--release", "--locked", "--package", "layercast-cli"]).run()
    })?;
    println!("built in {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}
