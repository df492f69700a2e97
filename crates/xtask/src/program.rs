//! Running other programs, and saying which one failed and how.

use crate::project;
use crate::step::Failed;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A command line, run in the project's folder.
#[derive(Debug)]
pub(crate) struct Program {
    command: Command,
}

impl Program {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        command.current_dir(project::root()).stdin(Stdio::null());
        Self { command }
    }

    pub(crate) fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn env_remove(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    pub(crate) fn folder(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Runs it, its output straight to ours.
    pub(crate) fn run(mut self) -> Result<(), Failed> {
        let status = self.command.status().map_err(|error| self.cannot_start(&error))?;
        if status.success() { Ok(()) } else { Err(Failed(format!("{}: {status}", self.name()))) }
    }

    /// Runs it and returns what it printed on standard output.
    pub(crate) fn read(mut self) -> Result<String, Failed> {
        self.command.stderr(Stdio::inherit());
        let output = self.command.output().map_err(|error| self.cannot_start(&error))?;
        if !output.status.success() {
            return Err(Failed(format!("{}: {}", self.name(), output.status)));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// The same; its errors go nowhere.
    pub(crate) fn read_quietly(mut self) -> Result<String, Failed> {
        let output = self.command.output().map_err(|error| self.cannot_start(&error))?;
        if !output.status.success() {
            return Err(Failed(format!("{}: {}", self.name(), output.status)));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs it, all its output into a file.
    pub(crate) fn run_into(mut self, log: &Path) -> Result<(), Failed> {
        let output = File::create(log)?;
        self.command.stderr(output.try_clone()?).stdout(output);
        self.run()
    }

    /// Runs it, passes on each line of its standard output, and returns them all beside its outcome.
    pub(crate) fn run_and_read(mut self) -> (String, Result<(), Failed>) {
        let mut child = match self.command.stdout(Stdio::piped()).spawn() {
            Ok(child) => child,
            Err(error) => return (String::new(), Err(self.cannot_start(&error))),
        };
        let stdout = child.stdout.take().expect("standard output is piped just above");
        let mut text = String::new();
        let mut reader = BufReader::new(stdout);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            let part = String::from_utf8_lossy(&line).into_owned();
            print!("{part}");
            text.push_str(&part);
            line.clear();
        }
        let outcome = match child.wait() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(Failed(format!("{}: {status}", self.name()))),
            Err(error) => Err(error.into()),
        };
        (text, outcome)
    }

    /// Starts it in a session of its own, its output in `log`; it lives on when we end. Returns its process id.
    pub(crate) fn start(self, log: &Path) -> Result<u32, Failed> {
        let mut apart = Command::new("setsid");
        apart.arg(self.command.get_program()).args(self.command.get_args()).stdin(Stdio::null());
        let output = File::create(log)?;
        let child = apart.stderr(output.try_clone()?).stdout(output).spawn();
        Ok(child.map_err(|error| self.cannot_start(&error))?.id())
    }

    /// Whether it ends well; its output goes nowhere.
    pub(crate) fn succeeds(mut self) -> bool {
        let status = self.command.stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    }

    /// Replaces this process, so that whoever stops us stops it.
    #[cfg(unix)]
    pub(crate) fn become_it(mut self) -> Result<(), Failed> {
        let error = std::os::unix::process::CommandExt::exec(&mut self.command);
        Err(self.cannot_start(&error))
    }

    /// Runs it to its end: there is no replacing a process here.
    #[cfg(not(unix))]
    pub(crate) fn become_it(self) -> Result<(), Failed> {
        self.run()
    }

    fn name(&self) -> String {
        let program = Path::new(self.command.get_program());
        let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
        let first = self.command.get_args().take(3).map(OsStr::to_string_lossy);
        first.fold(name, |name, arg| format!("{name} {arg}"))
    }

    fn cannot_start(&self, error: &std::io::Error) -> Failed {
        Failed(format!("{}: cannot start: {error}", self.name()))
    }
}

/// Where `name` is on the PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&path).map(|folder| folder.join(&file)).find(|candidate| candidate.is_file())
}

/// The PATH with `folders` put first.
pub(crate) fn path_with(folders: impl IntoIterator<Item = PathBuf>) -> Result<OsString, Failed> {
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    let all = folders.into_iter().chain(std::env::split_paths(&inherited));
    std::env::join_paths(all).map_err(|error| Failed(error.to_string()))
}
