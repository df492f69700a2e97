//! What a RUN writes: its shell text is walked through, and each program in it is handed to its estimator.
//!
//! One estimator, one file. A program that no estimator knows leaves its step unknown in that part, with its name.

mod apk;
mod apt;
mod bun;
mod bundlers;
mod cargo;
mod certificates;
mod compilers;
mod composer;
mod conda;
mod dotnet;
mod fetch;
mod files;
mod find;
mod gem;
mod go;
mod harmless;
mod java;
mod locales;
mod node;
mod npm;
mod pip;
mod pnpm;
mod poetry;
mod python;
mod rpm;
mod script;
mod users;
mod uv;
mod words;
mod yarn;

use super::call::{Call, Outcome};
use super::machine::Machine;
use crate::dockerfile::command_line::CommandLine;

/// An estimator: what the call of one program does to the machine.
type Estimator = fn(&Call, &mut Machine<'_>) -> Outcome;

/// Goes through what a RUN runs.
pub fn run(command: &CommandLine, machine: &mut Machine<'_>) {
    match command {
        CommandLine::Exec(words) => script::run_words(words.clone(), machine),
        CommandLine::Shell(text) => script::run_text(text, machine),
    }
}

/// The estimator of a program; none where nobody knows it.
fn estimator_of(program: &str) -> Option<Estimator> {
    let own: &[fn(&str) -> Option<Estimator>] = &[
        files::estimator_of,
        find::estimator_of,
        fetch::estimator_of,
        users::estimator_of,
        apk::estimator_of,
        apt::estimator_of,
        rpm::estimator_of,
        compilers::estimator_of,
        go::estimator_of,
        cargo::estimator_of,
        java::estimator_of,
        dotnet::estimator_of,
        gem::estimator_of,
        composer::estimator_of,
        certificates::estimator_of,
        locales::estimator_of,
        npm::estimator_of,
        yarn::estimator_of,
        pnpm::estimator_of,
        bun::estimator_of,
        bundlers::estimator_of,
        pip::estimator_of,
        uv::estimator_of,
        poetry::estimator_of,
        conda::estimator_of,
        harmless::estimator_of,
    ];
    own.iter().find_map(|find| find(program))
}

/// So many files are looked at for a stage; commands that go over a large tree again and again end there.
const MOST_VISITS: u64 = 20_000_000;

/// Calls a program.
fn call(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    if machine.state.tree.n_visited() > MOST_VISITS {
        machine.unknown(format!(
            "what {} and the commands after it do: they go over too many files",
            call.program
        ));
        return Outcome::unsure();
    }
    if let Some(estimate) = estimator_of(&call.program) {
        return estimate(call, machine);
    }
    if only_tells(call) {
        return Outcome::unsure();
    }
    machine.unknown(format!("what {} writes", call.program));
    Outcome::done()
}

/// A call that asks a program for its version or help, or an interpreter for one line.
fn only_tells(call: &Call) -> bool {
    const LINE: [(&str, &str); 5] =
        [("python", "-c"), ("node", "-e"), ("node", "-p"), ("php", "-r"), ("ruby", "-e")];
    let first = call.arguments.first().map_or("", String::as_str);
    let asks = matches!(first, "--version" | "-version" | "-v" | "-V" | "version" | "--help" | "-h" | "help");
    asks && call.arguments.len() == 1
        || LINE.iter().any(|(program, option)| call.program.starts_with(program) && first == *option)
}

/// ADD of an address.
pub fn add_remote(address: &str, path: &str, machine: &mut Machine<'_>) {
    fetch::download(address, path, machine);
}
