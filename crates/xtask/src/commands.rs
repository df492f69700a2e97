//! One file for each command.

pub(crate) mod build;
pub(crate) mod play;
pub(crate) mod test;
