//! Sizes as people read and type them: `195 MB`, thousands as in `docker images`.
//!
//! **Invariant:** whole numbers only; formatting floats would cost the page several kilobytes.

use layercast_core::bytes;
pub use layercast_core::bytes::parts;
use layercast_core::estimate::Estimate;
use std::fmt;

/// A number of bytes, shown with three digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes(pub u64);

impl fmt::Display for Bytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, unit) = parts(self.0);
        write!(formatter, "{number}\u{a0}{unit}")
    }
}

/// `188–209 MB`; nothing where there is no range to see.
pub fn range(estimate: &Estimate) -> Option<String> {
    // It may break where it has two units, and nowhere else.
    bytes::range(estimate).map(|range| range.replace(' ', "\u{a0}").replace("\u{a0}–\u{a0}", " – "))
}

/// Reads what a person types for a size: `58 MB`, `1.2g`, `340k`, `12 MiB`, `123456`.
pub fn parse(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let end = text.find(|letter: char| letter.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = match unit {
        "" | "b" | "byte" | "bytes" => 1,
        "k" | "kb" => 1_000,
        "m" | "mb" => 1_000_000,
        "g" | "gb" => 1_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        _ => return None,
    };
    let number = number.trim().replace(',', ".");
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) || whole.len() + fraction.len() == 0 || fraction.len() > 9 {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let scale = 10_u64.pow(u32::try_from(fraction.len()).ok()?);
    let fraction: u64 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
    whole.checked_mul(unit)?.checked_add(fraction.checked_mul(unit)? / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn shown(bytes: u64, expected: &str) {
        assert_eq!(Bytes(bytes).to_string(), expected.replace(' ', "\u{a0}"));
    }

    #[test]
    fn three_digits_and_a_unit() {
        shown(0, "0 B");
        shown(999, "999 B");
        shown(1_000, "1 kB");
        shown(8_320_000, "8.32 MB");
        shown(8_302_000, "8.30 MB");
        shown(58_000_000, "58 MB");
        shown(96_440_000, "96.4 MB");
        shown(195_400_000, "195 MB");
        shown(999_949, "1 MB");
        shown(1_310_000_000, "1.31 GB");
        shown(u64::MAX, "18446 PB");
    }

    #[test]
    fn sizes_are_read_as_people_type_them() {
        let read = |text| parse(text);
        assert_eq!(read("58 MB"), Some(58_000_000));
        assert_eq!(read(" 1.2g "), Some(1_200_000_000));
        assert_eq!(read("1,5 kb"), Some(1_500));
        assert_eq!(read("12 MiB"), Some(12 << 20));
        assert_eq!(read("123456"), Some(123_456));
        assert_eq!(read(".5k"), Some(500));
        for text in ["", "MB", "1.2.3", "-4", "4 parsecs", "99999999999999999999", "1e6"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_range_that_nobody_would_see_is_left_out() {
        let estimate =
            |low, high| Estimate { low, likely: low, high, basis: layercast_core::estimate::Basis::Pinned };
        assert_eq!(range(&estimate(5, 5)), None);
        assert_eq!(range(&estimate(188_000_000, 209_000_000)).as_deref(), Some("188–209\u{a0}MB"));
        assert_eq!(range(&estimate(900_000, 1_200_000)).as_deref(), Some("900\u{a0}kB – 1.20\u{a0}MB"));
    }
}
