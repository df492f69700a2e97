//! What a Dockerfile builds and weighs: a pure function from text and known facts to a report.
//!
//! **Invariant:** no I/O, no clock, no randomness, no panic. What is not known is asked for in
//! [`Report::questions`]; the shells around this crate answer by adding to [`Facts`] and calling again.

#![warn(missing_docs, clippy::disallowed_methods)]

pub mod text;

pub mod diagnostic;
pub mod glob;
pub mod ignore;
pub mod image_ref;
pub mod json;

pub(crate) mod suggest;
pub mod syntax;

pub mod dockerfile;
pub mod graph;
pub mod shell;

pub mod lint;

pub mod package_table;

pub mod facts;
pub mod registry;

pub mod catalogue;
pub mod packages;

pub mod estimate;

pub mod bytes;
pub mod report;

pub mod figures;
pub mod layout;

pub mod cache;
pub mod compare;
pub mod export;
pub mod variable_use;

mod analysis;

pub mod rewrite;

#[doc(hidden)]
pub mod fuzzing;

pub use analysis::{analyse, examine, measurable, structure};
pub use facts::Facts;
pub use report::Report;
