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

    /// Where the longest or the shortest match ends that begins at each place of `text`.
    fn ends(&self, text: &[char], longest: bool) -> Vec<Option<usize>> {
        // From the last token to the first: where what follows a token can end, for each place.
        let mut ends: Vec<Option<usize>> = (0..=text.len()).map(Some).collect();
        for token in self.0.iter().rev() {
            // Backwards where a token looks at the place behind in its own row, forwards where in the row before.
            match token {
                Token::Any => {
                    for at in (0..text.len()).rev().filter(|at| text[*at] != '\n') {
                        ends[at] = match (ends[at], ends[at + 1]) {
                            (Some(one), Some(other)) if longest => Some(one.max(other)),
                            (Some(one), Some(other)) => Some(one.min(other)),
                            (one, other) => one.or(other),
                        };
                    }
                }
                Token::One => ends_behind(&mut ends, text, |character| character != '\n'),
                Token::Literal(literal) => ends_behind(&mut ends, text, |character| character == *literal),
            }
        }
        ends
    }

    /// `text` without the longest or shortest matching start.
    pub fn trim_start(&self, text: &str, longest: bool) -> String {
        let characters: Vec<char> = text.chars().collect();
        let end = self.ends(&characters, longest)[0].unwrap_or(0);
        characters[end..].iter().collect()
    }

    /// `text` without the longest or shortest matching end.
    pub fn trim_end(&self, text: &str, longest: bool) -> String {
        let reversed: Vec<char> = text.chars().rev().collect();
        let end = self.reversed().ends(&reversed, longest)[0].unwrap_or(0);
        reversed[end..].iter().rev().collect()
    }

    /// `text` with the first match replaced, literally.
    pub fn replace_first(&self, text: &str, replacement: &str) -> String {
        let characters: Vec<char> = text.chars().collect();
        let ends = self.ends(&characters, true);
        let first = ends.iter().enumerate().find_map(|(start, end)| Some((start, (*end)?)));
        let Some((start, end)) = first else { return text.to_owned() };
        let (before, after) = (characters[..start].iter().copied(), characters[end..].iter().copied());
        before.chain(replacement.chars()).chain(after).collect()
    }

    /// `text` with every match replaced. `$0` in the replacement is the match and `$1`… nothing, as BuildKit
    /// hands it to a template of Go's. None where the result is longer than `longest` bytes.
    pub fn replace_all(&self, text: &str, replacement: &str, longest: usize) -> Option<String> {
        let characters: Vec<char> = text.chars().collect();
        let mut out = String::new();
        let ends = self.ends(&characters, true);
        let (mut at, mut matched_to) = (0, None);
        while at <= characters.len() && out.len() <= longest {
            match ends[at] {
                // An empty match directly behind a match does not count.
                Some(end) if end == at && matched_to == Some(at) => {}
                Some(end) => {
                    let matched: String = characters[at..end].iter().collect();
                    out.push_str(&fill_template(replacement, &matched));
                    matched_to = Some(end);
                    if end > at {
                        at = end;
                        continue;
                    }
                }
                None => {}
            }
            out.extend(characters.get(at));
            at += 1;
        }
        (out.len() <= longest).then_some(out)
    }
}

/// For a token of one character: what follows it ends where it ends from the place behind.
fn ends_behind(ends: &mut [Option<usize>], text: &[char], fits: impl Fn(char) -> bool) {
    for (at, character) in text.iter().enumerate() {
        ends[at] = ends[at + 1].filter(|_| fits(*character));
    }
    ends[text.len()] = None;
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
        let all = |of: &str, text, by| pattern(of).replace_all(text, by, 100);
        assert_eq!(all("a", "banana", "o").as_deref(), Some("bonono"));
        assert_eq!(all("?", "ab", "<$0$1>").as_deref(), Some("<a><b>"));
        assert_eq!(all("", "ab", "-").as_deref(), Some("-a-b-"));
        assert_eq!(all("b*", "abbc\nb", "-").as_deref(), Some("a-\n-"));
        assert_eq!(all("", "ab", &"-".repeat(50)), None);
    }

    #[test]
    fn a_long_pattern_on_a_long_value_took_cubic_time() {
        let text = "a".repeat(3_000);
        let most = pattern(&format!("{}b", "a".repeat(2_999)));
        assert_eq!(most.replace_first(&text, "x"), text);
        assert_eq!(most.replace_all(&text, "x", 10_000).as_deref(), Some(text.as_str()));
    }

    #[test]
    fn only_what_needs_an_escape_may_have_one() {
        assert_eq!(pattern(r"\*").replace_first("a*b", "x"), "axb");
        assert_eq!(Pattern::new(r"\a"), Err(InvalidEscape(Some('a'))));
    }
}
