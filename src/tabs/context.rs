//! The build context: what each COPY takes, what each line of .dockerignore keeps out, what slipped in.

use crate::bytes::Bytes;
use crate::strings::{self, context as words};
use crate::tabs::{Desk, Fields};
use layercast_core::dockerfile::{Dockerfile, Instruction};
use layercast_core::estimate::context_copy::ContextFiles;
use layercast_core::facts::{BuildContext, ContextFile};
use layercast_core::ignore::{IgnoreFile, Sieve};
use layercast_core::lint::is_secret;
use maud::{Markup, html};
use std::collections::BTreeMap;

/// So many files are named, the heaviest first.
const NAMED: usize = 10;
/// So many things that slipped in are named.
const SLIPPED: usize = 12;
/// Folders that tools fill: what lies there is no source.
const BULK: [&str; 14] = [
    ".git",
    "node_modules",
    "target",
    "dist",
    "build",
    ".venv",
    "venv",
    "__pycache__",
    ".next",
    ".cache",
    "coverage",
    "obj",
    ".gradle",
    ".idea",
];

/// Draws it.
pub(super) fn draw(desk: Desk<'_>, fields: &Fields) -> Markup {
    let ignore_text = desk.facts.build.dockerignore.as_deref().unwrap_or_default();
    let ignore = IgnoreFile::parse(ignore_text);
    let context = desk.facts.context.as_ref().filter(|context| !context.partial);
    html! {
        @match context {
            Some(context) => {
                (summary(context, &ignore))
                (taken(desk, context, &ignore))
                (slipped(context, &ignore, ignore_text))
            }
            None => p { (words::NO_CONTEXT) }
        }
        label {
            (words::TREE)
            textarea name="tree" rows="4" spellcheck="false" data-tree placeholder=(words::TREE_EXAMPLE) { (fields.get("tree")) }
        }
        (ignore_file(context, &ignore, ignore_text))
    }
}

fn summary(context: &BuildContext, ignore: &IgnoreFile) -> Markup {
    let sent = kept(context, ignore);
    let total =
        |files: &mut dyn Iterator<Item = &ContextFile>| Bytes(files.map(|file| file.bytes).sum()).to_string();
    let all = total(&mut context.files.iter());
    html! { p role="status" { (words::sent(context.files.len(), &all, sent.len(), &total(&mut sent.iter().copied()))) } }
}

/// What no line keeps out.
fn kept<'c>(context: &'c BuildContext, ignore: &IgnoreFile) -> Vec<&'c ContextFile> {
    let mut files: Vec<&ContextFile> = context.files.iter().collect();
    files.sort_unstable_by(|one, other| one.path.cmp(&other.path));
    let mut sieve = Sieve::new(ignore);
    files.retain(|file| sieve.keeps(&file.path));
    files
}

fn taken(desk: Desk<'_>, context: &BuildContext, ignore: &IgnoreFile) -> Markup {
    let file = Dockerfile::read(desk.source);
    let files = ContextFiles::new(context, Some(ignore));
    let copies = file.instructions.iter().enumerate().filter_map(|(at, instruction)| match instruction {
        Some(Instruction::Copy(copy) | Instruction::Add(copy))
            if copy.from.is_none() && !copy.sources.is_empty() =>
        {
            Some((desk.report.instructions.get(at)?, copy))
        }
        _ => None,
    });
    let copies: Vec<_> = copies.collect();
    html! {
        h3 { (words::TAKEN) }
        @if copies.is_empty() { p.soft { (words::NO_COPY) } }
        ul.remarks {
            @for (instruction, copy) in copies {
                @let sources: Vec<&str> = copy.sources.iter().map(|source| source.text.as_str()).collect();
                li {
                    button.line type="button" data-do="jump" value=(instruction.line) { (strings::line(instruction.line)) }
                    div {
                        p { code { (instruction.text) } }
                        @if sources.iter().any(|source| source.contains('$')) {
                            p.soft { (words::VARIABLE) }
                        } @else {
                            @let exclude: Vec<String> = copy.exclude.iter().map(|pattern| pattern.text.clone()).collect();
                            @let local: Vec<&str> = sources.into_iter().filter(|source| !source.contains("://")).collect();
                            @let taken = files.take(&local, &exclude, copy.parents);
                            (takes(&taken.files.values().map(|taken| taken.file).collect::<Vec<_>>()))
                            @if !taken.missing.is_empty() { p.wasted { (words::missing(&taken.missing.join(", "))) } }
                        }
                    }
                }
            }
        }
    }
}

fn takes(files: &[&ContextFile]) -> Markup {
    let bytes: u64 = files.iter().map(|file| file.bytes).sum();
    let mut heaviest = files.to_vec();
    heaviest.sort_by_key(|file| std::cmp::Reverse(file.bytes));
    html! {
        @if files.is_empty() { p.soft { (words::NOTHING_TAKEN) } } @else {
            details {
                summary { (words::TAKES) " " b { (words::files(files.len())) ", " (Bytes(bytes)) } }
                (list(&heaviest))
            }
        }
    }
}

fn list(files: &[&ContextFile]) -> Markup {
    html! {
        table.parts { tbody {
            @for file in files.iter().take(NAMED) {
                tr { td.part { (file.path) } td.number { (Bytes(file.bytes)) } }
            }
        } }
        @if files.len() > NAMED { p.soft { (strings::more(files.len() - NAMED)) } }
    }
}

/// Secrets, and folders that tools fill, among what no line keeps out.
fn slipped(context: &BuildContext, ignore: &IgnoreFile, ignore_text: &str) -> Markup {
    let mut found: BTreeMap<(bool, String), (usize, u64)> = BTreeMap::new();
    for file in kept(context, ignore) {
        let folders = file.path.match_indices('/').map(|(at, _)| &file.path[..at]);
        let bulk = folders.clone().find(|folder| BULK.contains(&folder.rsplit('/').next().unwrap_or(folder)));
        let secret = folders.chain([file.path.as_str()]).find(|path| is_secret(path));
        let Some((path, is_bulk)) = secret.map(|path| (path, false)).or(bulk.map(|path| (path, true))) else {
            continue;
        };
        let entry = found.entry((is_bulk, path.to_owned())).or_default();
        *entry = (entry.0 + 1, entry.1 + file.bytes);
    }
    html! {
        @if !found.is_empty() {
            h3 { (words::SLIPPED) small { (found.len()) } }
            ul.remarks {
                @for ((is_bulk, path), (count, bytes)) in found.iter().take(SLIPPED) {
                    li.warning {
                        button."button small" type="button" data-do="type" data-path=".dockerignore"
                            value=(with_line(ignore_text, path)) { (words::KEEP_OUT) }
                        div {
                            p { code { (path) } " " span.soft { (words::files(*count)) ", " (Bytes(*bytes)) } }
                            p.soft { (if *is_bulk { words::BULK } else { words::SECRET }) }
                        }
                    }
                }
            }
        }
    }
}

fn with_line(ignore: &str, line: &str) -> String {
    let gap = if ignore.is_empty() || ignore.ends_with('\n') { "" } else { "\n" };
    format!("{ignore}{gap}{line}\n")
}

/// The .dockerignore to edit, and what each of its lines does.
fn ignore_file(context: Option<&BuildContext>, ignore: &IgnoreFile, text: &str) -> Markup {
    let mut drops: BTreeMap<usize, (usize, u64)> = BTreeMap::new();
    for file in context.iter().flat_map(|context| &context.files) {
        if let Some(line) = ignore.ignores(&file.path) {
            let entry = drops.entry(line.number).or_default();
            *entry = (entry.0 + 1, entry.1 + file.bytes);
        }
    }
    html! {
        h3 { label for="ignore-file" { (words::IGNORE) } }
        p.soft { (words::IGNORE_HINT) }
        textarea id="ignore-file" rows="6" spellcheck="false" data-type=".dockerignore" { (text) }
        p.choices { button."button small" type="button" data-do="copy" value=(text) { (words::COPY_IGNORE) } }
        @if context.is_some() && !ignore.lines.is_empty() {
            h3 { (words::DROPS) }
            table.parts { tbody {
                @for line in &ignore.lines {
                    tr {
                        td { (strings::line(line.number)) }
                        td.part { code { (line.text) } }
                        @match drops.get(&line.number) {
                            Some((count, bytes)) => td.number { (words::files(*count)) ", " (Bytes(*bytes)) },
                            None if line.exception => td.soft { (words::TAKES_IN_AGAIN) },
                            None => td.soft { (words::NOTHING) },
                        }
                    }
                }
            } }
        }
        @for problem in &ignore.problems {
            p.wasted { (strings::line(problem.line)) ": " (problem.message) }
        }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use layercast_core::{Facts, analyse};

    const FILE: &str = "FROM scratch\nCOPY src <gone> /app/\nCOPY $WHAT /\nCOPY . /all/\n";

    fn html(ignore: &str) -> String {
        let files = [("src/a.go", 2_000), (".git/HEAD", 9_000_000), (".env", 12), ("log/x.log", 500)];
        let files = files.iter().map(|(path, bytes)| ContextFile::new(*path, *bytes)).collect();
        let mut facts = Facts { context: Some(BuildContext { files, partial: false }), ..Facts::default() };
        facts.build.dockerignore = Some(ignore.to_owned());
        let report = analyse(FILE, &facts);
        let html = draw(Desk { source: FILE, facts: &facts, report: &report }, &Fields::default());
        html.into_string().replace('\u{a0}', " ")
    }

    #[track_caller]
    fn check(html: &str, parts: &[&str]) {
        for part in parts {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn each_copy_says_what_it_takes() {
        check(
            &html(""),
            &[
                "takes <b>1 file, 2 kB</b>",
                "does not hold &lt;gone&gt;",
                "a variable stands",
                "takes <b>4 files, 9 MB</b>",
            ],
        );
    }

    #[test]
    fn each_line_says_what_it_keeps_out() {
        let html = html(".git\n# a comment\n*.tmp\n!src\n");
        check(
            &html,
            &[
                "1 file, 9 MB",
                "nothing: no file is like that",
                "takes in again",
                "4 files, 9 MB in all; 3 files, 2.51 kB",
            ],
        );
        assert!(!html.contains("value=\".git\n# a comment\n*.tmp\n!src\n.git\n\""), "{html}");
    }

    #[test]
    fn what_slipped_in_is_one_line_away_from_being_kept_out() {
        check(
            &html("log"),
            &["holds a secret", "value=\"log\n.env\n\"", "value=\"log\n.git\n\"", "builders make it anew"],
        );
    }

    #[test]
    fn without_a_folder_a_tree_can_be_typed() {
        let facts = Facts::default();
        let report = analyse(FILE, &facts);
        let fields = Fields(vec![("tree".to_owned(), "a </textarea> 1".to_owned())]);
        let html = draw(Desk { source: FILE, facts: &facts, report: &report }, &fields).into_string();
        check(&html, &["Without a folder", "a &lt;/textarea&gt; 1"]);
    }
}
