//! The course of one build: what is known of every step so far, and what of it is news.

use super::event::{Event, Status, Vertex};
use super::{Log, Place, Steps, Warning};
use chrono::TimeDelta;
use layercast_core::image_ref::Platform;
use std::collections::{BTreeMap, HashMap};

/// A line of output is shown when it ends, or when it is this long.
const LONGEST_LINE: usize = 1 << 14;

/// What is worth telling.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum News {
    /// A step began.
    Began(Step),
    /// A step ended: done, cached or failed.
    Ended(Step),
    /// A step printed a line.
    Printed {
        /// The step.
        step: Step,
        /// The line, without its end.
        line: String,
        /// True for standard error.
        is_error: bool,
    },
    /// A piece of a step's work, such as a download, has come so far.
    Progressed {
        /// The step.
        step: Step,
        /// The piece of work.
        status: Status,
    },
    /// The builder remarks on the Dockerfile.
    Warned(Warning),
}

/// A step of the build: an instruction, or something the builder does beside them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Step {
    /// What it is: the digest of its vertex.
    pub(crate) vertex: String,
    /// The instruction; none for what is none.
    pub(crate) place: Option<Place>,
    /// What BuildKit calls it.
    pub(crate) name: String,
    /// How long it took; none while it runs.
    pub(crate) time: Option<TimeDelta>,
    /// True where nothing had to be done.
    pub(crate) cached: bool,
    /// Why it failed.
    pub(crate) error: Option<String>,
    /// Bytes that it fetched or sent; 0 where it did neither.
    pub(crate) transferred: u64,
}

impl Step {
    /// The platform that it is built for, where its name says: `linux/arm64` of `[linux/arm64 build 2/4] RUN make`.
    pub(crate) fn platform(&self) -> Option<&str> {
        let (inside, _) = self.name.strip_prefix('[')?.split_once("] ")?;
        let (first, _) = inside.split_once(' ')?;
        first.contains('/').then_some(first)
    }

    /// Whether it is one of the steps to a platform, as far as is known: `linux/amd64->arm64` is run on the one for the
    /// other.
    fn is_for(&self, platform: &Platform) -> bool {
        let Some(written) = self.platform() else { return true };
        let (on, to) = written.split_once("->").unwrap_or((written, written));
        let os = on.split_once('/').map_or("linux", |(os, _)| os);
        [to.to_owned(), format!("{os}/{to}")]
            .iter()
            .any(|it| Platform::parse(it).is_ok_and(|it| it == *platform))
    }
}

/// All that was told so far. It keeps no output beyond the lines that are not ended.
#[derive(Debug, Default)]
pub(crate) struct Run {
    pub(crate) steps: Steps,
    vertices: HashMap<String, (Vertex, Told)>,
    /// Bytes of each transfer of a vertex.
    transfers: HashMap<String, BTreeMap<String, u64>>,
    open_lines: HashMap<(String, bool), Vec<u8>>,
}

/// What was told of a step already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Told {
    Nothing,
    Began,
    Ended,
}

impl Run {
    pub(crate) fn new(steps: Steps) -> Self {
        Self { steps, ..Self::default() }
    }

    /// Takes in an event; says what is new.
    pub(crate) fn take(&mut self, event: Event) -> Vec<News> {
        match event {
            Event::Vertex(vertex) => self.vertex(vertex),
            Event::Log(log) => self.log(log),
            Event::Warning(warning) => vec![News::Warned(warning)],
            Event::Status(status) => self.status(status),
        }
    }

    /// What is known of an instruction's step. Of several (one a platform), the one that took longest.
    pub(crate) fn step_of(&mut self, instruction: usize) -> Option<Step> {
        self.step_on(instruction, None)
    }

    /// The same on one of several platforms.
    pub(crate) fn step_on(&mut self, instruction: usize, platform: Option<&Platform>) -> Option<Step> {
        let digests: Vec<String> = self.vertices.keys().cloned().collect();
        let mut steps: Vec<Step> = Vec::new();
        for digest in digests {
            let Some((vertex, _)) = self.vertices.get(&digest) else { continue };
            let places = self.steps.place(&digest, &vertex.name);
            let place = places.iter().find(|place| place.instruction == instruction);
            let transferred = transferred(&self.transfers, vertex);
            steps.extend(place.map(|place| step(vertex, Some(*place), transferred)));
        }
        let is_its = |step: &Step| platform.is_none_or(|platform| step.is_for(platform));
        steps.into_iter().filter(is_its).max_by_key(|step| step.time)
    }

    /// The first step that failed.
    pub(crate) fn failed(&mut self) -> Option<Step> {
        let failed = |(vertex, _): &&(Vertex, Told)| vertex.error.is_some();
        let first = self.vertices.values().filter(failed).min_by_key(|(vertex, _)| vertex.completed)?;
        let vertex = first.0.clone();
        Some(self.step(&vertex))
    }

    fn vertex(&mut self, mut vertex: Vertex) -> Vec<News> {
        let (before, told) = match self.vertices.remove(&vertex.digest) {
            Some((before, told)) => (Some(before), told),
            None => (None, Told::Nothing),
        };
        if let Some(before) = before {
            // A step starts again for another who waits for it, or when what it is was found and its work begins:
            // what took longest is what it took.
            let is_shorter = vertex.completed.is_none() || before.time() > vertex.time();
            vertex.error = vertex.error.or(before.error.clone());
            if before.completed.is_some() && is_shorter {
                vertex.started = before.started;
                vertex.completed = before.completed;
                vertex.cached = before.cached;
            }
        }
        let step = self.step(&vertex);
        let now = match (vertex.started, vertex.completed) {
            (_, Some(_)) => Told::Ended,
            (Some(_), None) => Told::Began,
            (None, None) => Told::Nothing,
        };
        let mut news = Vec::new();
        if now >= Told::Began && told < Told::Began {
            news.push(News::Began(step.clone()));
        }
        if now == Told::Ended && told < Told::Ended {
            news.extend(self.close_lines(&vertex.digest, &step));
            news.push(News::Ended(step));
        }
        self.vertices.insert(vertex.digest.clone(), (vertex, told.max(now)));
        news
    }

    fn status(&mut self, status: Status) -> Vec<News> {
        let Some((vertex, _)) = self.vertices.get(&status.vertex) else { return Vec::new() };
        let vertex = vertex.clone();
        if status.is_transfer() {
            let transfers = self.transfers.entry(status.vertex.clone()).or_default();
            let bytes = transfers.entry(status.id.clone()).or_default();
            *bytes = status.current.max(*bytes);
        }
        vec![News::Progressed { step: self.step(&vertex), status }]
    }

    fn log(&mut self, log: Log) -> Vec<News> {
        let Some((vertex, _)) = self.vertices.get(&log.vertex) else { return Vec::new() };
        let vertex = vertex.clone();
        let step = self.step(&vertex);
        let open = self.open_lines.entry((log.vertex, log.is_error)).or_default();
        let mut news = Vec::new();
        for byte in log.bytes {
            if byte == b'\n' || open.len() >= LONGEST_LINE {
                news.push(printed(&step, &std::mem::take(open), log.is_error));
            }
            if byte != b'\n' {
                open.push(byte);
            }
        }
        news
    }

    fn close_lines(&mut self, digest: &str, step: &Step) -> Vec<News> {
        let mut news = Vec::new();
        for is_error in [false, true] {
            if let Some(open) = self.open_lines.remove(&(digest.to_owned(), is_error)) {
                news.extend((!open.is_empty()).then(|| printed(step, &open, is_error)));
            }
        }
        news
    }

    fn step(&mut self, vertex: &Vertex) -> Step {
        let place = self.steps.place(&vertex.digest, &vertex.name).first().copied();
        step(vertex, place, transferred(&self.transfers, vertex))
    }
}

fn transferred(transfers: &HashMap<String, BTreeMap<String, u64>>, vertex: &Vertex) -> u64 {
    transfers.get(&vertex.digest).map_or(0, |transfers| transfers.values().sum())
}

fn step(vertex: &Vertex, place: Option<Place>, transferred: u64) -> Step {
    Step {
        vertex: vertex.digest.clone(),
        place,
        name: vertex.name.clone(),
        time: vertex.time(),
        cached: vertex.cached,
        error: vertex.error.clone(),
        transferred,
    }
}

/// A line that draws over itself is what it drew last.
fn printed(step: &Step, bytes: &[u8], is_error: bool) -> News {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_end_matches('\r');
    let line = text.rsplit('\r').next().unwrap_or_default().to_owned();
    News::Printed { step: step.clone(), line, is_error }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use layercast_core::{Facts, analyse};

    fn at(second: i64) -> Option<chrono::DateTime<chrono::Utc>> {
        chrono::DateTime::from_timestamp(1_800_000_000 + second, 0)
    }

    fn vertex(started: Option<i64>, completed: Option<i64>, cached: bool) -> Event {
        let (started, completed) = (started.and_then(at), completed.and_then(at));
        let name = "[2/2] RUN make".to_owned();
        Event::Vertex(Vertex {
            digest: "aa".to_owned(),
            name,
            started,
            completed,
            cached,
            ..Vertex::default()
        })
    }

    fn log(text: &str) -> Event {
        Event::Log(Log { vertex: "aa".to_owned(), is_error: false, bytes: text.as_bytes().to_vec() })
    }

    #[track_caller]
    fn check(events: Vec<Event>, expected: Expect) {
        let mut run = Run::new(Steps::of(&analyse("FROM debian\nRUN make\n", &Facts::default())));
        let news = events.into_iter().flat_map(|event| run.take(event));
        let line = |step: &Step| step.place.map_or(0, |place| place.line);
        let told = news.map(|news| match news {
            News::Began(step) => format!("{} began\n", line(&step)),
            News::Ended(step) => format!(
                "{} ended after {:?} s, cached: {}\n",
                line(&step),
                step.time.map(|time| time.num_seconds()),
                step.cached
            ),
            News::Printed { step, line: text, .. } => format!("{} | {text}\n", line(&step)),
            News::Progressed { step, status } => {
                format!(
                    "{} at {} of {}, {} in all\n",
                    line(&step),
                    status.current,
                    status.total,
                    step.transferred
                )
            }
            News::Warned(warning) => format!("warned: {}\n", warning.short),
        });
        expected.assert_eq(&told.collect::<String>());
    }

    #[test]
    fn beginning_and_end_are_told_once() {
        let again = vec![
            vertex(None, None, false),
            vertex(Some(0), None, false),
            vertex(Some(0), Some(5), false),
            vertex(Some(6), None, false),
            vertex(Some(6), Some(6), true),
        ];
        check(
            again,
            expect![[r#"
            2 began
            2 ended after Some(5) s, cached: false
        "#]],
        );
        check(
            vec![vertex(Some(1), Some(1), true)],
            expect![[r#"
            2 began
            2 ended after Some(0) s, cached: true
        "#]],
        );
    }

    #[test]
    fn output_comes_by_lines_however_it_was_cut() {
        let cut = vec![
            vertex(Some(0), None, false),
            log("on"),
            log("e\ntwo\n10 %\r100 %\r\n\nlast"),
            vertex(Some(0), Some(1), false),
        ];
        check(
            cut,
            expect![[r#"
            2 began
            2 | one
            2 | two
            2 | 100 %
            2 | 
            2 | last
            2 ended after Some(1) s, cached: false
        "#]],
        );
        check(vec![log("of nobody\n")], expect![""]);
    }

    #[test]
    fn bytes_of_transfers_are_added_up() {
        let status = |id: &str, current, total| {
            let (vertex, id) = ("aa".to_owned(), id.to_owned());
            Event::Status(Status { vertex, id, current, total, completed: current == total })
        };
        let pulled = vec![
            vertex(Some(0), None, false),
            status("sha256:11", 10, 40),
            status("sha256:22", 5, 5),
            status("sha256:11", 40, 40),
            status("extracting sha256:11", 90, 90),
        ];
        check(
            pulled,
            expect![[r#"
            2 began
            2 at 10 of 40, 10 in all
            2 at 5 of 5, 15 in all
            2 at 40 of 40, 45 in all
            2 at 90 of 90, 45 in all
        "#]],
        );
    }

    #[test]
    fn a_line_without_end_is_cut() {
        let mut run = Run::new(Steps::default());
        run.take(vertex(Some(0), None, false));
        let news = run.take(log(&"x".repeat(LONGEST_LINE * 2 + 5)));
        assert_eq!(news.len(), 2);
        assert!(run.open_lines.values().all(|line| line.len() <= LONGEST_LINE));
    }
}
