//! What an index answers: the list of a project's files, as JSON or as HTML.
//! Reference: <https://packaging.python.org/en/latest/specifications/simple-repository-api/>.

use super::requirement::normalised;
use super::version::Version;
use super::wheel::Archive;
use crate::facts::python::{PythonFile, PythonProject, PythonVersion};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// What to accept, JSON before HTML.
pub const ACCEPT: &str =
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";

/// The files of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// What an estimate needs of them; who said so and when is left empty.
    pub project: PythonProject,
    /// Where each file is, as the index writes it: absolute, or from the listing's own address.
    pub addresses: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Json {
    files: Vec<JsonFile>,
}

#[derive(Deserialize)]
struct JsonFile {
    filename: String,
    url: String,
    #[serde(default)]
    size: Option<u64>,
    #[serde(default, rename = "requires-python")]
    requires_python: Option<String>,
    #[serde(default)]
    yanked: Value,
}

/// Reads what an index answered for `project`; none where it is no listing.
pub fn read(project: &str, content_type: &str, body: &[u8]) -> Option<Listing> {
    let files = if content_type.contains("json") {
        serde_json::from_slice::<Json>(body).ok()?.files
    } else {
        html(body)?
    };
    Some(listing(project, files))
}

fn listing(project: &str, files: Vec<JsonFile>) -> Listing {
    let mut addresses = BTreeMap::new();
    let mut versions: BTreeMap<Version, PythonVersion> = BTreeMap::new();
    let wanted = normalised(project);
    for file in files {
        let Some(archive) = Archive::parse(&file.filename) else { continue };
        let runs = archive.tags.is_none_or(|tags| tags.is_for_linux() && !tags.python.starts_with("cp2"));
        // `x-1.0.tar.gz` of the project `x-1`: the name must be the project's own.
        if !runs || archive.name != wanted {
            continue;
        }
        let new = || PythonVersion { version: archive.version.to_string(), ..PythonVersion::default() };
        let version = versions.entry(archive.version.clone()).or_insert_with(new);
        version.requires_python = version.requires_python.take().or(file.requires_python);
        version.yanked |= !matches!(file.yanked, Value::Null | Value::Bool(false));
        version.files.push(PythonFile { name: file.filename.clone(), bytes: file.size });
        addresses.insert(file.filename, file.url);
    }
    let versions = versions.into_values().rev().collect();
    Listing { project: PythonProject { versions, ..PythonProject::default() }, addresses }
}

/// Links and their attributes, by no more of HTML than the specification asks for.
fn html(body: &[u8]) -> Option<Vec<JsonFile>> {
    let text = std::str::from_utf8(body).ok()?;
    let is_page = text.contains("<a") || text.contains("<A") || text.contains("<html") || text.contains("<!");
    let links = text.split("<a ").skip(1).filter_map(|link| {
        let (tag, after) = link.split_once('>')?;
        let filename = unescaped(after.split_once('<')?.0.trim());
        let url = attribute(tag, "href")?;
        let yanked = if tag.contains("data-yanked") { Value::Bool(true) } else { Value::Null };
        Some(JsonFile {
            filename,
            url,
            size: None,
            requires_python: attribute(tag, "data-requires-python"),
            yanked,
        })
    });
    is_page.then(|| links.collect())
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let after = tag.split_once(name)?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = after.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    Some(unescaped(after.get(1..)?.split_once(quote)?.0))
}

fn unescaped(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
    text.replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(content_type: &str, body: &str, expected: &[&str]) {
        let listing = read("A_b", content_type, body.as_bytes()).expect("it is a listing");
        let shown: Vec<String> = listing
            .project
            .versions
            .iter()
            .map(|one| {
                let files: Vec<&str> = one.files.iter().map(|file| file.name.as_str()).collect();
                let yanked = if one.yanked { " yanked" } else { "" };
                format!("{} {:?}{yanked} {}", one.version, one.requires_python, files.join(" "))
            })
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_listing_as_json_newest_first_and_for_linux() {
        check(
            "application/vnd.pypi.simple.v1+json",
            r#"{"meta": {"api-version": "1.1"}, "name": "a-b", "files": [
                {"filename": "a_b-1.9-py3-none-any.whl", "url": "x", "size": 7, "requires-python": ">=3.7", "yanked": false},
                {"filename": "a_b-1.10.tar.gz", "url": "../y", "yanked": "broken"},
                {"filename": "a_b-1.10-cp39-cp39-win_amd64.whl", "url": "z"},
                {"filename": "a_b-1.10-cp39-cp39-macosx_11_0_arm64.whl", "url": "z"},
                {"filename": "a_b_c-1.0.tar.gz", "url": "z"},
                {"filename": "a_b-1.9.exe", "url": "z"}]}"#,
            &["1.10 None yanked a_b-1.10.tar.gz", "1.9 Some(\">=3.7\") a_b-1.9-py3-none-any.whl"],
        );
    }

    #[test]
    fn a_listing_as_html() {
        check(
            "text/html",
            "<!DOCTYPE html><html><body>\n<a href=\"../a_b-1.0.tar.gz#sha256=00\" data-requires-python=\"&gt;=3.8\">a_b-1.0.tar.gz</a><br/>\n<a data-yanked=\"\" href='x'>a_b-0.9-py3-none-any.whl</a></body></html>",
            &["1.0 Some(\">=3.8\") a_b-1.0.tar.gz", "0.9 None yanked a_b-0.9-py3-none-any.whl"],
        );
    }

    #[test]
    fn what_is_no_listing() {
        assert_eq!(read("x", "application/json", b"{}"), None);
        assert_eq!(read("x", "application/json", b"<html>"), None);
        assert_eq!(read("x", "text/html", b"Bad gateway"), None);
        assert_eq!(read("x", "text/html", b"\xff\xfe"), None);
    }
}
