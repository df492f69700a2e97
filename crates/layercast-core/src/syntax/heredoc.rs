//! Heredocs: which words of a line announce one, and the lines that follow as its body.
//! Reference: <https://docs.docker.com/reference/dockerfile/#here-documents>.

use super::expansion::{ExpansionError, Lexer, NoVariables};
use crate::text::Range;

/// The word that announces a heredoc: `<<EOF`, `<<-'EOF'`, `3<<EOF`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeredocWord {
    /// The name that ends it.
    pub name: String,
    /// False where a part of the name is quoted: the body is literal then.
    pub expand: bool,
    /// True with `<<-`: leading tabs are taken off.
    pub chomp: bool,
}

/// A heredoc with its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heredoc<'a> {
    /// The word that announced it.
    pub word: HeredocWord,
    /// Its body, untouched.
    pub body: &'a str,
    /// The body's bytes.
    pub range: Range,
}

const RAW: Lexer =
    Lexer { escape: '\\', keep_quotes: true, keep_escapes: true, ignore_quotes: false, keep_unset: true };
const PLAIN: Lexer = Lexer { keep_quotes: false, keep_escapes: false, ..RAW };

/// The heredocs that a joined line announces. A line that cannot be split into words announces none.
pub fn heredoc_words(line: &str) -> Result<Vec<HeredocWord>, ExpansionError> {
    let Ok(words) = RAW.expand_words(line, &NoVariables) else { return Ok(Vec::new()) };
    words.iter().filter_map(|word| heredoc_word(word).transpose()).collect()
}

/// Reads one word as the announcement of a heredoc, if it is one.
pub fn heredoc_word(word: &str) -> Result<Option<HeredocWord>, ExpansionError> {
    let rest = word.trim_start_matches(|character: char| character.is_ascii_digit());
    let Some(rest) = rest.strip_prefix("<<") else { return Ok(None) };
    let (chomp, rest) = match rest.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let rest = rest.trim_start();
    if rest.is_empty() || rest.contains('<') {
        return Ok(None);
    }
    let plain = PLAIN.expand_words(rest, &NoVariables)?;
    let raw = Lexer { keep_escapes: false, ..RAW }.expand_words(rest, &NoVariables)?;
    let ([name], [raw]) = (plain.as_slice(), raw.as_slice()) else { return Ok(None) };
    Ok(Some(HeredocWord { name: name.clone(), expand: name == raw, chomp }))
}

impl HeredocWord {
    /// True where `line` ends the heredoc.
    pub fn ends_at(&self, line: &str) -> bool {
        let line = line.trim_end_matches(['\r', '\n']);
        let line = if self.chomp { line.trim_start_matches('\t') } else { line };
        line == self.name
    }
}

impl Heredoc<'_> {
    /// The body as it is used: without leading tabs where `<<-` said so.
    pub fn content(&self) -> String {
        if !self.word.chomp {
            return self.body.to_owned();
        }
        self.body.split_inclusive('\n').map(|line| line.trim_start_matches('\t')).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &[(&str, bool, bool)]) {
        let words = heredoc_words(line).unwrap();
        let words: Vec<_> = words.iter().map(|word| (word.name.as_str(), word.expand, word.chomp)).collect();
        assert_eq!(words, expected, "{line}");
    }

    #[test]
    fn a_heredoc_is_a_whole_word() {
        check("RUN <<EOF", &[("EOF", true, false)]);
        check("RUN 3<<EOF cat <<-X", &[("EOF", true, false), ("X", true, true)]);
        check("RUN a<<EOF \"<<EOF\" <<<EOF $((1<<2))", &[]);
        check("RUN <<  EOF cat << -X <a", &[("EOF", true, false), ("-X", true, false)]);
        check("RUN << <a", &[]);
    }

    #[test]
    fn a_quoted_name_makes_the_body_literal() {
        check(
            "RUN <<'EOF' <<eo'f' <<\"a b\"",
            &[("EOF", false, false), ("eof", false, false), ("a b", false, false)],
        );
        check("RUN <<$EOF", &[("$EOF", true, false)]);
    }

    #[test]
    fn tabs_alone_may_stand_before_the_end() {
        let word = HeredocWord { name: "EOF".into(), expand: true, chomp: true };
        assert!(word.ends_at("\t\tEOF\r\n"));
        assert!(!word.ends_at(" EOF\n"));
        assert!(!word.ends_at("EOF \n"));
    }
}
