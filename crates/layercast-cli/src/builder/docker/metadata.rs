//! What files are beside their bytes: links, devices, rights and times.

use bollard_buildkit_proto::fsutil::types::Stat;
use std::io;
use std::path::Path;

/// Makes a link to a place that need not be there.
#[cfg(unix)]
pub(super) fn link(to: &str, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(to, at)
}

/// Makes a device or a pipe.
#[cfg(target_os = "linux")]
pub(super) fn node(at: &Path, stat: &Stat) -> io::Result<()> {
    use super::mode::{DEVICE, LETTERS};
    use rustix::fs::{CWD, FileType, Mode, makedev, mknodat};
    let kind = match stat.mode {
        mode if mode & DEVICE == 0 => FileType::Fifo,
        mode if mode & LETTERS != 0 => FileType::CharacterDevice,
        _ => FileType::BlockDevice,
    };
    let number = |it: i64| u32::try_from(it).unwrap_or(0);
    let device = makedev(number(stat.devmajor), number(stat.devminor));
    Ok(mknodat(CWD, at, kind, Mode::RUSR | Mode::WUSR, device)?)
}

/// Gives a file the rights and times that it has in the image. Whoever owns it there means nothing here.
#[cfg(unix)]
pub(super) fn dress(at: &Path, stat: &Stat) -> io::Result<()> {
    use super::mode::{LINK, to_unix};
    use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, XattrFlags, lsetxattr, utimensat};
    use std::os::unix::fs::PermissionsExt;
    const SECOND: i64 = 1_000_000_000;
    for (name, value) in &stat.xattrs {
        // Not every user may, and not every disk can.
        let _ = lsetxattr(at, name, value, XattrFlags::empty());
    }
    if stat.mode & LINK == 0 {
        std::fs::set_permissions(at, PermissionsExt::from_mode(to_unix(stat.mode)))?;
    }
    let time =
        Timespec { tv_sec: stat.mod_time.div_euclid(SECOND), tv_nsec: stat.mod_time.rem_euclid(SECOND) };
    let times = Timestamps { last_access: time, last_modification: time };
    Ok(utimensat(CWD, at, &times, AtFlags::SYMLINK_NOFOLLOW)?)
}

#[cfg(not(unix))]
pub(super) fn link(_to: &str, _at: &Path) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "there are no such links here"))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn node(_at: &Path, _stat: &Stat) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "there are no such files here"))
}

#[cfg(not(unix))]
pub(super) fn dress(_at: &Path, _stat: &Stat) -> io::Result<()> {
    Ok(())
}
