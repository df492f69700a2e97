//! Building the page: Trunk turns the root package and `www/` into `dist/`.

use crate::glue;
use crate::offline;
use crate::program::{Program, path_with};
use crate::project;
use crate::stamp::Stamp;
use crate::step::{Failed, step};
use crate::tools;
use std::fs;
use std::io::ErrorKind;

/// What the page is not made from. All else counts: a folder forgotten here costs a second, a folder forgotten
/// in a list of inputs would leave an old page in place.
const NOT_INPUTS: &[&str] =
    &[".git", "CHANGELOG.md", "README.md", "crates/layercast-cli/src", "dist", "docs", "target", "tests"];

/// The page's own standard library: made for size, without the texts of panics. It takes a tenth off the first
/// load. Why this is sound on a stable compiler: docs/decisions/0042-a-standard-library-for-the-page.md.
const OWN_STANDARD_LIBRARY: [(&str, &str); 4] = [
    ("RUSTC_BOOTSTRAP", "1"),
    ("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort"),
    ("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size"),
    ("RUSTFLAGS", "-Zunstable-options -Cpanic=immediate-abort -Zfmt-debug=none -Zlocation-detail=none"),
];

/// Builds `dist/` unless it is what the present sources give.
pub(crate) fn build() -> Result<(), Failed> {
    let stamp = Stamp::new("page", &[""], NOT_INPUTS, &["dist"]);
    if stamp.holds() {
        return step("page: dist/ is up to date", || Ok(()));
    }
    step("page: dist/, with Trunk", || {
        clear_leftovers()?;
        trunk()?;
        glue::shrink()?;
        offline::write()?;
        stamp.press()
    })
}

fn trunk() -> Result<(), Failed> {
    // `--offline=true`: Trunk downloads no tool of its own, cargo no crate.
    let args = [
        "build",
        "--release",
        "--cargo-profile",
        "page",
        "--minify",
        "--offline=true",
        "--locked",
        "--dist",
        "dist",
    ];
    let flags = OWN_STANDARD_LIBRARY;
    let trunk =
        flags.into_iter().fold(Program::new(tools::trunk()), |trunk, (name, value)| trunk.env(name, value));
    trunk
        .args(args)
        .env("PATH", path_with([tools::folder_of_wasm_bindgen()])?)
        .env("CARGO_TARGET_DIR", project::target())
        // Trunk takes only `true` and `false` here, not the usual `1`, and ends.
        .env_remove("NO_COLOR")
        .run()
}

/// wasm-bindgen leaves the snippets of earlier builds behind, and Trunk would copy and preload them.
fn clear_leftovers() -> Result<(), Failed> {
    for folder in [project::target().join("wasm-bindgen"), project::dist()] {
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}
