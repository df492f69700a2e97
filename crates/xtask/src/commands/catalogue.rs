//! `cargo xtask catalogue`: writes the tables of packages anew; those of Debian from the mirror that apt names.

use crate::project::cargo;
use crate::step::Failed;

/// Hands the options on to the program that writes the tables: it needs more than this one may depend on.
pub(crate) fn run(options: &[&str]) -> Result<(), Failed> {
    cargo(["run", "--quiet", "--release", "--locked", "--package", "package-tables", "--"])
        .args(options)
        .run()
}
