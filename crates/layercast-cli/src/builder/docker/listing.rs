//! The files of a folder as BuildKit wants to hear of them: folders before what is in them, names in order of their
//! bytes, without what .dockerignore leaves out.

use super::mode::{FOLDER, LINK, PIPE};
use bollard_buildkit_proto::fsutil::types::Stat;
use layercast_core::ignore::{IgnoreFile, Sieve};
use std::fs::{FileType, Metadata};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// A file, a folder or a link.
#[derive(Debug)]
pub(super) struct Entry {
    /// What the builder is told.
    pub(super) stat: Stat,
    /// Where it is.
    pub(super) path: PathBuf,
    /// False for what is no file.
    pub(super) has_bytes: bool,
}

/// Which part of a folder is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    All,
    /// These and what is below them.
    Paths(Vec<String>),
}

impl Wanted {
    /// What the builder asks for. Where that leads over a link or to a pattern, more is told of than it asks for,
    /// which it takes as well.
    pub(super) fn these(root: &Path, paths: &[String]) -> Self {
        let mut wanted = Vec::new();
        for path in paths {
            let path = path.trim_matches('/').trim_start_matches("./");
            let is_plain = |part: &str| !part.is_empty() && part != "." && part != "..";
            if path.contains(['*', '?', '[', '\\'])
                || !path.split('/').all(is_plain)
                || leads_over_a_link(root, path)
            {
                return Self::All;
            }
            wanted.push(path.to_owned());
        }
        if wanted.is_empty() { Self::All } else { Self::Paths(wanted) }
    }

    fn takes(&self, path: &str) -> bool {
        let is_in = |path: &str, folder: &str| {
            path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        match self {
            Self::All => true,
            Self::Paths(wanted) => wanted.iter().any(|wanted| is_in(path, wanted) || is_in(wanted, path)),
        }
    }
}

fn leads_over_a_link(root: &Path, path: &str) -> bool {
    let mut at = root.to_owned();
    path.split('/').any(|part| {
        at.push(part);
        at.symlink_metadata().is_ok_and(|it| it.is_symlink())
    })
}

/// What is asked of a folder.
#[derive(Debug)]
pub(super) struct Listing {
    pub(super) root: PathBuf,
    pub(super) wanted: Wanted,
    /// What is left out, as lines of a .dockerignore.
    pub(super) patterns: Vec<String>,
}

impl Listing {
    /// Hands over each file in its turn until nobody wants more. An error is a sentence without a full stop.
    pub(super) fn each(&self, mut take: impl FnMut(Entry) -> ControlFlow<()>) -> Result<(), String> {
        let ignore = IgnoreFile::parse(&self.patterns.join("\n"));
        let has_exceptions = ignore.has_exceptions();
        let mut walk = Walk { listing: self, sieve: Sieve::new(&ignore), has_exceptions, held: Vec::new() };
        match walk.folder(&self.root, "", &mut take) {
            Err(Ended::Failed(message)) => Err(message),
            Err(Ended::Enough) | Ok(()) => Ok(()),
        }
    }
}

/// Why a walk is over before its end.
enum Ended {
    Enough,
    Failed(String),
}

struct Walk<'l> {
    listing: &'l Listing,
    sieve: Sieve<'l>,
    has_exceptions: bool,
    /// Folders that are left out, unless something in them is not.
    held: Vec<Entry>,
}

impl Walk<'_> {
    fn folder(
        &mut self,
        folder: &Path,
        prefix: &str,
        take: &mut impl FnMut(Entry) -> ControlFlow<()>,
    ) -> Result<(), Ended> {
        let failed = |error| Ended::Failed(format!("{} cannot be read: {error}", folder.display()));
        let entries =
            std::fs::read_dir(folder).map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
        // BuildKit's names are text.
        let mut names: Vec<String> =
            entries.iter().map(|it| it.file_name().to_string_lossy().into_owned()).collect();
        drop(entries);
        names.sort_unstable();
        for name in names {
            let path = format!("{prefix}{name}");
            let at = folder.join(&name);
            // What is gone by now is not in the context any more.
            let Ok(metadata) = at.symlink_metadata() else { continue };
            if self.listing.wanted.takes(&path) {
                self.file(at, &path, &metadata, take)?;
            }
        }
        Ok(())
    }

    fn file(
        &mut self,
        at: PathBuf,
        path: &str,
        metadata: &Metadata,
        take: &mut impl FnMut(Entry) -> ControlFlow<()>,
    ) -> Result<(), Ended> {
        let is_kept = self.sieve.keeps(path);
        let Some(stat) = stat(&at, path, metadata) else { return Ok(()) };
        let entry = Entry { stat, has_bytes: metadata.is_file(), path: at.clone() };
        if is_kept {
            for entry in self.held.drain(..).chain([entry]) {
                if take(entry).is_break() {
                    return Err(Ended::Enough);
                }
            }
        } else if metadata.is_dir() && self.has_exceptions {
            self.held.push(entry);
        } else {
            return Ok(());
        }
        if metadata.is_dir() {
            let n_held = self.held.len();
            self.folder(&at, &format!("{path}/"), take)?;
            self.held.truncate(n_held.saturating_sub(usize::from(!is_kept)));
        }
        Ok(())
    }
}

/// What the builder is told of a file; none of what it cannot take.
fn stat(at: &Path, path: &str, metadata: &Metadata) -> Option<Stat> {
    let kind = kind(metadata.file_type())?;
    let is_link = metadata.is_symlink();
    let linkname =
        if is_link { std::fs::read_link(at).ok()?.to_string_lossy().into_owned() } else { String::new() };
    let age = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    Some(Stat {
        path: path.to_owned(),
        mode: kind | permissions(metadata),
        // Whoever owns it here means nothing there.
        uid: 0,
        gid: 0,
        size: if metadata.is_file() { metadata.len().try_into().ok()? } else { 0 },
        mod_time: age.and_then(|age| age.as_nanos().try_into().ok()).unwrap_or(0),
        linkname,
        ..Stat::default()
    })
}

/// None for sockets and devices.
fn kind(kind: FileType) -> Option<u32> {
    #[cfg(unix)]
    if std::os::unix::fs::FileTypeExt::is_fifo(&kind) {
        return Some(PIPE);
    }
    match kind {
        kind if kind.is_dir() => Some(FOLDER),
        kind if kind.is_symlink() => Some(LINK),
        kind if kind.is_file() => Some(0),
        _ => None,
    }
}

#[cfg(unix)]
fn permissions(metadata: &Metadata) -> u32 {
    super::mode::of_unix(std::os::unix::fs::MetadataExt::mode(metadata))
}

/// As Docker's command line has it where files have no such bits.
#[cfg(not(unix))]
fn permissions(_metadata: &Metadata) -> u32 {
    0o755
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(wanted: &[&str], patterns: &[&str], expected: Expect) {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let root = folder.path();
        for path in ["a/b", "a/c/d", "a.txt", "e"] {
            std::fs::create_dir_all(root.join(path).parent().expect("it is in a folder"))
                .expect("it can be made");
            std::fs::write(root.join(path), path).expect("it can be written to");
        }
        std::os::unix::fs::symlink("a/c", root.join("link")).expect("it can be made");
        let wanted: Vec<String> = wanted.iter().map(|path| (*path).to_owned()).collect();
        let patterns = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
        let wanted = Wanted::these(root, &wanted);
        let mut told = String::new();
        let listing = Listing { root: root.to_owned(), wanted, patterns };
        let went = listing.each(|entry| {
            let kind = [(FOLDER, "folder"), (LINK, "link"), (0, "file")];
            let kind =
                kind.iter().find(|(bit, _)| entry.stat.mode & !0o777 == *bit).map_or("?", |(_, kind)| kind);
            told.push_str(&format!(
                "{kind} {} {}{}\n",
                entry.stat.path, entry.stat.size, entry.stat.linkname
            ));
            ControlFlow::Continue(())
        });
        assert_eq!(went, Ok(()));
        expected.assert_eq(&told);
    }

    #[test]
    fn what_is_in_a_folder_comes_right_behind_it() {
        check(
            &[],
            &[],
            expect![[r#"
            folder a 0
            file a/b 3
            folder a/c 0
            file a/c/d 5
            file a.txt 5
            file e 1
            link link 0a/c
        "#]],
        );
    }

    #[test]
    fn what_is_left_out_is_not_told() {
        check(
            &[],
            &["a", "link"],
            expect![[r#"
            file a.txt 5
            file e 1
        "#]],
        );
        check(
            &[],
            &["a", "!a/c/d"],
            expect![[r#"
            folder a 0
            folder a/c 0
            file a/c/d 5
            file a.txt 5
            file e 1
            link link 0a/c
        "#]],
        );
        check(
            &[],
            &["*", "!e"],
            expect![[r#"
            file e 1
        "#]],
        );
    }

    #[test]
    fn only_what_is_asked_for_is_told() {
        check(
            &["a/c", "no-such"],
            &[],
            expect![[r#"
            folder a 0
            folder a/c 0
            file a/c/d 5
        "#]],
        );
        check(
            &["a.txt"],
            &[],
            expect![[r#"
            file a.txt 5
        "#]],
        );
    }

    #[test]
    fn a_way_over_a_link_asks_for_all() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        std::os::unix::fs::symlink("b", folder.path().join("a")).expect("it can be made");
        let these = |path: &str| Wanted::these(folder.path(), &[path.to_owned()]);
        assert_eq!(these("a/c"), Wanted::All);
        assert_eq!(these("*.txt"), Wanted::All);
        assert_eq!(these("."), Wanted::All);
        assert_eq!(these("./b/c/"), Wanted::Paths(vec!["b/c".to_owned()]));
    }

    #[test]
    fn a_folder_that_cannot_be_read_is_an_error() {
        let listing = Listing { root: "/no/such/folder".into(), wanted: Wanted::All, patterns: Vec::new() };
        let went = listing.each(|_| ControlFlow::Continue(()));
        assert!(went.is_err_and(|message| message.starts_with("/no/such/folder cannot be read: ")));
    }
}
