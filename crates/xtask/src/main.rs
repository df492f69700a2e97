//! The project's own commands: `cargo xtask play`, `build`, `test`, `bench`, `fuzz`.
//!
//! **Invariant:** few dependencies. This is the first thing that a fresh machine compiles.

mod budget;
mod commands;
mod glue;
mod lab;
mod offline;
mod page;
mod program;
mod project;
mod stamp;
mod step;
mod system;
mod tally;
mod tools;

use std::process::ExitCode;

const USAGE: &str = "\
The project's own commands.

  cargo xtask play [--port N] [--no-open]   build, then serve the page at http://127.0.0.1:8787
  cargo xtask build                         the page in dist/, the companion in target/release/layercast
  cargo xtask test                          everything that a change must pass
  cargo xtask bench                         our speed beside that of others, on the same files
  cargo xtask catalogue debian [--mirror URL] [--release NAME] [--no-measuring]
                                            the tables of Debian's packages, from the mirror that apt names
  cargo xtask catalogue alpine LIST DAY     the table of Alpine's, from a published list and its day
  cargo xtask catalogue npm|python          the tables of popular packages, by what their registry says
  cargo xtask fuzz [TARGET] [SECONDS]       random bytes against the core, until something breaks
  cargo xtask lab up [--all]|down|status    a Docker of the project's own in target/lab, for real builds
  cargo xtask lab measure [WORD]            builds the cases of tests/accuracy there and writes down what they weigh
  cargo xtask lab learn WORD                asks package registries about them again, and builds nothing
  cargo xtask accuracy                      estimates beside those weights: rewrites tests/accuracy/scoreboard.md

What is missing is installed, pinned, into target/tools.";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words.split_first() {
        Some((&"play", flags)) => commands::play::run(flags),
        Some((&"build", [])) => commands::build::run(),
        Some((&"test", [])) => commands::test::run(),
        Some((&"bench", [])) => commands::bench::run(),
        Some((&"catalogue", options @ ["debian" | "alpine", ..])) => commands::catalogue::run(options),
        Some((&"catalogue", &["npm"])) => commands::catalogue_registry::npm(),
        Some((&"catalogue", &["python"])) => commands::catalogue_registry::python(),
        Some((&"fuzz", words)) => commands::fuzz::run(words),
        Some((&"accuracy", [])) => commands::accuracy::run(),
        Some((&"lab", words)) => commands::lab::run(words),
        Some((&commands::play::OPEN, [port])) => commands::play::open_when_ready(port),
        None | Some((&("help" | "--help" | "-h"), _)) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Some(_) => {
            eprintln!("error: no such command: {}\n\n{USAGE}", words.join(" "));
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            eprintln!("error: {failed}");
            ExitCode::FAILURE
        }
    }
}
