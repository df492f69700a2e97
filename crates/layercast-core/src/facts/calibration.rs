//! Corrections to estimators, taken from one's own builds.

use serde::{Deserialize, Serialize};

/// No correction multiplies by less or by more: a rule that errs further is not the rule for such a step.
pub const RATIOS: [f64; 2] = [0.25, 4.0];

/// What corrects one estimator: unpacked and download apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// The estimator, as [`EstimatedStep::by`](super::EstimatedStep::by) has it.
    pub by: String,
    /// Of the lengths of files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unpacked: Option<Correction>,
    /// Of the compressed layer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub download: Option<Correction>,
}

/// What to multiply an estimate by, and what that stands on. Ratios are of measured to estimated.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Correction {
    /// The factor: the median ratio, within [`RATIOS`].
    pub ratio: f64,
    /// The lowest ratio seen; of 10 steps and more, the tenth left aside that is farthest from the median.
    pub low: f64,
    /// The highest ratio seen, likewise.
    pub high: f64,
    /// Over so many measured steps.
    pub steps: usize,
}

impl Calibration {
    /// True where each correction is one that can be.
    pub fn is_sound(&self) -> bool {
        let mut all = self.unpacked.iter().chain(&self.download);
        !self.by.is_empty() && all.all(Correction::is_sound)
    }
}

impl Correction {
    fn is_sound(&self) -> bool {
        let Self { ratio, low, high, steps } = *self;
        let is_in_order = 0.0 < low && low <= high && high.is_finite();
        is_in_order && (RATIOS[0]..=RATIOS[1]).contains(&ratio) && steps > 0
    }
}
