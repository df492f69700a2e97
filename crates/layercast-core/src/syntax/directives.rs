//! The directives at the head of a file: `syntax`, `escape`, `check`.
//! Reference: <https://docs.docker.com/reference/dockerfile/#parser-directives>.

use crate::text::Range;

/// One directive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// Its name in lower case.
    pub name: &'static str,
    /// Its value.
    pub value: String,
    /// Its line's bytes.
    pub range: Range,
    /// Its line, from 1.
    pub line: usize,
}

/// The directives of a file, and the escape character in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directives {
    /// Each directive, in order.
    pub list: Vec<Directive>,
    /// `\`, or a backtick where the directive says so.
    pub escape: char,
}

impl Default for Directives {
    fn default() -> Self {
        Self { list: Vec::new(), escape: '\\' }
    }
}

impl Directives {
    /// The value of a directive, if it is there.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.list.iter().find(|directive| directive.name == name).map(|directive| directive.value.as_str())
    }
}

const KNOWN: [&str; 3] = ["syntax", "escape", "check"];

/// Reads one line (leading white space removed) as a known directive: its name and value.
pub fn parse_directive(line: &str) -> Option<(&'static str, &str)> {
    let rest = line.strip_prefix('#')?.trim_start_matches(is_space);
    let (name, value) = rest.split_once('=')?;
    let name = name.trim_end_matches(is_space);
    let well_named = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let value = value.trim_matches(is_space);
    let known = KNOWN.iter().find(|known| known.eq_ignore_ascii_case(name))?;
    (well_named && !value.is_empty()).then_some((*known, value))
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\x0c' | '\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directive_is_a_comment_of_a_known_form() {
        assert_eq!(parse_directive("# syntax=docker/dockerfile:1"), Some(("syntax", "docker/dockerfile:1")));
        assert_eq!(parse_directive("#ESCAPE = `  "), Some(("escape", "`")));
        assert_eq!(parse_directive("# check=skip=all;error=true"), Some(("check", "skip=all;error=true")));
        for line in ["# other=1", "# syntax", "# syntax=", "syntax=1", "# a b=1", "#"] {
            assert_eq!(parse_directive(line), None, "{line}");
        }
    }
}
