//! No text breaks the core: neither real files, nor their beginnings, nor files with a byte missing, nor noise.

use layercast_core::fuzzing::{any_facts, any_ignore_file, any_replies, any_script, any_text, any_word};
use layercast_core::syntax;
use std::fs;
use std::path::{Path, PathBuf};

/// How many real files are also tried cut short and with one byte missing.
const MANGLED: usize = 200;
/// Longer files are tried whole, and mangled at some of their bytes.
const POSITIONS: usize = 60;

#[test]
fn small_and_odd_texts() {
    let odd = [
        "",
        "\n",
        "\u{feff}",
        "\\",
        "\\\n",
        "FROM",
        "FROM a\\",
        "#\n#",
        "# escape=`\nRUN `",
        "RUN <<",
        "RUN <<E",
        "COPY <<E <<E /\nE",
        "ONBUILD",
        "ONBUILD ONBUILD",
        "ONBUILD RUN <<E\nE",
        "FROM ${",
        "FROM a\nENV a=${a#",
        "\0\0",
        "FROM a\r\nRUN b \\\r\n c\r\n",
        "FROM ä\nCOPY --from=ö ü /",
        "ARG \u{2028}\nFROM a",
        "FROM a AS \u{130}",
        "HEALTHCHECK\u{2003}CMD",
        "RUN\u{a0}x",
        "FROM a\nEXPOSE ${x:-1 2}",
    ];
    odd.into_iter().for_each(any_text);
    noise().iter().for_each(|text| any_text(text));
}

#[test]
fn a_very_long_file_and_very_many_stages() {
    any_text(&"FROM a\nRUN b \\\n  c\n".repeat(3_000));
    any_text(&"RUN a \\\n".repeat(20_000));
    any_text(&"x".repeat(5_000_000));
    let chain: String =
        (1..1_000).map(|n| format!("FROM s{} AS s{n}\nCOPY --from=s{} a b\n", n - 1, n / 2)).collect();
    any_text(&chain);
}

#[test]
fn every_real_file() {
    let Some(files) = real_files() else { return };
    assert!(files.len() > 3_000, "the corpus holds thousands of files");
    for path in files {
        let text = read(&path);
        any_text(&text);
        for node in &syntax::parse(&text).nodes {
            match node.keyword().to_ascii_uppercase().as_str() {
                "RUN" => {
                    any_script(node.arguments());
                    node.heredocs.iter().for_each(|heredoc| any_script(heredoc.body));
                }
                "ARG" | "ENV" | "FROM" | "WORKDIR" | "EXPOSE" => any_word(node.arguments(), "a:b/c d"),
                _ => {}
            }
        }
    }
}

#[test]
fn real_files_cut_short_and_with_a_byte_missing() {
    let Some(mut files) = real_files() else { return };
    files.sort();
    let step = files.len() / MANGLED;
    for path in files.into_iter().step_by(step).take(MANGLED) {
        mangled(&read(&path), any_text);
    }
}

#[test]
fn scripts_words_and_ignore_files_cut_short_and_with_a_byte_missing() {
    for folder in ["shell", "expansion", "dockerignore"] {
        for seed in files_of(&seeds().join(folder)) {
            mangled(&read(&seed), |text| {
                any_script(text);
                any_ignore_file(text, "x/b.md");
                text.lines().for_each(|line| any_word(line, "/usr/local/bin"));
            });
        }
    }
    noise().iter().for_each(|text| any_script(text));
    noise().iter().step_by(20).for_each(|text| any_word(text, "a b"));
    noise().iter().step_by(20).for_each(|text| any_ignore_file(text, "a/-/b"));
    any_script(&"( if ".repeat(50_000));
    any_script(&"f() ".repeat(50_000));
}

#[test]
fn facts_and_replies_cut_short_and_with_a_byte_missing() {
    for seed in files_of(&seeds().join("facts")).iter().chain(&files_of(&seeds().join("replies"))) {
        mangled(&read(seed), |text| {
            any_facts(text.as_bytes());
            any_replies(text.as_bytes());
        });
    }
}

/// What fuzzing begins with, beside real files.
fn seeds() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds")
}

fn files_of(folder: &Path) -> Vec<PathBuf> {
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!files.is_empty(), "no file in {}", folder.display());
    files
}

/// Checks the text, its beginnings and itself with a character missing, at some places of it.
fn mangled(text: &str, check: impl Fn(&str)) {
    check(text);
    let every = (text.len() / POSITIONS).max(1);
    for at in (0..text.len()).step_by(every).filter(|at| text.is_char_boundary(*at)) {
        check(&text[..at]);
        let mut shorter = text.to_owned();
        shorter.remove(at);
        check(&shorter);
    }
}

pub(crate) fn read(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()
}

/// Real Dockerfiles, where the folder with them is there; else a note that the test was left out.
pub(crate) fn real_files() -> Option<Vec<PathBuf>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/real");
    if !root.is_dir() {
        eprintln!("left out: no real Dockerfiles at ../shared/conformance/real");
        return None;
    }
    let folders = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
    let files = folders.filter(|path| path.is_dir()).flat_map(|folder| fs::read_dir(folder).unwrap());
    Some(files.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect())
}

/// Texts of random characters that mean something to the parser, the same every time.
fn noise() -> Vec<String> {
    let words = [
        "FROM ", "RUN ", "COPY ", "--from=", "<<EOF", "EOF", "\\", "`", "\n", "\r", "\t", " ", "\"", "'",
        "$", "${", "}", "a", "=", "#", "[", "]", ",", "é", "\u{feff}", "ARG ", "ENV ", "ONBUILD ", "AS ",
        ":", "/", "-", "%",
    ];
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    (0..20_000).map(|_| (0..next(40)).map(|_| words[next(words.len())]).collect()).collect()
}
