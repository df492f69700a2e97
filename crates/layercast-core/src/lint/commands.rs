//! What RUN instructions call: programs and arguments, wrappers such as `sudo` taken off.

use crate::dockerfile::Instruction;
use crate::dockerfile::command_line::CommandLine;
use crate::dockerfile::mount::{self, MountKind};
use crate::dockerfile::run::Run;
use crate::shell::{self, Command, Word};
use crate::syntax::Node;
use crate::text::Range;

/// One program that a RUN starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The program, its folder left aside.
    pub program: String,
    /// Its arguments without quotes, variables as written.
    pub arguments: Vec<String>,
    /// The bytes of each word in the source, the program first; none where it stands in a heredoc, in JSON or
    /// in a text handed to another shell.
    pub places: Vec<Range>,
    /// The variables set for it, by name.
    pub variables: Vec<String>,
    /// True where `sudo` stood before it, to become root.
    pub sudo: bool,
    /// True where more arguments come from elsewhere: `xargs`, `$(…)`.
    pub open: bool,
}

/// How deep `sh -c` may hold another `sh -c`.
const DEEPEST: usize = 3;

/// What an instruction calls, in the order of the text; nothing where it is no RUN.
pub(super) fn calls(node: &Node<'_>, instruction: Option<&Instruction>) -> Vec<Call> {
    let mut calls = Vec::new();
    let Some(Instruction::Run(run)) = instruction else { return calls };
    match &run.command {
        CommandLine::Exec(words) => add_call(words.clone(), Vec::new(), Vec::new(), 0, &mut calls),
        CommandLine::Shell(text) => {
            let is_whole_line = text == node.arguments();
            let place = |range: Range| {
                let start = node.arguments.start;
                node.text.source_range(Range::new(start + range.start, start + range.end))
            };
            add_script(text, is_whole_line.then_some(&place), 0, &mut calls);
        }
    }
    calls
}

fn add_script(text: &str, place: Option<&dyn Fn(Range) -> Range>, depth: usize, calls: &mut Vec<Call>) {
    let script = shell::parse(text);
    for Command { assignments, words, .. } in script.commands() {
        let places =
            place.map(|place| words.iter().map(|word| place(word.range)).collect()).unwrap_or_default();
        let variables = assignments.iter().map(|(name, _)| name.clone()).collect();
        add_call(words.iter().map(Word::text).collect(), places, variables, depth, calls);
    }
}

/// Takes off what only changes how a program runs.
fn add_call(
    mut words: Vec<String>,
    mut places: Vec<Range>,
    mut variables: Vec<String>,
    depth: usize,
    calls: &mut Vec<Call>,
) {
    let (mut sudo, mut open) = (false, false);
    let mut rest = words.as_slice();
    while let Some(first) = rest.first() {
        let assigns = first.split_once('=').filter(|(name, _)| is_name(name));
        match (base_name(first), assigns) {
            (_, Some((name, _))) => {
                variables.push(name.to_owned());
                rest = &rest[1..];
            }
            (
                wrapper @ ("sudo" | "env" | "exec" | "time" | "nice" | "command" | "xargs" | "eatmydata"),
                _,
            ) => {
                let options = n_options(&rest[1..]);
                let names_user = |word: &String| word.starts_with("-u") || word.starts_with("--user");
                sudo |= wrapper == "sudo" && !rest[1..=options].iter().any(names_user);
                open |= wrapper == "xargs";
                rest = &rest[1 + options..];
            }
            (python, _) if python.starts_with("python") && rest.get(1).is_some_and(|word| word == "-m") => {
                rest = &rest[2..];
            }
            _ => break,
        }
    }
    let Some((program, arguments)) = rest.split_first() else {
        if !variables.is_empty() {
            let program = String::new();
            calls.push(Call { program, arguments: Vec::new(), places: Vec::new(), variables, sudo, open });
        }
        return;
    };
    let program = base_name(program).to_owned();
    if matches!(program.as_str(), "sh" | "bash" | "ash" | "dash") && depth < DEEPEST {
        let is_command =
            |word: &String| word.starts_with('-') && !word.starts_with("--") && word.ends_with('c');
        let inner = arguments.iter().position(is_command).and_then(|at| arguments.get(at + 1));
        if let Some(inner) = inner {
            return add_script(inner, None, depth + 1, calls);
        }
    }
    open |= arguments.iter().any(|argument| argument.contains("$(") || argument.contains('`'));
    let n_taken = words.len() - rest.len();
    if places.len() == words.len() {
        places.drain(..n_taken);
    }
    let arguments = words.split_off(n_taken + 1);
    calls.push(Call { program, arguments, places, variables, sudo, open });
}

/// How many words at the start are a wrapper's options, with the values of those that take the next word.
fn n_options(words: &[String]) -> usize {
    let takes_next = ["-u", "-g", "-n", "-I", "-P", "-L", "-d", "-a", "-C", "--user", "--group"];
    let mut count = 0;
    while let Some(word) = words.get(count).filter(|word| word.starts_with('-')) {
        count += if takes_next.contains(&word.as_str()) { 2 } else { 1 };
    }
    count.min(words.len())
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

impl Call {
    /// True for this program with this first argument that is no option.
    pub fn is(&self, program: &str, verb: &str) -> bool {
        self.program == program && self.verb() == verb
    }

    /// The first argument that is no option: `install` of `apt-get -y install`.
    pub fn verb(&self) -> &str {
        let is_word = |word: &&String| !word.starts_with('-') && !word.contains('=');
        self.arguments.iter().find(is_word).map_or("", String::as_str)
    }

    /// True where one of the arguments is this.
    pub fn has(&self, argument: &str) -> bool {
        self.arguments.iter().any(|word| word == argument)
    }

    /// True where it removes something whose path holds this, or something that only the build knows.
    pub fn removes(&self, path: &str) -> bool {
        let deletes =
            self.program == "rm" || (self.program == "find" && (self.has("-delete") || self.has("rm")));
        let hit = |word: &String| word.contains(path) || (!word.starts_with('-') && word.contains('$'));
        deletes && (self.open || self.arguments.iter().any(hit))
    }

    /// True where it takes packages away again, or marks them to be taken.
    pub fn uninstalls(&self) -> bool {
        let verbs = ["purge", "remove", "autoremove", "del", "erase", "auto", "unmarkauto"];
        let is_manager = |name: &str| {
            matches!(name, "apt-get" | "apt" | "apt-mark" | "apk" | "yum" | "dnf" | "microdnf" | "zypper")
        };
        is_manager(&self.program) && (verbs.contains(&self.verb()) || self.has("--auto-remove"))
    }

    /// The bytes of an argument in the source.
    pub fn place(&self, argument: &str) -> Option<Range> {
        let at = self.arguments.iter().position(|word| word == argument)?;
        self.places.get(at + 1).copied()
    }

    /// All its bytes in the source.
    pub fn range(&self) -> Option<Range> {
        self.places.iter().copied().reduce(Range::cover)
    }
}

/// The folders that a RUN's mounts keep out of its layer: caches, memory, files of elsewhere.
pub(super) fn mounted(run: &Run, kinds: &[MountKind]) -> Vec<String> {
    let mounts = run.mounts.iter().filter_map(|mount| {
        let mount = mount::read(&mount.text, |value| Ok(value.to_owned())).ok()?;
        kinds.contains(&mount.kind).then_some(mount.target)
    });
    mounts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::Dockerfile;

    #[track_caller]
    fn check(source: &str, expected: &[&str]) {
        let file = Dockerfile::read(source);
        let calls = calls(file.node(1), file.instructions[1].as_ref());
        let said: Vec<String> = calls
            .iter()
            .map(|call| {
                let at = call.range().map_or("", |range| range.of(source));
                format!("{} {} @ {at}", call.program, call.arguments.join(" "))
            })
            .collect();
        assert_eq!(said, expected, "{source}");
    }

    #[test]
    fn wrappers_are_taken_off() {
        check(
            "FROM a\nRUN sudo -E A=1 apt-get install -y 'b' && \\\n  python3 -m pip install c",
            &["apt-get install -y b @ apt-get install -y 'b'", "pip install c @ pip install c"],
        );
        check("FROM a\nRUN [\"/bin/sh\", \"-ec\", \"rm x; ls\"]", &["rm x @ ", "ls  @ "]);
        check("FROM a\nRUN sudo -u b npm ci | xargs -n 1 rm", &["npm ci @ npm ci", "rm  @ rm"]);
        check("FROM a\nRUN <<EOF\nset -e\nnpm ci\nEOF", &["set -e @ ", "npm ci @ "]);
    }
}
