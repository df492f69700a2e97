//! `cargo xtask fuzz`: throws bytes at the core until something breaks or the time is up.

use crate::program::Program;
use crate::project::{self, cargo, root};
use crate::step::{Failed, step};
use std::fs;
use std::path::{Path, PathBuf};

const CARGO_FUZZ_VERSION: &str = "0.13.2";

/// A target, and whether real Dockerfiles are what it begins with.
type Target = (&'static str, bool);

const TARGETS: &[Target] = &[
    ("parse", true),
    ("expansion", false),
    ("dockerignore", true),
    ("facts", false),
    ("replies", false),
    ("shell", true),
];

const DEFAULT_SECONDS: u32 = 60;

/// Fuzzes one target, or all of them by turns, for so many seconds each.
pub(crate) fn run(words: &[&str]) -> Result<(), Failed> {
    let (targets, seconds) = read_words(words)?;
    if !program().is_file() {
        step(&format!("cargo-fuzz {CARGO_FUZZ_VERSION}, from source (once)"), install)?;
    }
    for (target, takes_dockerfiles) in targets {
        step(&format!("{target}: {seconds} s"), || fuzz(target, *takes_dockerfiles, seconds))?;
    }
    Ok(())
}

fn read_words(words: &[&str]) -> Result<(Vec<&'static Target>, u32), Failed> {
    let (name, seconds) = match *words {
        [] => (None, None),
        [word] if word.parse::<u32>().is_ok() => (None, Some(word)),
        [name] => (Some(name), None),
        [name, seconds] => (Some(name), Some(seconds)),
        _ => return Err(Failed("fuzz takes a target and a number of seconds".to_owned())),
    };
    let targets: Vec<_> =
        TARGETS.iter().filter(|(target, _)| name.is_none_or(|name| name == *target)).collect();
    if targets.is_empty() {
        let names: Vec<&str> = TARGETS.iter().map(|(target, _)| *target).collect();
        return Err(Failed(format!("no such target: {}; there are {}", words[0], names.join(", "))));
    }
    let seconds = seconds.map_or(Ok(DEFAULT_SECONDS), str::parse);
    let seconds =
        seconds.map_err(|_| Failed(format!("not a number of seconds: {}", words[words.len() - 1])))?;
    Ok((targets, seconds))
}

fn program() -> PathBuf {
    project::tools().join("bin").join(format!("cargo-fuzz{}", std::env::consts::EXE_SUFFIX))
}

fn install() -> Result<(), Failed> {
    let folder = project::tools();
    cargo(["install", "cargo-fuzz", "--locked", "--version", CARGO_FUZZ_VERSION])
        .args(["--root".as_ref(), folder.as_os_str()])
        .env("CARGO_TARGET_DIR", folder.join("build"))
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .run()
}

/// What is found new is kept in `target/fuzz/corpus`, what breaks the core in `target/fuzz/found`.
fn fuzz(target: &str, takes_dockerfiles: bool, seconds: u32) -> Result<(), Failed> {
    let folder = root().join("crates/layercast-core/fuzz");
    let kept = project::target().join("fuzz");
    let (corpus, found) = (kept.join("corpus").join(target), kept.join("found").join(target));
    fs::create_dir_all(&corpus)?;
    fs::create_dir_all(&found)?;
    let real = root().join("../shared/conformance/real");
    let begin_with = [(folder.join("seeds").join(target), true), (real, takes_dockerfiles)];
    let begin_with: Vec<PathBuf> = begin_with
        .into_iter()
        .filter(|(path, wanted)| *wanted && path.is_dir())
        .map(|(path, _)| path)
        .collect();
    // No sanitizer: the core forbids unsafe code, and runs twice as fast without one.
    Program::new("rustup")
        .args(["run", "nightly"])
        .args([program().as_path(), Path::new("fuzz"), Path::new("run")])
        .args(["--sanitizer", "none", "--fuzz-dir"])
        .args([folder.as_path(), Path::new(target), corpus.as_path()])
        .args(begin_with)
        .args(["--".to_owned(), format!("-max_total_time={seconds}")])
        .args([format!("-artifact_prefix={}/", found.display())])
        .args(["-rss_limit_mb=4096", "-timeout=10", "-max_len=4096", "-print_final_stats=1"])
        .env("CARGO_TARGET_DIR", kept.join("build"))
        .env_remove("CARGO")
        .run()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: &[&str], expected: &str) {
        let read = match read_words(words) {
            Ok((targets, seconds)) => {
                let names: Vec<&str> = targets.iter().map(|(target, _)| *target).collect();
                format!("{} {seconds}", names.join(","))
            }
            Err(Failed(message)) => message,
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn words_of_fuzz() {
        check(&[], "parse,expansion,dockerignore,facts,replies,shell 60");
        check(&["600"], "parse,expansion,dockerignore,facts,replies,shell 600");
        check(&["shell"], "shell 60");
        check(&["shell", "5"], "shell 5");
        check(
            &["bash"],
            "no such target: bash; there are parse, expansion, dockerignore, facts, replies, shell",
        );
        check(&["shell", "long"], "not a number of seconds: long");
        check(&["a", "b", "c"], "fuzz takes a target and a number of seconds");
    }

    #[test]
    fn every_target_has_its_file() {
        for (target, _) in TARGETS {
            let file = root().join(format!("crates/layercast-core/fuzz/targets/{target}.rs"));
            assert!(file.is_file(), "{}", file.display());
        }
    }
}
