//! bun.lock, the text form: JSON with commas too many.
//! Reference: <https://bun.sh/docs/install/lockfile>.

use crate::packages::npm::json::relaxed;
use crate::packages::npm::manifest::list;
use crate::packages::npm::platform::Machine;
use crate::packages::npm::spec::split_name;
use crate::packages::npm::tree::Planned;
use serde_json::Value;
use std::collections::BTreeSet;

/// The packages of a lock file that an installation takes.
pub fn plan(text: &str, without_dev: bool, machine: &Machine) -> Result<Vec<Planned>, String> {
    let root: Value = serde_json::from_str(&relaxed(text)).map_err(|error| format!("is no JSON: {error}"))?;
    let packages = root.get("packages").and_then(Value::as_object).ok_or("lists no packages")?;
    let names = |value: &Value, kind: &str| {
        let map = value.get(kind).and_then(Value::as_object);
        map.map(|map| map.keys().cloned().collect::<Vec<_>>()).unwrap_or_default()
    };
    let mut open: Vec<(String, String)> = Vec::new();
    let workspaces = root.get("workspaces").and_then(Value::as_object);
    for workspace in workspaces.into_iter().flat_map(|all| all.values()) {
        let kinds = ["dependencies", "optionalDependencies", "devDependencies"];
        for kind in kinds.into_iter().take(if without_dev { 2 } else { 3 }) {
            open.extend(names(workspace, kind).into_iter().map(|name| (String::new(), name)));
        }
    }
    let mut seen = BTreeSet::new();
    let mut planned = Vec::new();
    while let Some((within, name)) = open.pop() {
        // `a/b` is the b that a alone has.
        let own = format!("{within}/{name}");
        let key = if packages.contains_key(&own) { own } else { name };
        let Some(entry) = packages.get(&key).and_then(Value::as_array) else { continue };
        if !seen.insert(key.clone()) {
            continue;
        }
        let Some((name, Some(version))) = entry.first().and_then(Value::as_str).map(split_name) else {
            continue;
        };
        let empty = Value::Null;
        let about = entry.iter().find(|one| one.is_object()).unwrap_or(&empty);
        if !machine.takes(&list(about.get("os")), &list(about.get("cpu")), &list(about.get("libc"))) {
            continue;
        }
        for kind in ["dependencies", "optionalDependencies", "peerDependencies"] {
            open.extend(names(about, kind).into_iter().map(|name| (key.clone(), name)));
        }
        if version.starts_with(|first: char| first.is_ascii_digit()) {
            let path = format!("node_modules/{}", key.replace('/', "/node_modules/"));
            // The slash of a scope is no level.
            let path = scopes_closed(&path);
            planned.push(Planned {
                path,
                name: name.to_owned(),
                version: version.to_owned(),
                ..Planned::default()
            });
        }
    }
    planned.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(planned)
}

/// `@s/node_modules/a` is `@s/a`.
fn scopes_closed(path: &str) -> String {
    let mut closed = String::with_capacity(path.len());
    for part in path.split("/node_modules/") {
        let behind_scope = closed.rsplit('/').next().is_some_and(|last| last.starts_with('@'));
        match (closed.is_empty(), behind_scope) {
            (true, _) => {}
            (false, true) => closed.push('/'),
            (false, false) => closed.push_str("/node_modules/"),
        }
        closed.push_str(part);
    }
    closed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_project_needs_is_taken() {
        let text = r#"{
          "lockfileVersion": 1,
          "workspaces": {"": {"name": "x", "dependencies": {"a": "^1",}, "devDependencies": {"d": "1",},},},
          "packages": {
            "a": ["a@1.0.0", "", { "dependencies": { "b": "^2", "w": "1" } }, "sha512-x"],
            "a/b": ["b@2.0.0", "", {}, "sha512-,]"],
            "b": ["b@1.0.0", "", {}, "sha512-x"],
            "d": ["d@1.0.0", "", {}, "sha512-x"],
            "w": ["w@1.0.0", "", { "os": "win32" }, "sha512-x"],
          }
        }"#;
        let told = |without_dev| {
            let packages = plan(text, without_dev, &Machine::linux("amd64", false)).expect("a lock file");
            packages.iter().map(|one| format!("{}@{}", one.name, one.version)).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            scopes_closed("node_modules/@s/node_modules/a/node_modules/b"),
            "node_modules/@s/a/node_modules/b"
        );
        assert_eq!(told(true), "a@1.0.0 b@2.0.0");
        assert_eq!(told(false), "a@1.0.0 b@2.0.0 d@1.0.0");
        assert!(plan("{", true, &Machine::linux("amd64", false)).is_err());
    }
}
