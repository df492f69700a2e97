//! The words of the tab of the build context.

use crate::language::{Text, fill};
use crate::strings::counted;

pub const NO_CONTEXT: Text =
    Text("Without a folder nothing is known of what COPY takes. Drop one, or type a tree:");
pub const TREE: Text = Text("A tree, a file a line: path and size");
pub const TREE_EXAMPLE: Text = Text("src/main.go 12 kB\nstatic/logo.png 340 kB\n.git/objects 80 MB");
pub const TAKEN: Text = Text("What each COPY takes");
pub const TAKES: Text = Text("takes");
pub const NOTHING_TAKEN: Text = Text("nothing: no file of the context is called that");
pub const VARIABLE: Text = Text("a variable stands in its path: which files that is, the build decides");
pub const NO_COPY: Text = Text("No COPY or ADD takes anything from the build context.");
pub const IGNORE: Text = Text(".dockerignore");
pub const IGNORE_HINT: Text =
    Text("Edit it here: every figure follows. It is not saved to your disk; copy it from here.");
pub const DROPS: Text = Text("What each line keeps out");
pub const NOTHING: Text = Text("nothing: no file is like that");
pub const TAKES_IN_AGAIN: Text = Text("takes in again what a line above keeps out");
pub const SLIPPED: Text = Text("Likely not meant to be sent");
pub const SECRET: Text = Text("by its name it holds a secret");
pub const BULK: Text = Text("builders make it anew, or nobody needs it in an image");
pub const KEEP_OUT: Text = Text("Keep it out");
pub const COPY_IGNORE: Text = Text("Copy the .dockerignore");

/// `412 files, 96 MB in all; 3 files, 14 kB are sent to the builder`.
pub fn sent(all: usize, all_bytes: &str, sent: usize, sent_bytes: &str) -> String {
    fill("{}, {} in all; {}, {} of them may be taken.", &[&files(all), all_bytes, &files(sent), sent_bytes])
}

/// `3 files`.
pub fn files(count: usize) -> String {
    counted(count, "file", "files")
}

/// Sources that name nothing.
pub fn missing(names: &str) -> String {
    fill("The context does not hold {}.", &[names])
}
