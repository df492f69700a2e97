//! The little YAML that package managers write: mappings by indentation, plain or quoted, and short lists in brackets.
//! The first form of yarn.lock (`key "value"`, without a colon) is read by the same rules.
//!
//! **Invariant:** any text is read; a line that fits no rule is left out and counted.

/// Deeper mappings than any lock file has are left out.
const DEEPEST: usize = 16;

/// A mapping, or what stands behind a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Node {
    /// The text on the key's own line, without quotes.
    pub(super) text: String,
    /// What is indented below it, in order.
    pub(super) children: Vec<(String, Node)>,
}

impl Node {
    /// The first entry of a name.
    pub(super) fn get(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|(key, _)| key == name).map(|(_, node)| node)
    }

    /// The text of an entry; empty where there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        self.get(name).map_or("", |node| node.text.as_str())
    }

    /// The words of `[a, b]`, or of `- a` lines below.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let Some(node) = self.get(name) else { return Vec::new() };
        let inner = node.text.trim_start_matches('[').trim_end_matches(']');
        let words =
            inner.split(',').map(|word| unquoted(word.trim()).to_owned()).filter(|word| !word.is_empty());
        words
            .chain(node.children.iter().filter_map(|(key, _)| Some(key.strip_prefix("- ")?.to_owned())))
            .collect()
    }
}

/// Reads a text; also the number of lines that could not be read.
pub(super) fn parse(text: &str) -> (Node, usize) {
    let mut unread = 0;
    // The open mappings: how far each is indented, its key, what it holds so far.
    let mut open: Vec<(usize, String, Node)> = vec![(0, String::new(), Node::default())];
    for line in text.lines() {
        let trimmed = line.trim_start_matches(' ');
        let indent = line.len() - trimmed.len();
        if trimmed.is_empty() || trimmed.starts_with('#') || trimmed.starts_with("---") {
            continue;
        }
        let Some((key, value)) = entry(trimmed.trim_end()) else {
            unread += 1;
            continue;
        };
        // An entry is deeper than its mapping; the root's are not indented.
        while open.len() > 1 && open.last().is_some_and(|(own, ..)| *own >= indent) {
            close(&mut open);
        }
        if open.len() > DEEPEST {
            unread += 1;
            continue;
        }
        open.push((indent, key, Node { text: value, children: Vec::new() }));
    }
    while open.len() > 1 {
        close(&mut open);
    }
    (open.pop().map(|(_, _, root)| root).unwrap_or_default(), unread)
}

fn close(open: &mut Vec<(usize, String, Node)>) {
    if let Some((_, key, node)) = open.pop()
        && let Some((_, _, parent)) = open.last_mut()
    {
        parent.children.push((key, node));
    }
}

/// The key and the value of a line. A key that lists several (`"a@1", "a@2":`) stays one text.
fn entry(line: &str) -> Option<(String, String)> {
    if line.starts_with("- ") {
        return Some((line.to_owned(), String::new()));
    }
    if let Some(key) = line.strip_suffix(':') {
        return Some((unquoted_key(key), String::new()));
    }
    let key_end = if let Some(quote @ ('"' | '\'')) = line.chars().next() {
        line.get(1..)?.find(quote)? + 2
    } else {
        let colon = line.find(": ");
        let blank = line.find(' ');
        match (colon, blank) {
            (Some(colon), _) => colon,
            (None, Some(blank)) => blank,
            (None, None) => return None,
        }
    };
    let (key, rest) = line.split_at_checked(key_end)?;
    let value = rest.strip_prefix(':').unwrap_or(rest);
    let value = value.strip_prefix(' ')?;
    Some((unquoted(key).to_owned(), unquoted(value.trim()).to_owned()))
}

/// Quotes are taken off where they stand around the whole.
fn unquoted_key(key: &str) -> String {
    let inner = unquoted(key);
    if inner.contains('"') { key.to_owned() } else { inner.to_owned() }
}

pub(super) fn unquoted(text: &str) -> &str {
    let inner = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let (root, unread) = parse(
            "# a comment\n\"@a/b@npm:^1\", c@2:\n  version: 1.0.0\n  dependencies:\n    \"@x/y\": \"npm:^2\"\n    z \"^3\"\n\
             'e@1':\n  os: [linux, '!darwin']\n  cpu:\n  - x64\n",
        );
        assert_eq!(unread, 0);
        let first = root.get("\"@a/b@npm:^1\", c@2").expect("an entry");
        assert_eq!(first.text("version"), "1.0.0");
        let dependencies = first.get("dependencies").expect("a mapping");
        assert_eq!((dependencies.text("@x/y"), dependencies.text("z")), ("npm:^2", "^3"));
        let second = root.get("e@1").expect("an entry");
        assert_eq!(second.list("os"), ["linux", "!darwin"]);
    }

    #[test]
    fn any_text_is_read() {
        let deep: String = (0..300).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
        let (_, unread) = parse(&deep);
        assert_eq!(unread, 300 - DEEPEST);
        assert_eq!(parse("nonsense\n\"\n").1, 2);
        assert_eq!(parse("").0, Node::default());
    }
}
