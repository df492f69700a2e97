//! What holds of everything that the assistant writes: over real Dockerfiles, and over one of each language.

use layercast_core::report::Report;
use layercast_core::rewrite::{Language, Rewrite, to_multi_stage};
use layercast_core::{Facts, analyse};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const OF_EACH_LANGUAGE: [(&str, Language); 9] = [
    (
        "FROM golang:1.22\nWORKDIR /app\nARG V=1\nENV A=1 B=$V\nCOPY . .\nRUN go build -o server .\nEXPOSE 80 81\nLABEL v=$V\nCMD [\"./server\"]\n",
        Language::Go,
    ),
    (
        "FROM golang:1.22-alpine\nRUN apk add --no-cache git tini\nRUN adduser -D app\nWORKDIR /app\nCOPY . .\nRUN go build -o /bin/server\nUSER app\nENTRYPOINT [\"/sbin/tini\", \"--\"]\nCMD [\"server\"]\n",
        Language::Go,
    ),
    (
        "# syntax=docker/dockerfile:1\nFROM rust:1.82\nWORKDIR /app\nCOPY . .\nRUN --mount=type=cache,target=/usr/local/cargo/registry cargo build --release\nCMD [\"target/release/app\"]\n",
        Language::Rust,
    ),
    (
        "FROM node:20\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build\nENV PORT=80\nEXPOSE $PORT\nUSER node\nCMD [\"node\", \"dist/main.js\"]\n",
        Language::Node,
    ),
    (
        "FROM node:20\r\nWORKDIR /app\r\nCOPY . .\r\nRUN yarn && yarn build\r\nEXPOSE 3000\r\nCMD [\"npx\", \"serve\", \"-s\", \"dist\"]\r\n",
        Language::FrontEnd,
    ),
    (
        "FROM python:3.12\nENV PYTHONUNBUFFERED=1\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\nUSER 1000\nCMD gunicorn app\n",
        Language::Python,
    ),
    (
        "FROM maven:3.9-eclipse-temurin-17\nWORKDIR /app\nCOPY . .\nRUN mvn package\nVOLUME /data\nCMD java -jar target/*.jar\n",
        Language::Java,
    ),
    (
        "FROM gradle:8-jdk17\nWORKDIR /app\nCOPY . .\nRUN gradle bootJar\nHEALTHCHECK NONE\nENTRYPOINT [\"java\", \"-jar\", \"build/libs/app.jar\"]\n",
        Language::Java,
    ),
    (
        "FROM mcr.microsoft.com/dotnet/sdk:8.0\nWORKDIR /src\nCOPY . .\nRUN dotnet publish -o /out\nWORKDIR /out\nCMD [\"dotnet\", \"A.dll\"]\n",
        Language::DotNet,
    ),
];

#[test]
fn one_of_each_language_keeps_what_it_runs() {
    for (source, language) in OF_EACH_LANGUAGE {
        let rewrite = to_multi_stage(source, &Facts::default());
        let rewrite = rewrite.unwrap_or_else(|declined| panic!("{}\n{source}", declined.reason));
        assert_eq!(rewrite.language, language, "{source}");
        check_holds(source, &rewrite);
    }
}

#[test]
fn real_dockerfiles_keep_what_they_run() {
    check_all(&real_dockerfiles());
}

/// Few people leave a program in the stage that builds it. Real builders are more of a test than what is left of those.
#[test]
fn real_builders_that_run_what_they_build_keep_it() {
    let sources: Vec<String> = real_dockerfiles().iter().filter_map(|source| builder_alone(source)).collect();
    check_all(&sources);
}

/// The first stage with the lines of the last one that run something, and its folder.
fn builder_alone(source: &str) -> Option<String> {
    let starts = |line: &str, keyword: &str| {
        line.get(..keyword.len()).is_some_and(|start| start.eq_ignore_ascii_case(keyword))
    };
    let is_from = |line: &&str| starts(line, "FROM ");
    if source.lines().filter(is_from).count() < 2 {
        return None;
    }
    let mut n_stages = 0;
    let first = source.lines().take_while(|line| {
        n_stages += usize::from(is_from(line));
        n_stages < 2
    });
    let mut alone: Vec<&str> = first.collect();
    let last = source.lines().rev().take_while(|line| !is_from(line));
    let runs =
        |line: &&str| ["CMD ", "ENTRYPOINT ", "EXPOSE ", "USER "].iter().any(|word| starts(line, word));
    let mut runs: Vec<&str> = last.filter(runs).filter(|line| !line.ends_with('\\')).collect();
    runs.reverse();
    alone.extend(runs);
    Some(alone.join("\n"))
}

/// None where the folder is not there, which is said.
fn real_dockerfiles() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/real");
    let Ok(folders) = fs::read_dir(&root) else {
        eprintln!("left out: no real Dockerfiles at ../shared/conformance/real");
        return Vec::new();
    };
    let folders = folders.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let files = folders.flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    files.map(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()).collect()
}

fn check_all(sources: &[String]) {
    let (mut written, mut declined) = (0, 0);
    for source in sources {
        match to_multi_stage(source, &Facts::default()) {
            Ok(rewrite) => {
                check_holds(source, &rewrite);
                written += 1;
            }
            Err(reason) => {
                assert!(!reason.reason.is_empty() && !reason.reason.ends_with('.'), "{}", reason.reason);
                declined += 1;
            }
        }
    }
    println!("{written} written anew, {declined} left alone");
}

#[track_caller]
fn check_holds(source: &str, rewrite: &Rewrite) {
    let facts = Facts::default();
    let (before, after) = (analyse(source, &facts), analyse(&rewrite.text, &facts));
    let context = format!("\n--- from\n{source}\n--- to\n{}", rewrite.text);
    assert!(after.errors.is_empty() && after.blockers.is_empty(), "{:?}{context}", after.blockers);
    assert_eq!((before.stages.len(), after.stages.len(), after.target), (1, 2, Some(1)), "{context}");
    let new: Vec<_> = rules(&after).difference(&rules(&before)).copied().collect();
    assert!(new.is_empty(), "new warnings: {new:?}{context}");
    if rewrite.language != Language::FrontEnd {
        assert_eq!(last_settings(&before), last_settings(&after), "{context}");
        check_scope(&before, &after, &context);
    }
    if rewrite.saved.is_some() {
        assert!(rewrite.after.unpacked.likely < rewrite.before.unpacked.likely, "{context}");
    }
    for reason in &rewrite.reasons {
        assert!(
            reason.line <= reason.end_line && reason.end_line <= rewrite.text.lines().count(),
            "{context}"
        );
        assert!(!reason.sentence.ends_with('.'), "{}", reason.sentence);
    }
    assert_eq!(rewrite, &to_multi_stage(source, &facts).unwrap(), "not the same twice{context}");
    let again = to_multi_stage(&rewrite.text, &facts).unwrap_err();
    assert!(again.reason.starts_with("it is multi-stage already"), "{}{context}", again.reason);
    assert_eq!(source.contains("\r\n"), rewrite.text.contains("\r\n"), "{context}");
}

/// The names of the checks that say something, without those about what a build would fetch.
fn rules(report: &Report) -> BTreeSet<&'static str> {
    report.diagnostics().map(|diagnostic| diagnostic.rule).collect()
}

/// What the image says about itself, by keyword: the texts of all, for those that can stand only once the last.
fn last_settings(report: &Report) -> BTreeMap<String, BTreeSet<String>> {
    let last = report.stages.len() - 1;
    let mut settings: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for instruction in report.instructions.iter().filter(|instruction| instruction.stage == Some(last)) {
        let texts = match instruction.keyword.as_str() {
            "EXPOSE" | "LABEL" | "VOLUME" | "MAINTAINER" => {
                settings.entry(instruction.keyword.clone()).or_default()
            }
            "CMD" | "ENTRYPOINT" | "HEALTHCHECK" | "STOPSIGNAL" => {
                let texts = settings.entry(instruction.keyword.clone()).or_default();
                texts.clear();
                texts
            }
            _ => continue,
        };
        texts.insert(instruction.text.clone());
    }
    settings
}

/// What the first base has by itself has to be said of the last one.
fn may_be_added(name: &str) -> bool {
    name == "Env PATH" || name.starts_with("Workdir")
}

/// Folder, user and variables at the end are as they were; PATH may have a folder before it.
fn check_scope(before: &Report, after: &Report, context: &str) {
    use layercast_core::report::Setting;
    let end = |report: &Report| {
        let scope = report
            .scope_at(usize::MAX)
            .into_iter()
            .filter(|it| it.assignment.kind != Setting::Arg && it.line.is_some());
        let named =
            scope.map(|it| (format!("{:?} {}", it.assignment.kind, it.assignment.name), it.assignment.value));
        named.collect::<BTreeMap<_, _>>()
    };
    let (before, after) = (end(before), end(after));
    for (name, value) in &before {
        let now = after.get(name);
        let is_same = now == Some(value) || (name == "Env PATH" && now.is_some());
        assert!(is_same, "{name}: {value:?}, now {now:?}{context}");
    }
    let added: Vec<_> =
        after.keys().filter(|name| !before.contains_key(*name) && !may_be_added(name)).collect();
    assert!(added.is_empty(), "{added:?}{context}");
}
