//! What people see on a terminal while a build runs: news in, the screen out.

use super::{Board, Region};
use crate::builder::{News, Status, Step, Steps, Warning};
use chrono::TimeDelta;
use expect_test::{Expect, expect};
use layercast_core::{Facts, analyse};
use std::num::NonZero;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const FILE: &str = "\
FROM debian AS build
RUN make

FROM node AS assets
COPY . .
RUN npm ci

FROM scratch
COPY --from=build /app /app
COPY --from=assets /app /app
";

/// A terminal that can be looked at.
#[derive(Clone)]
struct Screen(Arc<Mutex<vt100::Parser>>);

impl Screen {
    fn new(rows: u16, columns: u16) -> Self {
        let at_least_one = |size| NonZero::new(size).expect("a screen has rows and columns");
        Self(Arc::new(Mutex::new(vt100::Parser::new(at_least_one(rows), at_least_one(columns), 0))))
    }

    fn text(&self) -> String {
        let parser = self.0.lock().expect("no test panics while it draws");
        let (_, columns) = parser.screen().size();
        let rows: Vec<String> = parser.screen().rows(0, columns.get()).collect();
        let text: String = rows.iter().map(|row| format!("{}\n", format!("|{row}").trim_end())).collect();
        format!("{}\n", text.trim_end_matches("|\n"))
    }
}

impl std::io::Write for Screen {
    /// As a terminal's driver does, which begins a new line at its beginning.
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(bytes).replace('\n', "\r\n");
        self.0.lock().expect("no test panics while it draws").process(text.as_bytes());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A build that is looked at.
struct Watched {
    steps: Steps,
    board: Board,
    screen: Screen,
    region: Region<Screen>,
    size: (u16, u16),
    now: Duration,
}

impl Watched {
    fn new(file: &str, rows: u16, columns: u16) -> Self {
        let plan = analyse(file, &Facts::default());
        let steps = Steps::of(&plan);
        let board = Board::new(&plan, |stage| steps.of_stage(stage).to_vec());
        let screen = Screen::new(rows, columns);
        let region = Region::new(screen.clone(), false);
        Self { steps, board, screen, region, size: (rows, columns), now: Duration::ZERO }
    }

    fn step(&mut self, name: &str) -> Step {
        let place = self.steps.place(name, name).first().copied();
        Step {
            vertex: name.to_owned(),
            place,
            name: name.to_owned(),
            time: None,
            cached: false,
            error: None,
            transferred: 0,
        }
    }

    fn began(&mut self, name: &str) {
        let step = self.step(name);
        self.board.take(&News::Began(step), self.now);
    }

    fn printed(&mut self, name: &str, line: &str) {
        let step = self.step(name);
        self.board.take(&News::Printed { step, line: line.to_owned(), is_error: false }, self.now);
    }

    fn moved(&mut self, name: &str, id: &str, current: u64, total: u64) {
        let step = self.step(name);
        let status = Status { id: id.to_owned(), current, total, ..Status::default() };
        self.board.take(&News::Progressed { step, status }, self.now);
    }

    fn ended(&mut self, name: &str, change: impl FnOnce(&mut Step)) {
        let mut step = self.step(name);
        step.time = Some(TimeDelta::milliseconds(2500));
        change(&mut step);
        self.board.take(&News::Ended(step), self.now);
    }

    fn after(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
    }

    fn draw(&mut self) {
        let (rows, columns) = (usize::from(self.size.0), usize::from(self.size.1));
        let above = self.board.take_above(columns);
        let lines = self.board.lines(self.now, columns, rows - 1);
        for line in &lines {
            let plain: String = anstream::adapter::strip_str(line).collect();
            assert!(unicode_width::UnicodeWidthStr::width(plain.as_str()) < columns, "{plain}");
        }
        self.region.draw(&above, &lines, columns).expect("the screen takes what is drawn");
    }

    #[track_caller]
    fn check(&mut self, expected: Expect) {
        self.draw();
        expected.assert_eq(&self.screen.text());
    }
}

const PULL: &str = "[assets 1/3] FROM docker.io/library/node";
const MAKE: &str = "[build 2/2] RUN make";

#[test]
fn stages_stand_in_the_order_of_the_graph() {
    let mut it = Watched::new(FILE, 24, 72);
    it.began("[internal] load build context");
    it.moved("[internal] load build context", "transferring context:", 3_000_000, 0);
    it.began(PULL);
    it.moved(PULL, "sha256:11", 10_000_000, 30_000_000);
    it.moved(PULL, "sha256:22", 4_000_000, 10_000_000);
    it.moved(PULL, "extracting sha256:22", 1, 1);
    it.began("[build 1/2] FROM docker.io/library/debian");
    it.ended("[build 1/2] FROM docker.io/library/debian", |step| step.cached = true);
    it.began(MAKE);
    it.after(3);
    it.printed(MAKE, "cc -c a.c");
    it.printed(MAKE, "\u{1b}[32mcc\u{1b}[0m -c b.c");
    it.check(expect![[r#"
        |    1  FROM debian AS build                                      cached
        |       load build context                             3.00 MB     3.0 s
        |       build    ━━━━━━━━━━━━────────────  1 of 2
        |    2  RUN make                                                   3.0 s
        |       │ cc -c b.c
        |       assets   ────────────────────────  0 of 3
        |    4  FROM node AS assets    ━━━━──────── 14.0 MB of 40.0 MB     3.0 s
        |       stage-2  ────────────────────────  0 of 2

    "#]]);
    it.after(9);
    it.ended(MAKE, |_| {});
    it.ended(PULL, |step| step.transferred = 40_000_000);
    it.ended("[internal] load build context", |step| step.transferred = 3_000_000);
    it.began("[assets 2/3] COPY . .");
    it.check(expect![[r#"
        |    1  FROM debian AS build                                      cached
        |    2  RUN make                                                   2.5 s
        |    4  FROM node AS assets                            40.0 MB     2.5 s
        |       load build context                             3.00 MB     2.5 s
        |       assets   ━━━━━━━━────────────────  1 of 3
        |    5  COPY . .                                                   0.0 s
        |       stage-2  ────────────────────────  0 of 2

    "#]]);
}

#[test]
fn what_ended_stays_and_nothing_else() {
    let mut it = Watched::new("FROM debian\nRUN make\n", 24, 60);
    it.began("[2/2] RUN make");
    it.printed("[2/2] RUN make", "cc");
    it.draw();
    it.board.take(&News::Warned(Warning { short: "StageNameCasing".to_owned(), line: Some(1) }), it.now);
    it.ended("[2/2] RUN make", |_| {});
    it.began("exporting to image");
    it.ended("exporting to image", |_| {});
    it.check(expect![[r#"
        |    1  remark: StageNameCasing
        |    2  RUN make                                       2.5 s
        |       exporting to image                             2.5 s

    "#]]);
}

#[test]
fn a_failing_step_leaves_its_last_lines() {
    let mut it = Watched::new("FROM debian\nRUN make\n", 30, 56);
    it.began("[2/2] RUN make");
    (0..100_000).for_each(|n| it.printed("[2/2] RUN make", &format!("cc -c {n}.c")));
    it.printed("[2/2] RUN make", "c.c:1:1: error: this line is longer than the terminal is wide");
    it.ended("[2/2] RUN make", |step| step.error = Some("exit code: 2".to_owned()));
    it.check(expect![[r#"
        |    2  │ cc -c 99981.c
        |    2  │ cc -c 99982.c
        |    2  │ cc -c 99983.c
        |    2  │ cc -c 99984.c
        |    2  │ cc -c 99985.c
        |    2  │ cc -c 99986.c
        |    2  │ cc -c 99987.c
        |    2  │ cc -c 99988.c
        |    2  │ cc -c 99989.c
        |    2  │ cc -c 99990.c
        |    2  │ cc -c 99991.c
        |    2  │ cc -c 99992.c
        |    2  │ cc -c 99993.c
        |    2  │ cc -c 99994.c
        |    2  │ cc -c 99995.c
        |    2  │ cc -c 99996.c
        |    2  │ cc -c 99997.c
        |    2  │ cc -c 99998.c
        |    2  │ cc -c 99999.c
        |    2  │ c.c:1:1: error: this line is longer than the te
        |rminal is wide
        |    2  failed: exit code: 2

    "#]]);
}

#[test]
fn a_low_and_narrow_terminal_gets_what_matters_most() {
    let mut it = Watched::new(FILE, 6, 30);
    it.began(PULL);
    it.moved(PULL, "sha256:11", 10_000_000, 30_000_000);
    it.printed(PULL, "said");
    it.began(MAKE);
    it.printed(MAKE, "cc -c a.c");
    it.check(expect![[r#"
        |       build    ────────────…
        |    2  RUN make         0.0 s
        |       assets   ────────────…
        |    4  FROM node AS assets

    "#]]);
    let mut it = Watched::new(FILE, 3, 30);
    it.began(PULL);
    it.began(MAKE);
    it.check(expect![[r#"
        |    2  RUN make         0.0 s
        |    4  FROM node AS assets

    "#]]);
    let mut it = Watched::new(FILE, 2, 5);
    it.began(MAKE);
    it.check(expect![[r#"
        |…

    "#]]);
}

#[test]
fn the_same_step_of_two_platforms_is_told_apart() {
    let mut it = Watched::new("FROM debian\nRUN make\n", 10, 60);
    it.began("[linux/amd64 2/2] RUN make");
    it.began("[linux/arm64 2/2] RUN make");
    it.ended("[linux/amd64 2/2] RUN make", |_| {});
    it.check(expect![[r#"
        |    2  linux/amd64 RUN make                           2.5 s
        |    2  linux/arm64 RUN make                           0.0 s

    "#]]);
}

#[test]
fn who_interrupts_it_sees_that_it_is_heard() {
    let mut it = Watched::new("FROM debian\nRUN make\n", 10, 60);
    it.began("[2/2] RUN make");
    it.draw();
    // The terminal echoes what is typed, where the cursor stands.
    std::io::Write::write_all(&mut it.screen, b"^C").expect("the screen takes what is typed");
    it.board.stop();
    it.check(expect![[r#"
        |       stopping the build
        |    2  RUN make                                       0.0 s

    "#]]);
    let Watched { screen, region, .. } = it;
    drop(region);
    assert_eq!(screen.text(), "\n");
}

#[test]
fn the_cursor_is_seen_and_stands_below_whole_lines() {
    let mut it = Watched::new("FROM debian\nRUN make\n", 10, 60);
    it.began("[2/2] RUN make");
    it.draw();
    let parser = it.screen.0.lock().expect("no test panics while it draws");
    assert!(!parser.screen().hide_cursor());
    assert_eq!(parser.screen().cursor_position(), (1, 0));
}

#[test]
fn a_terminal_that_becomes_narrower_is_drawn_anew_from_its_first_line() {
    let mut it = Watched::new("FROM debian\nRUN make\n", 10, 60);
    it.began("[2/2] RUN make");
    it.draw();
    // As terminals do, the line of 59 columns is broken into two; the cursor is below.
    it.size = (10, 40);
    it.screen
        .0
        .lock()
        .expect("no test panics while it draws")
        .process(b"\x1b[2J\x1b[H2 RUN make\r\n      0.0 s\r\n");
    it.check(expect![[r#"
        |    2  RUN make                   0.0 s

    "#]]);
}
