//! The words of the tab of the cache.

use crate::language::{Text, fill};
use crate::strings::counted;

pub const CHANGE: Text = Text("What changes");
pub const CHANGES: [(&str, Text); 6] = [
    ("", Text("a file of the project")),
    ("line", Text("a line of the Dockerfile")),
    ("arg", Text("a build argument")),
    ("base", Text("a base image")),
    ("no-cache", Text("everything: --no-cache")),
    ("nothing", Text("nothing")),
];
pub const PATH: Text = Text("Path or pattern");
pub const ANY_FILE: Text = Text("any file");
pub const LINE: Text = Text("Line");
pub const ARGUMENT: Text = Text("Argument");
pub const NO_ARGUMENT: Text = Text("No ARG stands in this file.");
pub const VALUE: Text = Text("New value");
pub const ANY_VALUE: Text = Text("any other");
pub const STAGE: Text = Text("Of stage");
pub const TARGET: Text = Text("the target");
pub const STOPPED: Text = Text("The target does not build, so nothing of it is in the cache:");
pub const NO_STEPS: Text = Text("The target has no step: it only names an image.");
pub const LANE: Text = Text("What runs when");
pub const IN_WORDS: Text = Text("The same in words");
pub const BETTER: Text = Text("Lines in another order");
pub const PROVIDED: Text = Text("Provided:");
pub const LEGEND: Text = Text(
    "A step reruns where its key is another. It may rerun where it takes files of a step that reruns: where they come \
     out the same, it stays in the cache. What is in the cache takes no time and is not drawn; what is underlined \
     makes the whole as long as it is.",
);

/// What becomes of a step: a sign beside the word, as not everybody tells colours apart.
pub const CACHED: Text = Text("○ cached");
pub const MAY_RERUN: Text = Text("◌ may rerun");
pub const RERUNS: Text = Text("● reruns");

/// The whole in one sentence.
pub fn summary(all: usize, certain: usize, possible: usize) -> String {
    let steps = counted(all, "step", "steps");
    let [certain_many, possible_many] = [certain, possible].map(|count| count.to_string());
    match (certain, possible) {
        (0, 0) => fill("Of {}, all in the cache.", &[&steps]),
        (_, 0) => fill("Of {}, {} to run again.", &[&steps, &certain_many]),
        (0, _) => fill("Of {}, perhaps {} to run again.", &[&steps, &possible_many]),
        _ => fill("Of {}, {} to run again, perhaps {} more.", &[&steps, &certain_many, &possible_many]),
    }
}

/// How long all of it takes: in seconds where they are known, else in steps of one length.
pub fn duration(end: f64, in_seconds: bool, times: &str) -> String {
    match in_seconds {
        true => fill("At most {} s in all: {}.", &[&format!("{end:.1}"), times]),
        false => fill(
            "At most as long as {} in a row: {}.",
            &[&counted(end.round() as usize, "step", "steps"), times],
        ),
    }
}

/// When a step runs: in seconds, or in steps before it.
pub fn span(start: f64, end: f64, in_seconds: bool) -> String {
    match in_seconds {
        true => fill("{} s to {} s", &[&format!("{start:.1}"), &format!("{end:.1}")]),
        false => fill("{} to {}", &[&format!("{start:.0}"), &format!("{end:.0}")]),
    }
}

/// The drawing for who cannot see it.
pub fn drawn(count: usize) -> String {
    fill("{} over time, stage by stage; the same in words below", &[&counted(count, "step", "steps")])
}

/// What another order saves.
pub fn saves(steps: usize) -> String {
    fill("{} less to run again", &[&counted(steps, "step", "steps")])
}
