//! One file for each command.

pub(crate) mod accuracy;
pub(crate) mod bench;
pub(crate) mod build;
pub(crate) mod catalogue;
pub(crate) mod catalogue_registry;
pub(crate) mod fuzz;
pub(crate) mod lab;
pub(crate) mod play;
pub(crate) mod test;
