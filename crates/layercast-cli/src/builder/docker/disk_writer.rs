//! Files that BuildKit sends one by one, laid into a folder as buildx does it: what lies there stays, unless something
//! of its name comes.
//! <https://github.com/tonistiigi/fsutil/blob/master/receive.go>
//!
//! **Invariant:** nothing outside the folder is touched. Names come in order and each in a folder that came before it;
//! what lies at the place of a folder and is none gives way, so no link is followed.

use super::metadata::{dress, link, node};
use super::mode::{DEVICE, FOLDER, LINK, PIPE, SOCKET};
use bollard_buildkit_proto::fsutil::types::packet::PacketType;
use bollard_buildkit_proto::fsutil::types::{Packet, Stat};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fs::{DirBuilder, File};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

/// So many files are open at once: BuildKit sends four at a time.
const FILES_AT_ONCE: usize = 16;

/// A folder that is being filled. Messages are sentences without a full stop.
#[derive(Default)]
pub(super) struct DiskWriter {
    root: PathBuf,
    /// How many names came: the number of the next one.
    n_named: u32,
    last_name: PathBuf,
    is_all_named: bool,
    /// Folders that came. They get their own rights and times last, as what is laid into them changes both.
    folders: BTreeMap<PathBuf, Stat>,
    /// Files whose bytes are still to be asked for.
    waiting: VecDeque<(u32, Stat)>,
    /// Those whose bytes are on their way.
    open: HashMap<u32, (File, Stat)>,
    /// Second names of files, and the first ones.
    links: Vec<(PathBuf, PathBuf)>,
}

impl DiskWriter {
    /// The folder is made where there is none.
    pub(super) fn into(root: PathBuf) -> Result<Self, String> {
        let mut folder = DirBuilder::new();
        // Nobody else's, as buildx has it: in the image, its files may be anybody's.
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        folder.recursive(true).create(&root).map_err(cannot(&root))?;
        Ok(Self { root, ..Self::default() })
    }

    /// Takes a packet in, and gives those to be sent back.
    pub(super) fn take(&mut self, packet: Packet) -> Result<Vec<Packet>, String> {
        match (packet.r#type(), packet.stat) {
            (PacketType::PacketStat, Some(stat)) => {
                let at = self.place(&stat.path)?;
                if Path::new(&stat.path) <= self.last_name {
                    return Err(no_place(&stat.path));
                }
                self.last_name = PathBuf::from(&stat.path);
                self.lay(&at, stat)?;
                self.n_named += 1;
            }
            (PacketType::PacketStat, None) => self.is_all_named = true,
            (PacketType::PacketData, _) => self.write(packet.id, &packet.data)?,
            (PacketType::PacketErr, _) => return Err(String::from_utf8_lossy(&packet.data).into_owned()),
            (PacketType::PacketReq | PacketType::PacketFin, _) => {}
        }
        self.ask()
    }

    /// Where a name is: in a folder that came.
    fn place(&self, name: &str) -> Result<PathBuf, String> {
        let path = Path::new(name);
        let is_plain = path.components().all(|part| matches!(part, Component::Normal(_)));
        match path.parent() {
            Some(parent) if is_plain && (parent == "" || self.folders.contains_key(parent)) => {
                Ok(self.root.join(path))
            }
            _ => Err(no_place(name)),
        }
    }

    fn lay(&mut self, at: &Path, stat: Stat) -> Result<(), String> {
        let is_folder = at.symlink_metadata().ok().map(|there| there.is_dir());
        if stat.mode & FOLDER != 0 {
            make_folder(at, is_folder).map_err(cannot(at))?;
            self.folders.insert(PathBuf::from(&stat.path), stat);
            return Ok(());
        }
        match is_folder {
            Some(true) => std::fs::remove_dir_all(at),
            Some(false) => std::fs::remove_file(at),
            None => Ok(()),
        }
        .map_err(cannot(at))?;
        match stat.mode {
            mode if mode & LINK != 0 => link(&stat.linkname, at).and_then(|()| dress(at, &stat)),
            mode if mode & (DEVICE | PIPE) != 0 => node(at, &stat).and_then(|()| dress(at, &stat)),
            // It went with the process that listened there.
            mode if mode & SOCKET != 0 => Ok(()),
            _ if !stat.linkname.is_empty() => {
                self.links.push((at.to_owned(), self.place(&stat.linkname)?));
                Ok(())
            }
            _ => {
                self.waiting.push_back((self.n_named, stat));
                Ok(())
            }
        }
        .map_err(cannot(at))
    }

    /// Bytes of a file; where there are none, it is whole.
    fn write(&mut self, number: u32, data: &[u8]) -> Result<(), String> {
        let unasked = || "the builder sent bytes of a file that was not asked for".to_owned();
        let (file, stat) = self.open.get_mut(&number).ok_or_else(unasked)?;
        let at = self.root.join(&stat.path);
        if !data.is_empty() {
            return file.write_all(data).map_err(cannot(&at));
        }
        dress(&at, stat).map_err(cannot(&at))?;
        self.open.remove(&number);
        Ok(())
    }

    /// Asks for the next files, or says that all has come.
    fn ask(&mut self) -> Result<Vec<Packet>, String> {
        let mut packets = Vec::new();
        while self.open.len() < FILES_AT_ONCE
            && let Some((id, stat)) = self.waiting.pop_front()
        {
            let at = self.root.join(&stat.path);
            self.open.insert(id, (File::create_new(&at).map_err(cannot(&at))?, stat));
            packets.push(Packet { r#type: PacketType::PacketReq.into(), id, ..Packet::default() });
        }
        if self.is_all_named && self.open.is_empty() {
            self.end()?;
            packets.push(Packet { r#type: PacketType::PacketFin.into(), ..Packet::default() });
        }
        Ok(packets)
    }

    fn end(&mut self) -> Result<(), String> {
        for (at, first) in std::mem::take(&mut self.links) {
            std::fs::hard_link(first, &at).map_err(cannot(&at))?;
        }
        // Turned round, what is in a folder comes before it.
        for (name, stat) in std::mem::take(&mut self.folders).iter().rev() {
            let at = self.root.join(name);
            dress(&at, stat).map_err(cannot(&at))?;
        }
        Ok(())
    }
}

/// A folder into which we may write.
fn make_folder(at: &Path, is_folder: Option<bool>) -> io::Result<()> {
    match is_folder {
        Some(true) => open_to_its_owner(at),
        Some(false) => {
            std::fs::remove_file(at)?;
            std::fs::create_dir(at)
        }
        None => std::fs::create_dir(at),
    }
}

#[cfg(unix)]
fn open_to_its_owner(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = folder.metadata()?.permissions().mode();
    std::fs::set_permissions(folder, PermissionsExt::from_mode(mode | 0o700))
}

#[cfg(not(unix))]
fn open_to_its_owner(_folder: &Path) -> io::Result<()> {
    Ok(())
}

fn no_place(name: &str) -> String {
    format!("the builder sent the name `{name}`, which has no place")
}

fn cannot(path: &Path) -> impl Fn(io::Error) -> String {
    move |error| format!("{} cannot be written: {error}", path.display())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use std::os::unix::fs::{MetadataExt, symlink};

    /// What a builder names, by `kind name`, each `>` with what it points to or holds.
    fn named(line: &str) -> (Stat, Vec<u8>) {
        let (kind, rest) = line.split_once(' ').expect("a kind and a name");
        let (path, more) = rest.split_once(" > ").unwrap_or((rest, ""));
        let (mode, linkname, bytes) = match kind {
            "folder" => (FOLDER | 0o755, "", ""),
            "closed" => (FOLDER | 0o500, "", ""),
            "link" => (LINK | 0o777, more, ""),
            "same" => (0o640, more, ""),
            "pipe" => (PIPE | 0o600, "", ""),
            "socket" => (SOCKET | 0o600, "", ""),
            _ => (0o640, "", more),
        };
        let (path, linkname) = (path.to_owned(), linkname.to_owned());
        (Stat { path, mode, linkname, mod_time: 1_500_000_000, ..Stat::default() }, bytes.into())
    }

    fn packet(kind: PacketType) -> Packet {
        Packet { r#type: kind.into(), ..Packet::default() }
    }

    /// Sends it all as a builder does, and gives back what is refused.
    fn send(root: &Path, lines: &[&str]) -> Result<(), String> {
        let mut writer = DiskWriter::into(root.to_owned())?;
        let files: Vec<(Stat, Vec<u8>)> = lines.iter().map(|line| named(line)).collect();
        let mut asked = VecDeque::new();
        for (stat, _) in &files {
            asked.extend(writer.take(Packet { stat: Some(stat.clone()), ..packet(PacketType::PacketStat) })?);
        }
        asked.extend(writer.take(packet(PacketType::PacketStat))?);
        while let Some(Packet { r#type: kind, id, .. }) = asked.pop_front() {
            if kind == i32::from(PacketType::PacketFin) {
                return Ok(());
            }
            let (_, bytes) = &files[usize::try_from(id).expect("it is small")];
            for data in bytes.chunks(2).chain([&[][..]]) {
                asked.extend(writer.take(Packet {
                    id,
                    data: data.into(),
                    ..packet(PacketType::PacketData)
                })?);
            }
        }
        Err("it never said that all has come".to_owned())
    }

    /// All that lies in a folder, with rights, links and times.
    fn tree(root: &Path) -> String {
        let mut told = String::new();
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            let entries = std::fs::read_dir(&folder).expect("it is a folder");
            let mut paths: Vec<PathBuf> = entries.map(|it| it.expect("it can be read").path()).collect();
            paths.sort();
            for path in paths {
                let it = path.symlink_metadata().expect("it is there");
                let name = path.strip_prefix(root).expect("it is inside").display();
                let more = match it.file_type() {
                    kind if kind.is_symlink() => {
                        format!("> {}", std::fs::read_link(&path).expect("a link").display())
                    }
                    kind if kind.is_file() => {
                        let text = std::fs::read_to_string(&path).expect("it is text");
                        format!("> {text} ({} names)", it.nlink())
                    }
                    _ => String::new(),
                };
                told += &format!("{:o} {}s {name} {more}\n", it.mode(), it.mtime());
                if it.is_dir() {
                    folders.push(path);
                }
            }
        }
        told
    }

    #[track_caller]
    fn check(lines: &[&str], expected: Expect) {
        let root = tempfile::tempdir().expect("a temporary folder can be made");
        assert_eq!(send(root.path(), lines), Ok(()));
        expected.assert_eq(&tree(root.path()));
    }

    #[track_caller]
    fn check_refused(lines: &[&str], name: &str) {
        let root = tempfile::tempdir().expect("a temporary folder can be made");
        assert_eq!(send(&root.path().join("in"), lines), Err(no_place(name)));
    }

    #[test]
    fn files_come_with_rights_times_and_links() {
        check(
            &["closed a", "file a/b > bytes", "link a/c > ../nowhere", "pipe d", "file e > ", "same f > a/b"],
            expect![[r#"
                40500 1s a 
                10600 1s d 
                100640 1s e >  (1 names)
                100640 1s f > bytes (2 names)
                100640 1s a/b > bytes (2 names)
                120777 1s a/c > ../nowhere
            "#]],
        );
    }

    #[test]
    fn more_files_than_are_open_at_once() {
        let root = tempfile::tempdir().expect("a temporary folder can be made");
        let lines: Vec<String> = (0..100).map(|n| format!("file {n:03} > {n}")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(send(root.path(), &lines), Ok(()));
        assert_eq!(std::fs::read_to_string(root.path().join("099")).ok().as_deref(), Some("99"));
    }

    #[test]
    fn what_lies_there_stays_unless_its_name_comes() {
        let root = tempfile::tempdir().expect("a temporary folder can be made");
        let path = |name: &str| root.path().join(name);
        std::fs::create_dir_all(path("a/deep")).expect("it can be made");
        std::fs::create_dir(path("b")).expect("it can be made");
        for name in ["a/deep/own", "a/old", "b/lost", "c"] {
            std::fs::write(path(name), "old").expect("it can be written to");
        }
        let lines = ["folder a", "file a/old > new", "file b > new", "folder c", "file c/d > new"];
        assert_eq!(send(root.path(), &lines), Ok(()));
        let kept = std::fs::read_to_string(path("a/deep/own"));
        assert_eq!(kept.ok().as_deref(), Some("old"));
        for name in ["a/old", "b", "c/d"] {
            assert_eq!(std::fs::read_to_string(path(name)).ok().as_deref(), Some("new"), "{name}");
        }
    }

    #[test]
    fn no_link_leads_out() {
        let (root, outside) = (tempfile::tempdir(), tempfile::tempdir());
        let (root, outside) = (root.expect("it can be made"), outside.expect("it can be made"));
        std::fs::write(outside.path().join("b"), "kept").expect("it can be written to");
        symlink(outside.path(), root.path().join("a")).expect("it can be made");
        symlink(outside.path().join("b"), root.path().join("c")).expect("it can be made");
        assert_eq!(send(root.path(), &["folder a", "file a/b > new", "file c > new"]), Ok(()));
        assert_eq!(std::fs::read_to_string(outside.path().join("b")).ok().as_deref(), Some("kept"));
    }

    #[test]
    fn names_without_a_place_are_refused() {
        check_refused(&["file ../a > out"], "../a");
        check_refused(&["file /a > out"], "/a");
        check_refused(&["file a/b > no such folder"], "a/b");
        check_refused(&["link a > ..", "file a/b > over a link"], "a/b");
        check_refused(&["folder a", "link a > ..", "file a/b > over a link"], "a");
        check_refused(&["file b > ", "file a > out of order"], "a");
        check_refused(&["same a > ../b"], "../b");
        check_refused(&["file "], "");
    }
}
