//! What Docker's own settings say: which context is in use, and which builder of buildx's.
//! <https://docs.docker.com/reference/cli/docker/#configuration-files>

use serde_json::Value;
use std::path::{Path, PathBuf};

/// The folder of Docker's settings, and the file `config.json` in it.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    folder: PathBuf,
    config: Value,
}

impl Settings {
    /// Those of whoever runs this program. A file that cannot be read says nothing.
    pub(super) fn of_this_user() -> Self {
        let home = || Some(etcetera::home_dir().ok()?.join(".docker"));
        let folder = std::env::var_os("DOCKER_CONFIG").filter(|folder| !folder.is_empty()).map(PathBuf::from);
        Self::in_folder(folder.or_else(home).unwrap_or_else(|| PathBuf::from(".docker")))
    }

    pub(super) fn in_folder(folder: PathBuf) -> Self {
        let config = json(&folder.join("config.json"));
        Self { folder, config }
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
}

/// What a file says; nothing where there is none.
fn json(path: &Path) -> Value {
    std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}
