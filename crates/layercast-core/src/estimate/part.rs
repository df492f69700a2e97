//! One thing that a step writes: how many bytes, where, and how that is known.

use super::{Basis, Estimate};

/// Low, likely and high of a number of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// At least.
    pub low: u64,
    /// Most likely.
    pub likely: u64,
    /// At most.
    pub high: u64,
}

/// One thing that a step writes. Sizes in bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// What people call it: `libllvm15 1:15.0.6-4`, `lists of packages`.
    pub name: String,
    /// Where it lies, absolute: a file; or, with a slash behind it, the folder that its files lie in.
    pub path: String,
    /// The lengths of its files.
    pub unpacked: Span,
    /// What they take in a compressed layer.
    pub download: Span,
    /// How that is known.
    pub basis: Basis,
}

impl Part {
    /// Something of which nobody knows how long it is. It is in no sum; its layer names it.
    pub fn unknown(name: impl Into<String>, path: impl Into<String>, what: impl Into<String>) -> Self {
        let (unpacked, download) = (Span::default(), Span::default());
        let basis = Basis::Unknown { what: what.into() };
        Self { name: name.into(), path: path.into(), unpacked, download, basis }
    }

    /// Something that a rule of thumb tells of: `ratio` is compressed over unpacked, low, likely and high.
    pub fn by_rule(
        rule: &str,
        name: impl Into<String>,
        path: impl Into<String>,
        unpacked: Span,
        ratio: [f64; 3],
    ) -> Self {
        let basis = Basis::Heuristic { name: rule.to_owned() };
        Self { name: name.into(), path: path.into(), unpacked, download: unpacked.times(ratio), basis }
    }
}

/// How far parts that are known in the same way err together: 0 where each errs for itself, 1 where all err alike.
/// Measured packages of one distribution lie on the same side of their estimates more often than not.
const COMMON_ERROR: f64 = 0.15;

impl Span {
    /// A number known to the byte.
    pub fn exact(bytes: u64) -> Self {
        Self { low: bytes, likely: bytes, high: bytes }
    }

    /// A likely number, and the factors by which it may be less or more.
    pub fn around(likely: u64, low: f64, high: f64) -> Self {
        Self { low: scale(likely, low), likely, high: scale(likely, high) }
    }

    /// The same, multiplied.
    pub fn scaled(self, by: f64) -> Self {
        Self { low: scale(self.low, by), likely: scale(self.likely, by), high: scale(self.high, by) }
    }

    /// Multiplied by a factor that has a range of its own: low, likely, high.
    pub fn times(self, [low, likely, high]: [f64; 3]) -> Self {
        let product = scale(self.likely, likely);
        let down = (share(self.likely - self.low.min(self.likely), self.likely)).hypot(1.0 - low / likely);
        let up = (share(self.high.max(self.likely) - self.likely, self.likely)).hypot(high / likely - 1.0);
        Self::around(product, 1.0 - down.min(1.0), 1.0 + up)
    }

    /// The sum of parts whose errors have nothing to do with each other.
    pub fn sum(parts: impl IntoIterator<Item = Self>) -> Self {
        total(parts, 0.0)
    }

    /// The sum of parts that are known in the same way, and so err together in part.
    pub fn sum_alike(parts: impl IntoIterator<Item = Self>) -> Self {
        total(parts, COMMON_ERROR)
    }

    /// The same with how it is known.
    pub fn because(self, basis: Basis) -> Estimate {
        Estimate { low: self.low, likely: self.likely, high: self.high, basis }
    }
}

/// Sides add as squares, but for the share that is common to all.
fn total(parts: impl IntoIterator<Item = Span>, common: f64) -> Span {
    let mut likely = 0_u64;
    let (mut down, mut up) = ((0.0, 0.0), (0.0, 0.0));
    for part in parts {
        likely = likely.saturating_add(part.likely);
        let add = |(sum, squares): &mut (f64, f64), side: u64| {
            *sum += side as f64;
            *squares += (side as f64).powi(2);
        };
        add(&mut down, part.likely.saturating_sub(part.low));
        add(&mut up, part.high.saturating_sub(part.likely));
    }
    let side = |(sum, squares): (f64, f64)| {
        (squares + common * (sum * sum - squares).max(0.0)).sqrt().round() as u64
    };
    Span { low: likely.saturating_sub(side(down)), likely, high: likely.saturating_add(side(up)) }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn scale(bytes: u64, by: f64) -> u64 {
    (bytes as f64 * by.max(0.0)).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(low: u64, likely: u64, high: u64) -> Span {
        Span { low, likely, high }
    }

    #[test]
    fn parts_that_are_known_alike_err_together_in_part() {
        let parts = [span(90, 100, 130), span(90, 100, 130)];
        assert_eq!(Span::sum(parts), span(186, 200, 242));
        assert_eq!(Span::sum_alike(parts), span(185, 200, 245));
        assert_eq!(Span::sum_alike([Span::exact(3), Span::exact(4)]), Span::exact(7));
    }

    #[test]
    fn a_factor_with_a_range_widens_the_range() {
        assert_eq!(span(100, 100, 100).times([0.5, 1.0, 2.0]), span(50, 100, 200));
        assert_eq!(span(70, 100, 140).times([0.6, 1.0, 1.3]), span(50, 100, 150));
        assert_eq!(Span::exact(0).times([0.5, 1.0, 2.0]), Span::exact(0));
    }
}
