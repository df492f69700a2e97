//! Versions and ranges as npm reads them: `^1.2.3`, `~0.3`, `1.x || >=2.5.0 <3`, `1.2 - 2`.
//! Reference: <https://github.com/npm/node-semver>, section "Ranges".

use std::cmp::Ordering;
use std::fmt;

/// A version: `1.2.3-beta.4`; build metadata (`+…`) is dropped, as it does not count.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Version {
    /// Breaking changes.
    pub major: u64,
    /// New things.
    pub minor: u64,
    /// Fixes.
    pub patch: u64,
    /// What stands behind `-`, by its dots; empty for a release.
    pub prerelease: Vec<Identifier>,
}

/// A part of a prerelease: a number or a word. Numbers come before words.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Identifier {
    /// `4`.
    Number(u64),
    /// `beta`.
    Word(String),
}

/// What a dependency asks of a version: any of several sets of bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range(Vec<Vec<Bound>>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Bound {
    order: Order,
    version: Version,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Less,
    AtMost,
    Equal,
    AtLeast,
    Greater,
}

/// A version with parts left out: `1`, `1.x`, `*`.
struct Partial {
    major: Option<u64>,
    minor: Option<u64>,
    patch: Option<u64>,
    prerelease: Vec<Identifier>,
}

impl Version {
    /// A release.
    pub const fn new(major: u64, minor: u64, patch: u64) -> Self {
        Self { major, minor, patch, prerelease: Vec::new() }
    }

    /// Reads a whole version, with `v` or `=` before it or not; none for anything less.
    pub fn parse(text: &str) -> Option<Self> {
        let partial = Partial::parse(text.trim())?;
        Some(Self {
            major: partial.major?,
            minor: partial.minor?,
            patch: partial.patch?,
            prerelease: partial.prerelease,
        })
    }

    /// True for `1.2.3-beta`.
    pub fn is_prerelease(&self) -> bool {
        !self.prerelease.is_empty()
    }

    /// The three numbers.
    pub fn release(&self) -> (u64, u64, u64) {
        (self.major, self.minor, self.patch)
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.release().cmp(&other.release()).then_with(|| {
            match (self.prerelease.is_empty(), other.prerelease.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => self.prerelease.cmp(&other.prerelease),
            }
        })
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}.{}.{}", self.major, self.minor, self.patch)?;
        for (place, identifier) in self.prerelease.iter().enumerate() {
            let sign = if place == 0 { '-' } else { '.' };
            match identifier {
                Identifier::Number(number) => write!(to, "{sign}{number}")?,
                Identifier::Word(word) => write!(to, "{sign}{word}")?,
            }
        }
        Ok(())
    }
}

impl Range {
    /// Reads a range; none where it is none (a tag, a URL).
    pub fn parse(text: &str) -> Option<Self> {
        text.split("||").map(|set| bounds(set.trim())).collect::<Option<Vec<_>>>().map(Self)
    }

    /// True where the version will do. A prerelease does only where the range names one of the same release.
    pub fn allows(&self, version: &Version) -> bool {
        self.0.iter().any(|set| {
            set.iter().all(|bound| bound.allows(version))
                && (!version.is_prerelease()
                    || set.iter().any(|bound| {
                        bound.version.is_prerelease() && bound.version.release() == version.release()
                    }))
        })
    }

    /// The one version that the range allows, where it names it outright: `1.2.3`.
    pub fn exact(&self) -> Option<&Version> {
        match self.0.as_slice() {
            [set] => match set.as_slice() {
                [Bound { order: Order::Equal, version }] => Some(version),
                _ => None,
            },
            _ => None,
        }
    }

    /// True for `*`, which any release satisfies.
    pub fn is_any(&self) -> bool {
        self.0.iter().any(Vec::is_empty)
    }
}

impl Bound {
    fn allows(&self, version: &Version) -> bool {
        match self.order {
            Order::Less => *version < self.version,
            Order::AtMost => *version <= self.version,
            Order::Equal => *version == self.version,
            Order::AtLeast => *version >= self.version,
            Order::Greater => *version > self.version,
        }
    }
}

impl Partial {
    /// `v1.2.3-beta+build`, `1.2`, `1.x`, `*`, nothing.
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim_start_matches(['v', '=']).trim_start();
        let text = text.split('+').next().unwrap_or_default();
        let (numbers, prerelease) = match text.split_once('-') {
            Some((numbers, prerelease)) => (numbers, prerelease),
            None => (text, ""),
        };
        let mut parts = numbers.split('.');
        let mut read = || match parts.next() {
            None | Some("" | "x" | "X" | "*") => Some(None),
            Some(part) if part.bytes().all(|byte| byte.is_ascii_digit()) => part.parse().ok().map(Some),
            Some(_) => None,
        };
        let (major, minor, patch) = (read()?, read()?, read()?);
        if parts.next().is_some() {
            return None;
        }
        let identifiers = prerelease.split('.').filter(|part| !part.is_empty());
        let prerelease = identifiers.map(|part| match part.parse() {
            Ok(number) if part.bytes().all(|byte| byte.is_ascii_digit()) => Identifier::Number(number),
            _ => Identifier::Word(part.to_owned()),
        });
        // What follows a part left out is left out too: `x.2` is `*`.
        let minor = major.and(minor);
        let patch = minor.and(patch);
        Some(Self { major, minor, patch, prerelease: prerelease.collect() })
    }

    fn floor(&self) -> Version {
        Version {
            major: self.major.unwrap_or(0),
            minor: self.minor.unwrap_or(0),
            patch: self.patch.unwrap_or(0),
            prerelease: if self.patch.is_some() { self.prerelease.clone() } else { Vec::new() },
        }
    }
}

/// The first version that is past all with these numbers; `-0` keeps its own prereleases out.
fn before(major: u64, minor: u64, patch: u64) -> Bound {
    let version = Version { major, minor, patch, prerelease: vec![Identifier::Number(0)] };
    Bound { order: Order::Less, version }
}

fn at_least(version: Version) -> Bound {
    Bound { order: Order::AtLeast, version }
}

/// The bounds of one set, which all must hold.
fn bounds(set: &str) -> Option<Vec<Bound>> {
    if let Some((low, high)) = set.split_once(" - ") {
        return hyphen(low.trim(), high.trim());
    }
    let mut bounds = Vec::new();
    let mut words = set.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let operator_end = word.find(|sign: char| !"<>=^~".contains(sign)).unwrap_or(word.len());
        let (operator, mut rest) = word.split_at(operator_end);
        // `>= 1.2.3`: the blank is of no account.
        if rest.is_empty() && !operator.is_empty() {
            rest = words.next()?;
        }
        comparator(operator, rest, &mut bounds)?;
    }
    Some(bounds)
}

fn hyphen(low: &str, high: &str) -> Option<Vec<Bound>> {
    let (low, high) = (Partial::parse(low)?, Partial::parse(high)?);
    let mut bounds = Vec::new();
    if low.major.is_some() {
        bounds.push(at_least(low.floor()));
    }
    match (high.major, high.minor, high.patch) {
        (Some(major), None, _) => bounds.push(before(major.saturating_add(1), 0, 0)),
        (Some(major), Some(minor), None) => bounds.push(before(major, minor.saturating_add(1), 0)),
        (Some(_), Some(_), Some(_)) => bounds.push(Bound { order: Order::AtMost, version: high.floor() }),
        (None, ..) => {}
    }
    Some(bounds)
}

fn comparator(operator: &str, text: &str, bounds: &mut Vec<Bound>) -> Option<()> {
    let partial = Partial::parse(text)?;
    let floor = partial.floor();
    let (major, minor, patch) = floor.release();
    let next_major = before(major.saturating_add(1), 0, 0);
    let next_minor = before(major, minor.saturating_add(1), 0);
    let whole = partial.patch.is_some();
    match operator {
        "" | "=" if whole => bounds.push(Bound { order: Order::Equal, version: floor }),
        _ if partial.major.is_none() => {
            // `<*` and `>*` allow nothing, `*` anything.
            if operator == "<" || operator == ">" {
                bounds.push(before(0, 0, 0));
            }
        }
        "^" => {
            let end = match (partial.minor, partial.patch) {
                _ if major > 0 => next_major,
                (None, _) => next_major,
                (Some(_), None) => next_minor,
                (Some(0), Some(_)) => before(0, 0, patch.saturating_add(1)),
                (Some(_), Some(_)) => next_minor,
            };
            bounds.extend([at_least(floor), end]);
        }
        "~" | "~>" => {
            let end = if partial.minor.is_some() { next_minor } else { next_major };
            bounds.extend([at_least(floor), end]);
        }
        "" | "=" => {
            let end = if partial.minor.is_some() { next_minor } else { next_major };
            bounds.extend([at_least(floor), end]);
        }
        ">=" => bounds.push(at_least(floor)),
        ">" if whole => bounds.push(Bound { order: Order::Greater, version: floor }),
        // `>1.2` is past all of 1.2.
        ">" if partial.minor.is_some() => {
            bounds.push(at_least(Version::new(major, minor.saturating_add(1), 0)))
        }
        ">" => bounds.push(at_least(Version::new(major.saturating_add(1), 0, 0))),
        "<" if whole => bounds.push(Bound { order: Order::Less, version: floor }),
        "<" => bounds.push(before(major, minor, 0)),
        "<=" if whole => bounds.push(Bound { order: Order::AtMost, version: floor }),
        "<=" if partial.minor.is_some() => bounds.push(next_minor),
        "<=" => bounds.push(next_major),
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(range: &str, inside: &str, outside: &str) {
        let read = Range::parse(range).expect("a range");
        for version in inside.split_whitespace() {
            assert!(read.allows(&Version::parse(version).expect("a version")), "{range} allows {version}");
        }
        for version in outside.split_whitespace() {
            assert!(!read.allows(&Version::parse(version).expect("a version")), "{range} refuses {version}");
        }
    }

    #[test]
    fn a_caret_keeps_the_first_number_that_is_not_zero() {
        check("^1.2.3", "1.2.3 1.9.0", "1.2.2 2.0.0 2.0.0-beta");
        check("^0.2.3", "0.2.3 0.2.9", "0.3.0 0.2.2");
        check("^0.0.3", "0.0.3", "0.0.4 0.0.2");
        check("^0.0", "0.0.0 0.0.9", "0.1.0");
        check("^0", "0.9.9", "1.0.0");
        check("^1.x", "1.0.0 1.9.9", "2.0.0");
    }

    #[test]
    fn a_tilde_keeps_the_second_number() {
        check("~1.2.3", "1.2.3 1.2.9", "1.3.0 1.2.2");
        check("~1", "1.0.0 1.9.0", "2.0.0");
        check("~> 1.2", "1.2.0", "1.3.0");
    }

    #[test]
    fn parts_left_out_are_any() {
        check("1.2.x", "1.2.0 1.2.9", "1.3.0");
        check("1", "1.0.0 1.99.0", "2.0.0 0.9.0");
        check("*", "0.0.0 9.9.9", "1.0.0-beta");
        check("", "4.5.6", "");
        check("x.2", "7.0.0", "");
    }

    #[test]
    fn comparators_hold_together_and_sets_apart() {
        check(">=1.2.7 <1.3.0", "1.2.7 1.2.99", "1.2.6 1.3.0");
        check(">= 1.2.7 < 1.3", "1.2.8", "1.3.0");
        check("1.2.7 || >=1.2.9 <2.0.0", "1.2.7 1.2.9 1.4.6", "1.2.8 2.0.0");
        check(">1.2", "1.3.0", "1.2.9");
        check("<=1.2", "1.2.9 0.1.0", "1.3.0");
        check("1.2.3 - 2.3", "1.2.3 2.3.9", "2.4.0 1.2.2");
    }

    #[test]
    fn a_prerelease_must_be_asked_for() {
        check(">1.2.3-alpha.3", "1.2.3-alpha.7 3.4.5", "3.4.5-alpha.9 1.2.3-alpha.3");
        check("^1.0.0-beta.2", "1.0.0-beta.10 1.0.0 1.4.0", "1.0.0-beta.1 1.1.0-beta");
    }

    #[test]
    fn versions_are_ordered_by_their_numbers() {
        let mut versions = ["1.10.0", "1.9.0", "1.10.0-rc.2", "1.10.0-rc.10", "1.10.0-beta"];
        versions.sort_by_key(|version| Version::parse(version).expect("a version"));
        assert_eq!(versions, ["1.9.0", "1.10.0-beta", "1.10.0-rc.2", "1.10.0-rc.10", "1.10.0"]);
    }

    #[test]
    fn what_is_no_range_is_said_to_be_none() {
        for text in ["latest", "git+ssh://x", "1.2.3.4", ">=", "file:../x", "99999999999999999999.0.0"] {
            assert_eq!(Range::parse(text), None, "{text}");
        }
    }
}
