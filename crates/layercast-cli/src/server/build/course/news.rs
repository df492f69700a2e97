//! What a page is told of a build: all of it at first, then what changed since.

use super::{Course, Row, Size, State};
use serde_json::{Value, json};
use std::time::Instant;

/// What one page has heard so far.
#[derive(Debug, Default)]
pub(in crate::server::build) struct Heard {
    /// The build; 0 for none.
    build: u64,
    /// The version that it heard of.
    version: u64,
    /// So many lines of each row.
    lines: Vec<u64>,
}

impl Course {
    /// What a page has not heard; none where it has heard all. However long it did not listen, this is no more than
    /// what is kept of the build.
    pub(in crate::server::build) fn news(&self, heard: &mut Heard) -> Option<Value> {
        let is_new = heard.build != self.id;
        if is_new {
            *heard = Heard { build: self.id, ..Heard::default() };
        }
        if heard.version == self.version {
            return None;
        }
        heard.lines.resize(self.rows.len(), 0);
        let rows = self.rows.iter().enumerate().zip(&mut heard.lines);
        let changed = rows.filter(|((_, row), _)| row.changed > heard.version);
        let steps: Vec<Value> = changed.map(|((at, row), lines)| row.news(at, lines)).collect();
        heard.version = self.version;
        let (message, hint) = self.message.clone().unzip();
        let mut news = json!({
            "id": self.id,
            "state": self.state.word(),
            "seconds": self.seconds.unwrap_or_else(|| self.began.elapsed().as_secs_f64()),
            "message": message,
            "hint": hint.flatten(),
            "sizes": self.sizes.as_ref().map(sizes),
            "steps": steps,
        });
        if let Some(facts) = self.facts.as_ref().filter(|_| !self.is_running()) {
            news["facts"] = facts.as_str().into();
        }
        if is_new {
            news["target"] = self.target.as_str().into();
            news["stages"] = self.stages.as_slice().into();
        }
        Some(news)
    }
}

impl Row {
    fn news(&self, at: usize, heard: &mut u64) -> Value {
        let running = self.began.filter(|_| self.state == State::Running);
        let seconds = running.map(|began: Instant| began.elapsed().as_secs_f64()).or(self.seconds);
        let mut news = json!({
            "at": at,
            "line": self.place.map(|place| place.line),
            "stage": self.stage,
            "name": self.name,
            "state": self.state.word(),
            "seconds": seconds,
            "error": self.error,
            "progress": self.progress,
            "sizes": self.sizes.as_ref().map(sizes),
        });
        if self.output.n_lines() > *heard {
            let (first, lines) = self.output.since(*heard);
            news["from"] = first.into();
            news["lines"] = lines.collect::<Vec<_>>().into();
            *heard = self.output.n_lines();
        }
        news
    }
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Weighing => "weighing",
            Self::Done => "done",
            Self::Cached => "cached",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

fn sizes(sizes: &[Size; 2]) -> Value {
    let size = |size: &Size| {
        let estimate = size.estimate.as_ref().map(|it| [it.low, it.likely, it.high]);
        json!({"estimated": estimate, "real": size.real})
    };
    json!({"unpacked": size(&sizes[0]), "download": size(&sizes[1])})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::{Event, Log, Vertex};
    use expect_test::{Expect, expect};
    use layercast_core::{Facts, structure};

    const FILE: &str = "FROM debian AS a\nRUN make\nFROM debian\nCOPY --from=a /x /x\n";

    fn vertex(name: &str, started: bool, completed: bool) -> Event {
        let at = |is: bool| is.then(|| chrono::DateTime::from_timestamp(1_800_000_000, 0)).flatten();
        let (started, completed) = (at(started), at(completed));
        Event::Vertex(Vertex {
            digest: name.to_owned(),
            name: name.to_owned(),
            started,
            completed,
            ..Vertex::default()
        })
    }

    fn printed(name: &str, text: &str) -> Event {
        Event::Log(Log { vertex: name.to_owned(), is_error: false, bytes: text.as_bytes().to_vec() })
    }

    /// One line a step: its line, its state, its new output.
    fn told(course: &Course, heard: &mut Heard) -> String {
        let Some(news) = course.news(heard) else { return "nothing\n".to_owned() };
        let steps = news["steps"].as_array().into_iter().flatten();
        let line =
            |step: &Value| format!("{} {} {} {}\n", step["line"], step["state"], step["from"], step["lines"]);
        steps.map(line).collect()
    }

    #[track_caller]
    fn check(course: &Course, heard: &mut Heard, expected: Expect) {
        expected.assert_eq(&told(course, heard));
    }

    #[test]
    fn a_page_hears_all_and_then_what_is_new_whenever_it_comes() {
        let mut course = Course::new(1, &structure(FILE, &Facts::default()));
        let (mut early, mut late) = (Heard::default(), Heard::default());
        check(
            &course,
            &mut early,
            expect![[r#"
            1 "waiting" null null
            2 "waiting" null null
            3 "waiting" null null
            4 "waiting" null null
        "#]],
        );
        check(
            &course,
            &mut early,
            expect![[r#"
            nothing
        "#]],
        );
        // Both stages stand on one image.
        course.take(vertex("[a 1/2] FROM docker.io/library/debian", true, true));
        course.take(vertex("[a 2/2] RUN make", true, false));
        course.take(printed("[a 2/2] RUN make", "one\ntwo\nth"));
        check(
            &course,
            &mut early,
            expect![[r#"
            1 "done" null null
            2 "running" 0 ["one","two"]
            3 "done" null null
        "#]],
        );
        course.take(printed("[a 2/2] RUN make", "ree\n"));
        check(
            &course,
            &mut early,
            expect![[r#"
            2 "running" 2 ["three"]
        "#]],
        );
        check(
            &course,
            &mut late,
            expect![[r#"
            1 "done" null null
            2 "running" 0 ["one","two","three"]
            3 "done" null null
            4 "waiting" null null
        "#]],
        );
        // Who was away for long hears the number of what it missed.
        course.take(printed("[a 2/2] RUN make", &"more\n".repeat(10_000)));
        let news = course.news(&mut late).expect("there is news");
        assert_eq!(
            (&news["steps"][0]["from"], news["steps"][0]["lines"].as_array().map(Vec::len)),
            (&9_503.into(), Some(500))
        );
        // Another build begins from nothing.
        let next = Course::new(2, &structure(FILE, &Facts::default()));
        assert_eq!(next.news(&mut late).expect("there is news")["steps"].as_array().map(Vec::len), Some(4));
    }

    #[test]
    fn what_ran_when_a_build_was_cancelled_was_cancelled_too() {
        let mut course = Course::new(1, &structure(FILE, &Facts::default()));
        course.take(vertex("[a 2/2] RUN make", true, false));
        course.fail(State::Cancelled, "interrupted".to_owned(), None);
        check(
            &course,
            &mut Heard::default(),
            expect![[r#"
            1 "waiting" null null
            2 "cancelled" null null
            3 "waiting" null null
            4 "waiting" null null
        "#]],
        );
        assert!(!course.is_running());
    }
}
