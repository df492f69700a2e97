//! A number of bytes with its range and with how it is known.

pub mod base_image;
pub mod call;
pub mod content;
pub mod context_copy;
pub mod copying;
pub mod known_files;
pub mod layer;
pub mod machine;
pub mod measured;
pub mod part;
pub mod ratio;
pub mod remedy;
pub mod run;
pub mod stages;
pub mod system;
pub mod tree;

use serde::Serialize;

/// Bytes, with the range they lie in and the basis they stand on. It says nothing of which size it is:
/// the field that holds it does, as download and unpacked are never mixed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Estimate {
    /// At least, in bytes.
    pub low: u64,
    /// Most likely, in bytes.
    pub likely: u64,
    /// At most, in bytes.
    pub high: u64,
    /// How it is known.
    pub basis: Basis,
}

/// How a number is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Basis {
    /// It follows from what the instruction is: nothing is written, or it is the sum of no layers.
    Definition,
    /// The user typed it.
    Pinned,
    /// A registry's manifest, or a facts file's copy of one.
    Manifest {
        /// Who said so.
        source: String,
        /// The manifest's digest; empty where unknown.
        digest: String,
        /// When, `YYYY-MM-DD`; empty where unknown.
        as_of: String,
    },
    /// The catalogue of published figures inside the program.
    Catalogue {
        /// Where it was published.
        source: String,
        /// When, `YYYY-MM-DD`.
        as_of: String,
    },
    /// Taken from the download size by the ratio measured for such content.
    Ratio {
        /// What kind of content: `alpine, busybox`.
        content: String,
        /// What the download size stands on.
        of: Box<Basis>,
    },
    /// The length of the uncompressed tar by the gzip trailer, less what the tar adds to the files.
    Trailer {
        /// Who said so.
        source: String,
        /// The manifest's digest.
        digest: String,
        /// When, `YYYY-MM-DD`.
        as_of: String,
    },
    /// The lengths of files: those of the build context, and those written out in the Dockerfile.
    Files {
        /// How many.
        count: usize,
    },
    /// Taken from the lengths of files by the ratios measured for such content.
    Compressed {
        /// How many files.
        count: usize,
    },
    /// A package, as its index or its registry describes it.
    Package {
        /// Who describes it: `Debian bookworm`, `Python package index`.
        source: String,
        /// When, `YYYY-MM-DD`; empty where unknown.
        as_of: String,
    },
    /// A rule of thumb, measured on real builds.
    Heuristic {
        /// What it is called: `account files`.
        name: String,
    },
    /// Nobody knows: the number stands for nothing, and is in no sum.
    Unknown {
        /// What is not known: `what https://… holds`.
        what: String,
    },
    /// A build made it, of the very same step.
    Measured {
        /// When, `YYYY-MM-DD`.
        as_of: String,
    },
    /// A build made it of the step as it was before; what changed since is estimated.
    Adjusted {
        /// When it was measured, `YYYY-MM-DD`.
        as_of: String,
        /// What changed.
        change: Change,
    },
    /// An estimate, corrected by what builds say of such estimates.
    Calibrated {
        /// How it was known before.
        of: Box<Basis>,
        /// So many measured steps say so.
        steps: usize,
    },
    /// A sum of parts that are known in different ways.
    Sum {
        /// How many parts.
        parts: usize,
    },
}

/// What is not as it was when a build measured a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// Its own words.
    Command,
    /// Something below it: its base, a step, a setting.
    Below,
    /// What it copies or mounts, or nobody could look at that.
    Content,
}

impl Basis {
    /// What is known in the same way as this errs in the same way.
    pub fn kind(&self) -> String {
        match self {
            Self::Package { source, .. } => source.clone(),
            Self::Heuristic { name } => name.clone(),
            other => format!("{:?}", std::mem::discriminant(other)),
        }
    }
}

impl Estimate {
    /// A number known to the byte.
    pub fn exact(bytes: u64, basis: Basis) -> Self {
        Self { low: bytes, likely: bytes, high: bytes, basis }
    }

    /// The sum of parts. Their errors are taken as independent: the range of the sum is the root of the
    /// summed squares, not the sum of the extremes. A sum of one part keeps its basis.
    pub fn sum<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        let parts: Vec<&Self> = parts.into_iter().collect();
        if let [only] = parts[..] {
            return only.clone();
        }
        let likely = parts.iter().fold(0_u64, |sum, part| sum.saturating_add(part.likely));
        let spread = |side: fn(&Self) -> u64| {
            let squares: f64 = parts.iter().map(|part| (side(part) as f64).powi(2)).sum();
            squares.sqrt().round() as u64
        };
        let basis = if parts.is_empty() { Basis::Definition } else { Basis::Sum { parts: parts.len() } };
        Self {
            low: likely.saturating_sub(spread(|part| part.likely.saturating_sub(part.low))),
            likely,
            high: likely.saturating_add(spread(|part| part.high.saturating_sub(part.likely))),
            basis,
        }
    }

    /// True where there is no range.
    pub fn is_exact(&self) -> bool {
        self.low == self.high
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(low: u64, likely: u64, high: u64) -> Estimate {
        Estimate { low, likely, high, basis: Basis::Pinned }
    }

    #[test]
    fn independent_parts_widen_less_than_their_extremes() {
        let sum = Estimate::sum([&part(70, 100, 130), &part(60, 100, 140)]);
        assert_eq!((sum.low, sum.likely, sum.high), (150, 200, 250));
        assert_eq!(sum.basis, Basis::Sum { parts: 2 });
    }

    #[test]
    fn exact_parts_stay_exact() {
        let sum = Estimate::sum([&part(7, 7, 7), &part(5, 5, 5)]);
        assert!(sum.is_exact());
        assert_eq!(sum.likely, 12);
    }

    #[test]
    fn the_sum_of_nothing_is_zero_by_definition() {
        assert_eq!(Estimate::sum([]), Estimate::exact(0, Basis::Definition));
    }
}
