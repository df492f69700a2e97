//! The parts of a page: each gets a slice of the state and a way to say what happened.

pub mod header;
pub mod picks;

pub mod problems;
pub mod source;

pub mod headline;
pub mod layers;
pub mod layers_row;
pub mod notices;
pub mod stages;
pub mod stages_graph;
