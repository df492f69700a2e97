//! The program that the image runs, found among what the build writes.

use super::Declined;
use super::call::{Call, base_name};
use super::single_stage::SingleStage;
use crate::graph::scope::join_path;

/// The program, and what is built beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Program {
    /// Its path in the image.
    pub path: String,
    /// It and the other programs that the build names, each by its path.
    pub all: Vec<String>,
}

/// Folders that a program without a folder in its name is looked for in.
const PATH: [&str; 7] =
    ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/bin", "/go/bin", "/usr/local/cargo/bin"];

/// The program that the command starts. `built_by` tells what a call writes: files, and with a slash behind them folders
/// in which files of any name may lie.
pub(super) fn find(
    stage: &SingleStage<'_>,
    built_by: impl Fn(&Call) -> Option<Vec<String>>,
) -> Result<Program, Declined> {
    let mut files: Vec<String> = Vec::new();
    let mut folders: Vec<String> = Vec::new();
    for call in stage.steps.iter().flat_map(|step| &step.calls) {
        for path in built_by(call).into_iter().flatten() {
            match path.strip_suffix('/') {
                Some(folder) => folders.push(folder.to_owned()),
                None => files.push(path),
            }
        }
        follow(call, &mut files, &mut folders);
    }
    files.retain(|path| !path.starts_with("/tmp/") && !path.starts_with("/dev/"));
    let command = &stage.command;
    let candidates: Vec<String> = match command.program_path() {
        Some(path) => vec![path],
        None => PATH.iter().map(|folder| join_path(folder, command.program())).collect(),
    };
    let is_built = |path: &&String| {
        files.contains(path)
            || folders.iter().any(|folder| {
                path.strip_prefix(folder.as_str())
                    .is_some_and(|rest| rest.starts_with('/') && !rest[1..].contains('/'))
            })
    };
    let Some(path) = candidates.iter().find(is_built) else {
        return Err(Declined::at(
            command.line,
            format!("no line before builds `{}`, which the image runs", command.program()),
        )
        .advice("Name the program's file where it is built, and start it by that path"));
    };
    let mut all = vec![path.clone()];
    all.extend(files.into_iter().filter(|file| file != path));
    all.dedup();
    Ok(Program { path: path.clone(), all })
}

/// Where `mv`, `cp`, `ln` and `install` bring a program.
fn follow(call: &Call, files: &mut Vec<String>, folders: &mut [String]) {
    if !matches!(call.program.as_str(), "mv" | "cp" | "install") {
        return;
    }
    let operands = call.operands();
    let [from, to] = operands[..] else { return };
    let source = call.absolute(from);
    let known = files.contains(&source)
        || folders
            .iter()
            .any(|folder| source.strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/')));
    if !known {
        return;
    }
    let target = call.absolute(to);
    let is_folder = to.ends_with('/') || PATH.contains(&target.as_str());
    let target = if is_folder { join_path(&target, base_name(from)) } else { target };
    if call.program == "mv" {
        files.retain(|path| *path != source);
    }
    files.push(target);
}
