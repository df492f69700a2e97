//! What the ecosystems of packages know: versions, dependencies, what installing them writes.
//!
//! **Invariant:** nothing here knows of layers or estimates.

pub mod debian;
pub mod npm;
pub mod python;
