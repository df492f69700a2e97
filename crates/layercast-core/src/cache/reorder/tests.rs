//! A Dockerfile, a change, and the order in which less reruns.

use super::*;
use crate::facts::{BuildContext, ContextFile};
use expect_test::{Expect, expect};

/// The best order, what it saves, and what it takes for granted.
#[track_caller]
fn check(source: &str, change: &str, expected: Expect) {
    check_with(source, &Facts::default(), change, expected);
}

#[track_caller]
fn check_with(source: &str, facts: &Facts, change: &str, expected: Expect) {
    let found = reorders(source, facts, &change.parse().unwrap());
    let Some(best) = found.first() else { return expected.assert_eq("none\n") };
    let mut text = format!("{}: saves {}\n", best.fix.title, best.saves);
    best.assumes.iter().for_each(|assumed| text += &format!("({assumed})\n"));
    text += &apply(source, std::slice::from_ref(&best.fix));
    expected.assert_eq(&text);
}

fn context(files: &[(&str, &str)]) -> Facts {
    let file = |(path, text): &(&str, &str)| ContextFile {
        text: (!text.is_empty()).then(|| (*text).to_owned()),
        ..ContextFile::new(*path, 1)
    };
    let files = files.iter().map(file).collect();
    Facts { context: Some(BuildContext { files, partial: false }), ..Facts::default() }
}

const NODE: &str =
    "FROM node\nWORKDIR /app\n# All.\nCOPY --chown=node . .\nENV A=1\nRUN npm ci\nRUN npm run build\n";

#[test]
fn lists_are_copied_before_the_rest() {
    check(
        NODE,
        "file:src/a.js",
        expect![[r#"
            Copy package.json and package-lock.json* first, the rest below line 6: saves 1
            (No script that runs at installation reads other files of the project.)
            (The build context has no node_modules, or .dockerignore keeps it out.)
            FROM node
            WORKDIR /app
            COPY --chown=node package.json package-lock.json* ./
            ENV A=1
            RUN npm ci
            # All.
            COPY --chown=node . .
            RUN npm run build
        "#]],
    );
    let files = [("package.json", "{}"), ("package-lock.json", ""), (".npmrc", ""), ("src/a.js", "")];
    check_with(
        NODE,
        &context(&files),
        "file:src/a.js",
        expect![[r#"
            Copy package.json, package-lock.json and .npmrc first, the rest below line 6: saves 1
            (No script that runs at installation reads other files of the project.)
            FROM node
            WORKDIR /app
            COPY --chown=node package.json package-lock.json .npmrc ./
            ENV A=1
            RUN npm ci
            # All.
            COPY --chown=node . .
            RUN npm run build
        "#]],
    );
    let python = "FROM python\nWORKDIR /app\nCOPY . /app\nRUN pip install -r requirements.txt";
    check(
        python,
        "file:a.py",
        expect![[r#"
        Copy requirements.txt first, the rest below line 4: saves 1
        (The lists of packages name no other file of the project.)
        FROM python
        WORKDIR /app
        COPY requirements.txt /app/
        RUN pip install -r requirements.txt
        COPY . /app"#]],
    );
}

#[test]
fn a_list_itself_saves_nothing() {
    check(
        NODE,
        "file:package.json",
        expect![[r#"
        none
    "#]],
    );
}

#[test]
fn lists_that_need_more_stay_as_they_are() {
    let files = [("package.json", r#"{"scripts": {"prepare": "husky"}}"#), ("src/a.js", "")];
    check_with(
        NODE,
        &context(&files),
        "file:src/a.js",
        expect![[r#"
        none
    "#]],
    );
    let files = [("package.json", "{}"), ("node_modules/a/a.js", ""), ("src/a.js", "")];
    check_with(
        NODE,
        &context(&files),
        "file:src/a.js",
        expect![[r#"
        none
    "#]],
    );
    let in_one = NODE.replace("RUN npm ci\nRUN", "RUN npm ci &&");
    check(
        &in_one,
        "file:src/a.js",
        expect![[r#"
        none
    "#]],
    );
    check(
        "FROM a\nWORKDIR /b\nCOPY . .\nRUN cargo fetch\n",
        "file:c",
        expect![[r#"
        none
    "#]],
    );
}

#[test]
fn a_copy_goes_below_what_needs_nothing_of_it() {
    check(
        "FROM debian\nCOPY app.conf /app/\nUSER root\nRUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\nCMD a\n",
        "file:app.conf",
        expect![[r#"
            Move line 2 below line 4, which needs nothing of it: saves 1
            FROM debian
            USER root
            RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*
            COPY app.conf /app/
            CMD a
        "#]],
    );
    check(
        "FROM debian\nCOPY sources.list /etc/apt/\nRUN apt-get install -y curl\n",
        "file:sources.list",
        expect![[r#"
            none
        "#]],
    );
    check(
        "FROM debian\nCOPY a /b/\nRUN apt-get install -y $(cat /b/a)\n",
        "file:a",
        expect![[r#"
        none
    "#]],
    );
    check(
        "FROM debian\nCOPY a /b/\nRUN make\n",
        "file:a",
        expect![[r#"
        none
    "#]],
    );
}

#[test]
fn an_argument_goes_below_what_does_not_use_it() {
    let source =
        "FROM alpine\nARG COMMIT\nRUN apk add curl\nCOPY a /a\nRUN apk add git\nRUN make COMMIT=$COMMIT";
    check(
        source,
        "arg:COMMIT",
        expect![[r#"
        Move line 2 below line 5, which does not use COMMIT: saves 3
        FROM alpine
        RUN apk add curl
        COPY a /a
        RUN apk add git
        ARG COMMIT
        RUN make COMMIT=$COMMIT"#]],
    );
    check(
        "FROM alpine\nARG COMMIT\nRUN apk add curl",
        "arg:COMMIT",
        expect![[r#"
        Move line 2 below line 3, which does not use COMMIT: saves 1
        FROM alpine
        RUN apk add curl
        ARG COMMIT"#]],
    );
    check(
        "FROM alpine\nENV MODE=a\nRUN apk add curl\nRUN make\n",
        "line:2",
        expect![[r#"
        Move line 2 below line 3, which does not use MODE: saves 1
        FROM alpine
        RUN apk add curl
        ENV MODE=a
        RUN make
    "#]],
    );
    check(
        "FROM alpine\nARG COMMIT\nRUN make\n",
        "arg:COMMIT",
        expect![[r#"
        none
    "#]],
    );
    check(
        "FROM alpine\nARG HTTP_PROXY\nRUN apk add curl\n",
        "arg:HTTP_PROXY",
        expect![[r#"
        none
    "#]],
    );
}
