//! ADD where COPY does the same.

use super::{Context, Explanation, Rule, Severity, Sink};
use crate::diagnostic::Fix;
use crate::dockerfile::Instruction;
use crate::dockerfile::copy::Copy;

pub(super) static RULE: Rule = Rule {
    name: "add-of-local-file",
    buildkit: None,
    hadolint: &["DL3020"],
    severity: Severity::Info,
    experimental: false,
    explanation: Explanation {
        what: "ADD takes plain files of the build context.",
        why: "ADD also downloads and unpacks, so a reader has to guess what is meant here. COPY only copies.",
        example: "FROM alpine:3.22\nADD run.sh /\n",
        instead: "FROM alpine:3.22\nCOPY run.sh /\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    for (_, stage) in context.visited_stages() {
        let mut before = None;
        for source in &stage.trace.context_sources {
            let index = source.instruction;
            let Some(Instruction::Add(add)) = &context.file.instructions[index] else { continue };
            let own = stage.trace.context_sources.iter().filter(|other| other.instruction == index);
            if before.replace(index) == Some(index) || !own.clone().all(|source| is_plain(&source.path)) {
                continue;
            }
            if add.checksum.is_some() || add.keep_git_dir || add.unpack == Some(true) {
                continue;
            }
            let keyword = context.node(index).keyword_range();
            let message = "ADD does what COPY does here, and could do more";
            sink.report_with(index, keyword, message, Vec::new(), fix(context, index, add));
        }
    }
}

/// True for a path that is neither fetched nor unpacked, nor may turn out to be an archive.
fn is_plain(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let is_remote = path.contains("://") || path.starts_with("git@");
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let archive = [
        ".tar", ".tgz", ".tbz", ".tbz2", ".tb2", ".txz", ".tlz", ".tzst", ".gz", ".bz2", ".xz", ".zst",
        ".lzma",
    ];
    let is_archive = name.contains(".tar.") || archive.iter().any(|ending| name.ends_with(ending));
    // A pattern may match archives; a name without an ending may be one.
    let is_open =
        name.ends_with(['*', '?']) || name.contains("rootfs") || path.contains('$') || path.is_empty();
    !is_remote && !is_archive && !is_open
}

fn fix(context: &Context<'_>, index: usize, add: &Copy) -> Option<Fix> {
    let node = context.node(index);
    let keyword = if node.keyword() == "add" { "copy" } else { "COPY" };
    add.unpack.is_none().then(|| Fix::replace("Use COPY", node.keyword_range(), keyword))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::{check_fix, check_rule};

    #[test]
    fn plain_files_are_copied() {
        check_rule(&RULE, "FROM a\nADD b c /d/", &["2: ADD does what COPY does here, and could do more"]);
        check_fix(&RULE, "FROM a\nADD --chown=1 b /d", "FROM a\nCOPY --chown=1 b /d");
    }

    #[test]
    fn what_is_fetched_or_unpacked_needs_add() {
        check_rule(
            &RULE,
            "FROM a\nADD https://example.org/x /\nADD b.tar.gz /\nADD git@example.org:a/b.git /c",
            &[],
        );
        check_rule(&RULE, "FROM a\nADD build/*.tgz /\nADD layer* /", &[]);
    }
}
