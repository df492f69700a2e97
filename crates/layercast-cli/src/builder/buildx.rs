//! The way to any builder that `docker buildx` knows: its command line, with the progress as JSON lines.

use super::event::Event;
use super::settings::Settings;
use super::{BuildError, Built, Request};
use super::{rawjson, watchdog};
use serde_json::Value;
use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::PipeReader;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// So many of the builder's own words are kept to say why it failed.
const WORDS_KEPT: usize = 20;
/// So long a builder may take to cancel a build.
const PATIENCE: Duration = Duration::from_secs(10);

/// `docker buildx`.
#[derive(Debug, Clone)]
pub(crate) struct Buildx {
    program: OsString,
}

impl Buildx {
    /// The `docker` on the PATH.
    pub(crate) fn on_path() -> Self {
        Self { program: "docker".into() }
    }

    /// True where the plugin is there: its file is found, or `docker` knows it.
    pub(super) async fn is_installed(&self) -> bool {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let name = format!("docker{}", std::env::consts::EXE_SUFFIX);
        let is_there = std::env::split_paths(&path).any(|folder| folder.join(&name).is_file());
        is_there
            && (Settings::of_this_user().has_buildx() || self.ask(&["buildx", "version"]).await.is_some())
    }

    /// Builds, and hands over what it tells while it does. `stop` ends the build early; nothing runs on.
    pub(crate) async fn build(
        &self,
        request: &Request,
        stop: impl Future<Output = ()>,
        mut on_event: impl FnMut(Event),
    ) -> Result<Built, BuildError> {
        let metadata = tempfile::NamedTempFile::new().map_err(|source| self.cannot_start(source))?;
        let mut child = self.start(request, metadata.path())?;
        let _watchdog = watchdog::watch(&child);
        let Some(stderr) = child.stderr.take() else { return Err(BuildError::Interrupted) };
        let mut words = VecDeque::new();
        let read = read(stderr, &mut words, &mut on_event);
        tokio::select! {
            () = read => {}
            () = stop => {
                cancel(&mut child).await;
                return Err(BuildError::Interrupted);
            }
        }
        let status = child.wait().await.map_err(|source| self.cannot_start(source))?;
        if status.code().is_none() {
            return Err(BuildError::Killed { status });
        }
        if !status.success() {
            return Err(BuildError::Builder { message: message(&words, status) });
        }
        let text = std::fs::read_to_string(metadata.path()).unwrap_or_default();
        Ok(Built { metadata: serde_json::from_str(&text).unwrap_or(Value::Null), ..Built::default() })
    }

    /// What another command of docker's prints; none where it fails.
    pub(super) async fn ask(&self, args: &[&str]) -> Option<String> {
        let output = Command::new(&self.program).args(args).stdin(Stdio::null()).kill_on_drop(true).output();
        let output = output.await.ok().filter(|output| output.status.success())?;
        String::from_utf8(output.stdout).ok()
    }

    /// Starts another command of docker's, and hands out what it prints. It ends where it is dropped.
    pub(super) fn pipe(&self, args: &[&str]) -> std::io::Result<(Child, PipeReader)> {
        let (reader, writer) = std::io::pipe()?;
        let mut command = Command::new(&self.program);
        command.args(args).stdin(Stdio::null()).stdout(writer).stderr(Stdio::null()).kill_on_drop(true);
        Ok((command.spawn()?, reader))
    }

    fn start(&self, request: &Request, metadata: &Path) -> Result<Child, BuildError> {
        let mut command = Command::new(&self.program);
        command.args(["buildx", "build", "--progress=rawjson", "--metadata-file"]).arg(metadata);
        for (flag, value) in &request.flags {
            command.arg(format!("{flag}={value}"));
        }
        command.args(&request.switches);
        if let Some(file) = &request.file {
            command.arg("--file").arg(file);
        }
        if let Some(builder) = &request.builder {
            command.arg(format!("--builder={builder}"));
        }
        command.arg("--").arg(&request.context);
        // With its largest form of provenance it tells which step is which line.
        let provenance = if request.tells_lines { "max" } else { "disabled" };
        command.env("BUILDX_METADATA_PROVENANCE", provenance).env("DOCKER_CLI_HINTS", "false");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        // Ctrl-C in a terminal reaches a whole group of processes; we tell this one ourselves.
        #[cfg(unix)]
        command.process_group(0);
        command.spawn().map_err(|source| self.cannot_start(source))
    }

    fn cannot_start(&self, source: std::io::Error) -> BuildError {
        BuildError::Start { program: self.program.to_string_lossy().into_owned(), source }
    }
}

/// Reads to the end. Words for people come between the lines of JSON, last of all what went wrong.
async fn read(
    stream: impl AsyncRead + Unpin,
    words: &mut VecDeque<String>,
    on_event: &mut impl FnMut(Event),
) {
    let mut reader = BufReader::with_capacity(1 << 16, stream);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).await.is_ok_and(|length| length > 0) {
        let text = String::from_utf8_lossy(&line);
        match rawjson::decode(text.trim_end()) {
            Some(events) => events.into_iter().for_each(&mut *on_event),
            None if text.trim().is_empty() => {}
            None => {
                words.push_back(text.trim_end().to_owned());
                if words.len() > WORDS_KEPT {
                    words.pop_front();
                }
            }
        }
        line.clear();
    }
}

/// Asks it to cancel the build, which it tells the builder; ends it where it does not.
async fn cancel(child: &mut Child) {
    #[cfg(unix)]
    if let Some(id) = child.id() {
        let group = format!("-{id}");
        let asked = Command::new("kill").args(["-s", "INT", "--", &group]).stderr(Stdio::null()).status();
        let _ = asked.await;
    }
    if timeout(PATIENCE, child.wait()).await.is_err() {
        let _ = child.kill().await;
    }
}

/// What the builder said of its failure, without its own frame around it.
fn message(words: &VecDeque<String>, status: ExitStatus) -> String {
    let error = words.iter().rev().find_map(|line| line.strip_prefix("ERROR: "));
    let error = error.map(|error| error.strip_prefix("failed to build: ").unwrap_or(error));
    let error = error.map(|error| error.strip_prefix("failed to solve: ").unwrap_or(error));
    match error.map(str::to_owned).or_else(|| words.back().cloned()) {
        Some(message) => message,
        None => format!("docker buildx ended with {status} and said nothing"),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;

    #[track_caller]
    fn check(words: &[&str], expected: &str) {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        assert_eq!(message(&words, ExitStatus::from_raw(256)), expected);
    }

    #[test]
    fn the_reason_is_what_stands_behind_error() {
        check(&["------", "ERROR: failed to solve: no such stage", "View build details"], "no such stage");
        check(&["unknown flag: --x"], "unknown flag: --x");
        check(&[], "docker buildx ended with exit status: 1 and said nothing");
    }
}
