//! package.json, as far as an installation reads it.
//! Reference: <https://docs.npmjs.com/cli/v11/configuring-npm/package-json>.
//!
//! **Invariant:** a field of the wrong type is as if it were not there; only a text that is no JSON object is refused.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A project's or a package's package.json.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it needs.
    pub dependencies: BTreeMap<String, String>,
    /// What its authors need.
    pub dev: BTreeMap<String, String>,
    /// What it can do without.
    pub optional: BTreeMap<String, String>,
    /// What it wants beside it, without what it can do without.
    pub peers: BTreeMap<String, String>,
    /// The versions that hold whatever others ask for, by name; nested ones are left out.
    pub overrides: BTreeMap<String, String>,
    /// What its archive brings along.
    pub bundled: Vec<String>,
    /// The folders of its workspaces, as patterns.
    pub workspaces: Vec<String>,
    /// Its scripts, by name.
    pub scripts: BTreeMap<String, String>,
    /// The package manager it wants: `pnpm@9.1.0`.
    pub package_manager: String,
}

impl Manifest {
    /// Reads the text of a package.json.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim_start_matches('\u{feff}');
        match serde_json::from_str::<Value>(text) {
            Ok(Value::Object(object)) => Ok(Self::of(&object)),
            Ok(_) => Err("package.json holds no object".to_owned()),
            Err(error) => Err(format!("package.json is no JSON: {error}")),
        }
    }

    pub(super) fn of(object: &Map<String, Value>) -> Self {
        let text = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let dependencies = strings(object.get("dependencies"));
        let optional = strings(object.get("optionalDependencies"));
        let optional_peers = optional_peers(object.get("peerDependenciesMeta"));
        let mut peers = strings(object.get("peerDependencies"));
        peers.retain(|name, _| !optional_peers.contains(name));
        let bundled = ["bundleDependencies", "bundledDependencies"].iter().find_map(|name| object.get(*name));
        let bundled = match bundled {
            Some(Value::Bool(true)) => dependencies.keys().chain(optional.keys()).cloned().collect(),
            other => list(other),
        };
        let workspaces = match object.get("workspaces") {
            Some(Value::Object(inner)) => list(inner.get("packages")),
            other => list(other),
        };
        let mut overrides = strings(object.get("resolutions"));
        overrides.extend(strings(object.get("overrides")));
        overrides.extend(
            object
                .get("pnpm")
                .and_then(|pnpm| pnpm.get("overrides"))
                .map(|inner| strings(Some(inner)))
                .unwrap_or_default(),
        );
        Self {
            name: text("name"),
            version: text("version"),
            // What is in both is optional.
            dependencies: dependencies.into_iter().filter(|(name, _)| !optional.contains_key(name)).collect(),
            dev: strings(object.get("devDependencies")),
            optional,
            peers,
            overrides,
            bundled,
            workspaces,
            scripts: strings(object.get("scripts")),
            package_manager: text("packageManager"),
        }
    }
}

/// The entries of an object that are strings.
pub(super) fn strings(value: Option<&Value>) -> BTreeMap<String, String> {
    let Some(Value::Object(object)) = value else { return BTreeMap::new() };
    object.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

/// The strings of a list, or the one string that stands in its place.
pub(super) fn list(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// The peers that a package can do without.
pub(super) fn optional_peers(meta: Option<&Value>) -> Vec<String> {
    let Some(Value::Object(meta)) = meta else { return Vec::new() };
    let optional = |value: &Value| value.get("optional").and_then(Value::as_bool).unwrap_or(false);
    meta.iter().filter(|(_, value)| optional(value)).map(|(name, _)| name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_of_every_kind_are_read() {
        let manifest = Manifest::parse(
            r#"{
                "name": "web", "version": "1.0.0", "packageManager": "pnpm@9.1.0",
                "dependencies": {"express": "^4", "fsevents": "2"},
                "devDependencies": {"jest": "29"},
                "optionalDependencies": {"fsevents": "2"},
                "peerDependencies": {"react": "18", "sass": "1"},
                "peerDependenciesMeta": {"sass": {"optional": true}},
                "overrides": {"semver": "7.5.2", "x": {"y": "1"}},
                "workspaces": {"packages": ["packages/*"]},
                "scripts": {"build": "tsc"}
            }"#,
        )
        .expect("JSON");
        let keys = |map: &BTreeMap<String, String>| map.keys().cloned().collect::<Vec<_>>().join(" ");
        assert_eq!(keys(&manifest.dependencies), "express");
        assert_eq!(keys(&manifest.optional), "fsevents");
        assert_eq!(keys(&manifest.dev), "jest");
        assert_eq!(keys(&manifest.peers), "react");
        assert_eq!(keys(&manifest.overrides), "semver");
        assert_eq!(manifest.workspaces, ["packages/*"]);
        assert_eq!(manifest.package_manager, "pnpm@9.1.0");
    }

    #[test]
    fn a_field_of_the_wrong_type_is_left_out_and_a_broken_text_refused() {
        let manifest =
            Manifest::parse(r#"{"dependencies": ["x"], "devDependencies": {"a": 1}}"#).expect("JSON");
        assert_eq!(manifest, Manifest::default());
        assert_eq!(Manifest::parse("[]"), Err("package.json holds no object".to_owned()));
        assert!(Manifest::parse("{").is_err_and(|why| why.starts_with("package.json is no JSON")));
    }
}
