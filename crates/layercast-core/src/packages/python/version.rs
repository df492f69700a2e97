//! Versions and specifiers of Python distributions.
//! Reference: <https://packaging.python.org/en/latest/specifications/version-specifiers/>.

use std::cmp::Ordering;
use std::fmt;

/// A version: `1!2.0rc1.post2.dev3+local`.
#[derive(Clone, Debug)]
pub struct Version {
    text: String,
    epoch: u64,
    release: Vec<u64>,
    pre: Option<(u8, u64)>,
    post: Option<u64>,
    dev: Option<u64>,
    local: Vec<Local>,
}

/// One part of a local version; numbers come after words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Local {
    Word(String),
    Number(u64),
}

/// Conditions on a version, all of which hold: `>=1.2,!=1.5.*`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Specifiers(Vec<Specifier>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Specifier {
    operator: Operator,
    version: Version,
    /// True for `==1.2.*` and `!=1.2.*`.
    prefix: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Compatible,
    Equal,
    NotEqual,
    AtMost,
    AtLeast,
    Below,
    Above,
    /// `===`: by the text alone.
    Same,
}

impl Version {
    /// Reads a version in any of the spellings that the specification takes.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let mut rest = text.strip_prefix('v').unwrap_or(&text);
        let mut epoch = 0;
        if let Some((number, after)) = rest.split_once('!') {
            epoch = number.parse().ok()?;
            rest = after;
        }
        let (public, local) =
            rest.split_once('+').map_or((rest, None), |(public, local)| (public, Some(local)));
        let mut cursor = Cursor(public);
        let mut release = vec![cursor.number()?];
        while let Some(after) = cursor.0.strip_prefix('.').filter(|after| after.starts_with(is_digit)) {
            cursor.0 = after;
            release.push(cursor.number()?);
        }
        let pre = cursor.labelled(&[
            ("alpha", 0),
            ("beta", 1),
            ("preview", 2),
            ("pre", 2),
            ("rc", 2),
            ("a", 0),
            ("b", 1),
            ("c", 2),
        ])?;
        let post = match cursor.0.strip_prefix('-').filter(|after| after.starts_with(is_digit)) {
            Some(after) => {
                cursor.0 = after;
                Some(cursor.number()?)
            }
            None => cursor.labelled(&[("post", 0), ("rev", 0), ("r", 0)])?.map(|(_, number)| number),
        };
        let dev = cursor.labelled(&[("dev", 0)])?.map(|(_, number)| number);
        if !cursor.0.is_empty() {
            return None;
        }
        let local = local.map_or(Some(Vec::new()), Local::parse)?;
        Some(Self { text: text.clone(), epoch, release, pre, post, dev, local })
    }

    /// True for alphas, betas, candidates and development releases.
    pub fn is_pre_release(&self) -> bool {
        self.pre.is_some() || self.dev.is_some()
    }

    /// The numbers of the release: 3, 11, 4.
    pub fn release(&self) -> &[u64] {
        &self.release
    }

    fn number(&self, place: usize) -> u64 {
        self.release.get(place).copied().unwrap_or(0)
    }

    fn starts_with(&self, prefix: &Self) -> bool {
        self.epoch == prefix.epoch
            && (0..prefix.release.len()).all(|place| self.number(place) == prefix.number(place))
    }

    fn same_release(&self, other: &Self) -> bool {
        let longest = self.release.len().max(other.release.len());
        self.epoch == other.epoch && (0..longest).all(|place| self.number(place) == other.number(place))
    }

    fn without_local(&self) -> Self {
        Self { local: Vec::new(), ..self.clone() }
    }

    fn compare(&self, other: &Self) -> Ordering {
        let longest = self.release.len().max(other.release.len());
        let numbers =
            |version: &Self| -> Vec<u64> { (0..longest).map(|place| version.number(place)).collect() };
        // A development release comes before all others of its release, a final one after its candidates.
        let pre = |version: &Self| match (version.pre, version.post, version.dev) {
            (Some((kind, number)), ..) => (1, kind, number),
            (None, None, Some(_)) => (0, 0, 0),
            _ => (2, 0, 0),
        };
        let post = |version: &Self| version.post.map_or((0, 0), |number| (1, number));
        let dev = |version: &Self| version.dev.map_or((1, 0), |number| (0, number));
        (self.epoch.cmp(&other.epoch))
            .then_with(|| numbers(self).cmp(&numbers(other)))
            .then_with(|| pre(self).cmp(&pre(other)))
            .then_with(|| post(self).cmp(&post(other)))
            .then_with(|| dev(self).cmp(&dev(other)))
            .then_with(|| self.local.cmp(&other.local))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.compare(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.compare(other)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

struct Cursor<'a>(&'a str);

impl Cursor<'_> {
    fn number(&mut self) -> Option<u64> {
        let end = self.0.find(|next| !is_digit(next)).unwrap_or(self.0.len());
        let (number, rest) = self.0.split_at(end);
        self.0 = rest;
        number.parse().ok()
    }

    /// `rc1`, `-rc.1`, `_rc`: a label and its number, 0 where there is none. The inner none: there is no label.
    /// The outer: the number is too large.
    fn labelled(&mut self, labels: &[(&str, u8)]) -> Option<Option<(u8, u64)>> {
        let separator = |text| str::strip_prefix(text, ['.', '-', '_']).unwrap_or(text);
        let start = separator(self.0);
        let found =
            labels.iter().find_map(|(label, kind)| start.strip_prefix(label).map(|rest| (rest, *kind)));
        let Some((rest, kind)) = found else { return Some(None) };
        self.0 = rest;
        let after = separator(rest);
        if !after.starts_with(is_digit) {
            return Some(Some((kind, 0)));
        }
        self.0 = after;
        Some(Some((kind, self.number()?)))
    }
}

fn is_digit(character: char) -> bool {
    character.is_ascii_digit()
}

impl Local {
    fn parse(text: &str) -> Option<Vec<Self>> {
        let parts = text.split(['.', '-', '_']).map(|part| match part.parse() {
            Ok(number) => Some(Self::Number(number)),
            Err(_) if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_alphanumeric()) => None,
            Err(_) => Some(Self::Word(part.to_owned())),
        });
        parts.collect()
    }
}

impl Specifiers {
    /// Reads conditions with commas between them; none of them holds for every version.
    pub fn parse(text: &str) -> Option<Self> {
        let conditions = text.split(',').map(str::trim).filter(|condition| !condition.is_empty());
        conditions.map(Specifier::parse).collect::<Option<_>>().map(Self)
    }

    /// `==VERSION`.
    pub fn exactly(version: Version) -> Self {
        Self(vec![Specifier { operator: Operator::Equal, version, prefix: false }])
    }

    /// True where all conditions hold. Whether pre-releases are wanted is another question.
    pub fn contain(&self, version: &Version) -> bool {
        self.0.iter().all(|specifier| specifier.holds(version))
    }

    /// True where a pre-release is named, so that pre-releases are wanted.
    pub fn name_pre_release(&self) -> bool {
        let names = |one: &Specifier| one.operator != Operator::NotEqual && one.version.is_pre_release();
        self.0.iter().any(names)
    }

    /// True where there is no condition.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The version, where one alone is meant: `==1.2` or `===1.2`.
    pub fn only_version(&self) -> Option<&Version> {
        let exact =
            |one: &&Specifier| matches!(one.operator, Operator::Equal | Operator::Same) && !one.prefix;
        self.0.iter().find(exact).map(|specifier| &specifier.version)
    }
}

impl Specifier {
    fn parse(text: &str) -> Option<Self> {
        const OPERATORS: [(&str, Operator); 8] = [
            ("===", Operator::Same),
            ("==", Operator::Equal),
            ("~=", Operator::Compatible),
            ("!=", Operator::NotEqual),
            ("<=", Operator::AtMost),
            (">=", Operator::AtLeast),
            ("<", Operator::Below),
            (">", Operator::Above),
        ];
        let (rest, operator) =
            OPERATORS.iter().find_map(|(sign, operator)| Some((text.strip_prefix(sign)?, *operator)))?;
        let rest = rest.trim();
        let may_be_prefix = matches!(operator, Operator::Equal | Operator::NotEqual);
        let (version, prefix) = match rest.strip_suffix(".*") {
            // `>=1.2.*` was written before it was forbidden; pip took it for `>=1.2`.
            Some(version) => (version, may_be_prefix),
            None => (rest, false),
        };
        let version = Version::parse(version)?;
        if operator == Operator::Compatible && version.release.len() < 2 {
            return None;
        }
        Some(Self { operator, version, prefix })
    }

    fn holds(&self, version: &Version) -> bool {
        let Self { operator, version: wanted, prefix } = self;
        let equal = || {
            if *prefix {
                version.starts_with(wanted)
            } else if wanted.local.is_empty() {
                version.without_local() == *wanted
            } else {
                version == wanted
            }
        };
        match operator {
            Operator::Same => version.text == wanted.text,
            Operator::Equal => equal(),
            Operator::NotEqual => !equal(),
            Operator::AtLeast => version.without_local() >= *wanted,
            Operator::AtMost => version.without_local() <= *wanted,
            // A pre-release of the named version is not meant, nor a post-release by `>`.
            Operator::Below => {
                version < wanted
                    && (wanted.is_pre_release() || !version.is_pre_release() || !version.same_release(wanted))
            }
            Operator::Above => {
                version > wanted
                    && (wanted.post.is_some() || version.post.is_none() || !version.same_release(wanted))
                    && (version.local.is_empty() || !version.same_release(wanted))
            }
            Operator::Compatible => {
                let mut series = wanted.clone();
                series.release.pop();
                version.without_local() >= *wanted && version.starts_with(&series)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(specifiers: &str, holds_for: &[&str], not_for: &[&str]) {
        let read = Specifiers::parse(specifiers).expect("the test's specifiers are sound");
        let holds = |text: &&str| read.contain(&Version::parse(text).expect("the test's versions are sound"));
        assert!(
            holds_for.iter().all(holds),
            "{specifiers}: {:?}",
            holds_for.iter().find(|text| !holds(text))
        );
        assert!(!not_for.iter().any(holds), "{specifiers}: {:?}", not_for.iter().find(|text| holds(text)));
    }

    #[test]
    fn versions_in_order() {
        let order = [
            "1.0.dev456",
            "1.0a1",
            "1.0a2.dev456",
            "1.0a12.dev456",
            "1.0a12",
            "1.0b1.dev456",
            "1.0b2",
            "1.0b2.post345.dev456",
            "1.0b2.post345",
            "1.0rc1.dev456",
            "1.0rc1",
            "1.0",
            "1.0+abc.5",
            "1.0+abc.7",
            "1.0+5",
            "1.0.post456.dev34",
            "1.0.post456",
            "1.0.15",
            "1.1.dev1",
            "2",
            "2013.10",
            "1!0.1",
        ];
        let versions: Vec<Version> = order.iter().map(|text| Version::parse(text).expect("sound")).collect();
        for (earlier, later) in versions.iter().zip(&versions[1..]) {
            assert!(earlier < later, "{earlier} before {later}");
        }
    }

    #[test]
    fn spellings_of_one_version() {
        for [one, other] in [
            ["1.0", "1"],
            ["v1.0", "1.0.0"],
            ["1.0-alpha.1", "1.0a1"],
            ["1.0RC1", "1.0c1"],
            ["1.0-1", "1.0.post1"],
            ["1.0_r2", "1.0.post2"],
            ["1.0dev", "1.0.dev0"],
            ["1.0+Ubuntu-1", "1.0+ubuntu.1"],
        ] {
            assert_eq!(Version::parse(one), Version::parse(other), "{one} is {other}");
        }
        for none in
            ["", "x", "1.", "1.0-", "1.0+", "1.0+a_", "1.0.x", "99999999999999999999999", "1.0 2", "1!"]
        {
            assert_eq!(Version::parse(none), None, "{none}");
        }
    }

    #[test]
    fn specifiers_as_the_specification_has_them() {
        check("==3.1", &["3.1", "3.1.0", "3.1+local"], &["3.1.1", "3.1a1", "3.1.post1"]);
        check("==3.1.*", &["3.1", "3.1.1", "3.1a1", "3.1.post1"], &["3.2", "3.10"]);
        check("!=1.5.*", &["1.4", "1.6"], &["1.5", "1.5.9"]);
        check("~=2.2", &["2.2", "2.3", "2.99"], &["2.1", "3.0"]);
        check("~=1.4.5", &["1.4.5", "1.4.9"], &["1.4.4", "1.5"]);
        check("~=2.2.post3", &["2.2.post3", "2.3"], &["2.2", "3"]);
        check("<3", &["2.9"], &["3.0", "3.0rc1", "3.0.dev1"]);
        check("<3.0rc2", &["3.0rc1"], &["3.0rc2"]);
        check(">1.7", &["1.7.1", "1.8"], &["1.7", "1.7.0.post1", "1.7+x"]);
        check(">=1,<2", &["1", "1.9.9"], &["0.9", "2"]);
        check("===1.0", &["1.0"], &["1.0.0"]);
        check(">=3.7.*", &["3.7", "3.8"], &["3.6"]);
        check("", &["0", "1a1"], &[]);
    }

    #[test]
    fn what_is_no_specifier() {
        for text in ["1.0", "=1", "~=1", ">>1", "==", "==x", "<=1,foo"] {
            assert_eq!(Specifiers::parse(text), None, "{text}");
        }
    }
}
