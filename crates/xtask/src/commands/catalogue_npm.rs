//! `cargo xtask catalogue npm`: the table of npm packages in the core, made anew by the companion.

use crate::project::{cargo, root};
use crate::step::{Failed, step};
use std::fs;

const FOLDER: &str = "crates/layercast-core/src/packages/npm/table";

pub(crate) fn run() -> Result<(), Failed> {
    let names = format!("{FOLDER}/names.txt");
    let path = root().join(FOLDER).join("packages.tsv");
    step("the table of npm packages", || {
        let table =
            cargo(["run", "--release", "--package", "layercast-cli", "--", "catalogue", &names]).read()?;
        fs::write(&path, table).map_err(|error| Failed(format!("write {}: {error}", path.display())))
    })
}
