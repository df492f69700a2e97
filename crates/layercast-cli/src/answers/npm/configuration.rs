//! Where npm's registries are and how one signs in there: npm's own configuration, read as npm reads it.
//! Reference: <https://docs.npmjs.com/cli/v11/configuring-npm/npmrc>.
//!
//! **Invariant:** no address is written here, and no credential is shown. A project's own file may name registries, but
//! reads no variable of the environment: the project may be a stranger's.

use base64::Engine;
use reqwest::Url;
use reqwest::header::HeaderValue;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The settings in force, by their names in lower case: `registry`, `@scope:registry`, `//host/:_authtoken`.
#[derive(Clone, Default)]
pub(super) struct Configuration {
    settings: BTreeMap<String, String>,
    /// Bundles of certificates named by the environment or by `cafile`.
    pub(super) certificates: Vec<PathBuf>,
}

/// What is outside: so that tests need none of it.
pub(super) struct Surroundings<'s> {
    /// The environment.
    pub(super) variables: &'s BTreeMap<String, String>,
    /// The user's folder.
    pub(super) home: Option<&'s Path>,
    /// The folder of the project.
    pub(super) project: Option<&'s Path>,
}

impl std::fmt::Debug for Configuration {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&String> = self.settings.keys().collect();
        to.debug_struct("Configuration").field("settings", &names).finish_non_exhaustive()
    }
}

impl Configuration {
    /// Reads files and environment, the weakest first: global, the user's, the project's, the environment.
    pub(super) fn read(around: &Surroundings<'_>) -> Self {
        let mut own = Self::default();
        let variable = |name: &str| around.variables.get(name).filter(|value| !value.is_empty());
        let setting = |name: &str| {
            let named = |key: &&String| key.to_ascii_lowercase() == format!("npm_config_{name}");
            around.variables.keys().find(named).and_then(|key| around.variables.get(key))
        };
        let prefix = setting("prefix").map(PathBuf::from);
        let global = setting("globalconfig").map(PathBuf::from);
        let global = global.or_else(|| prefix.map(|prefix| prefix.join("etc/npmrc")));
        let users = setting("userconfig").map(PathBuf::from);
        let users = users.or_else(|| Some(around.home?.join(".npmrc")));
        let projects = around.project.map(|project| project.join(".npmrc"));
        let globals = global
            .into_iter()
            .chain([PathBuf::from("/usr/etc/npmrc"), PathBuf::from("/usr/local/etc/npmrc")]);
        for path in globals.chain(users) {
            own.add_file(&path, Some(around.variables));
        }
        if let Some(path) = projects {
            own.add_file(&path, None);
        }
        for (key, value) in around.variables {
            if let Some(name) = key.to_ascii_lowercase().strip_prefix("npm_config_") {
                // `npm_config__auth` stands for `_auth`; a registry's own settings keep their form.
                own.settings.insert(name.to_owned(), value.clone());
            }
        }
        let files = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"].into_iter().filter_map(variable);
        own.certificates = files.chain(own.settings.get("cafile")).map(PathBuf::from).collect();
        own
    }

    fn add_file(&mut self, path: &Path, variables: Option<&BTreeMap<String, String>>) {
        let Ok(text) = std::fs::read_to_string(path) else { return };
        for line in text.lines().map(str::trim) {
            if line.starts_with([';', '#', '[']) {
                continue;
            }
            let Some((name, value)) = line.split_once('=') else { continue };
            let value = value.trim().trim_matches('"');
            let value = match variables {
                Some(variables) => expanded(value, variables),
                None if value.contains("${") => continue,
                None => value.to_owned(),
            };
            self.settings.insert(name.trim().to_ascii_lowercase(), value);
        }
    }

    /// The registry of a package, ending in `/`; none where nothing names one.
    pub(super) fn registry(&self, package: &str) -> Option<String> {
        let scope = package.split_once('/').map(|(scope, _)| scope).filter(|scope| scope.starts_with('@'));
        let scoped =
            scope.and_then(|scope| self.settings.get(&format!("{}:registry", scope.to_ascii_lowercase())));
        let address = scoped.or_else(|| self.settings.get("registry"))?;
        valid(address)
    }

    /// Takes in what an installed npm says of its registry.
    pub(super) fn set_registry(&mut self, address: &str) {
        if let Some(address) = valid(address) {
            self.settings.insert("registry".to_owned(), address);
        }
    }

    /// What to sign in with at an address: the settings of the longest beginning of it.
    pub(super) fn authorization(&self, address: &str) -> Option<HeaderValue> {
        let (_, rest) = address.split_once("://")?;
        let mut at = format!("//{}", rest.split(['?', '#']).next()?);
        loop {
            let end = at.trim_end_matches('/').rfind('/')?;
            at.truncate(end + 1);
            if at.len() <= 2 {
                return None;
            }
            let bare = at.trim_end_matches('/');
            let setting = |name: &str| {
                let of = |start: &str| self.settings.get(&format!("{}:{name}", start.to_ascii_lowercase()));
                of(&at).or_else(|| of(bare))
            };
            let value = if let Some(token) = setting("_authtoken") {
                Some(format!("Bearer {token}"))
            } else if let Some(basic) = setting("_auth") {
                Some(format!("Basic {basic}"))
            } else if let (Some(user), Some(password)) = (setting("username"), setting("_password")) {
                let base64 = base64::engine::general_purpose::STANDARD;
                let password = base64.decode(password).ok()?;
                let both = [user.as_bytes(), b":", &password].concat();
                Some(format!("Basic {}", base64.encode(both)))
            } else {
                None
            };
            if let Some(value) = value {
                let mut header = HeaderValue::try_from(value).ok()?;
                header.set_sensitive(true);
                return Some(header);
            }
        }
    }
}

/// An address of the web that ends in `/`.
fn valid(address: &str) -> Option<String> {
    let url = Url::parse(address.trim()).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.host_str().is_some();
    let mut address = url.to_string();
    if !address.ends_with('/') {
        address.push('/');
    }
    is_web.then_some(address)
}

/// `${NAME}` by the environment.
fn expanded(value: &str, variables: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, behind)) = after.split_once('}') else { break };
        text.push_str(before);
        text.push_str(variables.get(name.trim_end_matches('?')).map_or("", String::as_str));
        rest = behind;
    }
    text + rest
}

/// What an installed npm says of its registry. Blocking.
pub(super) fn installed_npm_registry() -> Option<String> {
    let output = Command::new("npm")
        .args(["config", "get", "registry"])
        .current_dir(std::env::temp_dir())
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().rev().find_map(|line| valid(line.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(project: &str, users: &str, variables: &[(&str, &str)]) -> Configuration {
        let folder = tempfile::tempdir().unwrap();
        let (home, context) = (folder.path().join("home"), folder.path().join("context"));
        for (path, text) in [(&home, users), (&context, project)] {
            std::fs::create_dir(path).unwrap();
            std::fs::write(path.join(".npmrc"), text).unwrap();
        }
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let variables = variables.iter().map(own).collect();
        Configuration::read(&Surroundings {
            variables: &variables,
            home: Some(&home),
            project: Some(&context),
        })
    }

    fn told(header: Option<HeaderValue>) -> String {
        header.map(|header| header.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    #[test]
    fn the_environment_wins_over_files_and_the_project_over_the_user() {
        let users = "registry=https://users.example/npm\n; a comment\n@s:registry=http://scoped.example";
        let own = read("", users, &[]);
        assert_eq!(own.registry("x").as_deref(), Some("https://users.example/npm/"));
        assert_eq!(own.registry("@S/x").as_deref(), Some("http://scoped.example/"));
        let own = read("registry = https://project.example/", users, &[]);
        assert_eq!(own.registry("@t/x").as_deref(), Some("https://project.example/"));
        let own =
            read("registry=https://project.example/", users, &[("NPM_CONFIG_REGISTRY", "https://e.example")]);
        assert_eq!(own.registry("x").as_deref(), Some("https://e.example/"));
        let own = read("registry=file:///etc/passwd", "", &[]);
        assert_eq!(own.registry("x"), None);
    }

    #[test]
    fn one_signs_in_where_the_settings_say_so_and_nowhere_else() {
        let users =
            "//r.example/npm/:_authToken=${TOKEN}\n//b.example/:username=me\n//b.example/:_password=c2VjcmV0";
        let own = read("", users, &[("TOKEN", "t0p")]);
        assert_eq!(told(own.authorization("https://r.example/npm/x/-/x-1.0.0.tgz")), "Bearer t0p");
        assert_eq!(told(own.authorization("https://b.example/x")), "Basic bWU6c2VjcmV0");
        assert_eq!(told(own.authorization("https://r.example/other")), "");
        assert_eq!(told(own.authorization("https://evil.example/r.example/npm/")), "");
        assert!(!format!("{own:?}").contains("t0p"));
    }

    #[test]
    fn a_project_reads_no_variable() {
        let own = read("registry=https://evil.example/${TOKEN}/", "", &[("TOKEN", "t0p")]);
        assert_eq!(own.registry("x"), None);
    }
}
