//! The words of the tab of checks.

pub const CLEAN: &str = "Nothing to say: every check is content with this file.";
pub const SHIPS: &str = "In what ships";
pub const BESIDE: &str = "In stages that only help to build";
