//! Patterns of paths: `*`, `?`, `**`, `[a-z]`, `\\`, as .dockerignore and COPY have them.

/// A pattern, compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob {
    tokens: Vec<Token>,
    /// The path that alone matches, where nothing in the pattern is special.
    literal: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Literal(char),
    /// `?`: one character but `/`.
    One,
    /// `*`: any run without `/`.
    Run,
    /// `**` at the end: anything.
    Anything,
    /// `**` elsewhere: any number of folders, none too.
    Folders,
    /// `[a-z]`, `[^a]`.
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Glob {
    /// Reads a pattern; none where a class in it is malformed.
    pub fn new(pattern: &str) -> Option<Self> {
        let tokens = tokens(pattern)?;
        let literals: Option<String> = tokens
            .iter()
            .map(|token| match token {
                Token::Literal(literal) => Some(*literal),
                _ => None,
            })
            .collect();
        Some(Self { tokens, literal: literals })
    }

    /// True where nothing in the pattern is special: it stands for one path.
    pub fn is_literal(&self) -> bool {
        self.literal.is_some()
    }

    /// True where the whole path matches.
    pub fn matches(&self, path: &str) -> bool {
        if let Some(literal) = &self.literal {
            return path == literal;
        }
        // Which places in the path the tokens so far can reach.
        let path: Vec<char> = path.chars().collect();
        let mut reached = vec![false; path.len() + 1];
        reached[0] = true;
        for token in &self.tokens {
            let mut next = vec![false; path.len() + 1];
            let mut any_before = false;
            for at in 0..=path.len() {
                any_before |= reached[at];
                let one = |fits: bool| at > 0 && reached[at - 1] && fits;
                next[at] = match token {
                    Token::Literal(literal) => one(at > 0 && path[at - 1] == *literal),
                    Token::One => one(at > 0 && path[at - 1] != '/'),
                    Token::Class { negated, ranges } => one(at > 0 && {
                        let inside = ranges.iter().any(|(low, high)| (*low..=*high).contains(&path[at - 1]));
                        inside != *negated && path[at - 1] != '/'
                    }),
                    Token::Run => reached[at] || (at > 0 && next[at - 1] && path[at - 1] != '/'),
                    Token::Anything => any_before,
                    Token::Folders => reached[at] || (any_before && at > 0 && path[at - 1] == '/'),
                };
            }
            if !next.contains(&true) {
                return false;
            }
            reached = next;
        }
        reached[path.len()]
    }
}
fn tokens(pattern: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        tokens.push(match character {
            '*' if characters.next_if_eq(&'*').is_some() => {
                characters.next_if_eq(&'/');
                if characters.peek().is_none() { Token::Anything } else { Token::Folders }
            }
            '*' => Token::Run,
            '?' => Token::One,
            '\\' => Token::Literal(characters.next().unwrap_or('\\')),
            '[' => class(&mut characters)?,
            literal => Token::Literal(literal),
        });
    }
    Some(tokens)
}

fn class(characters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<Token> {
    let negated = characters.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    loop {
        let low = match characters.next()? {
            ']' if !ranges.is_empty() => return Some(Token::Class { negated, ranges }),
            ']' => return None,
            '\\' => characters.next()?,
            literal => literal,
        };
        if characters.next_if_eq(&'-').is_none() {
            ranges.push((low, low));
            continue;
        }
        match characters.next()? {
            ']' => return None,
            '\\' => ranges.push((low, characters.next()?)),
            high => ranges.push((low, high)),
        }
    }
}
