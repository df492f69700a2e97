//! What a build really made of each instruction: `docker history`, entry by entry.

use super::buildx::Buildx;
use super::{Built, Place};
use layercast_core::Report;
use layercast_core::report::Source;
use serde_json::Value;

/// The bytes that a step of the image really added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Truth {
    /// The instruction; that of FROM stands for all layers of the base image.
    pub(crate) place: Place,
    /// The files of its layer, as `docker history` counts them.
    pub(crate) unpacked: u64,
}

/// An entry of an image's history.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    by: String,
    bytes: u64,
}

/// The truth of every step of the image that was built, lowest first; none where the builder kept no image here.
pub(crate) async fn measured(docker: &Buildx, built: &Built, report: &Report) -> Option<Vec<Truth>> {
    let keys = ["containerimage.config.digest", "containerimage.digest"];
    for image in keys.iter().filter_map(|key| built.metadata[*key].as_str()) {
        let args = ["history", "--no-trunc", "--human=false", "--format", "{{json .}}", image];
        if let Some(text) = docker.ask(&args).await {
            return laid_over(&entries(&text)?, report);
        }
    }
    None
}

/// The history, oldest first.
fn entries(text: &str) -> Option<Vec<Entry>> {
    let entry = |line: &str| {
        let it: Value = serde_json::from_str(line).ok()?;
        Some(Entry { by: it["CreatedBy"].as_str()?.to_owned(), bytes: it["Size"].as_str()?.parse().ok()? })
    };
    text.lines().rev().map(entry).collect()
}

/// The last entries are those of the Dockerfile, one for each instruction of the target and of the stages below it;
/// what is before them is the base image's. None where the two do not fit.
fn laid_over(entries: &[Entry], report: &Report) -> Option<Vec<Truth>> {
    let (from, chain) = chain(report)?;
    let (base, own) = entries.split_at_checked(entries.len().checked_sub(chain.len())?)?;
    let mut truths = Vec::new();
    if let Some(place) = from {
        truths.push(Truth { place, unpacked: base.iter().map(|entry| entry.bytes).sum() });
    } else if !base.is_empty() {
        return None;
    }
    for (entry, (keyword, place)) in own.iter().zip(chain) {
        if !entry.by.starts_with(keyword) {
            return None;
        }
        truths.push(Truth { place, unpacked: entry.bytes });
    }
    Some(truths)
}

/// An instruction with its keyword.
type Written<'a> = (&'a str, Place);

/// The FROM of the base image, where there is one, and every instruction above it that leaves an entry.
fn chain(report: &Report) -> Option<(Option<Place>, Vec<Written<'_>>)> {
    let mut stage = report.stages.get(report.target()?.stage)?;
    let mut chain = Vec::new();
    loop {
        let own = stage.instructions.iter().filter_map(|at| Some((*at, report.instructions.get(*at)?)));
        let own = own.filter(|(_, instruction)| instruction.keyword != "ONBUILD");
        let own = own.map(|(at, it)| (it.keyword.as_str(), Place { instruction: at, line: it.line }));
        chain.splice(0..0, own.collect::<Vec<_>>());
        let Source::Stage(below) = stage.source else { break };
        stage = report.stages.get(below)?;
    }
    let from = report.instructions.iter().position(|instruction| instruction.line == stage.line)?;
    let is_empty = matches!(&stage.source, Source::Image(name) if name == "scratch");
    Some(((!is_empty).then_some(Place { instruction: from, line: stage.line }), chain))
}

#[cfg(test)]
mod tests {
    use super::*;
    use layercast_core::{Facts, analyse};

    const FILE: &str = "\
FROM debian AS a
ENV A=1
ONBUILD RUN never
RUN make
FROM a
WORKDIR /x
COPY . .
";

    #[track_caller]
    fn check(file: &str, history: &[(&str, u64)], expected: Option<&[(usize, u64)]>) {
        let report = analyse(file, &Facts::default());
        let entries: Vec<Entry> =
            history.iter().map(|(by, bytes)| Entry { by: (*by).to_owned(), bytes: *bytes }).collect();
        let truths = laid_over(&entries, &report);
        let lines: Option<Vec<(usize, u64)>> =
            truths.map(|truths| truths.iter().map(|truth| (truth.place.line, truth.unpacked)).collect());
        assert_eq!(lines.as_deref(), expected);
    }

    #[test]
    fn the_last_entries_are_the_file_s() {
        let base = [("ADD rootfs.tar /", 100), ("CMD [\"bash\"]", 0)];
        let own = [("ENV A=1", 0), ("RUN /bin/sh -c make", 7), ("WORKDIR /x", 0), ("COPY . . # buildkit", 5)];
        let all: Vec<_> = base.into_iter().chain(own).collect();
        check(FILE, &all, Some(&[(1, 100), (2, 0), (4, 7), (6, 0), (7, 5)]));
    }

    #[test]
    fn nothing_is_below_scratch() {
        check("FROM scratch\nADD a /\n", &[("ADD a /", 3)], Some(&[(2, 3)]));
        check("FROM scratch\nADD a /\n", &[("RUN b", 1), ("ADD a /", 3)], None);
    }

    #[test]
    fn a_history_of_something_else_is_refused() {
        check(FILE, &[("ENV A=1", 0)], None);
        let other = [("ENV A=1", 0), ("COPY b", 7), ("WORKDIR /x", 0), ("COPY . .", 5)];
        check(FILE, &other, None);
    }

    #[test]
    fn history_is_read_oldest_first() {
        let text = "{\"CreatedBy\":\"RUN b\",\"Size\":\"2\"}\n{\"CreatedBy\":\"ADD a\",\"Size\":\"1\"}\n";
        let entry = |by: &str, bytes| Entry { by: by.to_owned(), bytes };
        assert_eq!(entries(text), Some(vec![entry("ADD a", 1), entry("RUN b", 2)]));
        assert_eq!(entries("not JSON"), None);
    }
}
