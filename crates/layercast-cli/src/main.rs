//! The companion: parses the command line, runs a command, maps its outcome to an exit code.

fn main() {}
