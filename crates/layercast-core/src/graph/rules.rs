//! What the values of single instructions must be once their variables are known.

use crate::suggest::nearest;

/// Why the mode of `--chmod` is none: octal up to 7777, or symbolic as chmod takes it.
pub(super) fn chmod_problem(mode: &str) -> Option<String> {
    let octal = u32::from_str_radix(mode, 8).is_ok_and(|mode| mode <= 0o7777);
    let symbolic = !mode.is_empty() && mode.split(',').all(is_symbolic_mode);
    (!octal && !symbolic)
        .then(|| format!("`{mode}` is no mode: expected octal up to 7777, or symbolic such as u+x,go-w"))
}

fn is_symbolic_mode(clause: &str) -> bool {
    let rest = clause.trim_start_matches(['u', 'g', 'o', 'a']);
    let mut actions = rest.split_inclusive(['+', '-', '=']).collect::<Vec<_>>();
    if actions.is_empty() || !matches!(actions.remove(0), "+" | "-" | "=") {
        return false;
    }
    rest.chars().skip(1).all(|character| "rwxXstugo+-=".contains(character))
}

/// Why `--checksum` or a source does not fit COPY or ADD. `sources` are expanded.
pub(super) fn source_problem(keyword: &str, sources: &[String], checksum: Option<&str>) -> Option<String> {
    let is_remote = |source: &str| is_url(source) || is_git(source);
    if checksum.is_some_and(|checksum| !checksum.is_empty()) {
        match sources {
            [source] if is_remote(source) => {}
            [_] => return Some("--checksum needs a URL or a git repository as source".to_owned()),
            _ => return Some("--checksum takes exactly one source".to_owned()),
        }
    }
    if keyword != "COPY" {
        return None;
    }
    sources
        .iter()
        .find(|source| is_remote(source))
        .map(|source| format!("COPY cannot fetch `{source}`: ADD can"))
}

fn is_url(source: &str) -> bool {
    source.starts_with("http://") || source.starts_with("https://")
}

fn is_git(source: &str) -> bool {
    ["git://", "ssh://", "git@"].iter().any(|start| source.starts_with(start))
}

const SIGNALS: [&str; 34] = [
    "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE",
    "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU",
    "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ",
];

/// What to write instead of a text that is no signal.
pub(super) fn signal_note(signal: &str) -> String {
    let upper = signal.to_ascii_uppercase();
    match nearest(upper.strip_prefix("SIG").unwrap_or(&upper), SIGNALS) {
        Some(name) => format!("Did you mean `SIG{name}`?"),
        None => "Write a name such as SIGTERM, SIGQUIT or SIGRTMIN+3, or a number.".to_owned(),
    }
}

/// Why a text is no signal.
pub(super) fn signal_problem(signal: &str) -> Option<String> {
    let upper = signal.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    let real_time = name.starts_with("RTMIN") || name.starts_with("RTMAX");
    let number = signal.parse::<u32>().is_ok_and(|number| number > 0);
    (!number && !real_time && !SIGNALS.contains(&name)).then(|| format!("`{signal}` is no signal"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_octal_or_symbolic() {
        for mode in ["0", "755", "0644", "7777", "u+x", "u=rwX,go=rX", "a-w", "+x"] {
            assert_eq!(chmod_problem(mode), None, "{mode}");
        }
        for mode in ["", "999", "10000", "u", "u+q", "rw"] {
            assert!(chmod_problem(mode).is_some(), "{mode}");
        }
    }

    #[test]
    fn signals_are_names_or_numbers() {
        for signal in ["9", "SIGTERM", "quit", "SIGRTMIN+3"] {
            assert_eq!(signal_problem(signal), None, "{signal}");
        }
        assert!(signal_problem("FOO").is_some());
        assert_eq!(signal_note("SIGQIUT"), "Did you mean `SIGQUIT`?");
    }
}
