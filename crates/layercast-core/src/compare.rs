//! Two reports side by side: stages, layers and weights that differ, and the difference in sentences.
//!
//! Layers are matched as lines of two texts are: in order, as many as can be. A layer that is the same on both sides
//! takes no part in the difference, nor does its range.

mod matching;
mod words;

use crate::estimate::Estimate;
use crate::figures;
use crate::report::{Layer, Report, Source, StageReport, TargetReport};
use serde::Serialize;

/// What differs between the images of two reports.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Every stage of both files: those of the first in their order, then those that only the second has.
    pub stages: Vec<StagePair>,
    /// The layers of both images, lowest first.
    pub layers: Vec<LayerPair>,
    /// Files, in bytes; none where one of them does not build.
    pub unpacked: Option<Difference>,
    /// Compressed, in bytes; none where one of them does not build.
    pub download: Option<Difference>,
    /// The same in words, the most important first.
    pub sentences: Vec<String>,
}

/// A stage of the first file, of the second, or of both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StagePair {
    /// What people call it.
    pub name: String,
    /// Its place in the first file.
    pub first: Option<usize>,
    /// Its place in the second file.
    pub second: Option<usize>,
    /// What differs; none where nothing does, or where one file has no such stage.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<String>,
}

/// A layer of the first image, of the second, or of both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LayerPair {
    /// Its place in the first report's layers.
    pub first: Option<usize>,
    /// Its place in the second report's layers.
    pub second: Option<usize>,
    /// True where both say the same in their text.
    pub is_same_text: bool,
    /// What the second weighs more unpacked, in bytes; none where a side is not known.
    pub unpacked: Option<Difference>,
    /// What the second weighs more to download, in bytes; none where a side is not known.
    pub download: Option<Difference>,
}

/// How much more the second weighs than the first, in bytes: less than nothing where it is smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What the first weighs.
    pub first: u64,
    /// What the second weighs.
    pub second: u64,
    /// At least.
    pub low: i64,
    /// Most likely.
    pub likely: i64,
    /// At most.
    pub high: i64,
    /// So many layers are not known on one side at least, and are left out.
    pub n_unknown: usize,
}

/// A report with what it is called in sentences.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// `Dockerfile`, `target build`.
    pub name: &'a str,
    /// What is said of it.
    pub report: &'a Report,
}

/// Compares the images of the targets in effect.
pub fn compare(first: Side<'_>, second: Side<'_>) -> Comparison {
    let (ones, others) = (image(first.report), image(second.report));
    let layers = match (&ones, &others) {
        (Some((_, ones)), Some((_, others))) => pairs(first.report, second.report, ones, others),
        _ => Vec::new(),
    };
    let both = ones.as_ref().zip(others.as_ref());
    let whole = |size: fn(&Layer) -> Option<&Estimate>, sum: fn(&TargetReport) -> &Estimate| {
        let ((one, _), (other, _)) = both?;
        Some(difference_of_images(
            first.report,
            second.report,
            &layers,
            size,
            (sum(one).likely, sum(other).likely),
        ))
    };
    let mut comparison = Comparison {
        stages: stages(first.report, second.report),
        unpacked: whole(unpacked, |target| &target.size.unpacked),
        download: whole(download, |target| &target.size.download),
        layers,
        sentences: Vec::new(),
    };
    comparison.sentences = words::sentences(&comparison, first, second);
    comparison
}

/// The target in effect where it builds, with the places of its layers.
fn image(report: &Report) -> Option<(&TargetReport, Vec<usize>)> {
    let target = report.target().filter(|target| target.error.is_none())?;
    Some((target, target.size.layers.clone()))
}

fn pairs(first: &Report, second: &Report, ones: &[usize], others: &[usize]) -> Vec<LayerPair> {
    let texts = |report: &Report, places: &[usize]| -> Vec<String> {
        places.iter().map(|place| matching_text(report, *place)).collect()
    };
    let (one_texts, other_texts) = (texts(first, ones), texts(second, others));
    let pair = |(one, other): (Option<usize>, Option<usize>)| {
        let (first_place, second_place) = (one.map(|at| ones[at]), other.map(|at| others[at]));
        let layers = (
            first_place.and_then(|at| first.layers.get(at)),
            second_place.and_then(|at| second.layers.get(at)),
        );
        LayerPair {
            first: first_place,
            second: second_place,
            is_same_text: matches!((one, other), (Some(one), Some(other)) if one_texts[one] == other_texts[other]),
            unpacked: difference_of_layers(layers, unpacked),
            download: difference_of_layers(layers, download),
        }
    };
    matching::matched(&one_texts, &other_texts).into_iter().map(pair).collect()
}

/// Its instruction; of a base image what it is, whatever the stage is called.
fn matching_text(report: &Report, layer: usize) -> String {
    let Some(layer) = report.layers.get(layer) else { return String::new() };
    let Some(instruction) = report.instructions.get(layer.instruction) else { return String::new() };
    match report.stages.get(layer.stage).map(|stage| &stage.source) {
        Some(Source::Image(reference)) if instruction.keyword == "FROM" => {
            format!("FROM {}", figures::familiar(reference))
        }
        _ => instruction.text.clone(),
    }
}

fn unpacked(layer: &Layer) -> Option<&Estimate> {
    layer.unpacked.as_ref()
}

fn download(layer: &Layer) -> Option<&Estimate> {
    layer.download.as_ref()
}

type Pair<'a> = (Option<&'a Layer>, Option<&'a Layer>);

/// What is known of neither side, or of one alone where both have it, has no difference.
fn difference_of_layers(pair: Pair<'_>, size: fn(&Layer) -> Option<&Estimate>) -> Option<Difference> {
    match pair {
        (Some(one), Some(other)) => Some(difference(Some(size(one)?), Some(size(other)?))),
        (Some(one), None) => Some(difference(Some(size(one)?), None)),
        (None, Some(other)) => Some(difference(None, Some(size(other)?))),
        (None, None) => None,
    }
}

/// Errors of the two sides are independent, but where both are known by the same: then there is none.
fn difference(one: Option<&Estimate>, other: Option<&Estimate>) -> Difference {
    let likely = |size: Option<&Estimate>| size.map_or(0, |size| size.likely);
    let (first, second) = (likely(one), likely(other));
    let middle = signed(second).saturating_sub(signed(first));
    if one == other {
        return Difference { first, second, low: 0, likely: 0, high: 0, n_unknown: 0 };
    }
    let above = |size: Option<&Estimate>| size.map_or(0, |size| size.high.saturating_sub(size.likely));
    let below = |size: Option<&Estimate>| size.map_or(0, |size| size.likely.saturating_sub(size.low));
    Difference {
        first,
        second,
        low: middle.saturating_sub(root([below(other), above(one)])),
        likely: middle,
        high: middle.saturating_add(root([above(other), below(one)])),
        n_unknown: 0,
    }
}

fn difference_of_images(
    first: &Report,
    second: &Report,
    pairs: &[LayerPair],
    size: fn(&Layer) -> Option<&Estimate>,
    (first_sum, second_sum): (u64, u64),
) -> Difference {
    let (mut likely, mut n_unknown) = (0_i64, 0);
    let (mut below, mut above) = (Vec::new(), Vec::new());
    for pair in pairs {
        let one = pair.first.and_then(|at| first.layers.get(at));
        let other = pair.second.and_then(|at| second.layers.get(at));
        let is_partial = |layer: Option<&Layer>| {
            layer.is_some_and(|layer| size(layer).is_none() || !layer.unknown.is_empty())
        };
        // What is not known in the same way on both sides is hoped to be the same.
        let unknown =
            |layer: Option<&Layer>| layer.map(|layer| (size(layer).is_none(), layer.unknown.clone()));
        let is_same = pair.is_same_text && unknown(one) == unknown(other);
        n_unknown += usize::from((is_partial(one) || is_partial(other)) && !is_same);
        let part = difference(one.and_then(size), other.and_then(size));
        likely = likely.saturating_add(part.likely);
        below.push(part.likely.saturating_sub(part.low).unsigned_abs());
        above.push(part.high.saturating_sub(part.likely).unsigned_abs());
    }
    Difference {
        first: first_sum,
        second: second_sum,
        low: likely.saturating_sub(root(below)),
        likely,
        high: likely.saturating_add(root(above)),
        n_unknown,
    }
}

/// The root of the summed squares.
fn root(errors: impl IntoIterator<Item = u64>) -> i64 {
    let squares: f64 = errors.into_iter().map(|error| (error as f64).powi(2)).sum();
    squares.sqrt().round() as i64
}

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// Stages of one name are counterparts, and so are the images themselves where neither has a name.
fn stages(first: &Report, second: &Report) -> Vec<StagePair> {
    let unnamed_target = |report: &Report| {
        let target = report.stages.get(report.target?)?;
        target.name.is_empty().then_some(target.index)
    };
    let targets = unnamed_target(first).zip(unnamed_target(second));
    let mut taken: Vec<usize> = targets.iter().map(|(_, other)| *other).collect();
    let mut pairs = Vec::new();
    for stage in &first.stages {
        let namesake =
            |other: &&StageReport| other.display_name == stage.display_name && !taken.contains(&other.index);
        let other = match targets {
            Some((target, other)) if target == stage.index => second.stages.get(other),
            _ => second.stages.iter().find(namesake),
        };
        taken.extend(other.map(|other| other.index));
        pairs.push(StagePair {
            name: stage.display_name.clone(),
            first: Some(stage.index),
            second: other.map(|other| other.index),
            changes: other.map(|other| words::changes(first, second, stage, other)).unwrap_or_default(),
        });
    }
    let new = second.stages.iter().filter(|stage| !taken.contains(&stage.index));
    pairs.extend(new.map(|stage| StagePair {
        name: stage.display_name.clone(),
        first: None,
        second: Some(stage.index),
        changes: Vec::new(),
    }));
    pairs
}

#[cfg(test)]
mod tests;
