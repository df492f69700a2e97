//! What the views show of a report beyond its own words: sizes of stages, what stays behind, arguments.

use layercast_core::Report;
pub use layercast_core::figures::{
    Role, Weight, chain, chain_ends, familiar, is_base, layers_of, left_behind, roles, weigh,
};

/// Beyond this many, steps and stages are counted and no longer drawn one by one.
pub const DRAWN: usize = 300;

/// What images are commonly built for. The first is what holds where nothing is chosen.
pub const PLATFORMS: [&str; 9] = [
    "linux/amd64",
    "linux/arm64",
    "linux/arm/v7",
    "linux/arm/v6",
    "linux/386",
    "linux/ppc64le",
    "linux/riscv64",
    "linux/s390x",
    "windows/amd64",
];

/// An `ARG` of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Its default as written; empty where it has none.
    pub default: String,
}

/// What `--target` takes for a stage: its name where that is unique, else its number.
pub fn target_name(report: &Report, stage: usize) -> String {
    let Some(wanted) = report.stages.get(stage) else { return String::new() };
    let unique = report.stages.iter().filter(|other| other.name == wanted.name).count() == 1;
    if wanted.name.is_empty() || !unique { stage.to_string() } else { wanted.name.clone() }
}

/// The arguments a user may want to set, each once, in the order of the text.
pub fn arguments(report: &Report) -> Vec<Argument> {
    let mut arguments: Vec<Argument> = Vec::new();
    for instruction in report.instructions.iter().filter(|instruction| instruction.keyword == "ARG") {
        for word in instruction.text.split_whitespace().skip(1) {
            let (name, default) = word.split_once('=').unwrap_or((word, ""));
            if is_name(name) && arguments.iter().all(|known| known.name != name) {
                let default = default.trim_matches(['"', '\'']).to_owned();
                arguments.push(Argument { name: name.to_owned(), default });
            }
        }
    }
    arguments.truncate(DRAWN);
    arguments
}

/// What a person types for a build argument: `NAME=value`.
pub fn read_argument(text: &str) -> Option<(String, String)> {
    let (name, value) = text.trim().split_once('=')?;
    is_name(name).then(|| (name.to_owned(), value.to_owned()))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
