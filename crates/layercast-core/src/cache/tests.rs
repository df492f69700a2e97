//! A Dockerfile, a change, and what reruns.

use super::*;
use crate::facts::{BuildContext, ContextFile};
use expect_test::{Expect, expect};

#[track_caller]
fn check(source: &str, changes: &[&str], expected: Expect) {
    check_with(source, &Facts::default(), changes, expected);
}

/// What each change makes of the steps.
#[track_caller]
fn check_with(source: &str, facts: &Facts, changes: &[&str], expected: Expect) {
    let rerun = |change: &&str| {
        let rerun = what_if(source, facts, &change.parse().unwrap());
        format!("{change}\n{}", told(&rerun))
    };
    expected.assert_eq(&changes.iter().map(rerun).collect::<String>());
}

/// What reruns, a line each; then the lines that are cached, and the notes.
fn told(rerun: &Rerun) -> String {
    let (mut text, mut cached) = (String::new(), Vec::new());
    for step in &rerun.steps {
        let fate = match step.fate {
            Fate::Cached => {
                cached.push(step.line.to_string());
                continue;
            }
            Fate::MayRerun => "may rerun",
            Fate::Reruns => "reruns",
        };
        text += &format!("  {} {}: {fate}, {}\n", step.line, step.keyword, step.reason);
    }
    let cached = if cached.is_empty() { "nothing".to_owned() } else { cached.join(" ") };
    text += &format!("  cached: {cached}\n");
    let notes = rerun.notes.iter().chain(rerun.stopped.iter().map(|stopped| &stopped.message));
    notes.fold(text, |text, note| format!("{text}  ({note})\n"))
}

/// A build context of empty files.
fn context(paths: &[&str]) -> Facts {
    let files = paths.iter().map(|path| ContextFile::new(*path, 1)).collect();
    Facts { context: Some(BuildContext { files, partial: false }), ..Facts::default() }
}

const NODE: &str = "\
FROM node:24 AS build
WORKDIR /app
COPY package*.json ./
RUN npm ci
# All of it.
COPY . .
RUN npm run build

FROM nginx
COPY --from=build /app/dist /usr/share/nginx/html
RUN nginx -t
LABEL a=b
";

#[test]
fn a_file_reruns_what_copies_it_and_what_stands_on_that() {
    check(
        NODE,
        &["file:src/a.js", "file:package.json", "nothing"],
        expect![[r#"
        file:src/a.js
          6 COPY: reruns, it copies src/a.js
          7 RUN: reruns, it stands on line 6
          10 COPY: may rerun, it takes files of build: the same content keeps it
          11 RUN: may rerun, it stands on line 10
          cached: 1 2 3 4 9
        file:package.json
          3 COPY: reruns, it copies package.json
          4 RUN: reruns, it stands on line 3
          6 COPY: reruns, it copies package.json
          7 RUN: reruns, it stands on line 6
          10 COPY: may rerun, it takes files of build: the same content keeps it
          11 RUN: may rerun, it stands on line 10
          cached: 1 2 9
        nothing
          cached: 1 2 3 4 6 7 9 10 11
    "#]],
    );
}

#[test]
fn an_ignored_file_is_in_no_step() {
    let mut facts = context(&["package.json", "src/a.js", "notes.md"]);
    facts.build.dockerignore = Some("# ours\n*.md\n".to_owned());
    check_with(
        NODE,
        &facts,
        &["file:notes.md", "file:src", "file:*.rs"],
        expect![[r#"
        file:notes.md
          cached: 1 2 3 4 6 7 9 10 11
          (Line 2 of .dockerignore keeps `notes.md` out: no step sees it.)
        file:src
          6 COPY: reruns, it copies src/a.js
          7 RUN: reruns, it stands on line 6
          10 COPY: may rerun, it takes files of build: the same content keeps it
          11 RUN: may rerun, it stands on line 10
          cached: 1 2 3 4 9
        file:*.rs
          cached: 1 2 3 4 6 7 9 10 11
          (No file of the build context is `*.rs`.)
    "#]],
    );
}

#[test]
fn the_dockerfile_is_a_file_of_the_context_too() {
    check_with(
        NODE,
        &context(&["Dockerfile", "package.json"]),
        &["line:12"],
        expect![[r#"
        line:12
          6 COPY: reruns, it copies Dockerfile
          7 RUN: reruns, it stands on line 6
          10 COPY: may rerun, it takes files of build: the same content keeps it
          11 RUN: may rerun, it stands on line 10
          cached: 1 2 3 4 9
          (LABEL is in no key: the image's configuration alone is another.)
    "#]],
    );
    check_with(
        NODE,
        &context(&["package.json"]),
        &["line:12"],
        expect![[r#"
        line:12
          cached: 1 2 3 4 6 7 9 10 11
          (LABEL is in no key: the image's configuration alone is another.)
    "#]],
    );
    check(
        NODE,
        &["line:12"],
        expect![[r#"
        line:12
          6 COPY: may rerun, it may copy Dockerfile
          7 RUN: may rerun, it stands on line 6
          10 COPY: may rerun, it takes files of build: the same content keeps it
          11 RUN: may rerun, it stands on line 10
          cached: 1 2 3 4 9
          (LABEL is in no key: the image's configuration alone is another.)
    "#]],
    );
    check(
        "# syntax=docker/dockerfile:1\nFROM a\nRUN b\n",
        &["line:1"],
        expect![[r#"
        line:1
          cached: 2 3
          (A directive is in no key: only where the file is read in another way because of it.)
    "#]],
    );
    check_with(
        NODE,
        &context(&["package.json"]),
        &["line:5", "line:4", "line:1", "line:99"],
        expect![[r#"
        line:5
          cached: 1 2 3 4 6 7 9 10 11
          (A comment or a blank line is in no key.)
        line:4
          4 RUN: reruns, it is edited
          6 COPY: reruns, it stands on line 4
          7 RUN: reruns, it stands on line 6
          10 COPY: may rerun, it takes files of build: the same content keeps it
          11 RUN: may rerun, it stands on line 10
          cached: 1 2 3 9
        line:1
          1 FROM: reruns, it is edited
          2 WORKDIR: reruns, it stands on line 1
          3 COPY: reruns, it stands on line 2
          4 RUN: reruns, it stands on line 3
          6 COPY: reruns, it stands on line 4
          7 RUN: reruns, it stands on line 6
          10 COPY: may rerun, it takes files of build: the same content keeps it
          11 RUN: may rerun, it stands on line 10
          cached: 9
        line:99
          cached: 1 2 3 4 6 7 9 10 11
          (The file has no line 99: it has 13.)
    "#]],
    );
}

const ARGUMENTS: &str = "\
ARG TAG=3
ARG USED=1
FROM alpine:$TAG
RUN one
ARG VERSION
RUN two
COPY a /a
COPY b /b-$VERSION
ARG USED
RUN three
ENV E=$USED
RUN four
WORKDIR /x$E
";

#[test]
fn a_variable_reruns_commands_that_see_it_and_copies_that_name_it() {
    let facts = context(&["a", "b"]);
    check_with(
        ARGUMENTS,
        &facts,
        &["arg:VERSION", "arg:USED", "arg:USED=1", "arg:TAG", "arg:NONE", "line:1", "line:2", "line:11"],
        expect![[r#"
            arg:VERSION
              6 RUN: reruns, $VERSION is in its environment, used or not
              7 COPY: reruns, it stands on line 6
              8 COPY: reruns, $VERSION stands in it
              10 RUN: reruns, $VERSION is in its environment, used or not
              12 RUN: reruns, $VERSION is in its environment, used or not
              13 WORKDIR: reruns, it stands on line 12
              cached: 3 4
            arg:USED
              10 RUN: reruns, $USED is in its environment, used or not
              12 RUN: reruns, $USED is in its environment, used or not
              13 WORKDIR: reruns, $E stands in it
              cached: 3 4 6 7 8
            arg:USED=1
              cached: 3 4 6 7 8 10 12 13
            arg:TAG
              3 FROM: reruns, $TAG stands in it
              4 RUN: reruns, it stands on line 3
              6 RUN: reruns, it stands on line 4
              7 COPY: reruns, it stands on line 6
              8 COPY: reruns, it stands on line 7
              10 RUN: reruns, it stands on line 8
              12 RUN: reruns, it stands on line 10
              13 WORKDIR: reruns, it stands on line 12
              cached: nothing
              (No stage declares `TAG`: FROM alone sees it.)
            arg:NONE
              cached: 3 4 6 7 8 10 12 13
              (No ARG declares `NONE`: no step sees it.)
            line:1
              3 FROM: reruns, $TAG stands in it
              4 RUN: reruns, it stands on line 3
              6 RUN: reruns, it stands on line 4
              7 COPY: reruns, it stands on line 6
              8 COPY: reruns, it stands on line 7
              10 RUN: reruns, it stands on line 8
              12 RUN: reruns, it stands on line 10
              13 WORKDIR: reruns, it stands on line 12
              cached: nothing
            line:2
              10 RUN: reruns, $USED is in its environment, used or not
              12 RUN: reruns, $USED is in its environment, used or not
              13 WORKDIR: reruns, $E stands in it
              cached: 3 4 6 7 8
            line:11
              12 RUN: reruns, $E is in its environment, used or not
              13 WORKDIR: reruns, $E stands in it
              cached: 3 4 6 7 8 10
        "#]],
    );
}

#[test]
fn a_default_counts_for_nothing_where_a_value_is_given() {
    let mut facts = context(&["a", "b"]);
    facts.build.build_args.insert("USED".into(), "2".into());
    check_with(
        ARGUMENTS,
        &facts,
        &["line:2"],
        expect![[r#"
        line:2
          cached: 3 4 6 7 8 10 12 13
          (The build is given `USED`: its default counts for nothing.)
    "#]],
    );
}

#[test]
fn copies_care_for_no_user_and_directories_do() {
    let source =
        "FROM a\nUSER 1\nCOPY f /g\nUSER 2\nWORKDIR /w\nSHELL [\"x\"]\nRUN [\"b\"]\nRUN c\nCOPY f g\n";
    let facts = context(&["f"]);
    check_with(
        source,
        &facts,
        &["line:2", "line:4", "line:5", "line:6"],
        expect![[r#"
        line:2
          cached: 1 3 5 7 8 9
        line:4
          5 WORKDIR: reruns, its user is another
          7 RUN: reruns, its user is another
          8 RUN: reruns, its user is another
          9 COPY: reruns, it stands on line 8
          cached: 1 3
        line:5
          5 WORKDIR: reruns, it is edited
          7 RUN: reruns, its directory is another
          8 RUN: reruns, its directory is another
          9 COPY: reruns, its directory is another
          cached: 1 3
        line:6
          8 RUN: reruns, its shell is another
          9 COPY: reruns, it stands on line 8
          cached: 1 3 5 7
    "#]],
    );
}

#[test]
fn a_linked_copy_stands_on_nothing() {
    let source =
        "FROM a\nWORKDIR /w\nCOPY --link f /f\nCOPY --link f g\nCOPY --link --chmod=600 f /h\nRUN d\n";
    check_with(
        source,
        &context(&["f"]),
        &["base", "line:2", "file:f"],
        expect![[r#"
            base
              1 FROM: reruns, the image is another
              2 WORKDIR: reruns, it stands on line 1
              3 COPY: may rerun, it stands on line 2: a builder that merges layers keeps it, Docker's older image store does not
              4 COPY: may rerun, it stands on line 2: a builder that merges layers keeps it, Docker's older image store does not
              5 COPY: reruns, it stands on line 2
              6 RUN: reruns, it stands on line 5
              cached: nothing
            line:2
              2 WORKDIR: reruns, it is edited
              3 COPY: may rerun, it stands on line 2: a builder that merges layers keeps it, Docker's older image store does not
              4 COPY: reruns, its directory is another
              5 COPY: reruns, it stands on line 4
              6 RUN: reruns, its directory is another
              cached: 1
            file:f
              3 COPY: reruns, it copies f
              4 COPY: reruns, it copies f
              5 COPY: reruns, it copies f
              6 RUN: reruns, it stands on line 5
              cached: 1 2
        "#]],
    );
}

#[test]
fn mounts_of_files_count_by_content_and_others_do_not() {
    let source = "\
FROM go AS tools
RUN get tools
FROM go
RUN --mount=type=cache,target=/root/.cache --mount=type=secret,id=s one
RUN --mount=target=/src,source=src two
RUN --mount=from=tools,source=/bin,target=/t three
";
    let facts = context(&["src/a", "b"]);
    check_with(
        source,
        &facts,
        &["file:src/a", "file:b", "line:2"],
        expect![[r#"
        file:src/a
          5 RUN: reruns, it mounts src/a
          6 RUN: reruns, it stands on line 5
          cached: 1 2 3 4
        file:b
          cached: 1 2 3 4 5 6
        line:2
          2 RUN: reruns, it is edited
          6 RUN: may rerun, it takes files of tools: the same content keeps it
          cached: 1 3 4 5
    "#]],
    );
}

#[test]
fn a_base_moves_for_all_that_stand_on_it() {
    let source =
        "FROM a AS one\nRUN b\nFROM one AS two\nRUN c\nFROM d\nCOPY --from=two /x /x\nCOPY --from=a /y /y\n";
    check(
        source,
        &["base", "base:two", "base:three"],
        expect![[r#"
        base
          5 FROM: reruns, the image is another
          6 COPY: reruns, it stands on line 5
          7 COPY: reruns, it stands on line 6
          cached: 1 2 4
        base:two
          1 FROM: reruns, the image is another
          2 RUN: reruns, it stands on line 1
          4 RUN: reruns, it stands on line 2
          6 COPY: may rerun, it takes files of two: the same content keeps it
          7 COPY: may rerun, it takes files of docker.io/library/a:latest: the same content keeps it
          cached: 5
        base:three
          cached: 1 2 4 5 6 7
          (There is no stage `three`.)
    "#]],
    );
    let pinned = format!("FROM a@sha256:{}\nRUN b\n", "0".repeat(64));
    check(
        &pinned,
        &["base"],
        expect![[r#"
        base
          cached: 1 2
          (The image is named by its digest: it cannot be another.)
    "#]],
    );
    check(
        "FROM scratch\nCOPY a /\n",
        &["base"],
        expect![[r#"
        base
          cached: 2
          (The stage stands on nothing: there is no image that could move.)
    "#]],
    );
}

#[test]
fn without_the_cache_only_what_stands_on_the_base_alone_is_kept() {
    check(
        "FROM a\nWORKDIR /x\nRUN b\nWORKDIR /y\nCOPY c .\n",
        &["no-cache"],
        expect![[r#"
        no-cache
          3 RUN: reruns, the cache is not used
          4 WORKDIR: reruns, it stands on line 3
          5 COPY: reruns, the cache is not used
          cached: 1 2
    "#]],
    );
}

#[test]
fn steps_that_are_the_same_are_one() {
    let source = "FROM a AS one\nRUN b\nRUN c\nFROM a AS two\nRUN b\nRUN d\nFROM one\nCOPY --from=two / /\n";
    check(
        source,
        &["line:5"],
        expect![[r#"
        line:5
          5 RUN: reruns, it is edited
          6 RUN: reruns, it stands on line 5
          8 COPY: may rerun, it takes files of two: the same content keeps it
          cached: 1 2 3 4
    "#]],
    );
}

#[test]
fn a_trigger_runs_where_it_is_pulled() {
    let source = "FROM a AS one\nONBUILD COPY f /f\nONBUILD RUN b\nFROM one\nRUN c\n";
    check_with(
        source,
        &context(&["f"]),
        &["file:f", "line:3"],
        expect![[r#"
        file:f
          4 COPY: reruns, it copies f
          4 RUN: reruns, it stands on line 4
          5 RUN: reruns, it stands on line 4
          cached: 1
        line:3
          4 RUN: reruns, it is edited
          5 RUN: reruns, it stands on line 4
          cached: 1 4
    "#]],
    );
}

#[test]
fn stages_that_are_not_needed_rerun_nothing() {
    let source = "FROM a AS one\nCOPY f /\nFROM a\nCOPY g /\n";
    check_with(
        source,
        &context(&["f", "g"]),
        &["file:f", "line:2"],
        expect![[r#"
        file:f
          cached: 3 4
        line:2
          cached: 3 4
          (The target does not need the stage of this line.)
    "#]],
    );
}

#[test]
fn another_text_keeps_what_it_does_not_change() {
    let before = "FROM a\nRUN one  \\\n  two # x\nCOPY f /f\nRUN three\n";
    let after = "# why\nFROM a\nRUN one  \\\n# in between\n  two # x\nLABEL a=b\nCOPY f /f\nRUN  three four\nRUN five\n";
    let spaced = before.replace("one  \\\n  two", "one \\\n two");
    let texts = [("other steps", after), ("fewer blanks", &spaced), ("no stage", "RUN")];
    let told = texts.map(|(what, text)| {
        let change = Change::Text { text: text.to_owned(), dockerfile: String::new() };
        format!("{what}\n{}", told(&what_if(before, &Facts::default(), &change)))
    });
    expect![[r#"
        other steps
          8 RUN: reruns, it is edited
          9 RUN: reruns, it is edited
          cached: 2 3 7
        fewer blanks
          2 RUN: reruns, it is edited
          4 COPY: reruns, it stands on line 2
          5 RUN: reruns, it stands on line 4
          cached: 1
        no stage
          cached: nothing
          (RUN stands before the first FROM)
    "#]]
    .assert_eq(&told.concat());
}

#[test]
fn a_file_that_does_not_build_says_what_stops_it() {
    check(
        "FROM a\nRUNN b\n",
        &["nothing"],
        expect![[r#"
            nothing
              cached: nothing
              (`RUNN` is no instruction)
        "#]],
    );
    check(
        "",
        &["file:a"],
        expect![[r#"
            file:a
              cached: nothing
              (the Dockerfile is empty)
        "#]],
    );
}
