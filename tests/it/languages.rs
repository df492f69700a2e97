//! Every word of the page has its translation, and every translation its word.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Where the words of the page are, and how they are marked.
const SCRIPTS: [&str; 5] = [
    "www/tabs/src/words.js",
    "www/tabs/src/graph/words.js",
    "www/tabs/src/language.js",
    "www/context/context.js",
    "www/builds/words.js",
];

#[test]
fn the_german_dictionary_is_whole() {
    let english = english();
    assert!(english.len() > 150, "only {} words were found", english.len());
    let text = fs::read_to_string(root().join("www/languages/de.json")).expect("it is there");
    let german: BTreeMap<String, String> = serde_json::from_str(&text).expect("it is an object of texts");
    let known: BTreeSet<String> = german.keys().cloned().collect();
    let missing: Vec<&String> = english.difference(&known).collect();
    let stale: Vec<&String> = known.difference(&english).collect();
    assert!(
        missing.is_empty(),
        "without a translation:\n{}",
        serde_json::to_string_pretty(&missing).unwrap()
    );
    assert!(stale.is_empty(), "no word of the page: {stale:#?}");
    for (english, german) in &german {
        assert_eq!(places(english), places(german), "{english}: {german}");
        assert!(!german.trim().is_empty(), "{english} has an empty translation");
    }
}

#[test]
fn marked_words_are_found() {
    let source = r#"pub const A: Text = Text("One \"a\", \
                       and b"); fill("{} of {}", &[x]); counted(n, "step", "steps"); format!("no {x}"); t("two")"#;
    let found: Vec<String> = marked(source).into_iter().collect();
    assert_eq!(found, ["One \"a\", and b", "step", "steps", "two", "{} of {}"]);
    let script =
        "const WORDS = {\n  title: \"Build\", // not: \"this\"\n};\nt(\"Language\");\nconst other = \"no\";";
    assert_eq!(of_script(script).into_iter().collect::<Vec<_>>(), ["Build", "Language"]);
}

fn english() -> BTreeSet<String> {
    let mut files = vec![root().join("src/strings.rs"), root().join("src/tabs.rs")];
    for folder in ["src/strings", "src/tabs"] {
        let entries = fs::read_dir(root().join(folder)).expect("the folder is there");
        files.extend(entries.map(|entry| entry.expect("it can be read").path()));
    }
    let read = |path: &Path| fs::read_to_string(path).expect("it is text");
    let rust = files.iter().flat_map(|path| marked(&read(path)));
    let scripts = SCRIPTS.iter().flat_map(|path| of_script(&read(&root().join(path))));
    rust.chain(scripts).collect()
}

/// The texts of Rust that are looked up: in `Text(…)`, `t(…)`, `fill(…)`, `counted(…)`.
fn marked(source: &str) -> BTreeSet<String> {
    let code = source.split("#[cfg(all(test").next().unwrap_or_default();
    let mut found = BTreeSet::new();
    for call in ["Text(", "t(", "fill(", "counted("] {
        for (at, _) in code.match_indices(call) {
            let before = code[..at].chars().next_back().unwrap_or(' ');
            if !before.is_alphanumeric() && before != '_' && before != '!' {
                found.extend(literals(&code[at + call.len()..], if call == "counted(" { 2 } else { 1 }));
            }
        }
    }
    found
}

/// The first `count` texts among the arguments that stand at the beginning.
fn literals(arguments: &str, count: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = arguments;
    while found.len() < count {
        let Some(start) = rest.find(['"', ')']).filter(|start| rest[*start..].starts_with('"')) else {
            break;
        };
        // A text that is not the first argument is a value, unless there may be several.
        if count == 1 && !rest[..start].trim().is_empty() {
            break;
        }
        let (text, after) = literal(&rest[start + 1..]);
        found.push(text);
        rest = after;
    }
    found
}

/// A text up to its closing quote, escapes taken out, and what stands behind it.
fn literal(rest: &str) -> (String, &str) {
    let mut text = String::new();
    let mut letters = rest.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (text, &rest[at + 1..]),
            '\\' => match letters.next().map_or(' ', |(_, next)| next) {
                'n' => text.push('\n'),
                // A line that goes on: its indentation is no part of the text.
                '\n' => {
                    let here = letters.as_str();
                    let skipped = here.len() - here.trim_start().len();
                    let gap = here[..skipped].chars().count();
                    letters.by_ref().take(gap).for_each(|_| ());
                }
                'u' => {
                    let code: String =
                        letters.by_ref().map(|(_, next)| next).take_while(|next| *next != '}').collect();
                    let code = u32::from_str_radix(code.trim_start_matches('{'), 16).unwrap_or(0);
                    text.push(char::from_u32(code).unwrap_or(' '));
                }
                next => text.push(next),
            },
            letter => text.push(letter),
        }
    }
    (text, "")
}

/// The texts of a script: the values of WORDS, the titles of TABS, what KEYS do, and what `t(…)` is given.
fn of_script(source: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for block in ["const WORDS = {", "const TABS = [", "const KEYS = ["] {
        let Some((_, rest)) = source.split_once(block) else { continue };
        let block = rest.split(if block.ends_with('{') { "\n};" } else { "\n];" }).next().unwrap_or_default();
        for line in block.lines() {
            let line = line.split(" // ").next().unwrap_or_default();
            // The last text of a line: before it stand names and keys.
            let Some((before, _)) = line.trim_end_matches([',', ' ', '}', ']', '"']).rsplit_once('"') else {
                continue;
            };
            found.insert(literal(&line[before.len() + 1..]).0);
        }
    }
    for (at, _) in source.match_indices("t(\"") {
        if !source[..at].ends_with(|before: char| before.is_alphanumeric()) {
            found.insert(literal(&source[at + 3..]).0);
        }
    }
    found
}

fn places(text: &str) -> usize {
    text.matches('{').count()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
