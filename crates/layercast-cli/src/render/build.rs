//! A build for people: as it runs on a terminal or line by line, its failure, and the truth beside the estimate.

mod board;
mod failure;
mod plain;
mod region;
mod truth;

pub(crate) use board::Board;
pub(crate) use failure::write_failure;
pub(crate) use plain::write_news;
pub(crate) use region::Region;
pub(crate) use truth::{Row, Sizes, write_truth};

use crate::builder::Step;
use crate::render::bytes::bytes;
use chrono::TimeDelta;

/// The width of a line's number.
const LINE: usize = 5;

/// What the builder does for itself, or for us: reading the Dockerfile, looking up an image, telling how it came about.
fn is_internal(step: &Step) -> bool {
    let own = ["[internal]", "resolving provenance"];
    step.place.is_none() && own.iter().any(|beginning| step.name.starts_with(beginning))
}

fn number(step: &Step) -> String {
    format!("{:>LINE$}", step.place.map(|place| place.line.to_string()).unwrap_or_default())
}

/// `RUN make` of `[build 2/4] RUN make`, as the number of the line says where it is; `load build context` of
/// `[internal] load build context`.
fn title(step: &Step) -> &str {
    let name = step.name.as_str();
    match step.place {
        Some(_) => name.split_once("] ").map_or(name, |(_, text)| text),
        None => name.strip_prefix("[internal] ").unwrap_or(name),
    }
}

/// The same, with the platform before it where there are several.
fn named(step: &Step, title: &str) -> String {
    match step.platform() {
        Some(platform) => format!("{platform} {title}"),
        None => title.to_owned(),
    }
}

/// `cached`; `12.3 s`, and before that what it moved.
fn outcome(step: &Step) -> String {
    let time = match step.time {
        _ if step.cached => "cached".to_owned(),
        Some(time) => seconds(time),
        None => String::new(),
    };
    if step.transferred == 0 { time } else { format!("{}  {time:>8}", bytes(step.transferred)) }
}

fn seconds(time: TimeDelta) -> String {
    format!("{:.1} s", time.num_milliseconds() as f64 / 1000.0)
}

#[cfg(test)]
mod tests;
