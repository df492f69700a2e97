//! `cargo xtask play`: builds everything and serves it.

use super::build;
use crate::program::{Program, on_path};
use crate::project;
use crate::step::Failed;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

const DEFAULT_PORT: u16 = 8787;
const LONGEST_START: Duration = Duration::from_secs(15);

/// The word by which this program calls itself to open a browser: see [`open_when_ready`].
pub(crate) const OPEN: &str = "open-when-ready";

pub(crate) fn run(flags: &[&str]) -> Result<(), Failed> {
    let Flags { port, open } = Flags::parse(flags)?;
    // Said before the build, not minutes later.
    if let Err(error) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        return Err(Failed(format!(
            "cannot listen on port {port}: {error}; stop what listens there, or choose another with --port"
        )));
    }
    build::run()?;
    if open {
        let this_program = std::env::current_exe()?;
        Command::new(this_program).args([OPEN, &port.to_string()]).stdin(Stdio::null()).spawn()?;
    }
    // The server prints its address as soon as it answers there.
    Program::new(project::companion()).args(["serve", "--port", &port.to_string()]).become_it()
}

/// Waits until the server answers, and opens a browser there.
///
/// It runs as a process of its own, because [`run`] becomes the server.
pub(crate) fn open_when_ready(port: &str) -> Result<(), Failed> {
    let port: u16 = port.parse().map_err(|_| Failed(format!("not a port: {port}")))?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let pause = Duration::from_millis(50);
    let mut waited = Duration::ZERO;
    while TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_err() {
        if waited > LONGEST_START {
            return Err(Failed(format!("nothing answers on port {port} after {} s", waited.as_secs())));
        }
        sleep(pause);
        waited += pause;
    }
    open_browser(port);
    Ok(())
}

#[derive(Debug)]
struct Flags {
    port: u16,
    open: bool,
}

impl Flags {
    fn parse(words: &[&str]) -> Result<Self, Failed> {
        let mut flags = Self { port: DEFAULT_PORT, open: true };
        let mut words = words.iter();
        while let Some(&word) = words.next() {
            let port = match word {
                "--no-open" => {
                    flags.open = false;
                    continue;
                }
                "--port" => words.next().copied().unwrap_or_default(),
                _ => word.strip_prefix("--port=").ok_or_else(|| Failed(format!("no such flag: {word}")))?,
            };
            flags.port = match port.parse() {
                Ok(number) if number != 0 => number,
                _ => return Err(Failed(format!("--port takes a number from 1 to 65535, not {port:?}"))),
            };
        }
        Ok(flags)
    }
}

/// A machine without a desktop has none of these, and the address is there to read.
fn open_browser(port: u16) {
    let url = format!("http://127.0.0.1:{port}");
    let opener = ["xdg-open", "open", "explorer"].into_iter().find(|name| on_path(name).is_some());
    if let Some(opener) = opener {
        // What it says of its own troubles is not about this project.
        let quiet = Command::new(opener)
            .arg(url)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        if let Err(error) = quiet {
            eprintln!("no browser opened: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: &[&str], expected: &str) {
        let read = match Flags::parse(words) {
            Ok(flags) => format!("{} {}", flags.port, if flags.open { "open" } else { "no-open" }),
            Err(Failed(message)) => message,
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn flags_of_play() {
        check(&[], "8787 open");
        check(&["--no-open", "--port", "9000"], "9000 no-open");
        check(&["--port=9000"], "9000 open");
        check(&["--port"], "--port takes a number from 1 to 65535, not \"\"");
        check(&["--port", "0"], "--port takes a number from 1 to 65535, not \"0\"");
        check(&["--port", "70000"], "--port takes a number from 1 to 65535, not \"70000\"");
        check(&["--loud"], "no such flag: --loud");
    }
}
