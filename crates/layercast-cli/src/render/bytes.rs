//! Sizes as people read them: decimal units, as Docker shows them.

use layercast_core::estimate::Estimate;

const UNITS: [(&str, f64); 5] = [("B", 1.0), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12)];

/// `0 B`, `3.79 MB`, `135.7 MB`.
pub(super) fn bytes(bytes: u64) -> String {
    let (unit, scale) = unit_of(bytes);
    format!("{} {unit}", digits(bytes, scale))
}

/// `131.6–139.7 MB`; none where the number is exact.
pub(super) fn range(estimate: &Estimate) -> Option<String> {
    if estimate.is_exact() {
        return None;
    }
    let (unit, scale) = unit_of(estimate.high);
    Some(format!("{}–{} {unit}", digits(estimate.low, scale), digits(estimate.high, scale)))
}

/// The largest unit that leaves at least 1, when the digits shown are rounded.
fn unit_of(bytes: u64) -> (&'static str, f64) {
    let fits = |(_, scale): &&(&str, f64)| bytes as f64 >= *scale * 0.999_5;
    UNITS.iter().rev().find(fits).copied().unwrap_or(UNITS[0])
}

fn digits(bytes: u64, scale: f64) -> String {
    let value = bytes as f64 / scale;
    match value {
        _ if scale == 1.0 || bytes == 0 => format!("{value:.0}"),
        _ if value < 9.995 => format!("{value:.2}"),
        _ => format!("{value:.1}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use layercast_core::estimate::Basis;

    #[test]
    fn units_are_decimal() {
        let written =
            [0, 999, 1_000, 3_792_075, 26_310_566, 135_660_000, 999_960_000, 1_100_000_000].map(bytes);
        let expected = ["0 B", "999 B", "1.00 kB", "3.79 MB", "26.3 MB", "135.7 MB", "1.00 GB", "1.10 GB"];
        assert_eq!(written, expected);
    }

    #[test]
    fn a_range_has_one_unit() {
        let estimate = |low, high| Estimate { low, likely: low, high, basis: Basis::Pinned };
        assert_eq!(range(&estimate(900_000_000, 1_100_000_000)).as_deref(), Some("0.90–1.10 GB"));
        assert_eq!(range(&estimate(0, 2_000)).as_deref(), Some("0–2.00 kB"));
        assert_eq!(range(&estimate(7, 7)), None);
    }
}
