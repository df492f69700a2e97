//! What the views show of a report beyond its own words: sizes of stages, what stays behind, arguments.

use layercast_core::Report;
pub use layercast_core::figures::{
    Role, Weight, chain, chain_ends, familiar, is_base, layers_of, left_behind, roles, weigh,
};
use layercast_core::report::{Edge, Layer, StageReport};

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

/// Whether two reports have the same graph: what is typed elsewhere draws none anew. What the graph shows of a report
/// is compared here.
pub fn same_graph(one: &Report, other: &Report) -> bool {
    fn stage(stage: &StageReport) -> impl PartialEq {
        let StageReport { name, display_name, base, source, line, end_line, instructions, .. } = stage;
        (name, display_name, base, source, line, end_line, instructions.len())
    }
    fn layer(layer: &Layer) -> impl PartialEq {
        (layer.stage, layer.instruction, &layer.unpacked, &layer.download, layer.unknown.is_empty())
    }
    let said = |report: &Report, edge: &Edge| {
        report.instructions.get(edge.instruction).map(|said| (said.line, said.end_line, said.text.clone()))
    };
    let skipped = |report: &Report| report.target().map(|target| target.skipped.clone());
    one.target == other.target
        && one.edges == other.edges
        && one.edges.iter().all(|edge| said(one, edge) == said(other, edge))
        && one.stages.iter().map(stage).eq(other.stages.iter().map(stage))
        && one.layers.iter().map(layer).eq(other.layers.iter().map(layer))
        && skipped(one) == skipped(other)
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

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use layercast_core::facts::{BuildOptions, Facts};
    use layercast_core::structure;

    const FILE: &str =
        "FROM a AS b\nRUN make\nFROM scratch AS c\nCOPY --from=b /x /x\nRUN --mount=from=b true\n";

    #[track_caller]
    fn check(other: &str, is_same: bool) {
        let report = |source: &str| structure(source, &Facts::default());
        assert_eq!(same_graph(&report(FILE), &report(other)), is_same, "{other}");
    }

    #[test]
    fn what_no_node_and_no_line_shows_leaves_the_graph_as_it_is() {
        check(FILE, true);
        check(&FILE.replace("make", "make all"), true);
        check(&FILE.replace("make", "make &&"), true);
    }

    #[test]
    fn names_lines_steps_and_copies_draw_another() {
        for (piece, other) in [
            ("AS b", "AS d"),
            ("FROM a", "FROM e"),
            ("RUN make\n", "RUN make\nRUN make\n"),
            ("RUN make\n", "RUN make\\\n all\n"),
            ("/x /x", "/y /y"),
            ("--from=b", "--from=a"),
            ("COPY --from=b", "COPY"),
            ("RUN --mount=from=b true\n", ""),
            ("RUN --mount=from=b true\n", "RUN --mount=from=b true\nFROM b\n"),
        ] {
            check(&FILE.replacen(piece, other, 1), false);
        }
    }

    #[test]
    fn another_target_draws_another() {
        let build = BuildOptions { target: Some("b".to_owned()), ..BuildOptions::default() };
        let facts = Facts { build, ..Facts::default() };
        assert!(!same_graph(&structure(FILE, &Facts::default()), &structure(FILE, &facts)));
    }
}
