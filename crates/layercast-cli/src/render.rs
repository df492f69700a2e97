//! Reports as text for people.

pub(crate) mod inspect;
