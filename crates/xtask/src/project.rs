//! Where things are in this project, and cargo as every command here calls it.

use crate::program::Program;
use std::path::{Path, PathBuf};

/// The project's folder.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("crates/xtask is two folders below the root").to_path_buf()
}

/// The target folder: always the project's own, whatever the environment says, because what is built here is
/// looked for here.
pub(crate) fn target() -> PathBuf {
    root().join("target")
}

/// Where installed tools live; their programs are in `bin` below it.
pub(crate) fn tools() -> PathBuf {
    target().join("tools")
}

/// The built page.
pub(crate) fn dist() -> PathBuf {
    root().join("dist")
}

/// The companion's program.
pub(crate) fn companion() -> PathBuf {
    target().join("release").join(format!("layercast{}", std::env::consts::EXE_SUFFIX))
}

/// Cargo, in the project's folder.
pub(crate) fn cargo<const N: usize>(args: [&str; N]) -> Program {
    Program::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(args)
        .env("CARGO_TARGET_DIR", target())
        .env_remove("CARGO_BUILD_TARGET")
}
