//! The tools of the build, each at a fixed version: the wasm32 target, Trunk, wasm-bindgen.
//!
//! They go into `target/tools`; nothing of the person's own is replaced.

use crate::program::Program;
use crate::project::{self, cargo};
use crate::step::{Failed, step};
use std::path::PathBuf;

pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Trunk 0.22 asks for a newer Rust than the one in rust-toolchain.toml.
const TRUNK_VERSION: &str = "0.21.14";

/// Installs what is missing.
pub(crate) fn install() -> Result<(), Failed> {
    if !has_wasm_target() {
        step("wasm32 target, with rustup", add_wasm_target)?;
    }
    if !standard_library().join("Cargo.lock").is_file() {
        step("the standard library's source, with rustup", add_rust_src)?;
    }
    if !has_trunk() {
        step(&format!("Trunk {TRUNK_VERSION}, from source (two to five minutes, once)"), install_trunk)?;
    }
    step("wasm-bindgen, at the version of Cargo.lock", build_wasm_bindgen)?;
    step("crates of the page and the companion", fetch_crates)
}

pub(crate) fn trunk() -> PathBuf {
    project::tools().join("bin").join(format!("trunk{}", std::env::consts::EXE_SUFFIX))
}

pub(crate) fn folder_of_wasm_bindgen() -> PathBuf {
    build_folder().join("tools")
}

/// Where tools are compiled: apart from the project's own crates, and kept, so that a new version comes sooner.
fn build_folder() -> PathBuf {
    project::tools().join("build")
}

/// Where the runner of wasm tests is.
pub(crate) fn wasm_bindgen_test_runner() -> PathBuf {
    folder_of_wasm_bindgen().join(format!("wasm-bindgen-test-runner{}", std::env::consts::EXE_SUFFIX))
}

pub(crate) fn has_wasm_target() -> bool {
    let libdir = Program::new("rustc").args(["--print", "target-libdir", "--target", WASM]).read();
    libdir.is_ok_and(|folder| PathBuf::from(folder.trim()).is_dir())
}

pub(crate) fn add_wasm_target() -> Result<(), Failed> {
    Program::new("rustup").args(["target", "add", WASM]).run()
}

/// Where the source of the standard library is: the page is built with one of its own
/// (docs/decisions/0042-a-standard-library-for-the-page.md).
fn standard_library() -> PathBuf {
    let sysroot = Program::new("rustc").args(["--print", "sysroot"]).read().unwrap_or_default();
    PathBuf::from(sysroot.trim()).join("lib/rustlib/src/rust/library")
}

fn add_rust_src() -> Result<(), Failed> {
    Program::new("rustup").args(["component", "add", "rust-src"]).run()
}

fn has_trunk() -> bool {
    let version =
        trunk().is_file().then(|| Program::new(trunk()).args(["--version"]).env_remove("NO_COLOR").read());
    matches!(version, Some(Ok(text)) if text.trim().ends_with(&format!(" {TRUNK_VERSION}")))
}

/// Unoptimised, because Trunk mostly waits for others: two minutes instead of fifteen. Without its default
/// features (downloads, updates): every tool that it calls is on its PATH.
fn install_trunk() -> Result<(), Failed> {
    let root = project::tools();
    cargo(["install", "trunk", "--locked", "--force", "--no-default-features", "--version", TRUNK_VERSION])
        .args(["--root".as_ref(), root.as_os_str()])
        .env("CARGO_TARGET_DIR", build_folder())
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .run()
}

fn build_wasm_bindgen() -> Result<(), Failed> {
    cargo(["build", "--profile", "tools", "--locked", "--package", "wasm-tools", "--features", "programs"])
        .env("CARGO_TARGET_DIR", build_folder())
        // Not a word on what an old dependency of wasm-bindgen's will have to change some day.
        .env("CARGO_FUTURE_INCOMPAT_REPORT_FREQUENCY", "never")
        .run()
}

/// Trunk calls cargo offline: what it needs must be here before.
fn fetch_crates() -> Result<(), Failed> {
    let about = Program::new("rustc").args(["-vV"]).read()?;
    let host = about.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or_else(|| Failed("rustc -vV names no host".to_owned()))?;
    cargo(["fetch", "--quiet", "--locked", "--target", WASM, "--target", host]).run()?;
    let standard_library = standard_library().join("Cargo.toml");
    cargo(["fetch", "--quiet", "--locked", "--target", WASM, "--manifest-path"])
        .args([standard_library.as_os_str()])
        .env("RUSTC_BOOTSTRAP", "1")
        .run()
}
