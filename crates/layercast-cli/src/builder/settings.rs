//! What Docker's own settings say: which context is in use, which builder of buildx's, where plugins are.
//! <https://docs.docker.com/reference/cli/docker/#configuration-files>

use serde_json::Value;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Where Docker's packages put the plugins of its command line.
const PLUGIN_FOLDERS: [&str; 5] = [
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
    "/Applications/Docker.app/Contents/Resources/cli-plugins",
];

/// How the names of variables begin that only buildx heeds.
/// <https://docs.docker.com/build/building/variables/#build-tool-configuration-variables>
const BUILDX_VARIABLES: [&str; 3] = ["BUILDX_", "BUILDKIT_", "EXPERIMENTAL_BUILDKIT_"];

/// The folder of Docker's settings, and the file `config.json` in it.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    folder: PathBuf,
    config: Value,
}

/// A context of Docker's: where a daemon is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Context {
    /// Its address, as DOCKER_HOST has them.
    pub(super) host: String,
    /// The folder of its certificates and key, where it has them.
    pub(super) keys: Option<PathBuf>,
    /// True where its certificate is not to be looked at.
    pub(super) is_unverified: bool,
}

impl Settings {
    /// Those of whoever runs this program. A file that cannot be read says nothing.
    pub(super) fn of_this_user() -> Self {
        let home = || Some(etcetera::home_dir().ok()?.join(".docker"));
        let folder = std::env::var_os("DOCKER_CONFIG").filter(|folder| !folder.is_empty()).map(PathBuf::from);
        Self::in_folder(folder.or_else(home).unwrap_or_else(|| PathBuf::from(".docker")))
    }

    fn in_folder(folder: PathBuf) -> Self {
        let config = json(&folder.join("config.json"));
        Self { folder, config }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The context that is in use; `default` for what the environment says.
    pub(super) fn context(&self) -> String {
        let is_set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        if is_set("DOCKER_HOST").is_some() {
            return "default".to_owned();
        }
        let configured = || self.config["currentContext"].as_str().map(str::to_owned);
        let context = is_set("DOCKER_CONTEXT").or_else(configured).filter(|name| !name.is_empty());
        context.unwrap_or_else(|| "default".to_owned())
    }

    /// A context by its name. Its folder is named after the name's hash: the file in it says the name.
    pub(super) fn context_named(&self, name: &str) -> Option<Context> {
        let contexts = self.folder.join("contexts");
        for entry in std::fs::read_dir(contexts.join("meta")).ok()?.flatten() {
            let context = json(&entry.path().join("meta.json"));
            if context["Name"] != name {
                continue;
            }
            let endpoint = &context["Endpoints"]["docker"];
            let keys = contexts.join("tls").join(entry.file_name()).join("docker");
            return Some(Context {
                host: endpoint["Host"].as_str()?.to_owned(),
                keys: keys.is_dir().then_some(keys),
                is_unverified: endpoint["SkipTLSVerify"] == true,
            });
        }
        None
    }

    /// The builder that `docker buildx build` would use.
    pub(super) fn builder(&self) -> String {
        if let Ok(name) = std::env::var("BUILDX_BUILDER")
            && !name.is_empty()
        {
            return name;
        }
        let folder = std::env::var_os("BUILDX_CONFIG").map(PathBuf::from);
        let current = json(&folder.unwrap_or_else(|| self.folder.join("buildx")).join("current"));
        let chosen = current["Name"].as_str().filter(|name| !name.is_empty());
        chosen.map_or_else(|| self.context(), str::to_owned)
    }

    /// True where buildx is told something here that Docker's API is not: another builder, proxies for the steps, or its
    /// own variables.
    pub(super) fn says_more_to_buildx(&self) -> bool {
        let is_its_own = |name: &OsStr| {
            let name = name.to_string_lossy();
            name == "SOURCE_DATE_EPOCH" || BUILDX_VARIABLES.iter().any(|start| name.starts_with(start))
        };
        self.builder() != self.context()
            || !self.config["proxies"].is_null()
            || std::env::vars_os().any(|(name, value)| is_its_own(&name) && !value.is_empty())
    }

    /// The platforms that Docker builds for where nobody says.
    /// <https://docs.docker.com/reference/cli/docker/#environment-variables>
    pub(crate) fn default_platform() -> Option<String> {
        std::env::var("DOCKER_DEFAULT_PLATFORM").ok().filter(|platform| !platform.is_empty())
    }

    /// True where the file of buildx is in a folder that Docker looks into.
    pub(super) fn has_buildx(&self) -> bool {
        let named = self.config["cliPluginsExtraDirs"].as_array().into_iter().flatten();
        let named = named.filter_map(|folder| folder.as_str().map(PathBuf::from));
        let own = std::iter::once(self.folder.join("cli-plugins"));
        let mut folders = own.chain(named).chain(PLUGIN_FOLDERS.iter().map(PathBuf::from));
        let name = format!("docker-buildx{}", std::env::consts::EXE_SUFFIX);
        folders.any(|folder| folder.join(&name).is_file())
    }
}

/// What a file says; nothing where there is none.
fn json(path: &Path) -> Value {
    std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_is_found_by_its_name() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("it can be made");
            std::fs::write(path, text).expect("it can be written to");
        };
        let meta = r#"{"Name":"far","Endpoints":{"docker":{"Host":"tcp://far.example:2376","SkipTLSVerify":false}}}"#;
        write("contexts/meta/aa11/meta.json", meta);
        write("contexts/meta/bb22/meta.json", "no JSON");
        write("contexts/tls/aa11/docker/ca.pem", "");
        let settings = Settings::in_folder(folder.path().to_owned());
        let keys = Some(folder.path().join("contexts/tls/aa11/docker"));
        let host = "tcp://far.example:2376".to_owned();
        assert_eq!(settings.context_named("far"), Some(Context { host, keys, is_unverified: false }));
        assert_eq!(settings.context_named("near"), None);
    }

    #[test]
    fn plugins_are_looked_for_where_the_settings_say() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let extra = folder.path().join("extra");
        let config = serde_json::json!({"cliPluginsExtraDirs": [extra]}).to_string();
        std::fs::write(folder.path().join("config.json"), config).expect("it can be written to");
        std::fs::create_dir(&extra).expect("it can be made");
        let name = format!("docker-buildx{}", std::env::consts::EXE_SUFFIX);
        std::fs::write(extra.join(name), "").expect("it can be written to");
        assert!(Settings::in_folder(folder.path().to_owned()).has_buildx());
    }
}
