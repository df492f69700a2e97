//! RUN: a command, what is mounted while it runs, and how it is fenced.

use super::command_line::CommandLine;
use super::flag_set::FlagKind;
use super::mount;
use super::reader::{Reader, Refusal, Text};
use crate::syntax::heredoc::heredoc_word;

/// RUN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// What it runs: heredocs in their place.
    pub command: CommandLine,
    /// `--mount` as written, one for each.
    pub mounts: Vec<Text>,
    /// `--device` as written, one for each.
    pub devices: Vec<Text>,
    /// `--network`.
    pub network: Option<Text>,
    /// `--security`.
    pub security: Option<Text>,
}

pub(super) fn read(reader: &Reader<'_>) -> Result<Run, Refusal> {
    let json = reader.json()?;
    let flags = reader.flags(&[
        ("mount", FlagKind::List),
        ("network", FlagKind::Text),
        ("security", FlagKind::Text),
        ("device", FlagKind::List),
    ])?;
    let mounts = flags.all("mount");
    for mount in &mounts {
        mount::check_unexpanded(&mount.text).map_err(|error| {
            let refusal = reader.refuse_in_source("invalid-mount", mount.range, error.to_string());
            error.note().into_iter().fold(refusal, Refusal::note)
        })?;
    }
    for (name, allowed) in
        [("security", &["sandbox", "insecure"][..]), ("network", &["default", "none", "host"])]
    {
        if let Some(value) = flags.get(name).filter(|value| !allowed.contains(&value.text.as_str())) {
            let message = format!("`{}` is no value of --{name}", value.text);
            let refusal = reader.refuse_in_source("invalid-flag", value.range, message);
            return Err(refusal.note(format!("There are {}.", allowed.join(", "))));
        }
    }
    let command = match json {
        Some(words) => CommandLine::Exec(words),
        None => CommandLine::Shell(shell_text(reader)),
    };
    let (network, security) = (flags.get("network").cloned(), flags.get("security").cloned());
    Ok(Run { command, mounts, devices: flags.all("device"), network, security })
}

/// What the shell is given: a lone heredoc's body in its stead, else the line with the bodies behind it.
fn shell_text(reader: &Reader<'_>) -> String {
    let line = reader.arguments();
    match reader.heredocs() {
        [] => line.to_owned(),
        [only] if heredoc_word(line).is_ok_and(|word| word.is_some()) => only.content(),
        heredocs => heredocs
            .iter()
            .fold(line.to_owned(), |text, heredoc| format!("{text}\n{}{}", heredoc.body, heredoc.word.name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::Instruction;
    use crate::dockerfile::tests::{check_refused, read};

    #[track_caller]
    fn check(source: &str, expected: CommandLine) {
        match read(source) {
            Ok(Instruction::Run(run)) => assert_eq!(run.command, expected),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_lone_heredoc_is_the_command() {
        check("RUN <<EOF\necho a\nEOF", CommandLine::Shell("echo a\n".into()));
        check("RUN cat <<EOF > x\na\nEOF", CommandLine::Shell("cat <<EOF > x\na\nEOF".into()));
    }

    #[test]
    fn flags_are_held_against_their_values() {
        check("RUN --network=none [\"a\", \"b\"]", CommandLine::Exec(vec!["a".into(), "b".into()]));
        check_refused(
            "RUN --network=x a",
            "`x` is no value of --network (There are default, none, host.) @ --network=x",
        );
    }
}
