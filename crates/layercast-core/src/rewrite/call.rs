//! What a RUN calls, with the folder and the variables that each call sees.

use crate::dockerfile::command_line::CommandLine;
use crate::graph::scope::{Scope, join_path};
use crate::shell::{self, Command, Word};
use crate::syntax::expansion::Variables;
use std::collections::BTreeMap;

/// One program that a step starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Call {
    /// The program, its folder left aside.
    pub program: String,
    /// The same as it is written.
    pub written: String,
    /// Its arguments, expanded; as written where that is only known when it runs.
    pub arguments: Vec<String>,
    /// The folder it runs in.
    pub folder: String,
    /// The variables that it sees, and those set for it alone.
    pub variables: BTreeMap<String, String>,
    /// The file that its output goes to.
    pub output: Option<String>,
}

/// How deep `sh -c` may hold another `sh -c`.
const DEEPEST: usize = 3;

/// The calls of a command line, in the order of the text; none where some of it cannot be read.
pub(super) fn calls(command: &CommandLine, scope: &Scope) -> Option<Vec<Call>> {
    let mut reader =
        Reader { scope, folder: scope.workdir.clone(), exported: BTreeMap::new(), calls: Vec::new() };
    let read = match command {
        CommandLine::Exec(words) => reader.add(words.clone(), BTreeMap::new(), None, 0),
        CommandLine::Shell(text) => reader.script(text, 0),
    };
    read.then_some(reader.calls)
}

struct Reader<'s> {
    scope: &'s Scope,
    folder: String,
    exported: BTreeMap<String, String>,
    calls: Vec<Call>,
}

impl Reader<'_> {
    /// False where something cannot be read.
    fn script(&mut self, text: &str, depth: usize) -> bool {
        let script = shell::parse(text);
        let commands = script.commands();
        script.complete
            && depth <= DEEPEST
            && commands.into_iter().all(|command| self.command(command, depth))
    }

    fn command(&mut self, command: &Command, depth: usize) -> bool {
        let mut variables = BTreeMap::new();
        for (name, value) in &command.assignments {
            variables.insert(name.clone(), self.expand(value));
        }
        if command.words.is_empty() {
            self.exported.append(&mut variables);
            return true;
        }
        let words = command.words.iter().map(|word| self.expand(word)).collect();
        let written = command.redirects.iter().find(|redirect| {
            redirect.operator.starts_with('>')
                && !redirect.operator.ends_with('&')
                && redirect.descriptor != Some(2)
        });
        let output = written.map(|redirect| self.expand(&redirect.target));
        let output = output.filter(|path| !path.starts_with("/dev/") && !path.starts_with('&'));
        self.add(words, variables, output, depth)
    }

    fn expand(&self, word: &Word) -> String {
        let value = |name: &str| {
            self.exported.get(name).map(String::as_str).or_else(|| self.scope.value(name)).map(str::to_owned)
        };
        word.expand(value).unwrap_or_else(|| word.text())
    }

    /// Takes off what only changes how a program runs.
    fn add(
        &mut self,
        words: Vec<String>,
        mut variables: BTreeMap<String, String>,
        output: Option<String>,
        depth: usize,
    ) -> bool {
        let mut rest = words.as_slice();
        while let Some(first) = rest.first() {
            let assigned = first.split_once('=').filter(|(name, _)| is_name(name));
            match (base_name(first), assigned) {
                (_, Some((name, value))) => {
                    variables.insert(name.to_owned(), value.to_owned());
                    rest = &rest[1..];
                }
                ("sudo" | "env" | "exec" | "time" | "command" | "eatmydata" | "nice", _) => {
                    rest = &rest[1..];
                    while rest.first().is_some_and(|word| word.starts_with('-')) {
                        rest = &rest[1..];
                    }
                }
                (python, _)
                    if python.starts_with("python") && rest.get(1).is_some_and(|word| word == "-m") =>
                {
                    rest = &rest[2..];
                }
                _ => break,
            }
        }
        let Some((written, arguments)) = rest.split_first() else {
            self.exported.append(&mut variables);
            return true;
        };
        let program = base_name(written).to_owned();
        match program.as_str() {
            "sh" | "bash" | "ash" | "dash" => {
                let is_command =
                    |word: &String| word.starts_with('-') && !word.starts_with("--") && word.ends_with('c');
                let inner = arguments.iter().position(is_command).and_then(|at| arguments.get(at + 1));
                if let Some(inner) = inner {
                    return self.script(&inner.clone(), depth + 1);
                }
            }
            "cd" => self.folder = join_path(&self.folder, arguments.first().map_or("/", String::as_str)),
            "export" => {
                let pairs = arguments.iter().filter_map(|word| word.split_once('='));
                self.exported.extend(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
            }
            _ => {}
        }
        let in_force =
            self.scope.names().filter_map(|name| Some((name.to_owned(), self.scope.value(name)?.to_owned())));
        let mut own: BTreeMap<String, String> = in_force.collect();
        own.extend(self.exported.clone());
        own.append(&mut variables);
        self.calls.push(Call {
            program,
            written: written.clone(),
            arguments: arguments.to_vec(),
            folder: self.folder.clone(),
            variables: own,
            output,
        });
        true
    }
}

impl Call {
    /// The first argument that is no option: `install` of `apt-get -y install`.
    pub fn verb(&self) -> &str {
        self.arguments.iter().find(|word| !word.starts_with(['-', '+'])).map_or("", String::as_str)
    }

    /// The arguments that are no options, the first one left aside with `verb`.
    pub fn operands(&self) -> Vec<&str> {
        self.arguments.iter().filter(|word| !word.starts_with('-')).map(String::as_str).collect()
    }

    /// True where one of the arguments is one of these.
    pub fn has(&self, words: &[&str]) -> bool {
        self.arguments.iter().any(|word| words.contains(&word.as_str()))
    }

    /// The value of one of these options: `-o x`, `--output=x`.
    pub fn value(&self, options: &[&str]) -> Option<&str> {
        let mut words = self.arguments.iter();
        while let Some(word) = words.next() {
            if options.contains(&word.as_str()) {
                return words.next().map(String::as_str);
            }
            let assigned = word.split_once('=').filter(|(name, _)| options.contains(name));
            if let Some((_, value)) = assigned {
                return Some(value);
            }
        }
        None
    }

    /// A path as this call sees it, absolute.
    pub fn absolute(&self, path: &str) -> String {
        join_path(&self.folder, path)
    }

    /// The call as people would say it: its program and what it is to do.
    pub fn said(&self) -> String {
        match self.verb() {
            "" => self.program.clone(),
            verb => format!("{} {verb}", self.program),
        }
    }
}

/// The last part of a path.
pub(super) fn base_name(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let mut scope = Scope::default();
        scope.change_workdir("/app");
        scope.set("OUT", "/out".to_owned());
        let calls = calls(&CommandLine::Shell(text.to_owned()), &scope).unwrap_or_default();
        let said = |call: &Call| format!("{}: {} {}", call.folder, call.program, call.arguments.join(" "));
        assert_eq!(calls.iter().map(said).collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn each_call_sees_its_folder_and_its_variables() {
        check("cd cmd && go build -o $OUT/a .", &["/app/cmd: cd cmd", "/app/cmd: go build -o /out/a ."]);
        check("sudo -E A=1 python3 -m pip install b", &["/app: pip install b"]);
        check("sh -ec 'make; make install'", &["/app: make ", "/app: make install"]);
        check("OUT=/x; go build -o $OUT", &["/app: go build -o /x"]);
    }

    #[test]
    fn what_cannot_be_read_is_no_list() {
        check("if true; then", &[]);
    }
}
