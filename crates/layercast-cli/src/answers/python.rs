//! What indexes of Python distributions say: lists of files, and what is inside of wheels by their last bytes.

mod configuration;

use crate::answers::cache::Cache;
use crate::answers::package_client::{Ask, Got, Keep, Manners, PackageClient, PackageError, Piece};
use chrono::{DateTime, Utc};
use configuration::{Configuration, Surroundings, default_index};
use layercast_core::facts::python::{PythonArchive, PythonFailure, PythonProject};
use layercast_core::facts::{Facts, FailureReason, Question};
use layercast_core::packages::python::archive::{Directory, Entry, Tail, read_source, read_tail};
use layercast_core::packages::python::index::{self, Listing};
use layercast_core::packages::python::normalised;
use layercast_core::registry::sha256;
use reqwest::Url;
use std::collections::HashMap;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::OnceCell;
use tokio::task::JoinSet;

/// The directory of most wheels is within so many bytes of their end.
const LAST_BYTES: u64 = 64 << 10;
/// A directory of half a million files.
const MOST_DIRECTORY: u64 = 48 << 20;
/// What a source archive may weigh, to be read for its metadata.
const MOST_SOURCE: usize = 24 << 20;
/// What may come out of it, and out of a METADATA.
const MOST_UNPACKED: u64 = 256 << 20;
const MOST_METADATA: u64 = 8 << 20;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The indexes that pip's configuration names.
#[derive(Debug)]
pub(super) struct Python {
    client: PackageClient,
    cache: Cache,
    configuration: Configuration,
    indexes: OnceCell<Vec<String>>,
    listings: Mutex<HashMap<String, Arc<Found>>>,
}

/// A project's files, and where each is.
#[derive(Debug, Default)]
struct Found {
    project: PythonProject,
    addresses: HashMap<String, Url>,
}

impl Python {
    /// Reads pip's configuration; asks nobody yet.
    pub(super) fn new(timeout: Duration, cache: Cache) -> Self {
        let configuration = Configuration::read(&Surroundings {
            variable: &|name| std::env::var(name).ok(),
            file: &|path| std::fs::read_to_string(path).ok(),
        });
        Self::with(configuration, Manners::new(timeout), cache)
    }

    fn with(configuration: Configuration, manners: Manners, cache: Cache) -> Self {
        let manners = Manners { certificates: configuration.certificates.clone(), ..manners };
        Self {
            client: PackageClient::new(manners, cache.clone()),
            cache,
            configuration,
            indexes: OnceCell::new(),
            listings: Mutex::default(),
        }
    }

    /// So many requests were sent until now.
    pub(super) fn n_requests(&self) -> usize {
        self.client.n_requests()
    }

    /// Answers what is asked of distributions of Python; gives how many questions that were.
    pub(super) async fn answer(self: &Arc<Self>, questions: &[Question], facts: &mut Facts) -> usize {
        let mut projects = JoinSet::new();
        let mut archives = JoinSet::new();
        for question in questions {
            let python = Arc::clone(self);
            match question.clone() {
                Question::PythonProject { name } => {
                    projects.spawn(async move { (python.project(&name).await, name) });
                }
                Question::PythonArchive { project, file } => {
                    archives.spawn(async move { (python.archive(&project, &file).await, file) });
                }
                _ => {}
            }
        }
        let n_asked = projects.len() + archives.len();
        let facts = &mut facts.python;
        for (answer, name) in projects.join_all().await {
            match answer {
                Ok(project) => drop(facts.projects.insert(name, project)),
                Err(failure) => drop(facts.failures.insert(name, failure)),
            }
        }
        for (answer, file) in archives.join_all().await {
            match answer {
                Ok(archive) => drop(facts.archives.insert(file, archive)),
                Err(failure) => drop(facts.failures.insert(file, failure)),
            }
        }
        n_asked
    }

    /// What the indexes list of a project.
    pub(super) async fn project(&self, name: &str) -> Result<PythonProject, PythonFailure> {
        self.found(name).await.map(|found| found.project.clone())
    }

    /// What is inside of one of a project's files.
    pub(super) async fn archive(&self, project: &str, file: &str) -> Result<PythonArchive, PythonFailure> {
        let found = self.found(project).await?;
        let source = &found.project.source;
        let Some(url) = found.addresses.get(file) else {
            return Err(failure(&PackageError::NotFound, source, file));
        };
        // What stands behind a file's name never changes: the reduced form is kept, not the bytes alone.
        let key = sha256(format!("archive 2\n{url}").as_bytes());
        let kept = self.cache.document(&key).and_then(|(text, _)| serde_json::from_slice(&text).ok());
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let read = if file.ends_with(".whl") || file.ends_with(".zip") {
            self.wheel(url).await
        } else {
            self.source(url).await
        };
        let archive = read.map_err(|error| failure(&error, source, file))?;
        if let Ok(text) = serde_json::to_vec(&archive) {
            self.cache.keep_document(&key, &text);
        }
        Ok(archive)
    }

    async fn found(&self, name: &str) -> Result<Arc<Found>, PythonFailure> {
        let known = self.listings.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        if let Some(found) = known {
            return Ok(found);
        }
        let found = Arc::new(self.look_up(name).await?);
        let mut listings = self.listings.lock().unwrap_or_else(PoisonError::into_inner);
        listings.insert(name.to_owned(), Arc::clone(&found));
        Ok(found)
    }

    /// Asks all indexes; what any of them has counts, as pip takes it.
    async fn look_up(&self, name: &str) -> Result<Found, PythonFailure> {
        let of_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if name.is_empty() || !name.bytes().all(of_name) || normalised(name) != name {
            let message = format!("`{name}` is no name of a Python distribution");
            return Err(PythonFailure { reason: FailureReason::Invalid, message });
        }
        let indexes = self.indexes().await;
        let mut found: Option<Found> = None;
        let mut failed = None;
        for address in indexes {
            let source = host(address);
            match self.listing(address, name).await {
                Ok(one) => match &mut found {
                    Some(found) => found.add(one),
                    None => found = Some(one),
                },
                // Another index may have it; what went wrong with one matters more than that another lacks it.
                Err(error) if failed.is_none() || error != PackageError::NotFound => {
                    failed = Some(failure(&error, &source, name));
                }
                Err(_) => {}
            }
        }
        let nobody = || PythonFailure {
            reason: FailureReason::Unreachable,
            message: "no index of Python distributions is known: set PIP_INDEX_URL".to_owned(),
        };
        found.ok_or_else(|| failed.unwrap_or_else(nobody))
    }

    async fn listing(&self, index: &str, name: &str) -> Result<Found, PackageError> {
        let address = format!("{}/{name}/", index.trim_end_matches('/'));
        let ask = Ask { accept: Some(index::ACCEPT), keep: Keep::For(DAY), ..Ask::document(&address) };
        let got = self.client.get(&ask).await?;
        let no_listing = || PackageError::invalid("no list of files");
        let Listing { project, addresses } =
            index::read(name, &got.content_type, &got.body).ok_or_else(no_listing)?;
        let base = Url::parse(&address).map_err(|_| no_listing())?;
        let as_of = DateTime::<Utc>::from(got.checked).format("%Y-%m-%d").to_string();
        let absolute =
            |(file, address): (String, String)| Some((file, with_user(base.join(&address).ok()?, &base)));
        let addresses = addresses.into_iter().filter_map(absolute).collect();
        let (listing_bytes, listing_compressed) = (got.sent, got.compressed);
        let source = host(index);
        let project = PythonProject { source, as_of, listing_bytes, listing_compressed, ..project };
        Ok(Found { project, addresses })
    }

    async fn indexes(&self) -> &[String] {
        let indexes = self.indexes.get_or_init(|| async {
            let needs_pip = self.configuration.index.is_none() && !self.configuration.no_index;
            let default = if needs_pip { self.default_index().await } else { None };
            self.configuration.indexes(default)
        });
        indexes.await
    }

    /// Starting Python takes longer than asking an index: its answer is kept for a day.
    async fn default_index(&self) -> Option<String> {
        let key = sha256(b"the index of the pip of this machine");
        let fresh = |(text, at): (Vec<u8>, std::time::SystemTime)| {
            let is_fresh = at.elapsed().is_ok_and(|age| age < DAY);
            String::from_utf8(text).ok().filter(|_| is_fresh)
        };
        if let Some(kept) = self.cache.document(&key).and_then(fresh) {
            return Some(kept);
        }
        let told = tokio::task::spawn_blocking(default_index).await.ok().flatten()?;
        self.cache.keep_document(&key, told.as_bytes());
        Some(told)
    }

    async fn wheel(&self, url: &Url) -> Result<PythonArchive, PackageError> {
        let last = self.client.get(&Ask::piece(url.as_str(), Piece::Last(LAST_BYTES))).await?;
        let total = last.total.ok_or_else(|| PackageError::invalid("a piece of a file of unknown length"))?;
        let (mut bytes, mut start) = (last.body, last.start);
        let directory = loop {
            match read_tail(&bytes, start, total) {
                Tail::Directory(directory) => break directory,
                Tail::BeginsAt(at) if at < start && total - at <= MOST_DIRECTORY => {
                    let more = self.piece(url, at, start).await?;
                    bytes = [more, bytes].concat();
                    start = at;
                }
                _ => return Err(PackageError::invalid("no zip")),
            }
        };
        let metadata = self.metadata(url, &directory, &bytes, start).await?;
        Ok(directory.reduced(total, &metadata))
    }

    /// The text of METADATA, out of the bytes at hand or by one more request; empty where there is none.
    async fn metadata(
        &self,
        url: &Url,
        directory: &Directory,
        bytes: &[u8],
        start: u64,
    ) -> Result<String, PackageError> {
        let Some(entry) = directory.metadata() else { return Ok(String::new()) };
        let place = entry.offset.checked_sub(start).and_then(|place| usize::try_from(place).ok());
        if let Some(data) = place.and_then(|place| entry.data(bytes.get(place..)?)) {
            return inflated(entry, data);
        }
        // Its own header, whose extra field may be longer than the directory's, stands before it.
        let end = entry.offset.saturating_add(entry.packed.min(MOST_METADATA)).saturating_add(1 << 10);
        let piece = self.piece(url, entry.offset, end).await?;
        let data =
            entry.data(&piece).ok_or_else(|| PackageError::invalid("a zip that does not hold together"))?;
        inflated(entry, data)
    }

    async fn piece(&self, url: &Url, from: u64, to: u64) -> Result<Vec<u8>, PackageError> {
        let ask = Ask { most: MOST_DIRECTORY as usize, ..Ask::piece(url.as_str(), Piece::Between(from, to)) };
        let Got { body, start, .. } = self.client.get(&ask).await?;
        let skip = from.checked_sub(start).and_then(|skip| usize::try_from(skip).ok());
        let wanted = skip.and_then(|skip| body.get(skip..)).ok_or(PackageError::NoPieces)?;
        let length = usize::try_from(to - from).unwrap_or(usize::MAX);
        Ok(wanted.get(..length).unwrap_or(wanted).to_vec())
    }

    async fn source(&self, url: &Url) -> Result<PythonArchive, PackageError> {
        let ask = Ask { most: MOST_SOURCE, ..Ask::piece(url.as_str(), Piece::Whole) };
        let got = self.client.get(&ask).await?;
        let total = got.body.len() as u64;
        let mut tar = Vec::new();
        let unpacked =
            flate2::read::MultiGzDecoder::new(got.body.as_slice()).take(MOST_UNPACKED).read_to_end(&mut tar);
        let no_archive = || PackageError::invalid("no gzipped tar");
        unpacked.map_err(|_| no_archive())?;
        read_source(&tar, total).ok_or_else(no_archive)
    }
}

impl Found {
    /// Files of another index: versions that this one has get them, too.
    fn add(&mut self, other: Self) {
        for version in other.project.versions {
            let own = self.project.versions.iter_mut().find(|own| own.version == version.version);
            match own {
                Some(own) => own.files.extend(version.files),
                None => self.project.versions.push(version),
            }
        }
        self.addresses.extend(other.addresses);
        let read = |text: &str| layercast_core::packages::python::Version::parse(text);
        self.project.versions.sort_by_key(|version| std::cmp::Reverse(read(&version.version)));
    }
}

/// The index's user and password serve for files at its own host, too.
fn with_user(mut url: Url, index: &Url) -> Url {
    if url.username().is_empty() && url.host_str() == index.host_str() {
        // Only an address without a host refuses them.
        let _ = url.set_username(index.username());
        let _ = url.set_password(index.password());
    }
    url
}

/// The host and port of an address: what may be shown of it.
fn host(address: &str) -> String {
    let url = Url::parse(address).ok();
    let host = url.as_ref().and_then(|url| {
        let port = url.port().map_or(String::new(), |port| format!(":{port}"));
        Some(format!("{}{port}", url.host_str()?))
    });
    host.unwrap_or_else(|| "the index".to_owned())
}

fn inflated(entry: &Entry, data: &[u8]) -> Result<String, PackageError> {
    let mut text = Vec::new();
    let read = match entry.method {
        0 => data.take(MOST_METADATA).read_to_end(&mut text),
        8 => flate2::read::DeflateDecoder::new(data).take(MOST_METADATA).read_to_end(&mut text),
        _ => return Err(PackageError::invalid("METADATA in a compression that is not read")),
    };
    read.map_err(|_| PackageError::invalid("METADATA that cannot be unpacked"))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn failure(error: &PackageError, source: &str, what: &str) -> PythonFailure {
    let message = match error {
        PackageError::NotFound => format!("{source} has no {what}"),
        error => format!("{source} {error}: {what}"),
    };
    PythonFailure { reason: error.reason(), message }
}

#[cfg(test)]
mod tests;
