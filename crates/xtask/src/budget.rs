//! What the page weighs at first load, and what comes later, compressed as a server would send it.

use crate::project;
use crate::stamp::files_below;
use crate::step::Failed;
use brotli::BrotliCompress;
use brotli::enc::BrotliEncoderParams;
use std::fs;
use std::path::Path;

/// Bytes of brotli before the editor.
const FIRST_LOAD: usize = 200_000;

/// What the page asks for after its first paint, by the name of the file or of its first folder: the editor, the
/// worker and what the worker alone calls, the tabs beside the image, the panel of builds, what an address asks for,
/// what installs it, the tables of packages. Everything else in `dist/` counts as loaded at first.
const LATER: &[&str] = &[
    "builds",
    "context",
    "editor",
    "fetch.js",
    "install",
    "languages",
    "layercast-worker.js",
    "layercast-worker_bg.wasm",
    "layercast-worker_loader.js",
    "prefill.js",
    "service_worker.js",
    "tables",
    "tabs",
];

/// Prints what each file of the page weighs, and fails when they weigh too much.
pub(crate) fn check() -> Result<(), Failed> {
    let mut first = Vec::new();
    let mut later = Vec::new();
    let dist = project::dist();
    for file in files_below(&dist, &[])? {
        let path = file.strip_prefix(&dist).unwrap_or(&file).to_path_buf();
        let bytes = fs::read(&file)?;
        let weight =
            Weight { path: path.display().to_string(), raw: bytes.len(), brotli: brotli_len(&bytes)? };
        if is_later(&path) { later.push(weight) } else { first.push(weight) }
    }
    print("at first", &first);
    print("later", &later);
    verdict(&first)
}

#[derive(Debug)]
struct Weight {
    path: String,
    raw: usize,
    brotli: usize,
}

fn is_later(path: &Path) -> bool {
    let first = path.components().next().map(|part| part.as_os_str());
    [first, path.file_name()].into_iter().flatten().any(|part| LATER.iter().any(|name| part == *name))
}

fn brotli_len(mut bytes: &[u8]) -> Result<usize, Failed> {
    let mut compressed = Vec::new();
    let params = BrotliEncoderParams { quality: 11, lgwin: 22, ..BrotliEncoderParams::default() };
    BrotliCompress(&mut bytes, &mut compressed, &params)?;
    Ok(compressed.len())
}

fn print(when: &str, weights: &[Weight]) {
    for Weight { path, raw, brotli } in weights {
        println!("   {when:8}  {raw:>9} B  brotli {brotli:>7} B  {path}");
    }
}

fn verdict(first: &[Weight]) -> Result<(), Failed> {
    for kind in [".html", ".js", ".wasm", ".css"] {
        if !first.iter().any(|weight| weight.path.ends_with(kind)) {
            return Err(Failed(format!("dist/ has no {kind} file: is that a page?")));
        }
    }
    let total: usize = first.iter().map(|weight| weight.brotli).sum();
    println!("   first load: {total} B of brotli; the budget is {FIRST_LOAD} B");
    if total <= FIRST_LOAD {
        return Ok(());
    }
    Err(Failed(format!("first load is {} B over its budget", total - FIRST_LOAD)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(wasm: usize) -> Vec<Weight> {
        let weight = |path: &str, brotli| Weight { path: path.to_owned(), raw: 0, brotli };
        vec![weight("index.html", 1), weight("a.js", 1), weight("a.css", 1), weight("a.wasm", wasm)]
    }

    #[test]
    fn the_budget_has_an_edge() {
        assert!(verdict(&page(FIRST_LOAD - 3)).is_ok());
        assert!(verdict(&page(FIRST_LOAD - 2)).is_err_and(|failed| failed.0.contains("1 B over")));
    }

    #[test]
    fn an_empty_folder_is_no_page() {
        assert!(verdict(&[]).is_err());
    }

    #[test]
    fn the_editor_and_the_worker_come_later() {
        assert!(is_later(Path::new("editor/editor.js")));
        assert!(is_later(Path::new("context/context.js")));
        assert!(is_later(Path::new("tables/debian-bookworm-amd64.gz")));
        assert!(!is_later(Path::new("layercast-editor.js")));
        assert!(is_later(Path::new("layercast-worker_bg.wasm")));
        assert!(is_later(Path::new("snippets/layercast-0/www/fetch.js")));
        assert!(!is_later(Path::new("snippets/layercast-0/www/deflate.js")));
    }
}
