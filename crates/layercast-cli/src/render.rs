//! Reports as text for people.

pub(crate) mod build;
pub(crate) mod cache;
pub(crate) mod calibrate;
pub(crate) mod check;
pub(crate) mod diff;
pub(crate) mod estimate;
pub(crate) mod explain;
pub(crate) mod inspect;
pub(crate) mod rewrite;

pub(crate) mod problems;
mod stack;

mod bytes;
mod columns;
mod tone;
