//! What one instruction adds to its stage, as far as it is known.

use super::instruction_at;
use super::layers::Sizes;
use crate::dockerfile::copy::Copy;
use crate::dockerfile::{Dockerfile, Instruction};
use crate::estimate::content::estimate_compressed;
use crate::estimate::context_copy::{ContextFiles, Taken};
use crate::estimate::{Basis, Estimate};
use crate::graph::trace::Trace;
use crate::graph::{Base, Dependency, Graph};

/// The build context, and how what a COPY takes of it is found.
pub(super) struct Listing<'c> {
    pub(super) files: ContextFiles<'c>,
    pub(super) take: fn(&ContextFiles<'c>, &[&str], &[String]) -> Taken<'c>,
}

/// What an instruction adds. A trigger stands at its stage's FROM.
pub(super) fn step_layer(
    file: &Dockerfile<'_>,
    graph: &Graph,
    context: Option<&Listing<'_>>,
    stage: usize,
    step: usize,
) -> Sizes {
    let trace = &graph.stages[stage].trace;
    if step == file.stages[stage].from {
        return Sizes::unknown("unknown: what an ONBUILD of the base adds. Pin it, or build once");
    }
    match instruction_at(file, step) {
        Some(Instruction::Workdir(_)) => Sizes {
            unpacked: Some(Estimate::exact(0, Basis::Definition)),
            // An archive of nothing but a folder, compressed.
            download: Some(Estimate { low: 87, likely: 117, high: 147, basis: Basis::Definition }),
            why_unknown: String::new(),
        },
        Some(Instruction::Copy(copy)) if copy.from.is_some() => {
            let owner = owner(graph, stage, step);
            Sizes::unknown(format!("unknown: what these files of {owner} weigh. Pin it, or build once"))
        }
        Some(Instruction::Copy(copy)) => context_layer(trace, context, step, copy, false),
        Some(Instruction::Add(copy)) => context_layer(trace, context, step, copy, true),
        _ => Sizes::unknown("unknown: what this command writes. Pin it, or build once"),
    }
}

/// Whose files a `COPY --from` copies.
fn owner(graph: &Graph, stage: usize, instruction: usize) -> String {
    let is_own = |dependency: &&Dependency| dependency.instruction == instruction;
    let source = graph.stages[stage].dependencies.iter().find(is_own).map(|dependency| dependency.source);
    let implicit = source.and_then(|source| source.checked_sub(graph.stages.len()));
    match implicit.and_then(|place| graph.implicit.get(place)).map(|implicit| &implicit.base) {
        Some(Base::Image(image)) => format!("the image {}", image.familiar()),
        Some(Base::Context(name)) => format!("the named context {name}"),
        _ => "another stage".to_owned(),
    }
}

/// What COPY or ADD takes from the build context and from the Dockerfile itself.
fn context_layer(
    trace: &Trace,
    context: Option<&Listing<'_>>,
    step: usize,
    copy: &Copy,
    adds: bool,
) -> Sizes {
    let own_sources = trace.context_sources.iter().filter(|source| source.instruction == step);
    let sources: Vec<&str> = own_sources.map(|source| source.path.as_str()).collect();
    let inline = trace.inline_files.iter().filter(|(instruction, _)| *instruction == step);
    let inline: Vec<u64> = inline.map(|(_, bytes)| *bytes).collect();
    let stop = |why: String| Sizes::unknown(format!("unknown: {why}. Pin it, or build once"));
    if let Some(remote) = sources.iter().find(|source| is_remote(source)) {
        return stop(format!("what {remote} holds"));
    }
    let taken = match context {
        _ if sources.is_empty() => Taken::default(),
        None => return stop("what these files of the build context weigh".to_owned()),
        Some(context) => {
            let exclude: Vec<String> = copy.exclude.iter().map(|pattern| pattern.text.clone()).collect();
            (context.take)(&context.files, &sources, &exclude)
        }
    };
    if let Some(missing) = taken.missing.first() {
        return stop(format!("the build context holds no {missing}"));
    }
    let unpacks = adds && copy.unpack != Some(false);
    if let Some(archive) = taken.files.keys().find(|path| unpacks && is_archive(path)) {
        return stop(format!("what the archive {archive} holds, which ADD unpacks"));
    }
    let count = taken.files.len() + inline.len();
    let bytes = taken.files.values().chain(&inline).sum();
    let named = taken.files.iter().map(|(path, bytes)| (*path, *bytes));
    let written = inline.iter().map(|bytes| ("inline.txt", *bytes));
    Sizes {
        unpacked: Some(Estimate::exact(bytes, Basis::Files { count })),
        download: Some(estimate_compressed(named.chain(written))),
        why_unknown: String::new(),
    }
}

fn is_remote(source: &str) -> bool {
    ["http://", "https://", "git://", "git@", "ssh://"].iter().any(|start| source.starts_with(start))
}

fn is_archive(path: &str) -> bool {
    let endings = [".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst"];
    endings.iter().any(|ending| path.ends_with(ending))
}
