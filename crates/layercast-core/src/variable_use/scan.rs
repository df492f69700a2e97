//! Where `$NAME` stands in the text of an instruction, as its reader sees it: the builder, or a shell.

/// A use of a variable.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) name: String,
    /// The `x` of `${NAME:-x}` and `${NAME-x}`.
    pub(super) stand_in: Option<String>,
    /// It stands between single quotes.
    pub(super) is_quoted: bool,
}

/// Finds them all. Comments between continued lines are left aside; what is escaped is no use.
pub(super) fn scan(text: &str, keyword: &str, escape: char) -> Vec<Found> {
    let is_shell = matches!(keyword, "RUN" | "CMD" | "ENTRYPOINT" | "HEALTHCHECK");
    let escape = if is_shell { '\\' } else { escape };
    let mut found = Vec::new();
    let mut quote = None;
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with('#') {
            continue;
        }
        let mut rest = line;
        while let Some(letter) = rest.chars().next() {
            rest = &rest[letter.len_utf8()..];
            match letter {
                _ if letter == escape && quote != Some('\'') => {
                    rest = rest.get(rest.chars().next().map_or(0, char::len_utf8)..).unwrap_or_default();
                }
                '\'' | '"' if quote == Some(letter) => quote = None,
                '\'' | '"' if quote.is_none() => quote = Some(letter),
                '$' => {
                    let Some((name, stand_in, after)) = variable(rest) else { continue };
                    rest = after;
                    found.push(Found { name, stand_in, is_quoted: quote == Some('\'') });
                }
                _ => {}
            }
        }
    }
    found
}

/// What follows a `$`: the name, what stands in for it, and the rest of the text.
fn variable(text: &str) -> Option<(String, Option<String>, &str)> {
    let (inside, is_braced) = text.strip_prefix('{').map_or((text, false), |inside| (inside, true));
    let end =
        inside.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(inside.len());
    let (name, after) = inside.split_at(end);
    if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let modifier = after.strip_prefix(":-").or_else(|| after.strip_prefix('-')).filter(|_| is_braced);
    let stand_in = modifier.and_then(|modifier| Some(modifier[..modifier.find('}')?].to_owned()));
    // What stands in may use variables in its turn: the text goes on behind the name.
    Some((name.to_owned(), stand_in, after))
}

/// True where the command gives the name a value itself: `NAME=…`, `for NAME in`, `read NAME`.
pub(super) fn is_set_by(text: &str, name: &str) -> bool {
    let words: Vec<&str> =
        text.split(|letter: char| letter.is_whitespace() || ";&|()`".contains(letter)).collect();
    let assigns = |word: &&str| {
        let after = word.trim_start_matches('"').strip_prefix(name);
        after.is_some_and(|after| after.starts_with('=') || after.starts_with("+="))
    };
    let follows = |pair: &[&str]| matches!(pair[0], "for" | "read" | "-r" | "getopts") && pair[1] == name;
    words.iter().any(assigns) || words.windows(2).any(follows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let keyword = text.split(' ').next().unwrap_or_default();
        let found = scan(text, keyword, '\\');
        let words: Vec<String> = found
            .iter()
            .map(|found| {
                let quoted = if found.is_quoted { "'" } else { "" };
                let stand_in = found.stand_in.as_ref().map(|text| format!(":-{text}")).unwrap_or_default();
                format!("{quoted}{}{stand_in}", found.name)
            })
            .collect();
        assert_eq!(words, expected);
    }

    #[test]
    fn uses_are_found_as_their_reader_sees_them() {
        check("RUN echo $A ${B} \"${C:-x}\" '$D' \\$E $1 $? $(date)", &["A", "B", "C:-x", "'D"]);
        check("COPY $A/b ${B%/*} \\$C /", &["A", "B"]);
        check("RUN echo $A \\\n  # not $B\n  $C", &["A", "C"]);
        check("RUN echo \"it's $A\"", &["A"]);
        check("ENV A=${B:-${C:-d}}", &["B:-${C:-d", "C:-d"]);
        check("RUN echo ü$ü$", &[]);
    }

    #[test]
    fn a_command_sets_variables_itself() {
        for text in ["RUN A=1; echo $A", "RUN for A in x; do :; done", "RUN export A=1", "RUN read -r A"] {
            assert!(is_set_by(text, "A"), "{text}");
        }
        assert!(!is_set_by("RUN echo AA=1 B=A", "A"));
    }
}
