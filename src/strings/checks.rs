//! The words of the tab of checks.

use crate::language::{Text, fill};

pub const CLEAN: Text = Text("Nothing to say: every check is content with this file.");
pub const SHIPS: Text = Text("In what ships");
pub const BESIDE: Text = Text("In stages that only help to build");
pub const ALL_FIXES: Text = Text("Make every fix");
pub const ALL_FIXES_HINT: Text = Text("The editor can take each back with Ctrl+Z.");
pub const WHY: Text = Text("Why");
pub const LIKE_THIS: Text = Text("Offends");
pub const INSTEAD: Text = Text("Instead");
pub const SILENCE: Text = Text("To silence it, write above the file: ");

/// What a fix saves: `saves about 21 MB`.
pub fn saves(bytes: &str) -> String {
    fill("saves about {}", &[bytes])
}
