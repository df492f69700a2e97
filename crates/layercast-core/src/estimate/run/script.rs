//! Goes through a shell text as the shell would, as far as the way is known beforehand.
//!
//! What is taken for granted: a program succeeds. A condition that only the build can tell is taken as true, and
//! noted; what would only run after a failure does not run.

use super::super::call::{Call, Outcome, Stream};
use super::super::machine::Machine;
use super::words::{expand, expand_whole};
use crate::glob::Glob;
use crate::shell::{self, Command, List, Node, Redirect, Statement, When};
use std::collections::BTreeMap;

/// So many commands of one RUN are gone through; a loop that goes on is cut off.
const MOST_COMMANDS: usize = 20_000;
/// So deep may functions, `sh -c` and substitutions call each other.
const DEEPEST: usize = 8;

/// Goes through a text.
pub(super) fn run_text(text: &str, machine: &mut Machine<'_>) {
    let script = shell::parse(text);
    if !script.complete {
        machine.note("part of the shell text could not be read");
    }
    let mut walk = Walk::default();
    walk.list(&script.body, machine);
}

/// Goes through the words of a command in exec form.
pub(super) fn run_words(words: Vec<String>, machine: &mut Machine<'_>) {
    Walk::default().words(words, false, Vec::new(), Stream::Nothing, machine);
}

/// What a substitution prints; none where only the build can tell.
pub(super) fn output_of(text: &str, machine: &mut Machine<'_>) -> Option<String> {
    let script = shell::parse(text);
    let mut words = match script.body.0.as_slice() {
        [Statement { pipeline, .. }] => match pipeline.as_slice() {
            [Node::Command(command)] if command.assignments.is_empty() => {
                command.words.iter().map(shell::Word::text).collect::<Vec<String>>()
            }
            _ => return None,
        },
        _ => return None,
    };
    let architecture = machine.state.system.platform.architecture.clone();
    let gnu = || match architecture.as_str() {
        "amd64" => "x86_64".to_owned(),
        "arm64" => "aarch64".to_owned(),
        other => other.to_owned(),
    };
    let text = words.iter().map(String::as_str).collect::<Vec<_>>();
    match text.as_slice() {
        ["dpkg", "--print-architecture"] => Some(architecture),
        ["uname", "-m"] | ["arch"] | ["apk", "--print-arch"] => Some(gnu()),
        ["uname"] | ["uname", "-s"] => Some("Linux".to_owned()),
        ["apt-mark", "showmanual"] => Some(super::apt::asked_for(machine)),
        ["pwd"] => Some(machine.folder.clone()),
        ["nproc"] => Some("2".to_owned()),
        ["whoami"] if matches!(machine.state.scope.user.as_str(), "" | "root") => Some("root".to_owned()),
        ["echo", ..] if !text.iter().any(|word| word.contains(['$', '`'])) => {
            words.remove(0);
            Some(words.join(" "))
        }
        ["cat", path] => machine.text_of(path).map(|text| text.trim_end_matches('\n').to_owned()),
        _ => None,
    }
}

#[derive(Default)]
struct Walk {
    functions: BTreeMap<String, Node>,
    n_commands: usize,
    depth: usize,
}

impl Walk {
    /// Whether the last statement succeeds; none where only the build can tell.
    fn list(&mut self, list: &List, machine: &mut Machine<'_>) -> Option<bool> {
        let mut last = Some(true);
        for statement in &list.0 {
            let runs = match statement.when {
                When::Always => true,
                When::Success => last != Some(false),
                When::Failure => last == Some(false),
            };
            if runs {
                last = self.pipeline(statement, machine);
            } else if statement.when == When::Failure && last.is_none() {
                // `test || mend`: taken as it stands, and the chain goes on.
                last = Some(true);
            }
        }
        last
    }

    fn pipeline(&mut self, statement: &Statement, machine: &mut Machine<'_>) -> Option<bool> {
        let mut outcome = Outcome::done();
        let mut input = Stream::Nothing;
        for node in &statement.pipeline {
            outcome = self.node(node, input, machine);
            input = outcome.output.clone();
        }
        if statement.negated { outcome.success.map(|success| !success) } else { outcome.success }
    }

    fn node(&mut self, node: &Node, input: Stream, machine: &mut Machine<'_>) -> Outcome {
        let ended = |success| Outcome { success, output: Stream::Unknown };
        match node {
            Node::Command(command) => self.command(command, input, machine),
            Node::Subshell(list, redirects) => {
                let (folder, variables) = (machine.folder.clone(), machine.variables.clone());
                let success = self.list(list, machine);
                (machine.folder, machine.variables) = (folder, variables);
                self.redirect(redirects, &Stream::Unknown, machine);
                ended(success)
            }
            Node::Group(list, redirects) => {
                let success = self.list(list, machine);
                self.redirect(redirects, &Stream::Unknown, machine);
                ended(success)
            }
            Node::If(branches, otherwise, redirects) => {
                let success = self.branch(branches, otherwise.as_ref(), machine);
                self.redirect(redirects, &Stream::Unknown, machine);
                ended(success)
            }
            Node::For(name, words, body, _) => {
                let mut values = Vec::new();
                for word in words {
                    let expanded = expand(word, machine);
                    values.extend(expanded.words.into_iter().map(Some));
                    values.extend(expanded.open.then_some(None));
                }
                for value in values {
                    if self.n_commands > MOST_COMMANDS {
                        break;
                    }
                    machine.variables.insert(name.clone(), value);
                    self.list(body, machine);
                }
                ended(Some(true))
            }
            Node::While(condition, body, _) => {
                if self.list(condition, machine) != Some(false) {
                    self.list(body, machine);
                }
                ended(Some(true))
            }
            Node::Case(word, arms, _) => {
                let value = expand_whole(word, machine);
                let takes = |pattern: &str, value: &str| {
                    pattern == "*"
                        || pattern == value
                        || Glob::new(pattern).is_some_and(|glob| glob.matches(value))
                };
                for (patterns, body) in arms {
                    let patterns: Vec<Option<String>> =
                        patterns.iter().map(|pattern| expand_whole(pattern, machine)).collect();
                    let is_taken = match &value {
                        Some(value) => patterns.iter().flatten().any(|pattern| takes(pattern, value)),
                        None => true,
                    };
                    if is_taken {
                        if value.is_none() {
                            machine.note("which case holds only the build tells: the first is taken");
                        }
                        return ended(self.list(body, machine));
                    }
                }
                ended(Some(true))
            }
            Node::Function(name, body) => {
                self.functions.insert(name.clone(), (**body).clone());
                Outcome::done()
            }
        }
    }

    fn branch(
        &mut self,
        branches: &[(List, List)],
        otherwise: Option<&List>,
        machine: &mut Machine<'_>,
    ) -> Option<bool> {
        for (condition, body) in branches {
            match self.list(condition, machine) {
                Some(false) => continue,
                Some(true) => return self.list(body, machine),
                None => {
                    machine.note("whether a condition holds only the build tells: it is taken to hold");
                    return self.list(body, machine);
                }
            }
        }
        otherwise.map_or(Some(true), |body| self.list(body, machine))
    }

    fn command(&mut self, command: &Command, input: Stream, machine: &mut Machine<'_>) -> Outcome {
        self.n_commands += 1;
        if self.n_commands > MOST_COMMANDS {
            machine.unknown("what the rest of a very long script writes");
            return Outcome::unsure();
        }
        let variables: Vec<(String, Option<String>)> = command
            .assignments
            .iter()
            .map(|(name, value)| (name.clone(), expand_whole(value, machine)))
            .collect();
        let (mut words, mut open) = (Vec::new(), false);
        for word in &command.words {
            let expanded = expand(word, machine);
            words.extend(expanded.words);
            open |= expanded.open;
        }
        if words.is_empty() {
            machine.variables.extend(variables);
            self.redirect(&command.redirects, &Stream::Nothing, machine);
            return Outcome::done();
        }
        let input = input_of(&command.redirects, machine).unwrap_or(input);
        let outcome = self.words(words, open, variables, input, machine);
        let is_redirected = self.redirect(&command.redirects, &outcome.output, machine);
        if is_redirected { Outcome { output: Stream::Nothing, ..outcome } } else { outcome }
    }

    /// Takes off what only changes how a program runs, and calls it.
    fn words(
        &mut self,
        mut words: Vec<String>,
        open: bool,
        mut variables: Vec<(String, Option<String>)>,
        input: Stream,
        machine: &mut Machine<'_>,
    ) -> Outcome {
        let mut folder = None;
        while let Some(first) = words.first() {
            let assigns = first.split_once('=').filter(|(name, _)| is_name(name));
            let taken = match (base_name(first), assigns) {
                (_, Some((name, value))) => {
                    variables.push((name.to_owned(), Some(value.to_owned())));
                    1
                }
                (
                    "sudo" | "env" | "exec" | "time" | "nice" | "command" | "eatmydata" | "nohup" | "gosu"
                    | "su-exec",
                    _,
                ) if words.len() > 1 && !matches!(words[1].as_str(), "-v" | "-V") => {
                    let takes_user = matches!(base_name(first), "gosu" | "su-exec");
                    1 + usize::from(takes_user) + n_options(&words[1..])
                }
                ("timeout" | "retry", _) => (2 + n_options(&words[1..])).min(words.len()),
                (python, _)
                    if python.starts_with("python") && words.get(1).is_some_and(|word| word == "-m") =>
                {
                    let module = words.get(2).map_or("", String::as_str);
                    folder = folder_name(first);
                    if matches!(module, "venv" | "ensurepip" | "compileall" | "unittest" | "site") {
                        break;
                    } else {
                        2
                    }
                }
                _ => break,
            };
            words.drain(..taken.min(words.len()));
        }
        if words.is_empty() {
            // `env A=b` alone, `exec` alone.
            return Outcome::done();
        }
        let first = words.remove(0);
        let folder = folder_name(&first).or(folder);
        let program = base_name(&first).to_owned();
        if let Some(text) = inner_script(&program, &words) {
            return self.nested(&text, machine);
        }
        if let Some(outcome) = self.builtin(&program, &words, open, machine) {
            return outcome;
        }
        if self.depth < DEEPEST
            && let Some(body) = self.functions.get(&program).cloned()
        {
            self.depth += 1;
            for (place, word) in words.iter().enumerate() {
                machine.variables.insert((place + 1).to_string(), Some(word.clone()));
            }
            let outcome = self.node(&body, input, machine);
            self.depth -= 1;
            return outcome;
        }
        if program == "xargs" {
            return self.with_more(words, input, variables, machine);
        }
        super::call(&Call { program, folder, arguments: words, open, variables, input }, machine)
    }

    /// `xargs program …`: the words that the pipe brings come last.
    fn with_more(
        &mut self,
        words: Vec<String>,
        input: Stream,
        variables: Vec<(String, Option<String>)>,
        machine: &mut Machine<'_>,
    ) -> Outcome {
        const WITH_VALUE: [&str; 6] = ["-n", "-P", "-I", "-L", "-d", "-a"];
        let mut at = 0;
        while words.get(at).is_some_and(|word| word.starts_with('-')) {
            at += if WITH_VALUE.contains(&words[at].as_str()) { 2 } else { 1 };
        }
        let mut words = words.get(at..).unwrap_or_default().to_vec();
        if words.is_empty() {
            return Outcome::done();
        }
        let open = match &input {
            Stream::Text(text) => {
                words.extend(text.split_whitespace().map(str::to_owned));
                false
            }
            Stream::File(path) => match machine.text_of(path) {
                Some(text) => {
                    words.extend(text.split_whitespace().map(str::to_owned));
                    false
                }
                None => true,
            },
            _ => true,
        };
        self.words(words, open, variables, Stream::Nothing, machine)
    }

    fn nested(&mut self, text: &str, machine: &mut Machine<'_>) -> Outcome {
        if self.depth >= DEEPEST {
            return Outcome::unsure();
        }
        self.depth += 1;
        let (folder, variables) = (machine.folder.clone(), machine.variables.clone());
        let success = self.list(&shell::parse(text).body, machine);
        (machine.folder, machine.variables) = (folder, variables);
        self.depth -= 1;
        Outcome { success, output: Stream::Unknown }
    }

    /// What the shell does itself.
    fn builtin(
        &mut self,
        program: &str,
        words: &[String],
        open: bool,
        machine: &mut Machine<'_>,
    ) -> Option<Outcome> {
        match program {
            "cd" | "pushd" => {
                let folder = words.iter().find(|word| !word.starts_with('-')).cloned();
                match folder {
                    Some(folder) => machine.folder = machine.absolute(&folder),
                    None if open => machine.note("a folder is only known when the build runs"),
                    None => machine.folder = machine.home(),
                }
            }
            "export" | "declare" | "local" | "typeset" | "readonly" => {
                for (name, value) in words.iter().filter_map(|word| word.split_once('=')) {
                    let value = (!(open && value.is_empty())).then(|| value.to_owned());
                    machine.variables.insert(name.to_owned(), value);
                }
            }
            "unset" => words.iter().for_each(|name| {
                machine.variables.insert(name.clone(), Some(String::new()));
            }),
            "read" | "mapfile" => words.iter().filter(|word| !word.starts_with('-')).for_each(|name| {
                machine.variables.insert(name.clone(), None);
            }),
            "eval" if !open => return Some(self.nested(&words.join(" "), machine)),
            "true" | ":" | "set" | "shopt" | "trap" | "umask" | "ulimit" | "wait" | "popd" | "hash"
            | "alias" | "shift" | "return" | "break" | "continue" | "exit" => {}
            "false" => return Some(Outcome::is(false)),
            "test" | "[" | "[[" => {
                let success = if open { None } else { condition(words, machine) };
                return Some(Outcome { success, output: Stream::Nothing });
            }
            _ => return None,
        }
        Some(Outcome::done())
    }

    /// Writes what is redirected into files. True where the output goes into one.
    fn redirect(&mut self, redirects: &[Redirect], output: &Stream, machine: &mut Machine<'_>) -> bool {
        let mut is_redirected = false;
        for redirect in redirects {
            if !matches!(redirect.operator, ">" | ">>" | ">|" | "&>" | "&>>") {
                continue;
            }
            let Some(target) = expand_whole(&redirect.target, machine) else { continue };
            let path = machine.absolute(&target);
            let is_output = redirect.descriptor.is_none_or(|descriptor| descriptor == 1);
            is_redirected |= is_output;
            if path.starts_with("/dev/") || target.starts_with('&') || target.is_empty() {
                continue;
            }
            let output = if is_output { output } else { &Stream::Nothing };
            super::files::write_stream(&path, output, redirect.operator.ends_with(">>"), machine);
        }
        is_redirected
    }
}

/// What a heredoc or a file brings as input.
fn input_of(redirects: &[Redirect], machine: &mut Machine<'_>) -> Option<Stream> {
    let mut input = None;
    for redirect in redirects {
        match (redirect.operator, &redirect.body) {
            ("<<" | "<<-", Some(body)) => input = Some(Stream::Text(body.clone())),
            ("<<<", _) => {
                input = Some(expand_whole(&redirect.target, machine).map_or(Stream::Unknown, Stream::Text))
            }
            ("<", _) => {
                let path = expand_whole(&redirect.target, machine);
                input = Some(path.map_or(Stream::Unknown, |path| Stream::File(machine.absolute(&path))));
            }
            _ => {}
        }
    }
    input
}

/// The text that `sh -c`, `bash -lc`, `su -c` are given.
fn inner_script(program: &str, words: &[String]) -> Option<String> {
    let is_shell = matches!(program, "sh" | "bash" | "ash" | "dash" | "zsh" | "su" | "runuser");
    let is_command = |word: &String| word.starts_with('-') && !word.starts_with("--") && word.ends_with('c');
    let at = words.iter().position(is_command).filter(|_| is_shell)?;
    words.get(at + 1).cloned()
}

/// What `test` says; none where only the build can tell.
fn condition(words: &[String], machine: &mut Machine<'_>) -> Option<bool> {
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    if words.last().is_some_and(|last| matches!(*last, "]" | "]]")) {
        words.pop();
    }
    let connective = words.iter().position(|word| matches!(*word, "-a" | "-o" | "&&" | "||"));
    if let Some(at) = connective.filter(|at| *at > 0) {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let (left, right) = (owned(&words[..at]), owned(&words[at + 1..]));
        let (left, right) = (condition(&left, machine), condition(&right, machine));
        return match (words[at], left, right) {
            ("-a" | "&&", Some(false), _) | ("-a" | "&&", _, Some(false)) => Some(false),
            ("-o" | "||", Some(true), _) | ("-o" | "||", _, Some(true)) => Some(true),
            (_, left, right) => left.and(right),
        };
    }
    let is_negated = words.first() == Some(&"!");
    let answer = match &words[usize::from(is_negated)..] {
        [] => Some(false),
        ["-z"] => Some(true),
        ["-n"] => Some(false),
        ["-z", text] => Some(text.is_empty()),
        ["-n", text] => Some(!text.is_empty()),
        ["-e" | "-f" | "-d" | "-s" | "-r" | "-x" | "-h" | "-L", path] => {
            let path = machine.absolute(path);
            // What is not known to be there may be all the same, as a base image's files are not known.
            machine.state.tree.holds(&path).then_some(true)
        }
        [text] => Some(!text.is_empty()),
        [left, "=" | "==", right] => Some(matches(left, right)),
        [left, "!=", right] => Some(!matches(left, right)),
        ["=" | "==", right] => Some(right.is_empty()),
        ["!=", right] => Some(!right.is_empty()),
        [left, operator, right] => {
            let (left, right) = (left.parse::<i64>().ok()?, right.parse::<i64>().ok()?);
            match *operator {
                "-eq" => Some(left == right),
                "-ne" => Some(left != right),
                "-lt" => Some(left < right),
                "-le" => Some(left <= right),
                "-gt" => Some(left > right),
                "-ge" => Some(left >= right),
                _ => None,
            }
        }
        _ => None,
    };
    answer.map(|answer| answer != is_negated)
}

fn matches(text: &str, pattern: &str) -> bool {
    text == pattern || Glob::new(pattern).is_some_and(|glob| !glob.is_literal() && glob.matches(text))
}

fn base_name(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

fn folder_name(word: &str) -> Option<String> {
    word.rsplit_once('/').map(|(folder, _)| folder.to_owned())
}

fn is_name(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && word.bytes().next().is_some_and(|byte| !byte.is_ascii_digit())
}

/// How many words at the beginning are options of a wrapper, with their values.
fn n_options(words: &[String]) -> usize {
    let mut n = 0;
    while let Some(word) = words.get(n).filter(|word| word.starts_with('-') && word.len() > 1) {
        let takes_value = matches!(word.as_str(), "-u" | "--user" | "-g" | "--group" | "-n" | "-s" | "-k");
        n += 1 + usize::from(takes_value);
    }
    n.min(words.len())
}
