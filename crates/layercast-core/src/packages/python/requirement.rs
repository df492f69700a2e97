//! One requirement: a name, extras, conditions on the version or an address, and when it holds.
//! Reference: <https://packaging.python.org/en/latest/specifications/dependency-specifiers/>.

use super::marker::Marker;
use super::version::Specifiers;

/// A requirement as metadata and requirements files write it: `requests[socks]>=2 ; python_version < "3.12"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The distribution's name, normalised: `ruamel-yaml`.
    pub name: String,
    /// Optional sets of dependencies that are wanted too, normalised.
    pub extras: Vec<String>,
    /// Conditions on the version.
    pub specifiers: Specifiers,
    /// Where it comes from instead of an index: `git+https://…`.
    pub url: Option<String>,
    /// When it holds; none for always.
    pub marker: Option<Marker>,
}

impl Requirement {
    /// Reads a requirement.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let end = text.find(|next: char| !is_of_name(next)).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        let alphanumeric = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        if !alphanumeric(name.as_bytes().first()) || !alphanumeric(name.as_bytes().last()) {
            return None;
        }
        let (extras, rest) = match rest.trim_start().strip_prefix('[') {
            Some(inside) => inside.split_once(']')?,
            None => ("", rest),
        };
        let extras = extras.split(',').map(str::trim).filter(|extra| !extra.is_empty());
        let extras = extras.map(normalised).collect();
        let rest = rest.trim_start();
        if let Some(url) = rest.strip_prefix('@') {
            // A semicolon may stand in an address; before a marker it has a blank.
            let (url, marker) = split_marker(url.trim(), " ;");
            let marker = marker.map(Marker::parse).map_or(Some(None), |marker| marker.map(Some))?;
            let (url, specifiers) = (Some(url.trim().to_owned()), Specifiers::default());
            return Some(Self { name: normalised(name), extras, specifiers, url, marker });
        }
        let (specifiers, marker) = split_marker(rest, ";");
        let specifiers = specifiers.trim();
        let inside = specifiers.strip_prefix('(').and_then(|inside| inside.strip_suffix(')'));
        let specifiers = Specifiers::parse(inside.unwrap_or(specifiers))?;
        let marker = marker.map(Marker::parse).map_or(Some(None), |marker| marker.map(Some))?;
        Some(Self { name: normalised(name), extras, specifiers, url: None, marker })
    }

    /// A requirement of a name alone.
    pub fn named(name: &str) -> Self {
        let (name, extras) = (normalised(name), Vec::new());
        Self { name, extras, specifiers: Specifiers::default(), url: None, marker: None }
    }
}

/// A name as indexes know it: lower case, runs of `.`, `-` and `_` as one `-`.
/// Reference: <https://packaging.python.org/en/latest/specifications/name-normalization/>.
pub fn normalised(name: &str) -> String {
    let mut normalised = String::with_capacity(name.len());
    for character in name.chars() {
        if !matches!(character, '.' | '-' | '_') {
            normalised.extend(character.to_lowercase());
        } else if !normalised.ends_with('-') {
            normalised.push('-');
        }
    }
    normalised
}

fn is_of_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_')
}

fn split_marker<'a>(text: &'a str, separator: &str) -> (&'a str, Option<&'a str>) {
    text.split_once(separator).map_or((text, None), |(before, marker)| (before, Some(marker)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packages::python::version::Version;

    #[track_caller]
    fn check(text: &str, name: &str, extras: &[&str], holds_for: &str, url: Option<&str>, has_marker: bool) {
        let read = Requirement::parse(text).expect("the test's requirement is sound");
        let version = Version::parse(holds_for).expect("the test's version is sound");
        assert!(read.specifiers.contain(&version), "{text}: {holds_for}");
        let extras: Vec<String> = extras.iter().map(|extra| (*extra).to_owned()).collect();
        assert_eq!(
            (read.name.as_str(), read.extras, read.url.as_deref(), read.marker.is_some()),
            (name, extras, url, has_marker)
        );
    }

    #[test]
    fn requirements_in_their_spellings() {
        check("flask", "flask", &[], "0", None, false);
        check("Ruamel.Yaml==0.17", "ruamel-yaml", &[], "0.17", None, false);
        check("uvicorn[standard] >= 0.20, < 1", "uvicorn", &["standard"], "0.30", None, false);
        check(
            "requests [Socks,use_chardet] (>=2)",
            "requests",
            &["socks", "use-chardet"],
            "2.1",
            None,
            false,
        );
        check("tomli ; python_version < '3.11'", "tomli", &[], "2", None, true);
        check(
            "x@https://a.example/x.whl ; os_name=='posix'",
            "x",
            &[],
            "0",
            Some("https://a.example/x.whl"),
            true,
        );
        check(
            "x @ git+https://a.example/x.git@v1",
            "x",
            &[],
            "0",
            Some("git+https://a.example/x.git@v1"),
            false,
        );
    }

    #[test]
    fn what_is_no_requirement() {
        for text in ["", "-x", "x-", "x=1", "x[", "x ; nonsense", "x y", "./x", "https://a.example/x.whl"] {
            assert_eq!(Requirement::parse(text), None, "{text}");
        }
    }
}
