//! Programs that this one stands on: curl for the network, with the machine's own proxies; xz and zstd to unpack.

use crate::Failed;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};

/// The content of an address.
pub(crate) fn fetch(address: &str) -> Result<Vec<u8>, Failed> {
    let output = curl(address).output().map_err(|error| Failed(format!("curl did not start: {error}")))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(Failed(format!("{address}: {}", String::from_utf8_lossy(&output.stderr).trim())))
    }
}

fn curl(address: &str) -> Command {
    let mut curl = Command::new("curl");
    curl.args([
        "--silent",
        "--show-error",
        "--fail",
        "--location",
        "--retry",
        "3",
        "--max-time",
        "600",
        address,
    ]);
    curl
}

/// What a program of `xz`, `zstd` or `gzip` makes of packed bytes.
pub(crate) fn unpack(program: &str, packed: &[u8]) -> Result<Vec<u8>, Failed> {
    let failed = |error: std::io::Error| Failed(format!("{program}: {error}"));
    let mut child: Child = Command::new(program)
        .args(["--decompress", "--stdout"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let (Some(mut into), Some(mut from)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(Failed(format!("{program} has no pipes")));
    };
    let mut unpacked = Vec::new();
    std::thread::scope(|scope| {
        // A program that ends early says so by its status; the pipe that breaks then says nothing more.
        scope.spawn(move || into.write_all(packed).is_ok());
        from.read_to_end(&mut unpacked)
    })
    .map_err(failed)?;
    let status = child.wait().map_err(failed)?;
    if status.success() { Ok(unpacked) } else { Err(Failed(format!("{program}: {status}"))) }
}
