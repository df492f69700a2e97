//! Environment markers: for which interpreter and platform a requirement holds.
//! Reference: <https://packaging.python.org/en/latest/specifications/dependency-specifiers/#environment-markers>.

use super::environment::Environment;
use super::requirement::normalised;
use super::version::{Specifiers, Version};

/// A marker: `python_version < "3.11" and sys_platform == "linux"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marker {
    /// Any of them holds.
    Any(Vec<Marker>),
    /// All of them hold.
    All(Vec<Marker>),
    /// Two values compared.
    Compared {
        /// On the left.
        left: Value,
        /// `==`, `in`, `not in` and so on.
        operator: String,
        /// On the right.
        right: Value,
    },
}

/// A variable or a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `python_version`.
    Variable(String),
    /// `"3.11"`.
    Text(String),
}

/// Nobody nests deeper; text from outside may.
const DEEPEST: usize = 60;

impl Marker {
    /// Reads a marker.
    pub fn parse(text: &str) -> Option<Self> {
        let words = words(text)?;
        let mut reader = Reader { words: &words, deep: 0 };
        let marker = reader.any()?;
        reader.words.is_empty().then_some(marker)
    }

    /// True where it holds in `environment` for any of the wanted `extras`, or for none of them.
    pub fn holds(&self, environment: &Environment, extras: &[String]) -> bool {
        if !self.names_extra() {
            return self.holds_for(environment, "");
        }
        self.holds_for(environment, "") || extras.iter().any(|extra| self.holds_for(environment, extra))
    }

    fn names_extra(&self) -> bool {
        match self {
            Self::Any(markers) | Self::All(markers) => markers.iter().any(Self::names_extra),
            Self::Compared { left, right, .. } => {
                [left, right].iter().any(|value| matches!(value, Value::Variable(name) if name == "extra"))
            }
        }
    }

    fn holds_for(&self, environment: &Environment, extra: &str) -> bool {
        match self {
            Self::Any(markers) => markers.iter().any(|marker| marker.holds_for(environment, extra)),
            Self::All(markers) => markers.iter().all(|marker| marker.holds_for(environment, extra)),
            Self::Compared { left, operator, right } => {
                let is_extra = |value: &Value| matches!(value, Value::Variable(name) if name == "extra");
                let text = |value: &Value, other: &Value| match value {
                    Value::Variable(name) if name == "extra" => extra.to_owned(),
                    Value::Variable(name) => environment.variable(name),
                    Value::Text(text) if is_extra(other) => normalised(text),
                    Value::Text(text) => text.clone(),
                };
                compare(&text(left, right), operator, &text(right, left))
            }
        }
    }
}

/// As versions where both are, else as texts.
fn compare(left: &str, operator: &str, right: &str) -> bool {
    match operator {
        "in" => return right.contains(left),
        "not in" => return !right.contains(left),
        _ => {}
    }
    if let (Some(version), Some(specifiers)) =
        (Version::parse(left), Specifiers::parse(&format!("{operator}{right}")))
    {
        return specifiers.contain(&version);
    }
    match operator {
        "==" | "===" => left == right,
        "!=" => left != right,
        "<" => left < right,
        "<=" => left <= right,
        ">" => left > right,
        ">=" => left >= right,
        _ => false,
    }
}

struct Reader<'a> {
    words: &'a [String],
    deep: usize,
}

impl Reader<'_> {
    fn any(&mut self) -> Option<Marker> {
        let mut markers = vec![self.all()?];
        while self.take("or") {
            markers.push(self.all()?);
        }
        if markers.len() == 1 { markers.pop() } else { Some(Marker::Any(markers)) }
    }

    fn all(&mut self) -> Option<Marker> {
        let mut markers = vec![self.one()?];
        while self.take("and") {
            markers.push(self.one()?);
        }
        if markers.len() == 1 { markers.pop() } else { Some(Marker::All(markers)) }
    }

    fn one(&mut self) -> Option<Marker> {
        if self.take("(") {
            self.deep += 1;
            if self.deep > DEEPEST {
                return None;
            }
            let marker = self.any()?;
            self.deep -= 1;
            return self.take(")").then_some(marker);
        }
        let left = self.value()?;
        let operator = match self.next()?.as_str() {
            "not" if self.take("in") => "not in".to_owned(),
            operator @ ("in" | "<" | "<=" | "==" | "!=" | ">=" | ">" | "~=" | "===") => operator.to_owned(),
            _ => return None,
        };
        Some(Marker::Compared { left, operator, right: self.value()? })
    }

    fn value(&mut self) -> Option<Value> {
        let word = self.next()?;
        if let Some(text) = word.strip_prefix('"') {
            return Some(Value::Text(text.to_owned()));
        }
        // Old metadata writes `os.name`.
        let name = word.replace('.', "_");
        let name =
            if name == "python_implementation" { "platform_python_implementation".to_owned() } else { name };
        const VARIABLES: [&str; 13] = [
            "python_version",
            "python_full_version",
            "os_name",
            "sys_platform",
            "platform_release",
            "platform_system",
            "platform_version",
            "platform_machine",
            "platform_python_implementation",
            "implementation_name",
            "implementation_version",
            "extra",
            "extras",
        ];
        VARIABLES.contains(&name.as_str()).then_some(Value::Variable(name))
    }

    fn next(&mut self) -> Option<String> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first.clone())
    }

    fn take(&mut self, word: &str) -> bool {
        match self.words.split_first() {
            Some((first, rest)) if first == word => {
                self.words = rest;
                true
            }
            _ => false,
        }
    }
}

/// Words, signs and texts; a text begins with `"` and does not end with it.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '(' | ')' => 1,
            '"' | '\'' => {
                let inside = rest.get(1..)?;
                let end = inside.find(first)?;
                words.push(format!("\"{}", inside.get(..end)?));
                rest = inside.get(end + 1..)?.trim_start();
                continue;
            }
            '<' | '>' | '=' | '!' | '~' => rest.find(|next| !"<>=!~".contains(next)).unwrap_or(rest.len()),
            _ => rest
                .find(|next: char| !next.is_ascii_alphanumeric() && next != '_' && next != '.')
                .unwrap_or(rest.len()),
        };
        if end == 0 {
            return None;
        }
        let (word, after) = rest.split_at(end);
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(marker: &str, expected: Option<bool>) {
        let environment = Environment::linux((3, 11), "amd64");
        let holds = Marker::parse(marker).map(|marker| marker.holds(&environment, &["socks".to_owned()]));
        assert_eq!(holds, expected, "{marker}");
    }

    #[test]
    fn markers_for_python_3_11_on_linux_with_the_extra_socks() {
        check("python_version < '3.11'", Some(false));
        check("python_version>=\"3.9\"", Some(true));
        check("'3.10' <= python_version", Some(true));
        check("python_full_version >= '3.11.0a1'", Some(true));
        check("sys_platform == 'win32' or platform_system == 'Linux'", Some(true));
        check("os_name == 'nt' and python_version > '3'", Some(false));
        check("(os_name == 'nt' or os_name == 'posix') and implementation_name == 'cpython'", Some(true));
        check("platform_machine in 'x86_64 AMD64'", Some(true));
        check("platform_machine not in 'aarch64'", Some(true));
        check("extra == 'Socks'", Some(true));
        check("extra == 'tests'", Some(false));
        check("python_version < '3.8' and extra == 'socks'", Some(false));
        check("platform_python_implementation != 'PyPy'", Some(true));
        check("os.name == 'posix'", Some(true));
    }

    #[test]
    fn what_is_no_marker() {
        for text in [
            "",
            "x",
            "python_version",
            "python_version <",
            "python_version < 3",
            "os_name == 'x",
            "(os_name == 'x'",
            "é",
        ] {
            check(text, None);
        }
        check(&"(".repeat(100_000), None);
    }
}
