//! Kinds and rights of files, as BuildKit writes them: the bits of Go's `os.FileMode`.
//! <https://pkg.go.dev/io/fs#FileMode>

/// Kinds; what has none of them is a file.
pub(super) const FOLDER: u32 = 1 << 31;
pub(super) const LINK: u32 = 1 << 27;
pub(super) const DEVICE: u32 = 1 << 26;
pub(super) const PIPE: u32 = 1 << 25;
pub(super) const SOCKET: u32 = 1 << 24;
/// What a device has that gives letters one by one.
pub(super) const LETTERS: u32 = 1 << 21;

/// The three bits above the lowest nine, by Unix and by Go.
const SPECIAL: [(u32, u32); 3] = [(0o4000, 1 << 23), (0o2000, 1 << 22), (0o1000, 1 << 20)];

/// Rights as Go has them.
pub(super) fn of_unix(mode: u32) -> u32 {
    let above: u32 = SPECIAL.iter().filter(|(ours, _)| mode & ours != 0).map(|(_, theirs)| theirs).sum();
    (mode & 0o777) | above
}

/// Rights as Unix has them.
pub(super) fn to_unix(mode: u32) -> u32 {
    let above: u32 = SPECIAL.iter().filter(|(_, theirs)| mode & theirs != 0).map(|(ours, _)| ours).sum();
    (mode & 0o777) | above
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_the_same_there_and_back() {
        for (unix, go) in
            [(0o644, 0o644), (0o4755, 0o755 | 1 << 23), (0o2750, 0o750 | 1 << 22), (0o1777, 0o777 | 1 << 20)]
        {
            assert_eq!(of_unix(unix), go, "{unix:o}");
            assert_eq!(to_unix(go | FOLDER), unix, "{unix:o}");
        }
    }
}
