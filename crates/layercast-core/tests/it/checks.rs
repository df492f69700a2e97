//! The list of checks beside their folder and their pages.

use layercast_core::lint::{ALL, explain};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn the_list_and_the_folder_hold_the_same() {
    let files = fs::read_dir(root().join("crates/layercast-core/src/lint")).unwrap();
    let names = files.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> =
        names.filter_map(|file| Some(file.strip_suffix(".rs")?.replace('_', "-"))).collect();
    let others = ["commands", "context", "dependencies", "packages", "suppression", "tests"];
    names.retain(|name| !others.contains(&name.as_str()));
    names.sort();
    let listed: Vec<&str> = ALL.iter().map(|rule| rule.name).collect();
    assert_eq!(names, listed);
}

/// `UPDATE_EXPECT=1` writes the pages anew.
#[test]
fn every_check_has_its_page() {
    let folder = root().join("docs/checks");
    let mut index = String::from(
        "# Checks\n\nWritten from the checks themselves: `UPDATE_EXPECT=1 cargo test -p layercast-core`.\n\n",
    );
    index += "| check | BuildKit's name | finds |\n|---|---|---|\n";
    for rule in ALL {
        check_page(&folder.join(format!("{}.md", rule.name)), &explain(rule));
        let buildkit = rule.buildkit.unwrap_or("–");
        index += &format!("| [{0}]({0}.md) | {buildkit} | {1} |\n", rule.name, rule.explanation.what);
    }
    check_page(&folder.join("README.md"), &index);
}

#[track_caller]
fn check_page(path: &Path, expected: &str) {
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        return fs::write(path, expected).unwrap();
    }
    let written = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(written, expected, "{} is stale: run with UPDATE_EXPECT=1", path.display());
}
