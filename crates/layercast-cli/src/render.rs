//! Reports as text for people.

pub(crate) mod estimate;
pub(crate) mod inspect;

mod problems;
mod stack;

mod bytes;
mod columns;
mod tone;
