//! The project's law as code: who may depend on what, what a file looks like, what is written nowhere.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What each crate may depend on, for building and for testing. A new entry is an architectural change: it gets
/// its own commit, and for `layercast` a look at the page's weight.
const DEPENDENCIES: &[(&str, &[&str])] = &[
    (
        "layercast",
        &[
            "expect-test",
            "gloo",
            "js-sys",
            "layercast-core",
            "maud",
            "miniz_oxide",
            "serde_json",
            "similar",
            "tokio",
            "wasm-bindgen",
            "wasm-bindgen-futures",
            "wasm-bindgen-test",
            "web-sys",
            "yew",
        ],
    ),
    (
        "layercast-cli",
        &[
            "annotate-snippets",
            "anstream",
            "anstyle",
            "axum",
            "base64",
            "bollard-buildkit-proto",
            "brotli",
            "chrono",
            "clap",
            "docker_credential",
            "etcetera",
            "expect-test",
            "flate2",
            "futures-util",
            "http-body-util",
            "hyper",
            "hyper-util",
            "layercast-core",
            "mimalloc",
            "oci-client",
            "prost",
            "rcgen",
            "reqwest",
            "ring",
            "rustix",
            "rustls",
            "serde",
            "serde_json",
            "similar",
            "tar",
            "tempfile",
            "terminal_size",
            "thiserror",
            "tokio",
            "tokio-rustls",
            "tokio-stream",
            "tonic",
            "tonic-prost",
            "unicode-width",
            "vt100",
        ],
    ),
    (
        "layercast-core",
        &[
            "brush-parser",
            "criterion",
            "dockerfile-parser",
            "expect-test",
            "mimalloc",
            "serde",
            "serde_json",
            "sha2",
            "thiserror",
            "toml",
        ],
    ),
    ("package-tables", &["flate2", "layercast-core", "serde_json", "sha2", "tar"]),
    ("wasm-tools", &["wasm-bindgen-cli"]),
    ("xtask", &["brotli", "serde_json", "wasm-encoder", "wasmparser"]),
];

/// The modules of the core: each may use the ones before it, never one after it.
const CORE_ORDER: &[&str] = &[
    "text",
    "suggest",
    "glob",
    "ignore",
    "diagnostic",
    "image_ref",
    "json",
    "package_table",
    "facts",
    "registry",
    "catalogue",
    "packages",
    "syntax",
    "shell",
    "dockerfile",
    "graph",
    "estimate",
    "lint",
    "bytes",
    "report",
    "figures",
    "layout",
    "cache",
    "compare",
    "export",
    "variable_use",
    "analysis",
    "rewrite",
    "render",
];

const LONGEST_FILE: usize = 600;

#[test]
fn every_crate_depends_only_on_what_the_list_allows() {
    let listed: BTreeMap<&str, BTreeSet<&str>> =
        DEPENDENCIES.iter().map(|(name, allowed)| (*name, allowed.iter().copied().collect())).collect();
    let metadata = cargo_metadata();
    let packages = metadata["packages"].as_array().expect("cargo metadata lists packages");
    let mut offences = Vec::new();
    for package in packages {
        let name = package["name"].as_str().expect("a package has a name");
        let Some(allowed) = listed.get(name) else {
            offences.push(format!("{name} is not in the list of tests/it/tidy.rs"));
            continue;
        };
        let dependencies = package["dependencies"].as_array().expect("a package lists its dependencies");
        let used: BTreeSet<&str> = dependencies.iter().filter_map(|one| one["name"].as_str()).collect();
        offences
            .extend(used.difference(allowed).map(|one| format!("{name} uses {one}, which is not allowed")));
        offences.extend(allowed.difference(&used).map(|one| format!("{name} may use {one}, and does not")));
    }
    assert_none(&offences);
}

#[test]
fn every_rust_file_begins_with_a_sentence_and_is_short() {
    let mut offences = Vec::new();
    for (path, text) in rust_files() {
        if !text.starts_with("//! ") {
            offences.push(format!("{path}: the first line is not `//!` and a sentence"));
        }
        let n_lines = text.lines().count();
        if n_lines > LONGEST_FILE {
            offences.push(format!("{path}: {n_lines} lines, more than {LONGEST_FILE}: split it"));
        }
    }
    assert_none(&offences);
}

#[test]
fn the_modules_of_the_core_use_only_those_before_them() {
    let mut offences = Vec::new();
    for (path, text) in rust_files() {
        let Some(inside) = path.strip_prefix("crates/layercast-core/src/") else { continue };
        let module = inside.split(['/', '.']).next().expect("split gives one part at least");
        if ["lib", "fuzzing"].contains(&module) {
            continue;
        }
        if text.contains("crate::{") {
            offences.push(format!(
                "{path}: a group after `crate::`, which this test cannot read: one path a use"
            ));
        }
        for used in used_modules(&text) {
            offences.extend(order_offence(module, used).map(|why| format!("{path}: {why}")));
        }
    }
    assert_none(&offences);
}

#[test]
fn an_offence_against_the_order_is_seen() {
    assert_eq!(order_offence("graph", "syntax"), None);
    assert_eq!(order_offence("graph", "graph"), None);
    assert!(order_offence("syntax", "graph").is_some());
    assert!(order_offence("lint", "estimate").is_some(), "lint and estimate never see each other");
    assert!(order_offence("graph", "utils").is_some(), "a module without a place");
    let text = "use crate::text::Range;\n    fn f() -> crate::graph::Graph;\n// not crate::report\n";
    assert_eq!(used_modules(text).collect::<Vec<_>>(), ["text", "graph"]);
}

#[test]
fn no_file_names_a_package_registry_or_a_folder_of_one_machine() {
    // In halves, so that this file does not offend.
    let forbidden = [
        ["registry.npm", "js.org"],
        ["registry.yarn", "pkg.com"],
        ["files.python", "hosted.org"],
        ["static.crates", ".io"],
        ["index.crates", ".io"],
        ["deb.debian", ".org"],
        ["proxy.golang", ".org"],
        ["/work/", "main"],
        ["/work/", "shared"],
        ["/work/", ".library"],
    ]
    .map(|halves| halves.concat());
    let mut offences = Vec::new();
    for path in files_below(&root()) {
        let Ok(text) = fs::read_to_string(root().join(&path)) else { continue };
        offences.extend(
            forbidden.iter().filter(|word| text.contains(*word)).map(|word| format!("{path}: names {word}")),
        );
        if path.ends_with("package-lock.json") && text.contains("\"resolved\"") {
            offences.push(format!("{path}: says where packages were fetched from; see tests/e2e/.npmrc"));
        }
    }
    assert_none(&offences);
}

#[test]
fn every_style_sheet_closes_what_it_opens() {
    let mut offences = Vec::new();
    for path in files_below(&root()).into_iter().filter(|path| path.ends_with(".css")) {
        let text = fs::read_to_string(root().join(&path)).expect("a listed file is there and is text");
        // A brace that is missed hides all rules behind it without a word. Outermost rules begin their lines.
        let mut open = 0_i32;
        for (number, line) in text.lines().enumerate() {
            let begins = line.starts_with(['.', '#', '@', ':']);
            if begins && open != 0 {
                offences.push(format!("{path}:{}: a rule above it is not closed", number + 1));
                break;
            }
            open += line.matches('{').count() as i32 - line.matches('}').count() as i32;
        }
    }
    assert_none(&offences);
}

#[track_caller]
fn assert_none(offences: &[String]) {
    assert!(offences.is_empty(), "\n{}\n", offences.join("\n"));
}

/// Why `module` may not use `used`, if it may not.
fn order_offence(module: &str, used: &str) -> Option<String> {
    let place = |name: &str| CORE_ORDER.iter().position(|one| *one == name);
    let (Some(own), Some(other)) = (place(module), place(used)) else {
        let stranger = if place(module).is_none() { module } else { used };
        return Some(format!("{stranger} has no place in CORE_ORDER of tests/it/tidy.rs"));
    };
    if other > own {
        return Some(format!("{module} uses {used}, which comes after it"));
    }
    let strangers = [("estimate", "lint"), ("lint", "estimate")];
    strangers.contains(&(module, used)).then(|| format!("{module} and {used} never see each other"))
}

/// The modules that `text` names after `crate::`, comments left out. A type or function of the crate's own root
/// (`crate::Report`, `crate::analyse`) is no module.
fn used_modules(text: &str) -> impl Iterator<Item = &str> {
    let code = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    code.flat_map(|line| line.split("crate::").skip(1)).filter_map(|after| {
        let end = after.find(|next: char| !next.is_ascii_lowercase() && next != '_').unwrap_or(after.len());
        let is_module = end > 0 && (after[end..].starts_with("::") || after[end..].starts_with(';'));
        is_module.then(|| &after[..end])
    })
}

fn cargo_metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo runs this test, so it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON")
}

fn rust_files() -> Vec<(String, String)> {
    let paths = files_below(&root()).into_iter().filter(|path| path.ends_with(".rs"));
    let files: Vec<_> = paths
        .map(|path| {
            let text = fs::read_to_string(root().join(&path)).expect("a listed file is there and is text");
            (path, text)
        })
        .collect();
    assert!(files.len() > 20, "only {} Rust files below {}", files.len(), root().display());
    files
}

/// Every file of the project's own, by its path from the root, with `/` between parts.
fn files_below(folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    let entries = fs::read_dir(folder).expect("the project's folders can be read");
    for entry in entries {
        let path = entry.expect("the project's folders can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !["target", "dist", "node_modules", ".git"].contains(&name.as_str()) {
                files.extend(files_below(&path));
            }
        // In a worktree .git is a file, and names the folder of one machine.
        } else if name == ".git" {
            continue;
        } else if let Ok(path) = path.strip_prefix(root()) {
            files.push(path.to_string_lossy().replace('\\', "/"));
        }
    }
    files.sort();
    files
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
