//! package-lock.json and npm-shrinkwrap.json, of all three forms.
//! Reference: <https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json>.

use crate::packages::npm::manifest::list;
use serde_json::{Map, Value};

/// A lock file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// What it puts where, in its order.
    pub packages: Vec<Locked>,
}

/// One package of a lock file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Locked {
    /// Where it lies: `node_modules/a/node_modules/b`.
    pub path: String,
    /// The name that a registry knows it by.
    pub name: String,
    /// Its version.
    pub version: String,
    /// True where only development needs it.
    pub dev: bool,
    /// True where it can be left out.
    pub optional: bool,
    /// True where it is needed by development, and can be left out of the rest.
    pub dev_optional: bool,
    /// True where it is only there because another wants it beside itself.
    pub peer: bool,
    /// True where another's archive brings it.
    pub bundled: bool,
    /// True where it is a symbolic link to a folder of the project.
    pub link: bool,
    /// True where it comes from no registry: a repository, an archive elsewhere.
    pub elsewhere: bool,
    /// True where it says where its archive lies; else npm asks for the package's list of versions.
    pub addressed: bool,
    /// True where it runs a program when it is installed.
    pub install_script: bool,
    /// The systems it is for.
    pub os: Vec<String>,
    /// The processors it is for.
    pub cpu: Vec<String>,
    /// The C libraries it is for.
    pub libc: Vec<String>,
    /// What its entry takes in node_modules/.package-lock.json, in bytes.
    pub entry_bytes: u64,
}

impl Lock {
    /// Reads the text of a lock file.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim_start_matches('\u{feff}');
        let root: Value = serde_json::from_str(text).map_err(|error| format!("is no JSON: {error}"))?;
        if let Some(Value::Object(packages)) = root.get("packages") {
            let packages = packages
                .iter()
                .filter(|(path, _)| path.starts_with("node_modules/") || path.contains("/node_modules/"))
                .filter_map(|(path, entry)| locked(path, entry.as_object()?))
                .collect();
            return Ok(Self { packages });
        }
        match root.get("dependencies") {
            Some(Value::Object(dependencies)) => {
                let mut packages = Vec::new();
                nested(dependencies, "", &mut packages);
                Ok(Self { packages })
            }
            // A project without any.
            _ if root.get("lockfileVersion").is_some() => Ok(Self::default()),
            _ => Err("lists no packages".to_owned()),
        }
    }
}

fn locked(path: &str, entry: &Map<String, Value>) -> Option<Locked> {
    let flag = |name: &str| entry.get(name).and_then(Value::as_bool).unwrap_or(false);
    let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
    let (_, folder) = path.rsplit_once("node_modules/")?;
    let name = if text("name").is_empty() { folder } else { text("name") };
    Some(Locked {
        path: path.to_owned(),
        name: name.to_owned(),
        version: text("version").to_owned(),
        dev: flag("dev"),
        optional: flag("optional"),
        dev_optional: flag("devOptional"),
        peer: flag("peer"),
        bundled: flag("inBundle"),
        link: flag("link"),
        elsewhere: is_elsewhere(text("resolved")),
        addressed: !text("resolved").is_empty(),
        install_script: flag("hasInstallScript"),
        os: list(entry.get("os")),
        cpu: list(entry.get("cpu")),
        libc: list(entry.get("libc")),
        entry_bytes: entry_bytes(path, entry),
    })
}

/// The first form: a tree of dependencies.
fn nested(dependencies: &Map<String, Value>, within: &str, packages: &mut Vec<Locked>) {
    for (folder, entry) in dependencies {
        let Some(entry) = entry.as_object() else { continue };
        let path = if within.is_empty() {
            format!("node_modules/{folder}")
        } else {
            format!("{within}/node_modules/{folder}")
        };
        let flag = |name: &str| entry.get(name).and_then(Value::as_bool).unwrap_or(false);
        let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
        let (name, version) =
            match text("version").strip_prefix("npm:").and_then(|alias| alias.rsplit_once('@')) {
                Some((real, version)) => (real, version),
                None => (folder.as_str(), text("version")),
            };
        packages.push(Locked {
            path: path.clone(),
            name: name.to_owned(),
            version: version.to_owned(),
            dev: flag("dev"),
            optional: flag("optional"),
            bundled: flag("bundled"),
            link: version.starts_with("file:"),
            elsewhere: is_elsewhere(version),
            addressed: !text("resolved").is_empty(),
            entry_bytes: 300,
            ..Locked::default()
        });
        if let Some(Value::Object(inner)) = entry.get("dependencies") {
            nested(inner, &path, packages);
        }
    }
}

/// A registry's archives have `/-/` or an end of their own in their address; a repository's do not.
fn is_elsewhere(resolved: &str) -> bool {
    resolved.starts_with("git")
        || (resolved.starts_with("http") && !resolved.contains("/-/") && !resolved.ends_with(".tgz"))
        || resolved.starts_with("file:")
}

/// The entry as npm writes it: two blanks a level, the entry two levels deep.
fn entry_bytes(path: &str, entry: &Map<String, Value>) -> u64 {
    let text = serde_json::to_string_pretty(entry).unwrap_or_default();
    let indents = 4 * text.lines().count();
    (path.len() + r#""": ,"#.len() + 1 + text.len() + indents) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let lock = Lock::parse(text).expect("a lock file");
        let lines = lock.packages.iter().map(|one| {
            let flags = [
                (one.dev, "dev"),
                (one.optional, "optional"),
                (one.bundled, "bundled"),
                (one.link, "link"),
                (one.elsewhere, "elsewhere"),
                (one.install_script, "script"),
            ];
            let flags: Vec<&str> = flags.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
            format!("{} = {}@{} {}", one.path, one.name, one.version, flags.join(" ")).trim_end().to_owned()
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_third_form_lists_folders() {
        let text = r#"{"lockfileVersion": 3, "packages": {
            "": {"name": "x", "dependencies": {"a": "1"}},
            "packages/own": {"version": "1.0.0"},
            "node_modules/own": {"resolved": "packages/own", "link": true},
            "node_modules/a": {"version": "1.0.0", "resolved": "https://registry.example/a/-/a-1.0.0.tgz"},
            "node_modules/a/node_modules/@s/b": {"version": "2.0.0", "dev": true, "hasInstallScript": true},
            "node_modules/alias": {"name": "real", "version": "3.0.0", "inBundle": true, "optional": true},
            "node_modules/g": {"version": "4.0.0", "resolved": "git+ssh://git@host.example/g.git#abc"}}}"#;
        let expected = "\
            node_modules/own = own@ link\n\
            node_modules/a = a@1.0.0\n\
            node_modules/a/node_modules/@s/b = @s/b@2.0.0 dev script\n\
            node_modules/alias = real@3.0.0 optional bundled\n\
            node_modules/g = g@4.0.0 elsewhere";
        let sorted = |text: &str| {
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        assert_eq!(sorted(&told(text)), sorted(expected));
    }

    #[test]
    fn the_first_form_nests() {
        let text = r#"{"lockfileVersion": 1, "dependencies": {
            "a": {"version": "1.0.0", "dependencies": {"b": {"version": "2.0.0", "dev": true}}},
            "c": {"version": "npm:@s/real@3.0.0"}}}"#;
        let expected = "node_modules/a = a@1.0.0\nnode_modules/a/node_modules/b = b@2.0.0 dev\nnode_modules/c = @s/real@3.0.0";
        assert_eq!(told(text), expected);
    }

    #[test]
    fn a_broken_file_is_refused_with_the_place() {
        assert!(Lock::parse("{\"packages\": {").is_err_and(|why| why.contains("line 1")));
        assert_eq!(Lock::parse("{}"), Err("lists no packages".to_owned()));
        assert_eq!(Lock::parse(r#"{"lockfileVersion": 3, "packages": []}"#), Ok(Lock::default()));
    }

    #[test]
    fn an_entry_takes_what_npm_writes() {
        let text =
            r#"{"lockfileVersion": 3, "packages": {"node_modules/a": {"version": "1.0.0", "dev": true}}}"#;
        let lock = Lock::parse(text).expect("a lock file");
        let written =
            "    \"node_modules/a\": {\n      \"version\": \"1.0.0\",\n      \"dev\": true\n    },\n";
        assert_eq!(lock.packages[0].entry_bytes, written.len() as u64);
    }
}
