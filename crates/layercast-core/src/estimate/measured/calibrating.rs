//! What one's own builds say of each estimator, and an estimate corrected by that.
//!
//! A rule of thumb that errs in one's own project errs there again. The correction is the median of what was measured
//! over what was estimated then; it is proposed only where it would have made the estimates of those very steps better,
//! each step left out in turn.

use crate::estimate::layer::LayerWeight;
use crate::estimate::{Basis, Estimate};
use crate::facts::{Calibration, Correction, EstimatedStep, MeasuredStep, RATIOS};
use serde::Serialize;
use std::collections::BTreeMap;

/// Of fewer steps nothing is proposed.
const FEWEST: usize = 3;
/// The same of figures that packages come with, which must lie on one side besides.
const FEWEST_OF_FIGURES: usize = 5;
/// Below this many bytes a ratio tells of the archive around the files.
const SMALLEST: u64 = 10_000;
/// A corrected range is no narrower, to either side.
const NARROWEST: f64 = 0.05;
/// What the estimator is called that counts the files of a known context.
pub const FILES: &str = "files";

/// Which of the two sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Size {
    /// The lengths of files.
    Unpacked,
    /// The compressed layer.
    Download,
}

/// What measured steps say of one estimator. Ratios are of measured to estimated.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Proposal {
    /// The estimator, as [`EstimatedStep::by`] has it.
    pub by: String,
    /// Of which size.
    pub size: Size,
    /// Over so many steps.
    pub steps: usize,
    /// The median ratio.
    pub median: f64,
    /// The lowest ratio; of 10 steps and more, the tenth left aside that is farthest from the median.
    pub low: f64,
    /// The highest ratio, likewise.
    pub high: f64,
    /// What comes of it.
    pub verdict: Verdict,
    /// What to multiply by; none where the estimator is to stay as it is.
    pub correction: Option<f64>,
}

/// What comes of the measured steps of an estimator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// A correction by the median.
    Corrected,
    /// A correction by the most that one may be.
    Capped,
    /// Too few steps.
    TooFew,
    /// Lengths of known files: nothing is to be corrected.
    Exact,
    /// Figures of packages, or too few that err to one side, to be doubted.
    NotOneSided,
    /// With the correction the steps would be estimated no better.
    NoBetter,
}

/// What these steps say of each estimator. A thing that was measured twice counts once.
pub fn propose(measured: &[MeasuredStep]) -> Vec<Proposal> {
    let mut samples: BTreeMap<(&str, Size), Samples> = BTreeMap::new();
    for step in newest(measured) {
        let Some(then) =
            step.estimated.as_ref().filter(|then| !then.by.is_empty() && then.unknown.is_empty())
        else {
            continue;
        };
        let EstimatedStep { by, is_rule, .. } = then;
        let sizes =
            [(Size::Unpacked, step.unpacked, then.unpacked), (Size::Download, step.download, then.download)];
        for (size, real, estimated) in sizes {
            let (Some(real), Some([_, likely, _])) = (real, estimated) else { continue };
            if likely >= SMALLEST && real > 0 {
                samples.entry((by, size)).or_default().add(real, likely, *is_rule);
            }
        }
    }
    samples.into_iter().map(|((by, size), samples)| samples.proposal(by, size)).collect()
}

/// The proposed corrections, as a facts file keeps them.
pub fn calibrations(proposals: &[Proposal]) -> Vec<Calibration> {
    let mut all: BTreeMap<&str, Calibration> = BTreeMap::new();
    for proposal in proposals {
        let Some(ratio) = proposal.correction else { continue };
        let empty = || Calibration { by: proposal.by.clone(), unpacked: None, download: None };
        let calibration = all.entry(&proposal.by).or_insert_with(empty);
        let place = match proposal.size {
            Size::Unpacked => &mut calibration.unpacked,
            Size::Download => &mut calibration.download,
        };
        let Proposal { low, high, steps, .. } = *proposal;
        *place = Some(Correction { ratio, low, high, steps });
    }
    all.into_values().collect()
}

/// Corrects what a step weighs that most stands on `by`.
pub fn correct(weight: &mut LayerWeight, by: &str, calibrations: &[Calibration]) {
    let Some(own) = calibrations.iter().find(|it| !by.is_empty() && it.by == by && it.is_sound()) else {
        return;
    };
    for (size, correction) in [(&mut weight.unpacked, own.unpacked), (&mut weight.download, own.download)] {
        if let (false, Some(correction)) = (size.is_exact(), correction) {
            *size = corrected(size, correction);
        }
    }
    if own.download.is_none() && own.unpacked.is_some() {
        // Nobody measured a download; but an archive weighs no more than what is in it.
        let LayerWeight { unpacked, download, .. } = weight;
        download.high = download.high.min(unpacked.high);
        download.likely = download.likely.min(unpacked.likely);
        download.low = download.low.min(download.likely);
    }
}

/// The likely size times the ratio, in a range as wide as the ratios seen. The fewer they are, the less they tell of the
/// next one.
fn corrected(size: &Estimate, correction: Correction) -> Estimate {
    let Correction { ratio, low, high, steps } = correction;
    let few = 1.0 + 2.0 / steps as f64;
    let before = size.likely as f64;
    let side = |own: u64, seen: f64| {
        let (own, seen) = (own as f64 / before.max(1.0), seen.max(0.0));
        (seen * few).min(own.max(seen)).max(NARROWEST)
    };
    let down = side(size.likely.saturating_sub(size.low), 1.0 - low / ratio);
    let up = side(size.high.saturating_sub(size.likely), high / ratio - 1.0);
    let likely = before * ratio;
    let bytes = |value: f64| value.max(0.0).round() as u64;
    Estimate {
        low: bytes(likely * (1.0 - down)),
        likely: bytes(likely),
        high: bytes(likely * (1.0 + up)),
        basis: Basis::Calibrated { of: Box::new(size.basis.clone()), steps },
    }
}

/// Each step once, as it was measured last, in whatever stage and file.
fn newest(measured: &[MeasuredStep]) -> impl Iterator<Item = &MeasuredStep> {
    let mut newest: BTreeMap<_, &MeasuredStep> = BTreeMap::new();
    for step in measured {
        let key = (&step.step, &step.base, step.platform.to_string(), &step.below, &step.content);
        let known = newest.entry(key).or_insert(step);
        if known.measured <= step.measured {
            *known = step;
        }
    }
    newest.into_values()
}

/// What was measured and estimated of steps of one estimator.
#[derive(Default)]
struct Samples {
    /// Measured and estimated, in bytes.
    pairs: Vec<(u64, u64)>,
    is_rule: bool,
}

impl Samples {
    /// The same bytes are the same thing: what one stage makes, another copies.
    fn add(&mut self, real: u64, likely: u64, is_rule: bool) {
        self.is_rule |= is_rule;
        if !self.pairs.contains(&(real, likely)) {
            self.pairs.push((real, likely));
        }
    }

    fn proposal(self, by: &str, size: Size) -> Proposal {
        let mut ratios: Vec<f64> =
            self.pairs.iter().map(|(real, likely)| *real as f64 / *likely as f64).collect();
        ratios.sort_by(f64::total_cmp);
        let verdict = verdict(&ratios, by, size, self.is_rule);
        let (median, n_steps) = (median(&ratios), ratios.len());
        let [low, high] = spread(ratios, median);
        let correction = matches!(verdict, Verdict::Corrected | Verdict::Capped)
            .then(|| short(median.clamp(RATIOS[0], RATIOS[1])));
        let (low, median, high) = (short(low), short(median), short(high));
        Proposal { by: by.to_owned(), size, steps: n_steps, median, low, high, verdict, correction }
    }
}

fn verdict(ratios: &[f64], by: &str, size: Size, is_rule: bool) -> Verdict {
    let median = median(ratios);
    let is_one_sided = ratios.iter().all(|ratio| *ratio > 1.0) || ratios.iter().all(|ratio| *ratio < 1.0);
    if by == FILES && size == Size::Unpacked {
        Verdict::Exact
    } else if ratios.len() < FEWEST {
        Verdict::TooFew
    } else if !is_rule && (ratios.len() < FEWEST_OF_FIGURES || !is_one_sided) {
        Verdict::NotOneSided
    } else if !is_better(ratios) {
        Verdict::NoBetter
    } else if (RATIOS[0]..=RATIOS[1]).contains(&median) {
        Verdict::Corrected
    } else {
        Verdict::Capped
    }
}

/// Whether each step would have been estimated better by the correction that the others give.
fn is_better(ratios: &[f64]) -> bool {
    let without: f64 = ratios.iter().map(|ratio| ratio.ln().abs()).sum();
    let by_others = |place: usize| {
        let mut others = ratios.to_vec();
        let own = others.remove(place);
        (own / median(&others).clamp(RATIOS[0], RATIOS[1])).ln().abs()
    };
    (0..ratios.len()).map(by_others).sum::<f64>() < without
}

/// The lowest and the highest of ratios in order, the tenth left aside that is farthest from the median: an estimate's
/// range is one for nine steps of ten.
fn spread(mut ratios: Vec<f64>, median: f64) -> [f64; 2] {
    for _ in 0..ratios.len() / 10 {
        let is_low_farther = median / ratios[0] > ratios[ratios.len() - 1] / median;
        ratios.remove(if is_low_farther { 0 } else { ratios.len() - 1 });
    }
    [ratios[0], ratios[ratios.len() - 1]]
}

/// Of ratios in order.
fn median(ratios: &[f64]) -> f64 {
    let middle = ratios.len() / 2;
    if ratios.len().is_multiple_of(2) {
        f64::midpoint(ratios[middle - 1], ratios[middle])
    } else {
        ratios[middle]
    }
}

/// To four digits, as a file for people has it; never to nothing.
fn short(ratio: f64) -> f64 {
    let scale = 10_f64.powi(3 - ratio.log10().floor() as i32);
    (ratio * scale).round() / scale
}

#[cfg(test)]
mod tests;
