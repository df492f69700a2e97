//! Entries of a history and layers of a manifest, laid over the instructions that made them.

use super::{Counted, Entry};
use crate::builder::Place;
use layercast_core::Report;
use layercast_core::report::{Source, StageReport};

/// The last entries are those of the Dockerfile, one for each instruction of the target and of the stages below it;
/// what is before them is the base image's. None where the two do not fit.
pub(super) fn laid_over(entries: &[Entry], report: &Report) -> Option<Vec<Counted>> {
    let (from, chain) = chain(report)?;
    let (base, own) = entries.split_at_checked(entries.len().checked_sub(chain.len())?)?;
    let mut truths = Vec::new();
    if let Some(place) = from {
        truths.push((place, base.iter().map(|entry| entry.bytes).sum()));
    } else if !base.is_empty() {
        return None;
    }
    for (entry, written) in own.iter().zip(chain) {
        let keyword = entry.by.get(..written.keyword.len())?;
        if !keyword.eq_ignore_ascii_case(written.keyword) {
            return None;
        }
        truths.push((written.place, entry.bytes));
    }
    Some(truths)
}

/// The last layers are those of the instructions that make one; what is below is the base image's.
pub(super) fn layers_laid_over(layers: &[u64], report: &Report) -> Option<Vec<Counted>> {
    let (from, chain) = chain(report)?;
    let makers: Vec<Place> = chain.iter().filter(|it| it.makes_layer).map(|it| it.place).collect();
    let (base, own) = layers.split_at_checked(layers.len().checked_sub(makers.len())?)?;
    let base = match from {
        Some(place) => Some((place, base.iter().sum())),
        None if base.is_empty() => None,
        None => return None,
    };
    Some(base.into_iter().chain(makers.into_iter().zip(own.iter().copied())).collect())
}

/// An instruction that leaves an entry in the history, or a trigger of the base, which stands at FROM.
struct Written<'a> {
    keyword: &'a str,
    place: Place,
    /// Where it makes a layer, and none where it only says something of the image.
    makes_layer: bool,
}

/// The FROM of the base image, where there is one, and every instruction above it that leaves an entry.
fn chain(report: &Report) -> Option<(Option<Place>, Vec<Written<'_>>)> {
    let mut stage = report.stages.get(report.target()?.stage)?;
    let mut chain = Vec::new();
    loop {
        let from = report.instructions.iter().position(|instruction| instruction.line == stage.line)?;
        let from = Place { instruction: from, line: stage.line };
        let below = match stage.source {
            Source::Stage(below) => Some(report.stages.get(below)?),
            Source::Image(_) => None,
        };
        let triggers = below.into_iter().flat_map(|below| triggers(report, below, from));
        chain.splice(0..0, triggers.chain(own(report, stage)).collect::<Vec<_>>());
        let Some(below) = below else {
            let is_empty = matches!(&stage.source, Source::Image(name) if name == "scratch");
            return Some(((!is_empty).then_some(from), chain));
        };
        stage = below;
    }
}

fn own<'a>(report: &'a Report, stage: &'a StageReport) -> impl Iterator<Item = Written<'a>> {
    let all = stage.instructions.iter().filter_map(|at| Some((*at, report.instructions.get(*at)?)));
    all.filter(|(_, it)| it.keyword != "ONBUILD").map(|(at, it)| {
        let is_root = it.sets.iter().any(|set| set.value.as_deref() == Some("/"));
        Written {
            keyword: &it.keyword,
            place: Place { instruction: at, line: it.line },
            makes_layer: makes_layer(&it.keyword, is_root),
        }
    })
}

/// What a stage has the next one run.
fn triggers<'a>(
    report: &'a Report,
    below: &'a StageReport,
    from: Place,
) -> impl Iterator<Item = Written<'a>> {
    let all = below.instructions.iter().filter_map(|at| report.instructions.get(*at));
    all.filter(|it| it.keyword == "ONBUILD").filter_map(move |it| {
        let (keyword, rest) = it.text.split_once(' ')?.1.trim_start().split_once(' ')?;
        Some(Written { keyword, place: from, makes_layer: makes_layer(keyword, rest.trim() == "/") })
    })
}

/// WORKDIR makes a folder, and so a layer, unless it is the root.
fn makes_layer(keyword: &str, is_root: bool) -> bool {
    let is = |other: &str| keyword.eq_ignore_ascii_case(other);
    ["RUN", "COPY", "ADD"].into_iter().any(is) || is("WORKDIR") && !is_root
}

#[cfg(test)]
mod tests {
    use super::*;
    use layercast_core::{Facts, analyse};

    const FILE: &str = "\
FROM debian AS a
ENV A=1
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
            truths.map(|truths| truths.iter().map(|(place, bytes)| (place.line, *bytes)).collect());
        assert_eq!(lines.as_deref(), expected);
    }

    #[test]
    fn the_last_entries_are_the_file_s() {
        let base = [("ADD rootfs.tar /", 100), ("CMD [\"bash\"]", 0)];
        let below = [("ENV A=1", 0), ("RUN /bin/sh -c make", 7)];
        let own = [("WORKDIR /x", 0), ("COPY . . # buildkit", 5)];
        let all: Vec<_> = base.into_iter().chain(below).chain(own).collect();
        check(FILE, &all, Some(&[(1, 100), (2, 0), (3, 7), (5, 0), (6, 5)]));
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
    fn what_a_stage_has_the_next_one_run_stands_at_its_from() {
        let file = "FROM debian AS a\nONBUILD RUN b\nONBUILD env C=1\nFROM a\nRUN d\n";
        let history = [("ADD rootfs.tar /", 100), ("RUN /bin/sh -c b", 7), ("ENV C=1", 0), ("RUN d", 5)];
        check(file, &history, Some(&[(1, 100), (4, 7), (4, 0), (5, 5)]));
        check_layers(file, &[60, 3, 2], Some(&[(1, 60), (4, 3), (5, 2)]));
    }

    #[track_caller]
    fn check_layers(file: &str, layers: &[u64], expected: Option<&[(usize, u64)]>) {
        let report = analyse(file, &Facts::default());
        let counted = layers_laid_over(layers, &report);
        let lines: Option<Vec<(usize, u64)>> =
            counted.map(|counted| counted.iter().map(|(place, bytes)| (place.line, *bytes)).collect());
        assert_eq!(lines.as_deref(), expected);
    }

    #[test]
    fn the_last_layers_are_the_file_s() {
        check_layers(FILE, &[40, 2, 7, 1, 5], Some(&[(1, 42), (3, 7), (5, 1), (6, 5)]));
        check_layers(FILE, &[40], None);
        check_layers("FROM scratch\nADD a /\nWORKDIR /\n", &[3], Some(&[(2, 3)]));
        check_layers("FROM scratch\nADD a /\n", &[1, 3], None);
    }
}
