//! docs/errors.md: what the Dockerfiles in docs/errors look like in the terminal.

use crate::check::Workshop;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// The flags that some need.
const FLAGS: [(&str, &str); 1] = [("unknown-target", "--target prodcution")];

const HEAD: &str = "# Errors as they look in the terminal\n\n\
    What `layercast check` says of the files in [docs/errors](errors). This page is made from them:\n\
    `UPDATE_EXPECT=1 cargo test -p layercast-cli errors`.\n";

#[test]
fn the_page_of_errors_is_what_the_terminal_shows() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let mut page = HEAD.to_owned();
    let files = inputs(&docs.join("errors"));
    assert!(files.len() >= 30, "only {} errors are shown", files.len());
    for path in files {
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("names are text").to_owned();
        let (_, title) = name.split_once('-').expect("names begin with a number");
        let text = fs::read_to_string(&path).expect("it can be read");
        let flags = FLAGS.iter().find(|(of, _)| *of == title).map_or("", |(_, flags)| flags);
        let args = format!("check {flags}");
        let ran = Workshop::with(&[("Dockerfile", &text)]).run(&args, b"");
        assert_eq!(ran.status, Some(1), "{name}: {ran}");
        let (title, args) = (title.replace('-', " "), args.trim_end());
        write!(page, "\n## {title}\n\n```text\n$ layercast {args}\n{}```\n", ran.stdout)
            .expect("a string can be written to");
    }
    let path = docs.join("errors.md");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &page).expect("docs can be written to");
    }
    let written = fs::read_to_string(&path).expect("docs/errors.md is there");
    assert!(written == page, "docs/errors.md is stale: run the tests with UPDATE_EXPECT=1");
}

fn inputs(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("docs/errors is a folder");
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    files
}
