//! Where apt's own configuration says that packages are: sources in both of its formats.

use crate::Failed;
use std::fs;
use std::path::Path;

/// One source of packages: a mirror's address, suites and components.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) uri: String,
    pub(crate) suites: Vec<String>,
    pub(crate) components: Vec<String>,
}

/// Every source of binary packages that this machine's apt is configured with.
pub(crate) fn configured(folder: &Path) -> Result<Vec<Source>, Failed> {
    let mut sources = Vec::new();
    let mut files = vec![folder.join("sources.list")];
    if let Ok(entries) = fs::read_dir(folder.join("sources.list.d")) {
        files.extend(entries.flatten().map(|entry| entry.path()));
    }
    files.sort();
    for file in files {
        let Ok(text) = fs::read_to_string(&file) else { continue };
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("list") => sources.extend(text.lines().filter_map(one_line)),
            Some("sources") => sources.extend(paragraphs(&text)),
            _ => {}
        }
    }
    if sources.is_empty() {
        return Err(Failed("no sources in apt's configuration: name a mirror with --mirror".to_owned()));
    }
    Ok(sources)
}

/// `deb [options] uri suite component…`
fn one_line(line: &str) -> Option<Source> {
    let rest = line.trim().strip_prefix("deb ")?.trim_start();
    let rest = match rest.strip_prefix('[') {
        Some(options) => options.split_once(']')?.1,
        None => rest,
    };
    let mut words = rest.split_whitespace().map(str::to_owned);
    let (uri, suite) = (words.next()?, words.next()?);
    Some(Source {
        uri: uri.trim_end_matches('/').to_owned(),
        suites: vec![suite],
        components: words.collect(),
    })
}

/// The deb822 format.
fn paragraphs(text: &str) -> Vec<Source> {
    let mut sources = Vec::new();
    for paragraph in text.split("\n\n") {
        let words = |name: &str| -> Vec<String> {
            let value = paragraph.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            value
                .unwrap_or_default()
                .split_whitespace()
                .map(|word| word.trim_end_matches('/').to_owned())
                .collect()
        };
        if !words("Types").iter().any(|kind| kind == "deb")
            || words("Enabled").iter().any(|word| word == "no")
        {
            continue;
        }
        for uri in words("URIs") {
            sources.push(Source { uri, suites: words("Suites"), components: words("Components") });
        }
    }
    sources
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_are_read() {
        let source = |suites: &[&str]| Source {
            uri: "http://mirror.example/debian".to_owned(),
            suites: suites.iter().map(|suite| (*suite).to_owned()).collect(),
            components: vec!["main".to_owned()],
        };
        let text = "Types: deb\nURIs: http://mirror.example/debian/\nSuites: trixie trixie-updates\nComponents: main\n\n\
                    Types: deb-src\nURIs: http://mirror.example/debian\nSuites: trixie\nComponents: main\n";
        assert_eq!(paragraphs(text), [source(&["trixie", "trixie-updates"])]);
        let line = "deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian trixie main";
        assert_eq!(one_line(line), Some(source(&["trixie"])));
        assert_eq!(one_line("# deb http://mirror.example/debian trixie main"), None);
    }
}
