//! What a Dockerfile builds and weighs: a pure function from text and known facts to a report.
//!
//! **Invariant:** no I/O, no clock, no randomness, no panic. What is not known is asked for in
//! [`Report::questions`]; the shells around this crate answer by adding to [`Facts`] and calling again.

#![warn(missing_docs, clippy::disallowed_methods)]

pub mod text;

pub mod diagnostic;
pub mod image_ref;

pub(crate) mod suggest;
pub mod syntax;

pub mod dockerfile;

pub mod facts;
pub mod registry;

pub mod catalogue;
pub mod estimate;

pub mod layout;
pub mod report;

pub use facts::Facts;
pub use report::Report;

/// Everything there is to say of `source`, as far as `facts` go.
pub fn analyse(_source: &str, _facts: &Facts) -> Report {
    Report {
        version: report::VERSION,
        errors: Vec::new(),
        instructions: Vec::new(),
        stages: Vec::new(),
        edges: Vec::new(),
        targets: Vec::new(),
        target: None,
        layers: Vec::new(),
        warnings: Vec::new(),
        questions: Vec::new(),
    }
}
