//! The words of the tab of checks.

pub const CLEAN: &str = "Nothing to say: every check is content with this file.";
pub const SHIPS: &str = "In what ships";
pub const BESIDE: &str = "In stages that only help to build";
pub const ALL_FIXES: &str = "Make every fix";
pub const ALL_FIXES_HINT: &str = "The editor can take each back with Ctrl+Z.";
pub const WHY: &str = "Why";
pub const LIKE_THIS: &str = "Offends";
pub const INSTEAD: &str = "Instead";
pub const SILENCE: &str = "To silence it, write above the file: ";

/// What a fix saves: `saves about 21 MB`.
pub fn saves(bytes: &str) -> String {
    format!("saves about {bytes}")
}
