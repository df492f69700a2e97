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
