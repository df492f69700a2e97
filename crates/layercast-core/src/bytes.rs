//! Sizes as people read them: `195 MB`, thousands as in `docker images`.
//!
//! **Invariant:** whole numbers only; formatting floats would cost the page several kilobytes.

use crate::estimate::Estimate;

const UNITS: [(&str, u64); 6] = [
    ("B", 1),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("PB", 1_000_000_000_000_000),
];

/// `195 MB`.
pub fn written(bytes: u64) -> String {
    let (number, unit) = parts(bytes);
    format!("{number} {unit}")
}

/// `188–209 MB`; none where there is no range to see.
pub fn range(estimate: &Estimate) -> Option<String> {
    let (low, low_unit) = parts(estimate.low);
    let (high, high_unit) = parts(estimate.high);
    match (low == high, low_unit == high_unit) {
        (true, true) => None,
        (_, true) => Some(format!("{low}–{high} {high_unit}")),
        (_, false) => Some(format!("{low} {low_unit} – {high} {high_unit}")),
    }
}

/// The digits and the unit.
pub fn parts(bytes: u64) -> (String, &'static str) {
    let mut at = UNITS.iter().rposition(|(_, unit)| bytes >= *unit).unwrap_or(0);
    loop {
        let (name, unit) = UNITS[at];
        for decimals in [2_u32, 1, 0] {
            let step = (unit / 10_u64.pow(decimals)).max(1);
            let scaled = bytes.saturating_add(step / 2) / step;
            if unit == 1 || scaled < 1_000 {
                return (digits(scaled, if unit == 1 { 0 } else { decimals }), name);
            }
        }
        // 999.9 rounds up into the next unit.
        if at + 1 == UNITS.len() {
            return ((bytes / unit).to_string(), name);
        }
        at += 1;
    }
}

fn digits(scaled: u64, decimals: u32) -> String {
    let whole = 10_u64.pow(decimals);
    match (decimals, scaled % whole) {
        (_, 0) => (scaled / whole).to_string(),
        (2, rest) => format!("{}.{rest:02}", scaled / whole),
        (_, rest) => format!("{}.{rest}", scaled / whole),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::Basis;

    #[test]
    fn three_digits_and_a_unit() {
        assert_eq!(
            [0, 999, 8_302_000, 58_000_000, 999_949].map(written),
            ["0 B", "999 B", "8.30 MB", "58 MB", "1 MB"]
        );
    }

    #[test]
    fn a_range_that_nobody_would_see_is_left_out() {
        let estimate = |low, high| Estimate { low, likely: low, high, basis: Basis::Pinned };
        assert_eq!(range(&estimate(5, 5)), None);
        assert_eq!(range(&estimate(188_000_000, 209_000_000)).as_deref(), Some("188–209 MB"));
        assert_eq!(range(&estimate(900_000, 1_200_000)).as_deref(), Some("900 kB – 1.20 MB"));
    }
}
