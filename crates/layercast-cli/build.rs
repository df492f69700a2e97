//! Puts the page (`dist/` of the workspace) into release builds.
//!
//! Other builds read it from there when they start: so a change of the page compiles nothing here, and cargo
//! does not compile again and again while there is no page yet.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(page_inside)");
    if env::var("PROFILE").as_deref() != Ok("release") {
        return Ok(());
    }
    let dist = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../../dist");
    println!("cargo::rerun-if-changed={}", dist.display());
    println!("cargo::rustc-cfg=page_inside");
    let mut list = String::from("&[\n");
    for (name, path) in files(&dist)? {
        writeln!(list, "    ({name:?}, include_bytes!({path:?})),").expect("writing to a string cannot fail");
    }
    list.push_str("]\n");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("page.rs"), list)
}

/// Each file below `dist`, by its path in an address; none where there is no page.
fn files(dist: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut files = Vec::new();
    let mut folders = vec![(String::new(), dist.to_owned())];
    while let Some((prefix, folder)) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            // The companion carries the tables already, for itself.
            if name.starts_with('.') || name == "tables" {
                continue;
            }
            if entry.file_type()?.is_dir() {
                folders.push((format!("{name}/"), entry.path()));
            } else {
                files.push((name, entry.path()));
            }
        }
    }
    files.sort();
    Ok(files)
}
