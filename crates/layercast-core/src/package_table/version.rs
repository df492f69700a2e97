//! Order of Debian's version numbers, as dpkg has it: epoch, upstream version, revision.

use std::cmp::Ordering;

/// Compares two versions as `dpkg --compare-versions` does.
pub fn compare(one: &str, other: &str) -> Ordering {
    let (one, other) = (split(one), split(other));
    one.0.cmp(&other.0).then_with(|| part(one.1, other.1)).then_with(|| part(one.2, other.2))
}

/// True where `version` is what `wanted` of `apt-get install name=wanted` means: the version itself, or a pattern
/// with `*` at its end.
pub fn is_wanted(version: &str, wanted: &str) -> bool {
    match wanted.split_once('*') {
        Some((prefix, _)) => version.starts_with(prefix),
        None => version == wanted,
    }
}

/// Epoch, upstream version and revision.
fn split(version: &str) -> (u64, &str, &str) {
    let (epoch, rest) = version.split_once(':').unwrap_or(("0", version));
    let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
    (epoch.parse().unwrap_or(0), upstream, revision)
}

/// Text and numbers in turn; `~` sorts before the end, letters before all else.
fn part(one: &str, other: &str) -> Ordering {
    let (mut one, mut other) = (one.as_bytes(), other.as_bytes());
    while !one.is_empty() || !other.is_empty() {
        while is_text(one) || is_text(other) {
            let order = weight(one).cmp(&weight(other));
            if order != Ordering::Equal {
                return order;
            }
            one = one.get(1..).unwrap_or_default();
            other = other.get(1..).unwrap_or_default();
        }
        let (first, second);
        (first, one) = number(one);
        (second, other) = number(other);
        let order = first.len().cmp(&second.len()).then_with(|| first.cmp(second));
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

fn is_text(text: &[u8]) -> bool {
    text.first().is_some_and(|byte| !byte.is_ascii_digit())
}

fn weight(text: &[u8]) -> i32 {
    match text.first() {
        Some(b'~') => -1,
        Some(byte) if byte.is_ascii_digit() => 0,
        Some(byte) if byte.is_ascii_alphabetic() => i32::from(*byte),
        Some(byte) => i32::from(*byte) + 256,
        None => 0,
    }
}

/// The digits at the front without leading zeros, and the rest.
fn number(text: &[u8]) -> (&[u8], &[u8]) {
    let zeros = text.iter().take_while(|byte| **byte == b'0').count();
    let text = text.get(zeros..).unwrap_or_default();
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    text.split_at(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(one: &str, order: Ordering, other: &str) {
        assert_eq!(compare(one, other), order, "{one} {other}");
        assert_eq!(compare(other, one), order.reverse(), "{other} {one}");
    }

    #[test]
    fn versions_have_the_order_of_dpkg() {
        check("1.2-1", Ordering::Less, "1.10-1");
        check("1.0~rc1", Ordering::Less, "1.0");
        check("1.0", Ordering::Less, "1.0+deb12u1");
        check("2:1.0", Ordering::Greater, "1:9.9");
        check("1.0-1", Ordering::Less, "1.0-1+b2");
        check("7.88.1-10+deb12u9", Ordering::Less, "7.88.1-10+deb12u15");
        check("1.0a", Ordering::Less, "1.0+");
        check("1.00", Ordering::Equal, "1.0");
        check("", Ordering::Equal, "0");
    }

    #[test]
    fn a_version_is_wanted_whole_or_by_its_beginning() {
        assert!(is_wanted("1.22.1-9", "1.22.*"));
        assert!(is_wanted("1.22.1-9", "1.22.1-9"));
        assert!(!is_wanted("1.22.1-9", "1.22.1"));
    }
}
