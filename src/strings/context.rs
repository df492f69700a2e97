//! The words of the tab of the build context.

pub const NO_CONTEXT: &str =
    "Without a folder nothing is known of what COPY takes. Drop one, or type a tree:";
pub const TREE: &str = "A tree, a file a line: path and size";
pub const TREE_EXAMPLE: &str = "src/main.go 12 kB\nstatic/logo.png 340 kB\n.git/objects 80 MB";
pub const TAKEN: &str = "What each COPY takes";
pub const TAKES: &str = "takes";
pub const NOTHING_TAKEN: &str = "nothing: no file of the context is called that";
pub const VARIABLE: &str = "a variable stands in its path: which files that is, the build decides";
pub const NO_COPY: &str = "No COPY or ADD takes anything from the build context.";
pub const IGNORE: &str = ".dockerignore";
pub const IGNORE_HINT: &str =
    "Edit it here: every figure follows. It is not saved to your disk; copy it from here.";
pub const DROPS: &str = "What each line keeps out";
pub const NOTHING: &str = "nothing: no file is like that";
pub const TAKES_IN_AGAIN: &str = "takes in again what a line above keeps out";
pub const SLIPPED: &str = "Likely not meant to be sent";
pub const SECRET: &str = "by its name it holds a secret";
pub const BULK: &str = "builders make it anew, or nobody needs it in an image";
pub const KEEP_OUT: &str = "Keep it out";
pub const COPY_IGNORE: &str = "Copy the .dockerignore";

/// `412 files, 96 MB in all; 3 files, 14 kB are sent to the builder`.
pub fn sent(all: usize, all_bytes: &str, sent: usize, sent_bytes: &str) -> String {
    format!("{}, {all_bytes} in all; {}, {sent_bytes} of them may be taken.", files(all), files(sent))
}

/// `3 files`.
pub fn files(count: usize) -> String {
    format!("{count} {}", if count == 1 { "file" } else { "files" })
}

/// Sources that name nothing.
pub fn missing(names: &str) -> String {
    format!("The context does not hold {names}.")
}
