//! `cargo xtask catalogue npm` and `python`: the tables of packages in the core, made anew by the companion.

use crate::project::{cargo, root};
use crate::step::{Failed, step};
use std::fs;

/// Where a registry's table lies: the hidden command that makes it, the names it is made of, the table.
struct Place {
    command: &'static str,
    names: &'static str,
    table: &'static str,
}

const NPM: Place = Place {
    command: "catalogue-npm",
    names: "crates/layercast-core/src/packages/npm/table/names.txt",
    table: "crates/layercast-core/src/packages/npm/table/packages.tsv",
};
const PYTHON: Place = Place {
    command: "catalogue-python",
    names: "crates/layercast-core/src/packages/python/names.txt",
    table: "crates/layercast-core/src/packages/python/table.tsv",
};

pub(crate) fn npm() -> Result<(), Failed> {
    write(&NPM)
}

pub(crate) fn python() -> Result<(), Failed> {
    write(&PYTHON)
}

fn write(place: &Place) -> Result<(), Failed> {
    let path = root().join(place.table);
    step("the table of packages", || {
        let words = ["run", "--release", "--package", "layercast-cli", "--", place.command, place.names];
        let table = cargo(words).read()?;
        fs::write(&path, table).map_err(|error| Failed(format!("write {}: {error}", path.display())))
    })
}
