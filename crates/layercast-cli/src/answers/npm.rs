//! What npm registries say of packages: documents and archives, reduced by the core's own functions.
//!
//! **Invariant:** nobody is asked but the registries that npm's configuration names, and of those only what a name and
//! a version make; a lock file's addresses are never followed.

mod configuration;

use crate::answers::cache::Cache;
use crate::answers::package_client::{Ask, Got, Keep, Manners, PackageClient, PackageError, Piece};
use configuration::{Configuration, Surroundings, installed_npm_registry};
use flate2::read::GzDecoder;
use layercast_core::facts::{
    Answered, Facts, FailureReason, NpmManifest, NpmPackage, NpmTarball, NpmWanted, Question,
};
use layercast_core::packages::npm::reply;
use layercast_core::registry::sha256;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::time::{Duration, SystemTime};
use tokio::sync::OnceCell;

/// A project of so many packages is a large one; what is past them is taken from the table inside.
const MOST_REQUESTS: usize = 1500;
/// Most archives are smaller, so that one request tells all of them.
const BEGINNING: u64 = 64 << 10;
/// So much is read of a longer one: all of most, a good part of the rest.
const LONG_BEGINNING: u64 = 1 << 20;
/// A document of all versions may have megabytes.
const MOST_DOCUMENT: usize = 64 << 20;
/// A stranger's archive is not unpacked for ever.
const MOST_UNPACKED: u64 = 128 << 20;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// The form that a registry may send instead of the whole document.
const SHORT_FORM: &str = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8";
const NO_REGISTRY: &str = "no npm registry is known: set npm_config_registry";

/// The registries of npm's configuration.
#[derive(Debug)]
pub(super) struct Npm {
    client: PackageClient,
    cache: Cache,
    configuration: Configuration,
    /// The registry that an installed npm names, where the configuration names none.
    installed: OnceCell<Option<Configuration>>,
}

/// An answer to [`Question::NpmPackage`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum NpmAnswer {
    /// The versions of a package.
    Package(Answered<NpmPackage>),
    /// The document of a version.
    Manifest(Answered<NpmManifest>),
    /// The archive of a version.
    Tarball(Answered<NpmTarball>),
}

impl Npm {
    /// Reads the configuration of the user and of the project in `context`; asks nobody yet.
    pub(super) fn new(timeout: Duration, cache: Cache, context: Option<&Path>) -> Self {
        let variables: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let home = etcetera::home_dir().ok();
        let around = Surroundings { variables: &variables, home: home.as_deref(), project: context };
        let configuration = Configuration::read(&around);
        let certificates = configuration.certificates.clone();
        let manners = Manners { certificates, most_requests: MOST_REQUESTS, ..Manners::new(timeout) };
        Self {
            client: PackageClient::new(manners, cache.clone()),
            cache,
            configuration,
            installed: OnceCell::new(),
        }
    }

    /// The host of the registry of packages without a scope, for a reader to see where figures come from.
    pub(super) async fn host(&self) -> Option<String> {
        let registry = self.registry("x").await?;
        reqwest::Url::parse(&registry).ok()?.host_str().map(str::to_owned)
    }

    /// So many requests were sent until now.
    pub(super) fn n_requests(&self) -> usize {
        self.client.n_requests()
    }

    /// Answers one question, from the cache or a registry.
    pub(super) async fn answer(&self, name: &str, version: &str, wanted: NpmWanted) -> NpmAnswer {
        match wanted {
            NpmWanted::Versions => {
                NpmAnswer::Package(self.kept(name, version, wanted, self.versions(name)).await)
            }
            NpmWanted::Manifest => {
                NpmAnswer::Manifest(self.kept(name, version, wanted, self.manifest(name, version)).await)
            }
            NpmWanted::Tarball => {
                NpmAnswer::Tarball(self.kept(name, version, wanted, self.tarball(name, version)).await)
            }
        }
    }

    /// The answer as it was kept, reduced, else a new one.
    async fn kept<T: Serialize + DeserializeOwned>(
        &self,
        name: &str,
        version: &str,
        wanted: NpmWanted,
        asked: impl Future<Output = Result<T, PackageError>>,
    ) -> Answered<T> {
        if !is_name(name) || !is_version(version) {
            let message = format!("`{name}@{version}` is no name and version of a package");
            return Answered::Failed { reason: FailureReason::Invalid, message };
        }
        let Some(registry) = self.registry(name).await else {
            return Answered::Failed { reason: FailureReason::Unreachable, message: NO_REGISTRY.to_owned() };
        };
        let key = sha256(format!("npm 2\n{registry}\n{name}\n{version}\n{wanted:?}").as_bytes());
        let kept = self.cache.document(&key);
        let read = |(text, _): &(Vec<u8>, SystemTime)| serde_json::from_slice::<T>(text).ok();
        let moves = wanted == NpmWanted::Versions || version == "latest";
        let is_fresh = kept.as_ref().is_some_and(|(_, checked)| {
            !moves || SystemTime::now().duration_since(*checked).is_ok_and(|age| age < DAY)
        });
        if is_fresh && let Some(answer) = kept.as_ref().and_then(read) {
            return Answered::Known(answer);
        }
        match asked.await {
            Ok(answer) => {
                if let Ok(text) = serde_json::to_vec(&answer) {
                    self.cache.keep_document(&key, &text);
                }
                Answered::Known(answer)
            }
            Err(error) => {
                let gone = matches!(error, PackageError::NotFound | PackageError::Denied);
                match kept.as_ref().filter(|_| !gone).and_then(read) {
                    Some(answer) => Answered::Known(answer),
                    None => failed(name, version, &error),
                }
            }
        }
    }

    async fn registry(&self, package: &str) -> Option<String> {
        if let Some(registry) = self.configuration.registry(package) {
            return Some(registry);
        }
        let installed = self.installed.get_or_init(|| async {
            let key = sha256(b"npm config get registry");
            let kept = self
                .cache
                .document(&key)
                .filter(|(_, checked)| SystemTime::now().duration_since(*checked).is_ok_and(|age| age < DAY));
            let address = match kept {
                Some((text, _)) => String::from_utf8(text).ok(),
                None => {
                    let told = tokio::task::spawn_blocking(installed_npm_registry);
                    let told = tokio::time::timeout(Duration::from_secs(10), told).await;
                    let address = told.ok().and_then(Result::ok).flatten();
                    if let Some(address) = address.as_ref().filter(|address| !address.contains('@')) {
                        self.cache.keep_document(&key, address.as_bytes());
                    }
                    address
                }
            };
            let mut configuration = self.configuration.clone();
            configuration.set_registry(&address?);
            Some(configuration)
        });
        installed.await.as_ref()?.registry(package)
    }

    /// What is made of the reply is kept, not the reply.
    fn asks<'a>(&self, url: &'a str) -> Ask<'a> {
        Ask { authorization: self.configuration.authorization(url), keep: Keep::Not, ..Ask::document(url) }
    }

    fn asks_piece<'a>(&self, url: &'a str, piece: Piece) -> Ask<'a> {
        Ask {
            authorization: self.configuration.authorization(url),
            keep: Keep::Not,
            ..Ask::piece(url, piece)
        }
    }

    async fn versions(&self, name: &str) -> Result<NpmPackage, PackageError> {
        let url = self.address(name, "").await?;
        let ask = Ask { accept: Some(SHORT_FORM), most: MOST_DOCUMENT, ..self.asks(&url) };
        reply::package(&self.client.get(&ask).await?.body).map_err(PackageError::invalid)
    }

    async fn manifest(&self, name: &str, version: &str) -> Result<NpmManifest, PackageError> {
        let url = self.address(name, version).await?;
        reply::manifest(&self.client.get(&self.asks(&url)).await?.body).map_err(PackageError::invalid)
    }

    /// `…/name`, `…/name/version`; a scope's slash is written out, as registries have it.
    async fn address(&self, name: &str, version: &str) -> Result<String, PackageError> {
        let registry = self.registry(name).await.ok_or_else(|| PackageError::invalid(NO_REGISTRY))?;
        let name = name.replace('/', "%2f");
        Ok(if version.is_empty() {
            format!("{registry}{name}")
        } else {
            format!("{registry}{name}/{version}")
        })
    }

    async fn tarball(&self, name: &str, version: &str) -> Result<NpmTarball, PackageError> {
        let registry = self.registry(name).await.ok_or_else(|| PackageError::invalid(NO_REGISTRY))?;
        let bare = name.rsplit('/').next().unwrap_or(name);
        let url = format!("{registry}{name}/-/{bare}-{version}.tgz");
        let (url, got) = match self.beginning(&url).await {
            // Not every registry keeps its archives there; the document says where.
            Err(PackageError::NotFound) => {
                let url = self.archive_address(name, version, &registry).await?;
                let got = self.beginning(&url).await?;
                (url, got)
            }
            other => (url, other?),
        };
        let bytes = got.total.unwrap_or(got.body.len() as u64);
        let mut body = got.body;
        if (body.len() as u64) < bytes {
            let from = body.len() as u64;
            let more = self.asks_piece(&url, Piece::Between(from, bytes.min(LONG_BEGINNING)));
            let more = self.client.get(&more).await?;
            if more.start != from {
                return Err(PackageError::invalid("another piece than was asked for"));
            }
            body.extend(more.body);
        }
        let (tar, ended) = unpacked(&body);
        if body.len() as u64 >= bytes {
            if !ended {
                return Err(PackageError::invalid("an archive that ends too soon"));
            }
            return reply::tarball(bytes, &tar, true, None)
                .ok_or_else(|| PackageError::invalid("no archive"));
        }
        let end = self.asks_piece(&url, Piece::Last(4));
        let trailer: Option<[u8; 4]> = self.client.get(&end).await?.body.try_into().ok();
        // A tar is whole blocks; else the archive has several members, or no trailer.
        let told =
            trailer.map(|trailer| u64::from(u32::from_le_bytes(trailer))).filter(|length| length % 512 == 0);
        let by_ratio = bytes.saturating_mul(tar.len() as u64) / (body.len() as u64).max(1);
        let length = told.filter(|length| *length >= tar.len() as u64).unwrap_or(by_ratio);
        reply::tarball(bytes, &tar, false, Some(length)).ok_or_else(|| PackageError::invalid("no archive"))
    }

    async fn beginning(&self, url: &str) -> Result<Got, PackageError> {
        self.client.get(&self.asks_piece(url, Piece::Between(0, BEGINNING))).await
    }

    /// Where the document says that the archive lies, if that is at the registry itself.
    async fn archive_address(
        &self,
        name: &str,
        version: &str,
        registry: &str,
    ) -> Result<String, PackageError> {
        let url = self.address(name, version).await?;
        let body = self.client.get(&self.asks(&url)).await?.body;
        let document: serde_json::Value =
            serde_json::from_slice(&body).map_err(|error| PackageError::invalid(error.to_string()))?;
        let address = document.pointer("/dist/tarball").and_then(serde_json::Value::as_str);
        let host = |address: &str| reqwest::Url::parse(address).ok().map(|url| url.origin());
        let same = |address: &&str| host(address).is_some() && host(address) == host(registry);
        address.filter(same).map(str::to_owned).ok_or(PackageError::NotFound)
    }
}

/// The beginning of a tar, as far as the bytes go, and whether they went to its end.
fn unpacked(gzip: &[u8]) -> (Vec<u8>, bool) {
    let mut tar = Vec::new();
    let ended = GzDecoder::new(gzip).take(MOST_UNPACKED).read_to_end(&mut tar).is_ok();
    (tar, ended)
}

fn failed<T>(name: &str, version: &str, error: &PackageError) -> Answered<T> {
    let what = if version.is_empty() { name.to_owned() } else { format!("{name}@{version}") };
    Answered::Failed { reason: error.reason(), message: format!("of {what} the npm registry {error}") }
}

/// Nothing else goes into an address.
fn is_name(name: &str) -> bool {
    let part = |text: &str| {
        !text.is_empty()
            && !text.starts_with('.')
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~!'()*".contains(&byte))
    };
    let parts: Vec<&str> = name.split('/').collect();
    name.len() <= 214
        && match parts.as_slice() {
            [one] => part(one),
            [scope, one] => scope.strip_prefix('@').is_some_and(part) && part(one),
            _ => false,
        }
}

fn is_version(version: &str) -> bool {
    version.len() <= 256
        && version.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.+_".contains(&byte))
        && !version.starts_with('.')
}

/// Takes in an answer.
pub(super) fn add(facts: &mut Facts, name: &str, version: &str, answer: NpmAnswer) {
    let key = format!("{name}@{version}");
    match answer {
        NpmAnswer::Package(answer) => drop(facts.npm.packages.insert(name.to_owned(), answer)),
        NpmAnswer::Manifest(answer) => drop(facts.npm.manifests.insert(key, answer)),
        NpmAnswer::Tarball(answer) => drop(facts.npm.tarballs.insert(key, answer)),
    }
}

/// The question's name, version and document, where it is one for npm.
pub(super) fn asked(question: &Question) -> Option<(String, String, NpmWanted)> {
    match question {
        Question::NpmPackage { name, version, wanted } => Some((name.clone(), version.clone(), *wanted)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
