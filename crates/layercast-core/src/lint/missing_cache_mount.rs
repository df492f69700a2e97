//! A tool that keeps a cache, without a cache mount to keep it in.

use super::commands::mounted;
use super::dependencies;
use super::{Context, Explanation, Rule, Severity, Sink};
use crate::dockerfile::Instruction;
use crate::dockerfile::mount::MountKind;

pub(super) static RULE: Rule = Rule {
    name: "missing-cache-mount",
    buildkit: None,
    hadolint: &[],
    severity: Severity::Info,
    experimental: false,
    explanation: Explanation {
        what: "npm, pip, go, cargo, mvn or the like runs without a cache mount.",
        why: "When the step runs again, it fetches and compiles everything anew. A cache mount lasts from build to build and stays out of the image.",
        example: "FROM golang:1.25\nCOPY . .\nRUN go build ./...\n",
        instead: "FROM golang:1.25\nCOPY . .\nRUN --mount=type=cache,target=/root/.cache/go-build go build ./...\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    // On Windows the caches are elsewhere, and cannot be mounted.
    if context.file.parse.directives.escape == '`' {
        return;
    }
    // Once for each tool: the others are mended the same way.
    let mut said = Vec::new();
    for (stage, _) in context.visited_stages() {
        for (index, instruction) in context.steps(stage) {
            let Instruction::Run(run) = instruction else { continue };
            let calls = context.calls(index);
            let cleans = calls.iter().any(|call| call.program == "rm" || call.verb() == "cache");
            if cleans || !mounted(run, &[MountKind::Cache, MountKind::Tmpfs]).is_empty() {
                continue;
            }
            for call in calls {
                let Some((tool, folder)) = dependencies::cache(call) else { continue };
                let opted_out = tool == "pip" && context.sets(stage, index, "PIP_NO_CACHE_DIR");
                if opted_out || said.contains(&tool) {
                    continue;
                }
                said.push(tool);
                let range = call.range().unwrap_or_else(|| context.node(index).arguments_range());
                let message = format!("{tool} starts with an empty cache whenever this step runs");
                let notes = vec![format!("As root: RUN --mount=type=cache,target={folder} …")];
                sink.report_with(index, range, message, notes, None);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::check_rule;

    #[test]
    fn a_cache_wants_a_mount() {
        let message = "2: cargo starts with an empty cache whenever this step runs";
        check_rule(&RULE, "FROM a\nRUN cargo build --release\nRUN cargo install b", &[message]);
    }

    #[test]
    fn a_mount_or_a_wish_for_no_cache_is_respected() {
        check_rule(&RULE, "FROM a\nRUN --mount=type=cache,target=/root/.cargo cargo build", &[]);
        check_rule(&RULE, "FROM a\nRUN npm ci && npm cache clean --force", &[]);
        check_rule(&RULE, "FROM a\nENV PIP_NO_CACHE_DIR=1\nRUN pip install -r b", &[]);
    }
}
