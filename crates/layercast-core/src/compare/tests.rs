//! Two files side by side, as sentences and as pairs of layers.

use super::{Comparison, Side, compare};
use crate::facts::{BuildContext, ContextFile, Facts};
use expect_test::{Expect, expect};
use std::fmt::Write as _;

/// `app` weighs 3 MB, `other` 1 MB; nothing else is there.
fn facts() -> Facts {
    let files = vec![ContextFile::new("app", 3_000_000), ContextFile::new("other", 1_000_000)];
    Facts { context: Some(BuildContext { files, partial: false }), ..Facts::default() }
}

fn compared(first: &str, second: &str) -> Comparison {
    let (first, second) = (crate::analyse(first, &facts()), crate::analyse(second, &facts()));
    compare(Side { name: "a", report: &first }, Side { name: "b", report: &second })
}

#[track_caller]
fn check(first: &str, second: &str, expected: Expect) {
    let comparison = compared(first, second);
    let mut text = comparison.sentences.join("\n") + "\n";
    for pair in &comparison.layers {
        let likely = pair.unpacked.map(|difference| difference.likely);
        let _ =
            writeln!(text, "{:?} {:?} {likely:?} same text: {}", pair.first, pair.second, pair.is_same_text);
    }
    expected.assert_eq(&text);
}

#[test]
fn the_same_file_differs_in_nothing() {
    check(
        "FROM alpine:3.22\nCOPY app /\n",
        "FROM alpine:3.22\nCOPY app /\n",
        expect![[r#"
        Both weigh the same unpacked: 11.3 MB.
        Both weigh the same to download: 4.99 MB.
        Some(0) Some(0) Some(0) same text: true
        Some(1) Some(1) Some(0) same text: true
    "#]],
    );
}

#[test]
fn what_is_the_same_leaves_no_range() {
    let source = "FROM alpine:3.22\nRUN apk add git\n";
    let comparison = compared(source, &format!("{source}COPY app /\n"));
    let difference = comparison.unpacked.expect("both build");
    assert_eq!((difference.low, difference.likely, difference.high), (3_000_000, 3_000_000, 3_000_000));
}

#[test]
fn another_base_and_another_file() {
    check(
        "FROM debian:bookworm\nCOPY app /app\nRUN true\n",
        "FROM alpine:3.22\nCOPY other /app\n",
        expect![[r#"
            b is 121 MB smaller than a unpacked (111–131 MB): 131 MB becomes 9.30 MB.
            b is 45.5 MB smaller than a to download (43.6–47.8 MB): 49.7 MB becomes 4.19 MB.
            `FROM alpine:3.22` in place of `FROM debian:bookworm`: 119 MB less.
            Stage stage-0 starts from alpine:3.22 instead of debian:bookworm, has 1 step in place of 2.
            Some(0) Some(0) Some(-119202300) same text: false
            Some(1) Some(1) Some(-2000000) same text: false
            Some(2) None Some(0) same text: false
        "#]],
    );
}

#[test]
fn stages_that_came_went_and_changed() {
    check(
        "FROM alpine:3.22 AS old\nFROM scratch AS kept\nCOPY app /\nFROM scratch\nCOPY --from=kept / /\n",
        "FROM scratch AS kept\nCOPY other /\nCOPY app /\nFROM kept AS new\nFROM scratch\nCOPY --from=kept / /\n",
        expect![[r#"
            b is 1 MB larger than a unpacked: 3 MB becomes 4 MB.
            b is 400 kB larger than a to download, and may be no different: 1.20 MB becomes 1.60 MB.
            `COPY --from=kept / /` adds 1 MB more.
            Only a has the stage old.
            Only b has the stage new.
            Stage kept has 1 step more.
            Some(2) Some(2) Some(1000000) same text: true
        "#]],
    );
}

#[test]
fn steps_that_are_not_known_are_left_out_and_counted() {
    check(
        "FROM scratch\nCOPY app /\n",
        "FROM scratch\nCOPY app /\nADD https://a.example/x /\n",
        expect![[r#"
            Both weigh the same unpacked: 3 MB.
            Both weigh the same to download: 1.20 MB.
            1 step that is not known on one side at least is left out.
            Stage stage-0 has 1 step more.
            Some(0) Some(0) Some(0) same text: true
            None Some(1) None same text: false
        "#]],
    );
}

#[test]
fn what_does_not_build_is_said() {
    check(
        "FROM scratch\nCOPY --form=a b c\n",
        "",
        expect![[r#"
            a does not build: line 2, COPY has no flag `--form`.
            b does not build: line 1, the Dockerfile is empty.
            Only a has the stage stage-0.
        "#]],
    );
}

#[test]
fn a_target_that_is_none_is_said() {
    let facts = |target: &str| {
        let mut facts = facts();
        facts.build.target = Some(target.to_owned());
        facts
    };
    let source = "FROM scratch AS one\nCOPY app /\n";
    let (first, second) = (crate::analyse(source, &facts("one")), crate::analyse(source, &facts("two")));
    let comparison = compare(Side { name: "one", report: &first }, Side { name: "two", report: &second });
    expect!["two does not build: line 1, there is no stage `two` to build."]
        .assert_eq(&comparison.sentences.join("\n"));
}
