//! What the image runs: CMD and ENTRYPOINT together, and whether that wants the tools of the build.

use super::Declined;
use super::call::{self, Call, base_name};
use super::single_stage::Step;
use crate::dockerfile::Instruction;
use crate::dockerfile::command_line::CommandLine;
use crate::dockerfile::healthcheck::Healthcheck;
use crate::graph::scope::{Scope, join_path};

/// What the image runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RunCommand {
    /// The line that says so.
    pub line: usize,
    /// The program and its arguments, wrappers such as tini left aside.
    pub words: Vec<String>,
    /// The folder it starts in.
    pub folder: String,
    /// True where a shell starts it.
    pub needs_shell: bool,
    /// True where a wrapper of the image starts it: `tini`, `dumb-init`, `gosu`.
    pub wrapper: Option<String>,
    /// The text of HEALTHCHECK's command, where there is one.
    pub healthcheck: Option<String>,
}

/// Programs that start another one.
const WRAPPERS: [&str; 6] = ["tini", "dumb-init", "gosu", "su-exec", "catatonit", "exec"];

impl RunCommand {
    /// What the steps say.
    pub fn read(steps: &[Step<'_>], scope: &Scope) -> Result<Self, Declined> {
        let last = |wanted: fn(&Instruction) -> Option<&CommandLine>| {
            steps.iter().rev().find_map(|step| wanted(step.instruction).map(|command| (step.line, command)))
        };
        let entrypoint = last(|instruction| match instruction {
            Instruction::Entrypoint(command) => Some(command),
            _ => None,
        });
        let cmd = last(|instruction| match instruction {
            Instruction::Cmd(command) => Some(command),
            _ => None,
        });
        let (line, first) = entrypoint.or(cmd).ok_or_else(|| {
            Declined::new(
                "no CMD and no ENTRYPOINT says what the image runs, so what it needs for that is not plain",
            )
            .advice("Add CMD with the program's path")
        })?;
        let behind = entrypoint.and(cmd).map(|(_, command)| command);
        let (mut words, mut needs_shell) = words_of(first, scope, line)?;
        if let (CommandLine::Exec(_), Some(behind)) = (first, behind) {
            let (more, with_shell) = words_of(behind, scope, line)?;
            words.extend(more);
            needs_shell |= with_shell;
        }
        let mut wrapper = None;
        while let Some(first) = words.first().filter(|word| is_wrapper(word)) {
            if first != "exec" {
                wrapper = Some(first.clone());
            }
            let takes_user = matches!(base_name(first), "gosu" | "su-exec");
            let options = words.iter().skip(1).take_while(|word| word.starts_with('-')).count();
            words.drain(..(1 + options + usize::from(takes_user)).min(words.len()));
        }
        let healthcheck = steps.iter().rev().find_map(|step| match step.instruction {
            Instruction::Healthcheck(Healthcheck::Command(command)) => Some(match command {
                CommandLine::Exec(words) => words.join(" "),
                CommandLine::Shell(text) => text.clone(),
            }),
            _ => None,
        });
        let command = Self { line, words, folder: scope.workdir.clone(), needs_shell, wrapper, healthcheck };
        match command.wanted_tool() {
            Some(reason) => Err(Declined::at(line, reason)),
            None => Ok(command),
        }
    }

    /// The program as written; empty where there is none.
    pub fn program(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// The program's path, where it is written with a folder.
    pub fn program_path(&self) -> Option<String> {
        self.program().contains('/').then(|| join_path(&self.folder, self.program()))
    }

    /// True where the command, or the check of its health, names this program.
    pub fn names(&self, program: &str) -> bool {
        let in_text = |text: &str| {
            text.split(|end: char| !end.is_alphanumeric() && !"-_.+".contains(end))
                .any(|word| word == program)
        };
        self.words.iter().any(|word| in_text(word))
            || self.healthcheck.as_deref().is_some_and(in_text)
            || self.wrapper.as_deref().is_some_and(in_text)
    }

    /// Why the image cannot do without the tools of the build, where its command is one of them.
    fn wanted_tool(&self) -> Option<String> {
        let said = self.words.join(" ");
        // `npx` and its like run the program that they are given.
        let runs_another = |word: &&String| matches!(base_name(word), "npx" | "bunx");
        let words = &self.words[usize::from(self.words.first().is_some_and(|word| runs_another(&word)))..];
        let program = words.first().map_or("", |word| base_name(word));
        let verb = words.iter().skip(1).find(|word| !word.starts_with('-')).map_or("", String::as_str);
        let has = |options: &[&str]| words.iter().any(|word| options.contains(&word.as_str()));
        let is_dev = |name: &str| {
            let name = name.split(':').collect::<Vec<_>>();
            name.iter().any(|part| matches!(*part, "dev" | "watch" | "develop" | "debug" | "test" | "hot"))
        };
        let builder = match program {
            "go" | "cargo" | "mvn" | "mvnw" | "gradle" | "gradlew" | "make" | "sbt" | "lein" | "bazel" => {
                true
            }
            "dotnet" => matches!(verb, "run" | "watch" | "test" | "build"),
            "air" | "CompileDaemon" | "reflex" | "realize" | "dlv" | "gow" | "cargo-watch" => true,
            _ => false,
        };
        if builder {
            return Some(format!("`{said}` builds when the image runs, so the tools have to ship with it"));
        }
        let dev_server = match program {
            "nodemon" | "ts-node" | "ts-node-dev" | "tsx" | "webpack-dev-server" | "concurrently"
            | "jest" | "vitest" => true,
            "npm" | "yarn" | "pnpm" | "bun" => {
                let scripts = words.iter().skip(1).filter(|word| !word.starts_with('-'));
                let mut scripts = scripts.skip_while(|word| matches!(word.as_str(), "run" | "run-script"));
                let script = scripts.next().map_or("", String::as_str);
                is_dev(script)
            }
            "ng" | "react-scripts" | "webpack" | "vue-cli-service" => {
                matches!(verb, "serve" | "start" | "s" | "dev")
            }
            "vite" => verb != "preview",
            "next" | "nuxt" | "astro" => verb == "dev",
            "python" | "python3" => has(&["--reload"]) || (has(&["flask"]) && has(&["--debug"])),
            "flask" | "uvicorn" | "fastapi" | "gunicorn" | "hypercorn" => {
                has(&["--debug", "--reload", "dev"])
            }
            _ => false,
        };
        if dev_server {
            return Some(format!(
                "`{said}` is for development: it compiles or watches sources while it runs, so the tools have to ship with it"
            ));
        }
        match program {
            "supervisord" | "foreman" | "honcho" | "s6-svscan" | "runsvdir" | "init" | "systemd" => {
                Some(format!(
                    "`{said}` runs several services in one image: which files each of them needs is not plain"
                ))
            }
            "bash" | "sh" | "ash" | "zsh" | "fish" if !verb.is_empty() => None,
            "" => Some("the command names no program".to_owned()),
            "bash" | "sh" | "ash" | "zsh" | "fish" | "tail" | "sleep" | "true" | "cat" | "echo" | "top" => {
                Some(format!("`{said}` runs no program of its own: people use this image for its tools"))
            }
            _ => None,
        }
    }
}

/// The words of a command, and whether a shell starts it. What the shell is given must be one plain call.
fn words_of(command: &CommandLine, scope: &Scope, line: usize) -> Result<(Vec<String>, bool), Declined> {
    if let CommandLine::Exec(words) = command {
        let is_shell =
            words.first().is_some_and(|word| matches!(base_name(word), "sh" | "bash" | "ash" | "dash"));
        if !(is_shell && words.iter().any(|word| word.starts_with('-') && word.ends_with('c'))) {
            return Ok((words.clone(), false));
        }
    }
    let unclear = || {
        Declined::at(line, "what the image runs is a script: which files it needs is not plain")
            .advice("Let CMD name the program alone")
    };
    let calls = call::calls(command, scope).ok_or_else(unclear)?;
    let is_setting =
        |call: &&Call| !matches!(call.program.as_str(), "cd" | "export" | "set" | "exec" | "true" | ":");
    match calls.iter().filter(is_setting).collect::<Vec<_>>()[..] {
        [only] => Ok((std::iter::once(&only.written).chain(&only.arguments).cloned().collect(), true)),
        [] => Err(unclear()),
        _ => Err(Declined::at(line, "several programs are run one after the other or side by side: which files each of them needs is not plain")
            .advice("Let CMD name one program")),
    }
}

fn is_wrapper(word: &str) -> bool {
    WRAPPERS.contains(&base_name(word))
}
