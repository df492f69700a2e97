//! Ends the builder when we are gone, however that came: killed by force, nobody tells it.
//!
//! A shell waits for the end of a pipe whose other end is ours alone. When we end, so does the pipe.

use std::process::Stdio;
use tokio::process::{Child, Command};

/// Has the group of processes of a builder told to cancel its build where this program ends before the build. Dropping
/// it calls that off.
#[cfg(unix)]
pub(super) fn watch(builder: &Child) -> Option<Child> {
    let group = builder.id()?.to_string();
    let mut shell = Command::new("sh");
    shell.args(["-c", "read -r _; kill -s INT -- \"-$0\"", &group]);
    shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    // Ctrl-C in a terminal is for us.
    shell.process_group(0).spawn().ok()
}

/// Elsewhere nobody watches.
#[cfg(not(unix))]
pub(super) fn watch(_builder: &Child) -> Option<Child> {
    None
}
