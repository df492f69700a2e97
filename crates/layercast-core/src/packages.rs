//! What the ecosystems of packages know: versions, dependencies, what installing them writes.

pub mod debian;
pub mod python;
