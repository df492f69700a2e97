//! Problems in the terminal: the lines they stand in, whatever these are like.

use crate::check::Workshop;
use expect_test::{Expect, expect};

/// What `layercast check` shows of a Dockerfile, without the summary.
#[track_caller]
fn check(text: &str, expected: Expect) {
    let ran = Workshop::with(&[("Dockerfile", text)]).run("check", b"");
    let shown = ran.stdout.rsplit_once("\n\n").map_or(ran.stdout.as_str(), |(problems, _)| problems);
    expected.assert_eq(&format!("{shown}\n"));
}

#[test]
fn tabs_and_wide_letters_are_underlined_where_they_stand() {
    check(
        "FROM scratch\nCOPY\t日本語\n",
        expect![[r#"
        error[destination-missing]: COPY takes a source and a destination; there is only `日本語`
         --> Dockerfile:2:6
          |
        2 | COPY    日本語
          |         ^^^^^^
          |
          = help: Say where to: `COPY 日本語 ./`.
    "#]],
    );
    check(
        "FROM scratch\nLABEL\ta=\"ñ日\"\tb\n",
        expect![[r#"
        error[pair-expected]: `b` has no `=`, and LABEL takes NAME=value
         --> Dockerfile:2:14
          |
        2 | LABEL    a="ñ日"    b
          |                     ^
          |
          = help: Quote a value that holds blanks: NAME="two words".
    "#]],
    );
}

#[test]
fn carriage_returns_are_not_shown() {
    check(
        "FROM scratch\r\nUSR jo\r\nMAINTAINER jo\r\n",
        expect![[r#"
        error[unknown-instruction]: `USR` is no instruction
         --> Dockerfile:2:1
          |
        2 | USR jo
          | ^^^
          |
          = help: Did you mean `USER`?

        info[MaintainerDeprecated]: MAINTAINER is given up
         --> Dockerfile:3:1
          |
        3 | MAINTAINER jo
          | ^^^^^^^^^^
          |
          = help: LABEL org.opencontainers.image.authors=… says the same.
        help: Write it as a label
          |
        3 - MAINTAINER jo
        3 + LABEL org.opencontainers.image.authors="jo"
          |
    "#]],
    );
}

#[test]
fn long_lines_are_cut_around_what_is_wrong() {
    let text = format!("FROM scratch\nLABEL {}ONE {}\n", "key=value ".repeat(3000), "a=b ".repeat(7000));
    check(
        &text,
        expect![[r#"
        error[pair-expected]: `ONE` has no `=`, and LABEL takes NAME=value
         --> Dockerfile:2:30007
          |
        2 | ...ue key=value key=value key=value key=value ONE a=b a=b a=b a=b a=b a=b a=b a=b a=b a=b a=b...
          |                                               ^^^
          |
          = help: Quote a value that holds blanks: NAME="two words".
    "#]],
    );
}

#[test]
fn a_long_word_does_not_flood_the_terminal() {
    let text = format!("FROM scratch\n{} x\nENV {} y\n", "Q".repeat(60_000), "N".repeat(60_000));
    let ran = Workshop::with(&[("Dockerfile", &text)]).run("check", b"");
    assert!(ran.stdout.len() < 2_500, "{} bytes", ran.stdout.len());
    assert!(ran.stdout.lines().all(|line| line.chars().count() < 400));
}

#[test]
fn an_instruction_of_many_lines_is_folded() {
    let text = "FROM scratch\nHEALTHCHECK \\\n  a \\\n  b \\\n  c \\\n  d \\\n  e \\\n  f\nCMD [\"a\", \\\n 1, \\\n 2, \\\n 3, \\\n 4, \\\n 5, \\\n 6]\n";
    check(
        text,
        expect![[r#"
        error[healthcheck-kind]: HEALTHCHECK is followed by CMD or NONE, not by `a`
         --> Dockerfile:3:3
          |
        3 |   a \
          |   ^
          |
          = help: Write `HEALTHCHECK CMD command`, or `HEALTHCHECK NONE`.

        error[json-not-strings]: the JSON array holds something other than strings
          --> Dockerfile:9:5
           |
         9 |   CMD ["a", \
           |  _____^
        10 | |  1, \
        11 | |  2, \
        12 | |  3, \
        13 | |  4, \
        14 | |  5, \
        15 | |  6]
           | |___^
           |
           = help: Put every element in double quotes.
    "#]],
    );
}

#[test]
fn a_blank_line_is_shown_between_its_neighbours() {
    check(
        "FROM scratch\nRUN a && \\\n\n  b\n",
        expect![[r#"
        warning[NoEmptyContinuation]: a blank line stands inside a continued instruction
         --> Dockerfile:3:1
          |
        2 | RUN a && \
        3 |
          | ^
        4 |   b
          |
        help: Delete the blank lines
        3 - 
          |
    "#]],
    );
}

#[test]
fn what_a_terminal_would_obey_is_made_visible() {
    let ran = Workshop::with(&[("Dockerfile", "FROM scratch\nUSR \u{1b}[31m\u{202e}x\n\u{1b}[2J y\n")]);
    let shown = ran.run("check", b"").stdout;
    assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown:?}");
}

#[test]
fn files_of_nothing_are_answered() {
    check(
        "",
        expect![[r#"
        error[empty-file]: the Dockerfile is empty
        --> Dockerfile:1
         = help: Begin with FROM and a base image.
    "#]],
    );
    check(
        "\n\n",
        expect![[r#"
        error[no-instructions]: there is no instruction in this file
         --> Dockerfile:2:2
          |
        2 |
          | ^
          |
          = help: Begin with FROM and a base image.
    "#]],
    );
    check(
        "# a comment",
        expect![[r#"
        error[no-instructions]: there is no instruction in this file
         --> Dockerfile:1:12
          |
        1 | # a comment
          |            ^
          |
          = help: Begin with FROM and a base image.
    "#]],
    );
}

#[test]
fn colour_comes_on_demand_alone() {
    let workshop = Workshop::with(&[("Dockerfile", "FROM scratch\nUSR jo\n")]);
    for command in ["check", "inspect", "estimate --offline"] {
        assert!(!workshop.run(command, b"").stdout.contains('\u{1b}'), "{command}");
        assert!(
            workshop.run(&format!("{command} --color always"), b"").stdout.contains("\u{1b}["),
            "{command}"
        );
    }
}

#[test]
fn thousands_of_problems_are_shown_in_time() {
    let text = format!("FROM scratch\n{}", "USR jo\nENV A b\n".repeat(3_000));
    let started = std::time::Instant::now();
    let ran = Workshop::with(&[("Dockerfile", &text)]).run("check", b"");
    assert!(ran.stdout.ends_with("3000 errors, 3000 remarks; --fix mends 3000\n"));
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
}
