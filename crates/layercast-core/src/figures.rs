//! What is shown of a report beyond its own words: what becomes of stages, what they weigh, what stays behind.

use crate::estimate::Estimate;
use crate::image_ref::ImageRef;
use crate::report::{Layer, Report, Source};
use serde::Serialize;

/// The sum of some layers: what is known, and how much is not.
#[derive(Clone, Debug, PartialEq)]
pub struct Weight {
    /// Unpacked bytes of the layers where they are known.
    pub unpacked: Estimate,
    /// Download bytes of the layers where they are known.
    pub download: Estimate,
    /// How many layers lack the unpacked size, or a part of it.
    pub unknown: usize,
}

/// What becomes of a stage under the target in effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// It is the image.
    Ships,
    /// The image starts from it.
    Inside,
    /// It is built, and only what is copied from it ships.
    LeftBehind,
    /// It is not built.
    Skipped,
}

/// Adds up layers.
pub fn weigh<'a>(layers: impl IntoIterator<Item = &'a Layer>) -> Weight {
    let layers: Vec<&Layer> = layers.into_iter().collect();
    Weight {
        unpacked: Estimate::sum(layers.iter().filter_map(|layer| layer.unpacked.as_ref())),
        download: Estimate::sum(layers.iter().filter_map(|layer| layer.download.as_ref())),
        unknown: layers.iter().filter(|layer| layer.unpacked.is_none() || !layer.unknown.is_empty()).count(),
    }
}

/// The stages that a stage starts from, lowest first, itself last.
pub fn chain(report: &Report, stage: usize) -> Vec<usize> {
    let mut chain = vec![stage];
    let mut at = stage;
    while let Some(Source::Stage(base)) = report.stages.get(at).map(|stage| &stage.source) {
        // A stage can only start from one above it; a report that says otherwise must not hang who shows it.
        if *base >= at {
            break;
        }
        at = *base;
        chain.push(at);
    }
    chain.reverse();
    chain
}

/// For each stage the last one of its chain: stages that are each built from the one before, which nothing else uses.
/// The target ends its chain.
pub fn chain_ends(report: &Report) -> Vec<usize> {
    let mut ends: Vec<usize> = (0..report.stages.len()).collect();
    // Who uses each stage: itself where nobody does, no stage where several do.
    let mut users = ends.clone();
    for edge in &report.edges {
        let Source::Stage(used) = edge.source else { continue };
        let Some(user) = users.get_mut(used) else { continue };
        *user = if *user == used || *user == edge.stage { edge.stage } else { usize::MAX };
    }
    for (stage, user) in users.iter().enumerate().rev() {
        let Some(other) = report.stages.get(*user) else { continue };
        let is_base = matches!(other.source, Source::Stage(base) if base == stage && base < *user);
        if is_base && report.target != Some(stage) {
            ends[stage] = ends[*user];
        }
    }
    ends
}

/// The layers of the image that a stage would be, lowest first.
pub fn layers_of(report: &Report, stage: usize) -> Vec<&Layer> {
    let chain = chain(report, stage);
    let of = |stage: &usize| {
        let stage = *stage;
        report.layers.iter().filter(move |layer| layer.stage == stage)
    };
    chain.iter().flat_map(of).collect()
}

/// What becomes of every stage.
pub fn roles(report: &Report) -> Vec<Role> {
    let reachable = report.target().map(|target| target.reachable.as_slice()).unwrap_or_default();
    let inside = report.target.map(|target| chain(report, target)).unwrap_or_default();
    let role = |stage: usize| match report.target {
        Some(target) if target == stage => Role::Ships,
        _ if inside.contains(&stage) => Role::Inside,
        _ if reachable.binary_search(&stage).is_ok() => Role::LeftBehind,
        _ => Role::Skipped,
    };
    (0..report.stages.len()).map(role).collect()
}

/// The layers that are built or pulled for the target and do not ship. What stands in the image already, as
/// a shared base does, stays behind nowhere.
pub fn left_behind<'a>(report: &'a Report, roles: &[Role]) -> Vec<&'a Layer> {
    let base = |layer: &'a Layer| match &report.stages.get(layer.stage)?.source {
        Source::Image(reference) if is_base(report, layer) => Some(reference.as_str()),
        _ => None,
    };
    let ships = |stage: usize| matches!(roles.get(stage), Some(Role::Ships | Role::Inside));
    let mut seen: Vec<&str> =
        report.layers.iter().filter(|layer| ships(layer.stage)).filter_map(base).collect();
    let behind = report.layers.iter().filter(|layer| roles.get(layer.stage) == Some(&Role::LeftBehind));
    let mut first = |reference| {
        let first = !seen.contains(&reference);
        seen.push(reference);
        first
    };
    behind.filter(|layer| base(layer).is_none_or(&mut first)).collect()
}

/// True for the layers of a base image, that its FROM stands for.
pub fn is_base(report: &Report, layer: &Layer) -> bool {
    report.instructions.get(layer.instruction).is_some_and(|instruction| instruction.keyword == "FROM")
}

/// An image as people write it: `alpine:3.22` for `docker.io/library/alpine:3.22`.
pub fn familiar(reference: &str) -> String {
    if reference == "scratch" {
        return reference.to_owned();
    }
    ImageRef::parse(reference).map_or_else(|_| reference.to_owned(), |image| image.familiar())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Facts;

    /// Each stage that is not its own end, with the end of its chain.
    #[track_caller]
    fn check(source: &str, facts: &Facts, expected: &str) {
        let report = crate::structure(source, facts);
        let name = |stage: usize| report.stages[stage].display_name.as_str();
        let ends = chain_ends(&report).into_iter().enumerate().filter(|(stage, end)| stage != end);
        let ends: Vec<String> = ends.map(|(stage, end)| format!("{}>{}", name(stage), name(end))).collect();
        assert_eq!(ends.join(" "), expected);
    }

    const CHAIN: &str = "FROM x AS a\nFROM a AS b\nFROM b AS c\n";

    #[test]
    fn a_chain_ends_where_another_uses_it_too() {
        check(CHAIN, &Facts::default(), "a>c b>c");
        check(&format!("{CHAIN}FROM y\nCOPY --from=c / /\n"), &Facts::default(), "a>c b>c");
        check(&format!("{CHAIN}FROM y\nCOPY --from=b / /\n"), &Facts::default(), "a>b");
        check(&format!("{CHAIN}FROM a AS d\n"), &Facts::default(), "b>c");
    }

    #[test]
    fn who_is_copied_from_alone_begins_no_chain() {
        check("FROM x AS a\nFROM y AS b\nCOPY --from=a / /\n", &Facts::default(), "");
        check("FROM x AS a\nFROM a AS b\nCOPY --from=a / /\n", &Facts::default(), "a>b");
    }

    #[test]
    fn the_target_ends_its_chain() {
        let mut facts = Facts::default();
        facts.build.target = Some("b".to_owned());
        check(CHAIN, &facts, "a>b");
    }

    #[test]
    fn a_file_that_runs_in_a_circle_has_no_chain() {
        check("FROM b AS a\nFROM a AS b\nCOPY --from=b / /\n", &Facts::default(), "a>b");
    }
}
