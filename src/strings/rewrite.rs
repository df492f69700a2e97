//! The words of the tab of the assistant.

use crate::language::{Text, fill};

pub const LEFT_ALONE: Text = Text("Left as it is");
pub const KNOWS: Text = Text(
    "The assistant parts Dockerfiles of one stage in two: Go, Node and front ends, Python, Java, Rust, .NET. It leaves alone what it cannot place for sure.",
);
pub const NOW: Text = Text("now");
pub const THEN: Text = Text("in two stages");
pub const USE: Text = Text("Use this");
pub const UNDO: Text = Text("The editor can take it back.");
pub const LOOK: Text = Text("Look at this yourself");
pub const CHANGES: Text = Text("Line by line");
pub const NOT_KNOWN: Text = Text("not all is known");

/// `Go: one stage to build, one to ship`.
pub fn title(language: &str) -> String {
    fill("{}: one stage to build, one to ship", &[language])
}

/// How much less the image weighs.
pub fn saved(per_cent: u64) -> String {
    fill("{}\u{a0}% less", &[&per_cent.to_string()])
}

/// What the picture of a graph is, for who does not see it.
pub fn graph(n_stages: usize) -> String {
    match n_stages {
        1 => fill("The graph of its one stage", &[]),
        many => fill("The graph of its {} stages", &[&many.to_string()]),
    }
}
