//! The difference in sentences.

use super::{Comparison, Difference, LayerPair, Side, StagePair};
use crate::bytes::{self, written};
use crate::estimate::{Basis, Estimate};
use crate::figures;
use crate::report::{Report, Source, StageReport};

/// So many layers are named that make the difference.
const NAMED: usize = 3;
/// A layer that makes less than this share of the difference is not worth a sentence.
const WORTH: u64 = 20;
/// Longer instructions are cut.
const LETTERS: usize = 60;

/// Sentences without what goes without saying.
pub(super) fn sentences(comparison: &Comparison, first: Side<'_>, second: Side<'_>) -> Vec<String> {
    let mut sentences = Vec::new();
    for side in [first, second] {
        sentences.extend(stopped(side));
    }
    if let Some(unpacked) = comparison.unpacked {
        let (one, other) = (first.name, second.name);
        sentences.push(weight(one, other, unpacked, "unpacked"));
        sentences.extend(comparison.download.map(|download| weight(one, other, download, "to download")));
        sentences.extend(causes(comparison, first.report, second.report, unpacked));
        sentences.extend(unknown(unpacked));
    }
    sentences.extend(stages(comparison, first.name, second.name));
    if sentences.is_empty() {
        sentences.push("There is nothing to compare: neither has a stage.".to_owned());
    }
    sentences
}

fn stopped(side: Side<'_>) -> Option<String> {
    let report = side.report;
    let error = match report.target() {
        Some(target) => target.error.as_ref()?,
        // Where there is no such target, what stops them all says so.
        None => match report.errors.iter().chain(&report.blockers).next() {
            Some(error) => error,
            None => return Some(format!("{} builds nothing.", side.name)),
        },
    };
    Some(format!("{} does not build: line {}, {}.", side.name, error.line, error.message))
}

/// `b is 812 MB smaller than a unpacked (790–830 MB): 932 MB becomes 120 MB.`
fn weight(one: &str, other: &str, difference: Difference, what: &str) -> String {
    let Difference { first, second, low, likely, high, .. } = difference;
    let (first, second) = (written(first), written(second));
    if (low, likely, high) == (0, 0, 0) {
        return format!("Both weigh the same {what}: {first}.");
    }
    if low < 0 && high > 0 && likely == 0 {
        return format!(
            "Both weigh about the same {what}: {first}, give or take {}.",
            amount(high.max(-low))
        );
    }
    let word = if likely < 0 { "smaller" } else { "larger" };
    let range = if low < 0 && high > 0 {
        ", and may be no different".to_owned()
    } else if amount(low) == amount(high) {
        String::new()
    } else {
        let (least, most) = if likely < 0 { (high, low) } else { (low, high) };
        format!(" ({})", range(least, most))
    };
    format!("{other} is {} {word} than {one} {what}{range}: {first} becomes {second}.", amount(likely))
}

/// What makes most of it.
fn causes(comparison: &Comparison, first: &Report, second: &Report, whole: Difference) -> Vec<String> {
    let likely = |pair: &LayerPair| pair.unpacked.map_or(0, |difference| difference.likely);
    let mut pairs: Vec<&LayerPair> = comparison.layers.iter().collect();
    pairs.sort_by_key(|pair| std::cmp::Reverse(likely(pair).unsigned_abs()));
    let least = (whole.likely.unsigned_abs() / WORTH).max(1);
    let worth = pairs.into_iter().filter(|pair| likely(pair).unsigned_abs() >= least).take(NAMED);
    worth.map(|pair| cause(pair, first, second, likely(pair))).collect()
}

fn cause(pair: &LayerPair, first: &Report, second: &Report, likely: i64) -> String {
    let change = amount(likely);
    let sign = if likely < 0 { "less" } else { "more" };
    let (one, other) = (pair.first.map(|at| step(first, at)), pair.second.map(|at| step(second, at)));
    match (one, other) {
        (Some(one), Some(_)) if pair.is_same_text => format!("`{one}` adds {change} {sign}."),
        (Some(one), Some(other)) => format!("`{other}` in place of `{one}`: {change} {sign}."),
        (Some(one), None) => format!("Without `{one}`: {change} {sign}."),
        (None, Some(other)) => format!("With `{other}`: {change} {sign}."),
        (None, None) => String::new(),
    }
}

fn step(report: &Report, layer: usize) -> String {
    cut(&super::matching_text(report, layer))
}

fn unknown(difference: Difference) -> Option<String> {
    match difference.n_unknown {
        0 => None,
        1 => Some("1 step that is not known on one side at least is left out.".to_owned()),
        count => Some(format!("{count} steps that are not known on one side at least are left out.")),
    }
}

fn stages(comparison: &Comparison, one: &str, other: &str) -> Vec<String> {
    let only = |first: bool| -> Vec<&str> {
        let is_alone = |pair: &&StagePair| if first { pair.second.is_none() } else { pair.first.is_none() };
        comparison.stages.iter().filter(is_alone).map(|pair| pair.name.as_str()).collect()
    };
    let mut sentences = Vec::new();
    for (side, names) in [(one, only(true)), (other, only(false))] {
        match names[..] {
            [] => {}
            [name] => sentences.push(format!("Only {side} has the stage {name}.")),
            _ => sentences.push(format!("Only {side} has the stages {}.", names.join(", "))),
        }
    }
    let changed = comparison.stages.iter().filter(|pair| !pair.changes.is_empty());
    sentences.extend(changed.map(|pair| format!("Stage {} {}.", pair.name, pair.changes.join(", "))));
    sentences
}

/// What differs between two stages of one name.
pub(super) fn changes(
    first: &Report,
    second: &Report,
    one: &StageReport,
    other: &StageReport,
) -> Vec<String> {
    let mut changes = Vec::new();
    let (base, other_base) = (base(first, one), base(second, other));
    if base != other_base {
        changes.push(format!("starts from {other_base} instead of {base}"));
    }
    // Where the images themselves are for two platforms, that goes without saying.
    let platform = |report: &Report| {
        report.target.and_then(|target| report.stages.get(target)).map(|stage| stage.built_for.clone())
    };
    if one.built_for != other.built_for && platform(first) == platform(second) {
        changes.push(format!("is built for {} instead of {}", other.built_for, one.built_for));
    }
    let (texts, other_texts) = (texts(first, one), texts(second, other));
    let gone = texts.iter().filter(|text| !other_texts.contains(text)).count();
    let new = other_texts.iter().filter(|text| !texts.contains(text)).count();
    match (gone, new) {
        (0, 0) if texts != other_texts => changes.push("has its steps in another order".to_owned()),
        (0, 0) => {}
        (0, new) => changes.push(format!("has {} more", steps(new))),
        (gone, 0) => changes.push(format!("has {} fewer", steps(gone))),
        (gone, new) if gone == new => changes.push(format!("has {} that differ", steps(new))),
        (gone, new) => changes.push(format!("has {} in place of {gone}", steps(new))),
    }
    changes
}

fn base(report: &Report, stage: &StageReport) -> String {
    match &stage.source {
        Source::Stage(base) => {
            report.stages.get(*base).map_or_else(String::new, |base| base.display_name.clone())
        }
        Source::Image(reference) => figures::familiar(reference),
    }
}

fn texts<'a>(report: &'a Report, stage: &StageReport) -> Vec<&'a str> {
    let text = |at: &usize| report.instructions.get(*at).map(|instruction| instruction.text.as_str());
    stage.instructions.iter().filter_map(text).collect()
}

fn steps(count: usize) -> String {
    if count == 1 { "1 step".to_owned() } else { format!("{count} steps") }
}

/// `790–830 MB`, without signs.
fn range(least: i64, most: i64) -> String {
    let (low, high) = (least.unsigned_abs(), most.unsigned_abs());
    let estimate = Estimate { low, likely: low, high, basis: Basis::Sum { parts: 2 } };
    bytes::range(&estimate).unwrap_or_else(|| written(low))
}

/// Bytes without their sign.
fn amount(difference: i64) -> String {
    written(difference.unsigned_abs())
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LETTERS {
        return text.to_owned();
    }
    format!("{}…", text.chars().take(LETTERS - 1).collect::<String>())
}
