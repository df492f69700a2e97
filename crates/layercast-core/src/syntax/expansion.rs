//! Words with `$variables` in them, expanded as BuildKit's shell lexer does.
//! Reference: <https://docs.docker.com/reference/dockerfile/#environment-replacement>.

use super::pattern::{InvalidEscape, Pattern};
use std::iter::Peekable;
use std::str::Chars;

/// How much longer than the word its expansion may be, in bytes: Linux starts no program with a longer variable.
/// Without such an end, forty lines of `ENV a=$a$a` ask for more memory than there is.
pub const LONGEST: usize = 128 * 1024;

/// How deep `${x:-${y:-…}}` may nest.
const DEEPEST: usize = 100;

/// How many comparisons of a character with a part of a pattern one word may ask for.
const MOST_COMPARISONS: usize = 1 << 26;

/// Where the values of variables come from.
pub trait Variables {
    /// The value of `name`; none where it is not set.
    fn value(&self, name: &str) -> Option<&str>;
}

/// No variable is set.
pub struct NoVariables;

impl Variables for NoVariables {
    fn value(&self, _name: &str) -> Option<&str> {
        None
    }
}

/// How a word is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lexer {
    /// The escape character.
    pub escape: char,
    /// Quotes are kept in the result.
    pub keep_quotes: bool,
    /// Escapes are kept in the result.
    pub keep_escapes: bool,
    /// Quotes mean nothing.
    pub ignore_quotes: bool,
    /// A variable that is not set stays as written.
    pub keep_unset: bool,
}

/// What a word became.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expanded {
    /// The word, expanded.
    pub text: String,
    /// The variables it names that are set.
    pub set: Vec<String>,
    /// The variables it names that are not.
    pub unset: Vec<String>,
}

/// Why a word cannot be expanded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpansionError {
    /// A quote is not closed.
    #[error("a {0} quote is not closed")]
    OpenQuote(&'static str),
    /// `${` without `}`.
    #[error("`${{` has no closing `}}`")]
    MissingBrace,
    /// `${x/pattern` without the second `/`.
    #[error("`${{…/…` without its second `/`")]
    MissingSlash,
    /// `${}`, `${:…}`, `${{…}`.
    #[error("`${{…}}` without a variable's name")]
    BadSubstitution,
    /// A modifier that does not exist.
    #[error("`{0}` is no modifier of a variable: there are :- - :+ + :? ? # ## % %% / //")]
    UnsupportedModifier(String),
    /// `${x:?message}` and x is not set, or empty.
    #[error("the file requires `{name}`: {message}")]
    Required {
        /// The variable.
        name: String,
        /// What the Dockerfile says, or that it must be set.
        message: String,
    },
    /// A pattern escapes what needs none.
    #[error("the pattern `{pattern}` escapes `{}`, which needs no escape", escaped.map(String::from).unwrap_or_default())]
    InvalidPattern {
        /// The pattern.
        pattern: String,
        /// What it escapes.
        escaped: Option<char>,
    },
    /// It grows past [`LONGEST`], or its patterns take too long to try.
    #[error("the value grows too long: Linux hands no variable of more than 128 KB to a program")]
    TooLong,
    /// Variables nest in variables.
    #[error("variables nest in variables more than {DEEPEST} deep")]
    TooDeep,
}

impl Lexer {
    /// The lexer of most words.
    pub const fn new(escape: char) -> Self {
        Self { escape, keep_quotes: false, keep_escapes: false, ignore_quotes: false, keep_unset: false }
    }

    /// Expands `word`.
    pub fn expand(self, word: &str, variables: &dyn Variables) -> Result<Expanded, ExpansionError> {
        if self.is_plain(word) {
            return Ok(Expanded { text: word.to_owned(), ..Expanded::default() });
        }
        let mut run = self.run(word, variables);
        let (text, _) = run.until(None, self.keep_escapes)?;
        Ok(Expanded { text, set: run.set, unset: run.unset })
    }

    /// Expands `word` and splits what comes of it at white space outside quotes.
    pub fn expand_words(self, word: &str, variables: &dyn Variables) -> Result<Vec<String>, ExpansionError> {
        if self.is_plain(word) && !word.contains("<<") {
            return Ok(word.split_whitespace().map(str::to_owned).collect());
        }
        let mut run = self.run(word, variables);
        run.splits = true;
        run.until(None, self.keep_escapes).map(|(_, words)| words)
    }

    /// True where nothing in the word means anything.
    fn is_plain(self, word: &str) -> bool {
        let means_something =
            |byte: u8| matches!(byte, b'$' | b'\'' | b'"') || char::from(byte) == self.escape;
        !word.bytes().any(means_something)
    }

    fn run<'a>(self, word: &'a str, variables: &'a dyn Variables) -> Run<'a> {
        Run {
            lexer: self,
            variables,
            characters: word.chars().peekable(),
            splits: false,
            keep_escapes: self.keep_escapes,
            longest: word.len() + LONGEST,
            comparisons: 0,
            depth: 0,
            set: Vec::new(),
            unset: Vec::new(),
        }
    }
}

/// One word being expanded.
struct Run<'a> {
    lexer: Lexer,
    variables: &'a dyn Variables,
    characters: Peekable<Chars<'a>>,
    /// True where words are wanted.
    splits: bool,
    keep_escapes: bool,
    longest: usize,
    comparisons: usize,
    depth: usize,
    set: Vec<String>,
    unset: Vec<String>,
}

/// Words being collected: white space that was not quoted or escaped ends one.
#[derive(Default)]
struct Words {
    wanted: bool,
    done: Vec<String>,
    word: String,
}

impl Words {
    fn push(&mut self, character: char) {
        if !self.wanted {
            return;
        }
        if !character.is_whitespace() {
            self.word.push(character);
        } else if !self.word.is_empty() {
            self.done.push(std::mem::take(&mut self.word));
        }
    }

    /// What stands in quotes or behind an escape, white space and all.
    fn push_whole(&mut self, text: &str) {
        if self.wanted {
            self.word.push_str(text);
        }
    }

    fn finish(mut self) -> Vec<String> {
        if !self.word.is_empty() {
            self.done.push(self.word);
        }
        self.done
    }
}

impl Run<'_> {
    fn until(
        &mut self,
        stop: Option<char>,
        keep_escapes: bool,
    ) -> Result<(String, Vec<String>), ExpansionError> {
        if self.depth > DEEPEST {
            return Err(ExpansionError::TooDeep);
        }
        let outer = std::mem::replace(&mut self.keep_escapes, keep_escapes);
        self.depth += 1;
        let result = self.until_inner(stop);
        self.depth -= 1;
        self.keep_escapes = outer;
        result
    }

    fn until_inner(&mut self, stop: Option<char>) -> Result<(String, Vec<String>), ExpansionError> {
        let mut text = String::new();
        let mut words = Words { wanted: self.splits, ..Words::default() };
        while let Some(&character) = self.characters.peek() {
            if text.len() > self.longest {
                return Err(ExpansionError::TooLong);
            }
            if Some(character) == stop {
                self.characters.next();
                return Ok((text, words.finish()));
            }
            match character {
                '$' => {
                    let value = self.dollar()?;
                    value.chars().for_each(|character| words.push(character));
                    text.push_str(&value);
                }
                '\'' | '"' if !self.lexer.ignore_quotes => {
                    let quoted = if character == '"' { self.double_quote()? } else { self.single_quote()? };
                    words.push_whole(&quoted);
                    text.push_str(&quoted);
                }
                '<' => {
                    let opening = self.heredoc_opening();
                    words.push_whole(&opening);
                    text.push_str(&opening);
                }
                escape if escape == self.lexer.escape => {
                    self.characters.next();
                    if self.keep_escapes {
                        words.push_whole(escape.encode_utf8(&mut [0; 4]));
                        text.push(escape);
                    }
                    if let Some(escaped) = self.characters.next() {
                        words.push_whole(escaped.encode_utf8(&mut [0; 4]));
                        text.push(escaped);
                    }
                }
                plain => {
                    self.characters.next();
                    words.push(plain);
                    text.push(plain);
                }
            }
        }
        match stop {
            None if text.len() > self.longest => Err(ExpansionError::TooLong),
            None => Ok((text, words.finish())),
            Some('/') => Err(ExpansionError::MissingSlash),
            Some(_) => Err(ExpansionError::MissingBrace),
        }
    }

    /// `<`, or `<<` with the blanks behind it: the name of a heredoc may stand apart and is one word with it.
    fn heredoc_opening(&mut self) -> String {
        let mut opening: String = self.characters.next().into_iter().collect();
        if let Some(second) = self.characters.next_if_eq(&'<') {
            opening.push(second);
            while let Some(blank) = self.characters.next_if(|character| matches!(character, ' ' | '\t')) {
                opening.push(blank);
            }
        }
        opening
    }

    fn single_quote(&mut self) -> Result<String, ExpansionError> {
        let mut text = String::new();
        self.open_or_close_quote(&mut text);
        loop {
            match self.characters.peek() {
                None => return Err(ExpansionError::OpenQuote("single")),
                Some('\'') => {
                    self.open_or_close_quote(&mut text);
                    return Ok(text);
                }
                Some(_) => text.extend(self.characters.next()),
            }
        }
    }

    fn double_quote(&mut self) -> Result<String, ExpansionError> {
        let mut text = String::new();
        self.open_or_close_quote(&mut text);
        loop {
            match self.characters.peek().copied() {
                None => return Err(ExpansionError::OpenQuote("double")),
                Some('"') => {
                    self.open_or_close_quote(&mut text);
                    return Ok(text);
                }
                Some('$') if text.len() > self.longest => return Err(ExpansionError::TooLong),
                Some('$') => text.push_str(&self.dollar()?),
                Some(escape) if escape == self.lexer.escape => {
                    self.characters.next();
                    if self.keep_escapes {
                        text.push(escape);
                    }
                    match self.characters.peek().copied() {
                        None => {}
                        Some(escaped) if matches!(escaped, '"' | '$') || escaped == escape => {
                            self.characters.next();
                            text.push(escaped);
                        }
                        Some(_) => text.push(escape),
                    }
                }
                Some(_) => text.extend(self.characters.next()),
            }
        }
    }

    fn open_or_close_quote(&mut self, text: &mut String) {
        let quote = self.characters.next();
        if self.lexer.keep_quotes {
            text.extend(quote);
        }
    }

    fn dollar(&mut self) -> Result<String, ExpansionError> {
        self.characters.next();
        if self.characters.peek() != Some(&'{') {
            let name = self.name();
            return Ok(match self.lookup(&name) {
                _ if name.is_empty() => "$".to_owned(),
                None if self.lexer.keep_unset => format!("${name}"),
                value => value.unwrap_or_default(),
            });
        }
        self.characters.next();
        match self.characters.peek() {
            None => return Err(ExpansionError::MissingBrace),
            Some('{' | '}' | ':') => return Err(ExpansionError::BadSubstitution),
            Some(_) => {}
        }
        let name = self.name();
        match self.characters.next() {
            Some('}') => Ok(match self.lookup(&name) {
                None if self.lexer.keep_unset => format!("${{{name}}}"),
                value => value.unwrap_or_default(),
            }),
            Some(':') => {
                let modifier = self.characters.next();
                self.modified(&name, true, modifier)
            }
            Some('/') => self.replaced(&name),
            modifier @ Some('+' | '-' | '?' | '#' | '%') => self.modified(&name, false, modifier),
            None => Err(ExpansionError::MissingBrace),
            other => Err(ExpansionError::UnsupportedModifier(other.map(String::from).unwrap_or_default())),
        }
    }

    fn modified(
        &mut self,
        name: &str,
        colon: bool,
        modifier: Option<char>,
    ) -> Result<String, ExpansionError> {
        let written: String = colon.then_some(':').into_iter().chain(modifier).collect();
        let (operand, _) = self.until(Some('}'), matches!(modifier, Some('#' | '%')))?;
        let value = self.lookup(name);
        if self.lexer.keep_unset && value.is_none() {
            return Ok(format!("${{{name}{written}{operand}}}"));
        }
        let present = value.as_ref().is_some_and(|value| !(colon && value.is_empty()));
        match (modifier, colon) {
            (Some('-'), _) if present => Ok(value.unwrap_or_default()),
            (Some('-'), _) => Ok(operand),
            (Some('+'), _) => Ok(if present { operand } else { String::new() }),
            (Some('?'), _) if present => Ok(value.unwrap_or_default()),
            (Some('?'), _) => {
                let missing = if value.is_none() { "it must be set" } else { "it must not be empty" };
                let message = if operand.is_empty() { missing.to_owned() } else { operand };
                Err(ExpansionError::Required { name: name.to_owned(), message })
            }
            (Some(side @ ('#' | '%')), false) => self.trimmed(&value.unwrap_or_default(), side, &operand),
            _ => Err(ExpansionError::UnsupportedModifier(written)),
        }
    }

    fn replaced(&mut self, name: &str) -> Result<String, ExpansionError> {
        let everywhere = self.characters.next_if_eq(&'/').is_some();
        let (pattern, _) = self.until(Some('/'), true)?;
        let (replacement, _) = self.until(Some('}'), true)?;
        let Some(value) = self.lookup(name) else {
            let kept = || format!("${{{name}/{pattern}/{replacement}}}");
            return Ok(if self.lexer.keep_unset {
                kept()
            } else {
                self.substituted("", &pattern, &replacement, everywhere)?
            });
        };
        self.substituted(&value, &pattern, &replacement, everywhere)
    }

    fn trimmed(&mut self, value: &str, side: char, operand: &str) -> Result<String, ExpansionError> {
        let (longest, operand) = match operand.strip_prefix(side) {
            Some(rest) => (true, rest),
            None => (false, operand),
        };
        let pattern = compile(operand)?;
        self.count_comparisons(value, operand)?;
        Ok(if side == '#' { pattern.trim_start(value, longest) } else { pattern.trim_end(value, longest) })
    }

    fn substituted(
        &mut self,
        value: &str,
        pattern: &str,
        replacement: &str,
        everywhere: bool,
    ) -> Result<String, ExpansionError> {
        let compiled = compile(pattern)?;
        self.count_comparisons(value, pattern)?;
        if everywhere {
            return compiled.replace_all(value, replacement, self.longest).ok_or(ExpansionError::TooLong);
        }
        Ok(compiled.replace_first(value, replacement))
    }

    fn count_comparisons(&mut self, value: &str, pattern: &str) -> Result<(), ExpansionError> {
        self.comparisons += value.len() * pattern.len();
        if self.comparisons > MOST_COMPARISONS { Err(ExpansionError::TooLong) } else { Ok(()) }
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        match self.characters.peek() {
            Some(first) if first.is_numeric() => {
                while let Some(digit) = self.characters.next_if(|character| character.is_numeric()) {
                    name.push(digit);
                }
            }
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => name.extend(self.characters.next()),
            _ => {
                let word = |character: &char| character.is_alphanumeric() || *character == '_';
                while let Some(character) = self.characters.next_if(word) {
                    name.push(character);
                }
            }
        }
        name
    }

    fn lookup(&mut self, name: &str) -> Option<String> {
        let value = self.variables.value(name).map(str::to_owned);
        if !name.is_empty() {
            let list = if value.is_some() { &mut self.set } else { &mut self.unset };
            if !list.iter().any(|known| known == name) {
                list.push(name.to_owned());
            }
        }
        value
    }
}

fn compile(pattern: &str) -> Result<Pattern, ExpansionError> {
    Pattern::new(pattern).map_err(|InvalidEscape(escaped)| ExpansionError::InvalidPattern {
        pattern: pattern.to_owned(),
        escaped,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;

    impl Variables for Fixed {
        fn value(&self, name: &str) -> Option<&str> {
            match name {
                "x" => Some("value"),
                "path" => Some("/usr/local/bin"),
                "empty" => Some(""),
                "two" => Some("a b"),
                _ => None,
            }
        }
    }

    #[track_caller]
    fn check(word: &str, expected: &str) {
        let result = match Lexer::new('\\').expand(word, &Fixed) {
            Ok(expanded) => expanded.text,
            Err(error) => format!("error: {error}"),
        };
        assert_eq!(result, expected, "{word}");
    }

    #[test]
    fn names_end_where_their_characters_end() {
        check("$x/$x.$nope|${x}y", "value/value.|valuey");
        check("$1x$$ $", "x $");
        check("$-a", "a");
    }

    #[test]
    fn modifiers_choose_by_set_and_empty() {
        check("${nope:-d} ${empty:-d} ${empty-d} ${x:-d}", "d d  value");
        check("${nope:+d}|${empty+d}|${x:+d}", "|d|d");
        check("${nope:-${x:-y}}", "value");
        check("${x:?}", "value");
        check("${nope?say so}", "error: the file requires `nope`: say so");
        check("${empty:?}", "error: the file requires `empty`: it must not be empty");
    }

    #[test]
    fn modifiers_trim_and_replace() {
        check("${path#*/}", "usr/local/bin");
        check("${path##*/}", "bin");
        check("${path%/*}", "/usr/local");
        check(r"${path/\/usr/\/opt}", r"\/opt/local/bin");
        check(r"${path//l/L}", "/usr/LocaL/bin");
    }

    #[test]
    fn quotes_and_escapes_follow_the_shell() {
        check(r#"'$x' "$x" \$x "\$x \n""#, r#"$x value $x $x \n"#);
        check("'open", "error: a single quote is not closed");
        check("\"open", "error: a double quote is not closed");
    }

    #[test]
    fn what_is_malformed_says_so() {
        check("${", "error: `${` has no closing `}`");
        check("${x", "error: `${` has no closing `}`");
        check("${}", "error: `${…}` without a variable's name");
        check("${x:=y}", "error: `:=` is no modifier of a variable: there are :- - :+ + :? ? # ## % %% / //");
        check("${x:#y}", "error: `:#` is no modifier of a variable: there are :- - :+ + :? ? # ## % %% / //");
    }

    #[test]
    fn a_value_that_doubles_with_every_line_ate_all_memory() {
        struct Long(String);
        impl Variables for Long {
            fn value(&self, _name: &str) -> Option<&str> {
                Some(&self.0)
            }
        }
        let mut variables = Long("x".to_owned());
        let lexer = Lexer::new('\\');
        let grown = (0..40).find_map(|_| match lexer.expand("$a$a", &variables) {
            Ok(expanded) => {
                variables.0 = expanded.text;
                None
            }
            Err(error) => Some(error),
        });
        assert_eq!((grown, variables.0.len()), (Some(ExpansionError::TooLong), LONGEST));
        let long = "y".repeat(LONGEST);
        let everywhere = format!("${{a//x/{long}}}");
        assert_eq!(lexer.expand(&everywhere, &variables), Err(ExpansionError::TooLong));
        let quoted = format!("\"{}\"", "$a".repeat(10));
        assert_eq!(lexer.expand(&quoted, &variables), Err(ExpansionError::TooLong));
        let literal = format!("{}$nope", "y".repeat(3 * LONGEST));
        assert!(lexer.expand(&literal, &NoVariables).is_ok(), "what is written may be long");
    }

    #[test]
    fn nested_defaults_filled_the_stack() {
        let nested = |depth: usize| format!("{}d{}", "${nope:-".repeat(depth), "}".repeat(depth));
        check(&nested(100), "d");
        check(&nested(100_000), "error: variables nest in variables more than 100 deep");
    }

    #[test]
    fn words_split_after_expansion_unless_quoted() {
        let words = Lexer::new('\\').expand_words(r#"$two "$two" c\ d"#, &Fixed).unwrap();
        assert_eq!(words, ["a", "b", "a b", "c d"]);
    }

    #[test]
    fn what_was_looked_up_is_told_apart() {
        let expanded = Lexer::new('\\').expand("$x ${nope:-$x} $other", &Fixed).unwrap();
        assert_eq!(
            (expanded.set, expanded.unset),
            (vec!["x".to_owned()], vec!["nope".into(), "other".into()])
        );
    }
}
