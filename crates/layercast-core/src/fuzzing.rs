//! What must hold for every input, callable from fuzz targets and from ordinary tests.
//!
//! **Invariant:** each function either returns or panics with what did not hold; none looks at a clock.

use crate::Facts;
use crate::cache::{self, Change, Fate};
use crate::ignore::IgnoreFile;
use crate::image_ref::{ImageRef, Platform};
use crate::registry::{Reply, Request, Resolution, sha256};
use crate::shell::{self, List, Node, Script, Word};
use crate::syntax::expansion::{Lexer, Variables};
use crate::syntax::parse;
use crate::text::Range;

/// A Dockerfile in which everything that facts can change has its place.
const EVERYTHING: &str = "\
ARG TAG=12\nARG GOOS\nFROM debian:$TAG AS build\nARG GOOS\nARG V=$GOOS\nENV A=$V PATH=/x:$PATH\nWORKDIR src\n\
RUN make\nCOPY . .\nFROM --platform=$BUILDPLATFORM alpine AS tools\nRUN apk add git\n\
FROM ${TARGETSTAGE:-scratch} AS odd\nFROM nginx\nUSER $USER\nCOPY --from=build /src/a /a\n\
COPY --from=busybox /bin/sh b*.md /b/\nRUN --mount=from=tools,target=/t cp /t/x /x\nCMD x\n";

/// Compound commands nest only so deep in what [`shell::parse`] gives.
const DEEPEST_SCRIPT: usize = 70;

/// Rounds of requests and replies, more than any image takes.
const ROUNDS: usize = 10;

/// Any text: the pieces of its tree put together are the text, and every range lies within it, at borders of
/// characters.
pub fn any_text(source: &str) {
    let tree = parse(source);
    assert_eq!(tree.print(), source, "the pieces must be the text again");
    let report = crate::analyse(source, &Facts::default());
    for instruction in &report.instructions {
        assert_within(source, instruction.range, &instruction.text);
    }
    for stage in &report.stages {
        assert_within(source, stage.range, &stage.display_name);
    }
    for diagnostic in
        report.diagnostics().chain(report.targets.iter().filter_map(|target| target.error.as_ref()))
    {
        assert_within(source, diagnostic.range, &diagnostic.message);
    }
    for target in &report.targets {
        assert!(target.reachable.contains(&target.stage), "a target must reach itself");
    }
    for change in ["nothing", "line:2", "file:a", "arg:A", "base", "no-cache"] {
        any_change(source, change);
    }
}

/// Any change of any text: a step stands on steps above it, and after no change nothing runs again.
fn any_change(source: &str, change: &str) {
    let change = change.parse::<Change>().expect("a constant");
    let rerun = cache::what_if(source, &Facts::default(), &change);
    for (place, step) in rerun.steps.iter().enumerate() {
        assert!(step.below.iter().chain(&step.sources).all(|other| *other < place), "{step:?}");
        assert!(change != Change::Nothing || step.fate == Fate::Cached, "{step:?}");
    }
    let lane = cache::lane::lane(&rerun, |_| None);
    assert!(lane.bars.iter().all(|bar| bar.start < bar.end && bar.end <= lane.end), "{lane:?}");
}

/// Any word with any value of the variables in it, read in every way: what it names is told as set or unset, its
/// parts are of it, and it grows no further than it may.
pub fn any_word(word: &str, value: &str) {
    for flags in 0..32_u8 {
        let lexer = Lexer {
            escape: if flags & 1 == 0 { '\\' } else { '`' },
            keep_quotes: flags & 2 != 0,
            keep_escapes: flags & 4 != 0,
            ignore_quotes: flags & 8 != 0,
            keep_unset: flags & 16 != 0,
        };
        let Ok(expanded) = lexer.expand(word, &OneValue(value)) else { continue };
        assert!(expanded.set.iter().all(|name| OneValue(value).value(name).is_some()));
        assert!(expanded.unset.iter().all(|name| OneValue(value).value(name).is_none()));
        let words = lexer.expand_words(word, &OneValue(value)).expect("what expands can be split");
        let in_words: usize = words.iter().map(String::len).sum();
        assert!(in_words <= expanded.text.len(), "the words must be parts of the text");
        let most = word.len() + crate::syntax::expansion::LONGEST;
        assert!(expanded.text.len() <= most, "{} bytes of {}", expanded.text.len(), word.len());
        if !word.contains(['$', '\'', '"', lexer.escape]) {
            assert_eq!(expanded.text, word, "nothing in it means anything");
        }
    }
}

/// Any .dockerignore and any path: the line that decides is one of the file's and no exception, and a path is
/// judged the same however it is written.
pub fn any_ignore_file(text: &str, path: &str) {
    let file = IgnoreFile::parse(text);
    let n_lines = text.split('\n').count();
    let numbers: Vec<usize> = file.lines.iter().map(|line| line.number).collect();
    assert!(numbers.is_sorted_by(|one, next| one < next), "lines keep their order");
    let problems = file.problems.iter().map(|problem| problem.line);
    assert!(numbers.iter().copied().chain(problems).all(|number| (1..=n_lines).contains(&number)));
    for path in text.lines().take(5).chain([path]) {
        let decided = file.ignores(path);
        assert!(decided.is_none_or(|line| !line.exception), "an exception takes in");
        assert_eq!(decided, file.ignores(&format!("./{path}/.")), "{path}");
    }
}

/// Any bytes as a facts file: they are refused, or they are facts that say the same when written and read again,
/// and that a report can be made from.
pub fn any_facts(bytes: &[u8]) {
    let Ok(facts) = serde_json::from_slice::<Facts>(bytes) else { return };
    let written = serde_json::to_string(&facts).expect("facts can be written");
    let again: Facts = serde_json::from_str(&written).expect("what was written can be read");
    assert_eq!(facts, again, "facts must survive being written");
    let report = crate::analyse(EVERYTHING, &facts);
    serde_json::to_string(&report).expect("a report can be written");
    for line in 1..20 {
        report.scope_at(line);
    }
    for target in &report.targets {
        let [unpacked, download] = [&target.size.unpacked, &target.size.download];
        for size in [unpacked, download] {
            assert!(size.low <= size.likely && size.likely <= size.high, "{size:?}");
        }
    }
}

/// Any bytes as a registry's replies: a configuration, then a manifest that names it where it says `CONFIG`, then
/// an index that names the manifest where it says `MANIFEST`, parted by zero bytes. The questions come to an end,
/// and their outcome is an image that facts can hold or a sentence.
pub fn any_replies(bytes: &[u8]) {
    let mut parts = bytes.splitn(3, |byte| *byte == 0).map(<[u8]>::to_vec);
    let config = parts.next().unwrap_or_default();
    let manifest = naming(parts.next().unwrap_or_default(), "CONFIG", &config);
    let index = parts.next().map(|index| naming(index, "MANIFEST", &manifest));
    let first = index.as_ref().unwrap_or(&manifest);
    let image = ImageRef::parse("debian:12").expect("a constant");
    let mut resolution = Resolution::new(&image, &Platform::linux_amd64());
    for round in 0.. {
        let requests = resolution.next_requests();
        if requests.is_empty() {
            break;
        }
        assert!(round < ROUNDS, "the questions must come to an end");
        for request in requests {
            let body = match &request {
                Request::Manifest { reference } if reference == "12" => first.clone(),
                Request::Manifest { .. } => manifest.clone(),
                Request::Blob { .. } => config.clone(),
                Request::Trailer { .. } => bytes.iter().rev().take(4).copied().collect(),
            };
            resolution.answer(&request, Reply::Content { body, digest: String::new() });
        }
    }
    match resolution.finish("a test", "2026-11-20") {
        Ok(image) => {
            let facts = Facts { images: vec![image], ..Facts::default() };
            any_facts(&serde_json::to_vec(&facts).expect("facts can be written"));
        }
        Err(failure) => assert!(!failure.message.is_empty(), "a failure says why"),
    }
}

/// Any text as a shell's: every range lies within it, nothing nests too deep, and no more commands come out than
/// characters went in.
pub fn any_script(text: &str) {
    let script = shell::parse(text);
    assert_script(text, &script.body, 0);
    let commands = Script::commands(&script);
    assert!(commands.len() <= text.len() + 1, "{} commands", commands.len());
    for command in commands {
        assert_within(text, command.range, &command.program());
        for word in &command.words {
            word.expand(|name| Some(name.to_owned()));
        }
    }
}

/// Every variable has the one value, but those whose names begin with `u`: they are not set.
struct OneValue<'v>(&'v str);

impl Variables for OneValue<'_> {
    fn value(&self, name: &str) -> Option<&str> {
        (!name.starts_with('u') && !name.is_empty()).then_some(self.0)
    }
}

fn naming(mut text: Vec<u8>, place: &str, content: &[u8]) -> Vec<u8> {
    if let Some(at) = text.windows(place.len()).position(|window| window == place.as_bytes()) {
        text.splice(at..at + place.len(), sha256(content).into_bytes());
    }
    text
}

#[track_caller]
fn assert_within(source: &str, range: Range, of: &str) {
    let holds = range.start <= range.end && source.get(range.start..range.end).is_some();
    assert!(holds, "the range {range:?} of {of} must lie within the text");
}

fn assert_script(text: &str, list: &List, depth: usize) {
    assert!(depth < DEEPEST_SCRIPT, "compound commands nest only so deep");
    for node in list.0.iter().flat_map(|statement| &statement.pipeline) {
        assert_node(text, node, depth);
    }
}

fn assert_node(text: &str, node: &Node, depth: usize) {
    let inner = |list: &List| assert_script(text, list, depth + 1);
    let word = |word: &Word| assert_within(text, word.range, &word.text());
    let redirects = match node {
        Node::Command(command) => {
            let values = command.assignments.iter().map(|(_, value)| value);
            command.words.iter().chain(values).for_each(word);
            &command.redirects
        }
        Node::Subshell(list, redirects) | Node::Group(list, redirects) => {
            inner(list);
            redirects
        }
        Node::If(branches, otherwise, redirects) => {
            branches.iter().flat_map(|(condition, body)| [condition, body]).chain(otherwise).for_each(inner);
            redirects
        }
        Node::For(_, words, list, redirects) => {
            words.iter().for_each(word);
            inner(list);
            redirects
        }
        Node::While(condition, body, redirects) => {
            [condition, body].into_iter().for_each(inner);
            redirects
        }
        Node::Case(subject, arms, redirects) => {
            word(subject);
            arms.iter().flat_map(|(patterns, _)| patterns).for_each(word);
            arms.iter().for_each(|(_, body)| inner(body));
            redirects
        }
        Node::Function(_, body) => return assert_node(text, body, depth + 1),
    };
    redirects.iter().for_each(|redirect| word(&redirect.target));
}
