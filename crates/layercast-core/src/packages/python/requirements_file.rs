//! Requirements files of pip.
//! Reference: <https://pip.pypa.io/en/stable/reference/requirements-file-format/>.

use super::requirement::Requirement;

/// What one line of a requirements file asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A distribution of an index, or one at an address with its name.
    Requirement(Requirement),
    /// `-r FILE`.
    Include(String),
    /// `-c FILE`.
    Constraints(String),
    /// A folder or archive of the image, installed as it is or by `-e`: `.[dev]`, `./x.whl`.
    Local(String),
    /// An address without a name: `git+https://…`, `https://…/x.whl`.
    Address(String),
    /// `--no-binary NAMES`.
    NoBinary(String),
    /// `--index-url`, `--extra-index-url`, `--find-links`, with the address.
    Index(String),
    /// `--pre`.
    PreReleases,
    /// What cannot be read, as written.
    Unreadable(String),
}

/// Reads a requirements file; options that change no size are left out.
pub fn parse(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut logical = String::new();
    for line in text.trim_start_matches('\u{feff}').lines() {
        // A comment ends no continuation: pip joins first, and drops the comment of the joined line.
        if let Some(continued) = line.strip_suffix('\\').filter(|_| !line.trim_start().starts_with('#')) {
            logical.push_str(continued);
            logical.push(' ');
            continue;
        }
        logical.push_str(line);
        lines.extend(read(&logical));
        logical.clear();
    }
    lines.extend(read(&logical));
    lines
}

fn read(line: &str) -> Option<Line> {
    let line = without_comment(line).trim();
    if line.is_empty() {
        return None;
    }
    if line.starts_with('-') {
        return option(line);
    }
    // Options of one requirement stand behind it.
    let end = [" --hash", " --config-setting", " --global-option", " --install-option"].iter();
    let end = end.filter_map(|option| line.find(option)).min().unwrap_or(line.len());
    Some(what(line.get(..end).unwrap_or(line).trim()))
}

fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with('#') {
        return "";
    }
    let end = line.match_indices('#').find(|(at, _)| line[..*at].ends_with([' ', '\t'])).map(|(at, _)| at);
    end.map_or(line, |end| &line[..end])
}

/// What a word of the command line or a line of a file names, as pip tells the two apart.
pub fn what(text: &str) -> Line {
    let text = text.trim().trim_matches('"');
    let is_address =
        |text: &str| text.split_once("://").is_some_and(|(scheme, _)| scheme.chars().all(is_of_scheme));
    if let Some(path) = text.strip_prefix("file:") {
        return Line::Local(path.trim_start_matches("//").to_owned());
    }
    if is_address(text) || text.starts_with("git+") {
        return address(text);
    }
    if let Some(requirement) = Requirement::parse(text)
        && (requirement.url.is_some() || !text.ends_with(".whl") && !text.ends_with(".tar.gz"))
    {
        return Line::Requirement(requirement);
    }
    let path = text.split('[').next().unwrap_or(text);
    let looks_local = path.starts_with(['.', '/', '~', '$']) || path.contains('/') || path.ends_with(".whl");
    if looks_local || path.ends_with(".tar.gz") || path.ends_with(".zip") {
        Line::Local(text.to_owned())
    } else {
        Line::Unreadable(text.to_owned())
    }
}

fn is_of_scheme(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '+' | '-' | '.')
}

/// `git+https://…#egg=name` says the name behind it.
fn address(text: &str) -> Line {
    let egg = text.split_once("#egg=").map(|(_, egg)| egg.split('&').next().unwrap_or(egg));
    match egg.and_then(Requirement::parse) {
        Some(requirement) => Line::Requirement(Requirement { url: Some(text.to_owned()), ..requirement }),
        None => Line::Address(text.to_owned()),
    }
}

fn option(line: &str) -> Option<Line> {
    let end = line.find(|next: char| next.is_whitespace() || next == '=').unwrap_or(line.len());
    let (mut name, mut value) = (&line[..end], line[end..].trim_start_matches([' ', '\t', '=']).trim());
    // `-rfile` and `-e.`
    if !name.starts_with("--") && name.len() > 2 && name.is_char_boundary(2) {
        value = line[2..].trim();
        name = &line[..2];
    }
    match name {
        "-r" | "--requirement" => Some(Line::Include(value.to_owned())),
        "-c" | "--constraint" => Some(Line::Constraints(value.to_owned())),
        "-e" | "--editable" => Some(match what(value) {
            Line::Requirement(Requirement { url: None, .. }) => Line::Local(value.to_owned()),
            other => other,
        }),
        "--no-binary" => Some(Line::NoBinary(value.to_owned())),
        "-i" | "--index-url" | "--extra-index-url" | "-f" | "--find-links" => {
            Some(Line::Index(value.to_owned()))
        }
        "--pre" => Some(Line::PreReleases),
        "--no-index" | "--prefer-binary" | "--require-hashes" | "--only-binary" | "--trusted-host"
        | "--use-feature" => None,
        _ => Some(Line::Unreadable(line.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &Line) -> String {
        match line {
            Line::Requirement(requirement) => {
                let url = requirement.url.as_deref().map_or(String::new(), |url| format!(" @ {url}"));
                format!("{}{url}", requirement.name)
            }
            Line::Include(path) => format!("-r {path}"),
            Line::Constraints(path) => format!("-c {path}"),
            Line::Local(path) => format!("local {path}"),
            Line::Address(address) => format!("address {address}"),
            Line::NoBinary(names) => format!("no binary {names}"),
            Line::Index(address) => format!("index {address}"),
            Line::PreReleases => "pre".to_owned(),
            Line::Unreadable(text) => format!("? {text}"),
        }
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let lines: Vec<String> = parse(text).iter().map(shown).collect();
        assert_eq!(lines, expected, "{text}");
    }

    #[test]
    fn requirements_comments_and_continued_lines() {
        check("flask==3.0.3\n\n# a comment \\\nGunicorn # the server\n", &["flask", "gunicorn"]);
        check(
            "flask \\\n  ==3.0.3 \\\n  --hash=sha256:00 \\\n  --hash=sha256:11\nrequests",
            &["flask", "requests"],
        );
        check("\u{feff}flask\r\nrequests\r\n", &["flask", "requests"]);
        check("x @ https://a.example/x.whl#sha256=00", &["x @ https://a.example/x.whl#sha256=00"]);
    }

    #[test]
    fn options() {
        check(
            "-r base.txt\n--requirement=dev.txt\n-rall.txt\n-c limits.txt",
            &["-r base.txt", "-r dev.txt", "-r all.txt", "-c limits.txt"],
        );
        check(
            "--no-binary :all:\n--pre\n--require-hashes\n-i https://a.example/simple",
            &["no binary :all:", "pre", "index https://a.example/simple"],
        );
        check("--nonsense", &["? --nonsense"]);
    }

    #[test]
    fn what_is_no_distribution_of_an_index() {
        check(
            "-e .\n.[dev]\n./libs/x\nx-1-py3-none-any.whl",
            &["local .", "local .[dev]", "local ./libs/x", "local x-1-py3-none-any.whl"],
        );
        check(
            "git+https://a.example/x.git@v1#egg=x\nhttps://a.example/y.whl\n-e git+ssh://a.example/z",
            &[
                "x @ git+https://a.example/x.git@v1#egg=x",
                "address https://a.example/y.whl",
                "address git+ssh://a.example/z",
            ],
        );
        check("flask=3\n==", &["? flask=3", "? =="]);
    }
}
