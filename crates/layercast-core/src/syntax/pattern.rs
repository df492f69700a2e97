//! Shell patterns of `${name#pattern}` and its kin: `*`, `?` and escapes, no brackets.

/// The pattern escapes a character that needs none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidEscape(pub Option<char>);

/// A compiled pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<Token>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Any,
    One,
    Literal(char),
}

impl Pattern {
    /// Reads a pattern.
    pub fn new(text: &str) -> Result<Self, InvalidEscape> {
        let mut tokens = Vec::new();
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            tokens.push(match character {
                '*' => Token::Any,
                '?' => Token::One,
                '\\' => match characters.peek().copied() {
                    Some('}' | '/') => continue,
                    Some(escaped @ ('*' | '?' | '\\')) => {
                        characters.next();
                        Token::Literal(escaped)
                    }
                    other => return Err(InvalidEscape(other)),
                },
                literal => Token::Literal(literal),
            });
        }
        Ok(Self(tokens))
    }

    fn reversed(&self) -> Self {
        Self(self.0.iter().rev().copied().collect())
    }

    /// How many characters at the start of `text` match: the longest or the shortest run.
    fn match_start(&self, text: &[char], longest: bool) -> Option<usize> {
        // `reached[i]`: the tokens so far can match exactly the first `i` characters.
        let mut reached = vec![false; text.len() + 1];
        reached[0] = true;
        for token in &self.0 {
            let mut next = vec![false; text.len() + 1];
            for at in 0..=text.len() {
                match token {
                    Token::Any => next[at] = reached[at] || (at > 0 && next[at - 1] && text[at - 1] != '\n'),
                    Token::One => next[at] = at > 0 && reached[at - 1] && text[at - 1] != '\n',
                    Token::Literal(literal) => {
                        next[at] = at > 0 && reached[at - 1] && text[at - 1] == *literal
                    }
                }
            }
            reached = next;
        }
        let mut matches =
            reached.iter().enumerate().filter(|(_, reached)| **reached).map(|(length, _)| length);
        if longest { matches.next_back() } else { matches.next() }
    }

    /// `text` without the longest or shortest matching start.
    pub fn trim_start(&self, text: &str, longest: bool) -> String {
        let characters: Vec<char> = text.chars().collect();
        let length = self.match_start(&characters, longest).unwrap_or(0);
        characters[length..].iter().collect()
    }

    /// `text` without the longest or shortest matching end.
    pub fn trim_end(&self, text: &str, longest: bool) -> String {
        let reversed: Vec<char> = text.chars().rev().collect();
        let length = self.reversed().match_start(&reversed, longest).unwrap_or(0);
        reversed[length..].iter().rev().collect()
    }

    /// `text` with the first match replaced, literally.
    pub fn replace_first(&self, text: &str, replacement: &str) -> String {
        let characters: Vec<char> = text.chars().collect();
        for start in 0..=characters.len() {
            if let Some(length) = self.match_start(&characters[start..], true) {
                let (before, after) = (&characters[..start], &characters[start + length..]);
                return before
                    .iter()
                    .copied()
                    .chain(replacement.chars())
                    .chain(after.iter().copied())
                    .collect();
            }
        }
        text.to_owned()
    }

    /// `text` with every match replaced. `$0` in the replacement is the match and `$1`… nothing, as BuildKit
    /// hands it to a template of Go's.
    pub fn replace_all(&self, text: &str, replacement: &str) -> String {
        let characters: Vec<char> = text.chars().collect();
        let mut out = String::new();
        let (mut at, mut matched_to) = (0, None);
        while at <= characters.len() {
            match self.match_start(&characters[at..], true) {
                // An empty match directly behind a match does not count.
                Some(0) if matched_to == Some(at) => {}
                Some(length) => {
                    let matched: String = characters[at..at + length].iter().collect();
                    out.push_str(&fill_template(replacement, &matched));
                    matched_to = Some(at + length);
                    if length > 0 {
                        at += length;
                        continue;
                    }
                }
                None => {}
            }
            out.extend(characters.get(at));
            at += 1;
        }
        out
    }
}

fn fill_template(template: &str, matched: &str) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some(dollar) = rest.find('$') {
        out.push_str(&rest[..dollar]);
        rest = &rest[dollar + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        let word = |character: char| character.is_alphanumeric() || character == '_';
        let (name, after) = match rest.strip_prefix('{').and_then(|braced| braced.split_once('}')) {
            Some((name, after)) if !name.is_empty() && name.chars().all(word) => (name, after),
            _ => rest.split_at(rest.find(|character| !word(character)).unwrap_or(rest.len())),
        };
        match name {
            "" => out.push('$'),
            "0" => out.push_str(matched),
            _ => {}
        }
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::new(text).unwrap()
    }

    #[test]
    fn starts_and_ends_are_trimmed_short_or_long() {
        assert_eq!(pattern("a*").trim_start("aabb", false), "abb");
        assert_eq!(pattern("*b").trim_start("abab", true), "");
        assert_eq!(pattern(".*").trim_end("a.b.c", false), "a.b");
        assert_eq!(pattern(".*").trim_end("a.b.c", true), "a");
        assert_eq!(pattern("x").trim_start("abc", true), "abc");
    }

    #[test]
    fn matches_are_replaced_once_or_everywhere() {
        assert_eq!(pattern("a").replace_first("banana", "o"), "bonana");
        assert_eq!(pattern("a").replace_all("banana", "o"), "bonono");
        assert_eq!(pattern("?").replace_all("ab", "<$0$1>"), "<a><b>");
        assert_eq!(pattern("").replace_all("ab", "-"), "-a-b-");
    }

    #[test]
    fn only_what_needs_an_escape_may_have_one() {
        assert_eq!(pattern(r"\*").replace_first("a*b", "x"), "axb");
        assert_eq!(Pattern::new(r"\a"), Err(InvalidEscape(Some('a'))));
    }
}
