//! What registries and builders said, on disk: contents and lengths by digest for ever, tags with the time they were
//! last checked.
//!
//! **Invariant:** best effort. What cannot be read or written is as if it had never been kept.

use crate::error::CliError;
use layercast_core::image_ref::ImageRef;
use layercast_core::registry::{is_sha256, verify};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The folder; none where this machine has no place for one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cache {
    folder: Option<PathBuf>,
}

/// What a tag meant when it was last checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tag {
    /// The digest it stood for.
    pub(super) digest: String,
    /// When the registry said so.
    pub(super) checked: SystemTime,
}

impl Cache {
    /// The cache in `folder`, which must be usable; without one, in the user's cache folder.
    pub(crate) fn open(folder: Option<PathBuf>) -> Result<Self, CliError> {
        if let Some(path) = folder {
            let made = make_folder(&path);
            return match made {
                Ok(()) => Ok(Self { folder: Some(path) }),
                Err(source) => Err(CliError::Cache { path, source }),
            };
        }
        use etcetera::BaseStrategy;
        let users = etcetera::choose_base_strategy().ok().map(|base| base.cache_dir().join("layercast"));
        Ok(Self { folder: users.filter(|path| make_folder(path).is_ok()) })
    }

    /// The content of a digest.
    pub(super) fn content(&self, digest: &str) -> Option<Vec<u8>> {
        let content = fs::read(self.content_path(digest)?).ok()?;
        // A file cut short by a full disk is no content.
        verify(&content, digest).ok()?;
        Some(content)
    }

    /// Keeps content whose digest has been checked.
    pub(super) fn keep_content(&self, digest: &str, content: &[u8]) {
        keep(self.content_path(digest), content);
    }

    /// The last four bytes of a layer.
    pub(super) fn trailer(&self, digest: &str, size: u64) -> Option<Vec<u8>> {
        fs::read(self.trailer_path(digest, size)?).ok().filter(|trailer| trailer.len() == 4)
    }

    /// Keeps the last four bytes of a layer.
    pub(super) fn keep_trailer(&self, digest: &str, size: u64, trailer: &[u8]) {
        keep(self.trailer_path(digest, size), trailer);
    }

    /// The lengths of the files in a layer, summed up.
    pub(crate) fn length(&self, digest: &str) -> Option<u64> {
        fs::read_to_string(self.length_path(digest)?).ok()?.parse().ok()
    }

    /// Keeps them.
    pub(crate) fn keep_length(&self, digest: &str, length: u64) {
        keep(self.length_path(digest), length.to_string().as_bytes());
    }

    /// What a tag at `host` meant when it was last checked.
    pub(super) fn tag(&self, host: &str, image: &ImageRef, tag: &str) -> Option<Tag> {
        let path = self.tag_path(host, image, tag)?;
        let text = fs::read_to_string(&path).ok()?;
        let (name, digest) = text.trim_end().split_once(' ')?;
        // Some file systems take A for a.
        let same = name == tag && is_sha256(digest);
        let checked = fs::metadata(&path).and_then(|metadata| metadata.modified()).ok()?;
        same.then(|| Tag { digest: digest.to_owned(), checked })
    }

    /// Keeps what a tag at `host` means now.
    pub(super) fn keep_tag(&self, host: &str, image: &ImageRef, tag: &str, digest: &str) {
        keep(self.tag_path(host, image, tag), format!("{tag} {digest}\n").as_bytes());
    }

    /// What a package index said, by the key of what was asked, and when it said so.
    pub(super) fn document(&self, key: &str) -> Option<(Vec<u8>, SystemTime)> {
        let path = self.document_path(key)?;
        let checked = fs::metadata(&path).and_then(|metadata| metadata.modified()).ok()?;
        Some((fs::read(path).ok()?, checked))
    }

    /// Keeps what a package index said now.
    pub(super) fn keep_document(&self, key: &str, document: &[u8]) {
        keep(self.document_path(key), document);
    }

    fn document_path(&self, key: &str) -> Option<PathBuf> {
        Some(self.folder.as_ref()?.join("packages").join(hex(key)?))
    }

    fn content_path(&self, digest: &str) -> Option<PathBuf> {
        Some(self.folder.as_ref()?.join("contents").join(hex(digest)?))
    }

    fn length_path(&self, digest: &str) -> Option<PathBuf> {
        Some(self.folder.as_ref()?.join("lengths").join(hex(digest)?))
    }

    fn trailer_path(&self, digest: &str, size: u64) -> Option<PathBuf> {
        Some(self.folder.as_ref()?.join("trailers").join(format!("{}-{size}", hex(digest)?)))
    }

    /// No part of a repository's name starts with `_`, so that folder is never one of a repository.
    fn tag_path(&self, host: &str, image: &ImageRef, tag: &str) -> Option<PathBuf> {
        let host = host.replace([':', '[', ']'], "_");
        let repository = self.folder.as_ref()?.join("tags").join(host).join(&image.repository);
        Some(repository.join("_tags").join(tag))
    }
}

fn hex(digest: &str) -> Option<&str> {
    digest.strip_prefix("sha256:").filter(|_| is_sha256(digest))
}

/// Writes beside the place and renames, so that nobody reads half a file.
fn keep(path: Option<PathBuf>, content: &[u8]) {
    let written = path.as_deref().and_then(|path| Some((path, path.parent()?))).map(|(path, folder)| {
        make_folder(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(content)?;
        file.persist(path).map_err(|error| error.error)
    });
    // A cache that does not keep is slow, not wrong.
    drop(written);
}

/// Configurations of private images may hold secrets: nobody else may read them.
fn make_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use layercast_core::registry::sha256;

    fn cache() -> (tempfile::TempDir, Cache) {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(Some(folder.path().join("new"))).unwrap();
        (folder, cache)
    }

    #[test]
    fn contents_are_kept_by_digest() {
        let (_folder, cache) = cache();
        let digest = sha256(b"x");
        assert_eq!(cache.content(&digest), None);
        cache.keep_content(&digest, b"x");
        assert_eq!(cache.content(&digest), Some(b"x".to_vec()));
    }

    #[test]
    fn a_spoilt_file_is_as_if_it_had_never_been_kept() {
        let (_folder, cache) = cache();
        let digest = sha256(b"x");
        cache.keep_content(&digest, b"y");
        assert_eq!(cache.content(&digest), None);
    }

    #[test]
    fn the_length_of_a_layer_is_kept_by_its_digest() {
        let (_folder, cache) = cache();
        let digest = sha256(b"x");
        assert_eq!(cache.length(&digest), None);
        cache.keep_length(&digest, 4711);
        assert_eq!((cache.length(&digest), cache.length(&sha256(b"y"))), (Some(4711), None));
    }

    #[test]
    fn a_tag_and_a_repository_of_one_name_live_side_by_side() {
        let (_folder, cache) = cache();
        let (short, long) = (ImageRef::parse("a.io/x").unwrap(), ImageRef::parse("a.io/x/tag").unwrap());
        let (one, two) = (sha256(b"1"), sha256(b"2"));
        cache.keep_tag("a.io:5000", &short, "tag", &one);
        cache.keep_tag("a.io:5000", &long, "tag", &two);
        let digest = |image| cache.tag("a.io:5000", image, "tag").map(|tag| tag.digest);
        assert_eq!((digest(&short), digest(&long)), (Some(one), Some(two)));
        assert_eq!(cache.tag("b.io", &short, "tag"), None);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_an_error() {
        let folder = tempfile::NamedTempFile::new().unwrap();
        let opened = Cache::open(Some(folder.path().join("below-a-file")));
        assert!(matches!(opened, Err(CliError::Cache { .. })));
    }
}
