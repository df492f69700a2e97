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
    let words: Vec<String> = reader.arguments().split_whitespace().map(|word| format!("{word:?}")).collect();
    let example = match words.as_slice() {
        [] => "Write `SHELL [\"/bin/bash\", \"-c\"]`.".to_owned(),
        words => format!("Write `SHELL [{}]`.", words.join(", ")),
    };
    match json {
        Some(shell) if shell.is_empty() => Err(reader
            .refuse("empty-shell", "SHELL names no shell")
            .note("Write `SHELL [\"/bin/bash\", \"-c\"]`.")),
        Some(shell) => Ok(shell),
        None if reader.arguments().is_empty() => {
            Err(reader.refuse("empty-shell", "SHELL names no shell").note(example))
        }
        None => Err(reader.refuse("shell-not-json", "SHELL takes a JSON array").note(example)),
    }
}
