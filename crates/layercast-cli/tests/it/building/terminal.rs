//! A build as a terminal shows it, by a terminal of `script`'s, which stands on every Debian.

use super::Bench;
use expect_test::{Expect, expect};
use std::io::Write;
use std::num::NonZero;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const ROWS: NonZero<u16> = NonZero::new(30).expect("not zero");
const COLUMNS: NonZero<u16> = NonZero::new(84).expect("not zero");

/// The companion, as it builds on a terminal. `words` stand behind `layercast build --offline`.
fn on_terminal(bench: &Bench, words: &str) -> Child {
    let companion = Path::new(env!("CARGO_BIN_EXE_layercast")).display();
    let line = format!("stty rows {ROWS} cols {COLUMNS}; exec {companion} build --offline {words}");
    let mut script: Command = bench.command("script");
    script
        .args(["--quiet", "--return", "--command", &line, "/dev/null"])
        .env("TERM", "xterm")
        .env_remove("NO_COLOR");
    script.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    script.spawn().expect("script starts")
}

/// What is on the screen in the end, up to the first line that is empty: sizes follow, which are another test's
/// matter. Times and transfers at the right are not twice the same, nor is where the daemon listens.
fn screen(bytes: &[u8]) -> String {
    let mut terminal = vt100::Parser::new(ROWS, COLUMNS, 0);
    terminal.process(bytes);
    assert!(!terminal.screen().hide_cursor());
    assert_eq!(terminal.screen().cursor_position().1, 0, "the cursor stands at the beginning of a line");
    let rows: Vec<String> = terminal.screen().rows(0, COLUMNS.get()).collect();
    let rows = rows.iter().map(|row| row.trim_end()).take_while(|row| !row.is_empty());
    let rows = rows.map(|row| row.split_once(" at unix:").map_or(row, |(row, _)| row));
    rows.map(|row| format!("{}\n", left_part(row))).collect()
}

/// `    2  RUN make` of `    2  RUN make    5.1 MB   12.3 s`.
fn left_part(row: &str) -> &str {
    let text = row.char_indices().nth(7).and_then(|(at, _)| row[at..].find("  ").map(|end| at + end));
    text.map_or(row, |end| &row[..end])
}

#[track_caller]
fn check(child: Child, code: i32, expected: Expect) {
    let output = child.wait_with_output().expect("the companion ends");
    let shown = screen(&output.stdout);
    expected.assert_eq(&shown);
    assert_eq!(output.status.code(), Some(code), "{shown}");
}

const FILE: &str = "\
FROM busybox AS tool
RUN echo began; sleep 1
FROM scratch
COPY --from=tool /bin /bin
RUN seq 1 1000; sleep 1
";

#[test]
fn steps_that_ended_stay_above() {
    let Some(bench) = Bench::with("steps_that_ended_stay_above", &[("Dockerfile", FILE)]) else { return };
    let mut child = on_terminal(&bench, "--no-cache --color never .");
    drop(child.stdin.take());
    let output = child.wait_with_output().expect("the companion ends");
    let all = String::from_utf8_lossy(&output.stdout).into_owned();
    for seen in ["tool     ━━━━━━━━━━━━────────────  1 of 2", "│ began", "│ 1000", "stage-1  ────"]
    {
        assert!(all.contains(seen), "{seen} is not in {all}");
    }
    expect![[r#"
        builder: Docker's API
            1  FROM busybox AS tool
            2  RUN echo began; sleep 1
            4  COPY --from=tool /bin /bin
            5  RUN seq 1 1000; sleep 1
               exporting to image
    "#]]
    .assert_eq(&screen(&output.stdout));
}

#[test]
fn without_colour_where_nobody_wants_any() {
    let Some(bench) = Bench::with("without_colour", &[("Dockerfile", FILE)]) else { return };
    for (words, has_color) in [(".", true), ("--color never .", false)] {
        let mut child = on_terminal(&bench, words);
        drop(child.stdin.take());
        let output = child.wait_with_output().expect("the companion ends");
        let all = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(all.contains("\u{1b}[2m"), has_color, "{all:?}");
    }
}

#[test]
fn a_step_that_fails_leaves_its_output_and_its_lines() {
    let file = "FROM busybox\nRUN echo before && exit 3\n";
    let Some(bench) = Bench::with("a_step_that_fails", &[("Dockerfile", file)]) else { return };
    let mut child = on_terminal(&bench, "--color never .");
    drop(child.stdin.take());
    check(
        child,
        1,
        expect![[r#"
            builder: Docker's API
                1  FROM busybox
                2  │ before
                2  failed: process "/bin/sh -c echo before && exit 3" did not complete successfu
            lly: exit code: 3
        "#]],
    );
}

#[test]
fn an_interrupt_takes_the_region_away() {
    let file = "FROM busybox\nRUN echo begun && sleep 4243\n";
    let Some(bench) = Bench::with("an_interrupt", &[("Dockerfile", file)]) else { return };
    let mut child = on_terminal(&bench, "--color never .");
    let start = Instant::now();
    let sleeps = || {
        let all = Command::new("ps").args(["-eo", "args"]).output().expect("ps starts");
        String::from_utf8_lossy(&all.stdout).lines().filter(|line| line.ends_with("sleep 4243")).count()
    };
    while sleeps() == 0 {
        assert!(start.elapsed() < Duration::from_secs(60), "the step begins");
        std::thread::sleep(Duration::from_millis(50));
    }
    let mut keys = child.stdin.take().expect("its standard input is a pipe");
    keys.write_all(b"\x03").expect("script takes what is typed");
    check(
        child,
        2,
        expect![[r#"
            builder: Docker's API
                1  FROM busybox
            error: failed to build: interrupted
        "#]],
    );
    drop(keys);
}

#[test]
fn lines_where_they_are_asked_for() {
    let Some(bench) = Bench::with("lines_where_they_are_asked_for", &[("Dockerfile", FILE)]) else { return };
    let mut child = on_terminal(&bench, "--progress plain --color never .");
    drop(child.stdin.take());
    let output = child.wait_with_output().expect("the companion ends");
    let all = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(all.contains("    4  COPY --from=tool /bin /bin\r\n"), "{all}");
    assert!(!all.contains('\u{1b}'), "{all:?}");
}
