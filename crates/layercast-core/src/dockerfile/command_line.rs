//! CMD, ENTRYPOINT and SHELL: a command in JSON or in shell form.

use super::reader::{Reader, Refusal};

/// A command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandLine {
    /// JSON: run as it stands.
    Exec(Vec<String>),
    /// Text for the shell.
    Shell(String),
}

pub(super) fn read(reader: &Reader<'_>) -> Result<CommandLine, Refusal> {
    let json = reader.json()?;
    reader.flags(&[])?;
    Ok(json.map_or_else(|| CommandLine::Shell(reader.arguments().to_owned()), CommandLine::Exec))
}

pub(super) fn read_shell(reader: &Reader<'_>) -> Result<Vec<String>, Refusal> {
    let json = reader.json()?;
    reader.flags(&[])?;
    let example = "Write `SHELL [\"/bin/bash\", \"-c\"]`.";
    match json {
        Some(shell) if shell.is_empty() => {
            Err(reader.refuse("empty-shell", "SHELL names no shell").note(example))
        }
        Some(shell) => Ok(shell),
        None if reader.arguments().is_empty() => {
            Err(reader.refuse("empty-shell", "SHELL names no shell").note(example))
        }
        None => Err(reader.refuse("shell-not-json", "SHELL takes a JSON array").note(example)),
    }
}
