//! RUN --mount: what a command sees while it runs and leaves out of its layer.
//! Reference: <https://docs.docker.com/reference/dockerfile/#run---mount>.

use crate::suggest::did_you_mean;
use std::fmt;

/// One mount, its variables expanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// What kind it is.
    pub kind: MountKind,
    /// `from`: a stage or an image; empty for the build context, or for none.
    pub from: String,
    /// `source`.
    pub source: String,
    /// `target`; empty where it is left out.
    pub target: String,
    /// `id`.
    pub id: String,
    /// False where it is writable.
    pub read_only: bool,
    /// `env`: the variable that holds a secret.
    pub env: Option<String>,
}

/// The kinds of mounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MountKind {
    /// Files of the context, a stage or an image.
    Bind,
    /// A folder that stays from build to build.
    Cache,
    /// Memory.
    Tmpfs,
    /// A secret of the caller's.
    Secret,
    /// The caller's SSH agent.
    Ssh,
}

/// Why a mount is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MountError {
    /// Not comma-separated values.
    #[error("`{0}` is no list of key=value, separated by commas")]
    List(String),
    /// `from=$x`.
    #[error("`from` of a mount takes no variables: name a stage that starts from it")]
    VariableInFrom,
    /// A word without `=`.
    #[error("`{0}` of a mount needs a value: key=value")]
    NoValue(String),
    /// A key that the kind of mount does not have.
    #[error("a {kind} mount has no `{key}`")]
    KeyOfOtherKind {
        /// The key.
        key: String,
        /// The kind.
        kind: MountKind,
    },
    /// A key that no mount has.
    #[error("a mount has no `{0}`")]
    UnknownKey(String),
    /// A kind that does not exist.
    #[error("`{0}` is no kind of mount")]
    UnknownKind(String),
    /// A value that does not fit its key.
    #[error("`{value}` does not fit `{key}` of a mount")]
    Value {
        /// The key.
        key: String,
        /// The value.
        value: String,
    },
    /// A secret mount that names no secret, or two.
    #[error("a secret mount needs an id, a source or a target, and not both source and id")]
    Secret,
    /// A mount over the whole file system.
    #[error("a mount cannot have the target `/`")]
    RootTarget,
    /// A variable in it cannot be expanded.
    #[error("{0}")]
    Expansion(#[from] crate::syntax::expansion::ExpansionError),
}

const KEYS: [&str; 13] = [
    "type", "from", "source", "target", "readonly", "id", "sharing", "required", "size", "mode", "uid",
    "gid", "env",
];
const KINDS: [&str; 5] = ["bind", "cache", "tmpfs", "secret", "ssh"];

impl MountError {
    /// What to write instead: the nearest name, or those there are.
    pub fn note(&self) -> Option<String> {
        let (word, known): (&str, &[&str]) = match self {
            Self::UnknownKey(key) => (key, &KEYS),
            Self::UnknownKind(kind) => (kind, &KINDS),
            Self::List(_) | Self::NoValue(_) => {
                return Some(
                    "Write it as --mount=type=cache,target=/root/.cache, without blanks.".to_owned(),
                );
            }
            _ => return None,
        };
        let nearest = did_you_mean(word, known.iter().copied());
        Some(nearest.unwrap_or_else(|| format!("There are {}.", known.join(", "))))
    }
}

impl fmt::Display for MountKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Bind => "bind",
            Self::Cache => "cache",
            Self::Tmpfs => "tmpfs",
            Self::Secret => "secret",
            Self::Ssh => "ssh",
        })
    }
}

/// What is wrong before any variable is known, and the `from` of the mount.
pub fn check_unexpanded(text: &str) -> Result<String, MountError> {
    let mut from = String::new();
    for field in fields(text)? {
        let Some((key, value)) = field.split_once('=') else { continue };
        if key.eq_ignore_ascii_case("from") {
            let variable = value.find('$').is_some_and(|at| at + 1 < value.len());
            if variable {
                return Err(MountError::VariableInFrom);
            }
            value.clone_into(&mut from);
        }
    }
    Ok(from)
}

/// Reads a mount, its values expanded by `expand`.
pub fn read(
    text: &str,
    mut expand: impl FnMut(&str) -> Result<String, crate::syntax::expansion::ExpansionError>,
) -> Result<Mount, MountError> {
    let mut mount = Mount {
        kind: MountKind::Bind,
        from: String::new(),
        source: String::new(),
        target: String::new(),
        id: String::new(),
        read_only: true,
        env: None,
    };
    let (mut read_only, mut sharing, mut owner_key) = (None, false, None);
    for field in fields(text)? {
        let (key, value) = match field.split_once('=') {
            Some((key, value)) => (key.to_ascii_lowercase(), Some(expand(value)?)),
            None => (field.to_ascii_lowercase(), None),
        };
        let of_kinds = |kinds: &[MountKind]| match kinds.contains(&mount.kind) {
            true => Ok(()),
            false => Err(MountError::KeyOfOtherKind { key: key.clone(), kind: mount.kind }),
        };
        let Some(value) = value else {
            match key.as_str() {
                "ro" | "readonly" => read_only = Some(true),
                "rw" | "readwrite" => read_only = Some(false),
                "required" => of_kinds(&[MountKind::Secret, MountKind::Ssh])?,
                _ => return Err(MountError::NoValue(field)),
            }
            continue;
        };
        let unfit = || MountError::Value { key: key.clone(), value: value.clone() };
        match key.as_str() {
            "type" => mount.kind = read_kind(&value)?,
            "from" => mount.from = value,
            "source" | "src" => mount.source = value,
            "target" | "dst" | "destination" => mount.target = value,
            "ro" | "readonly" => read_only = Some(read_bool(&value).ok_or_else(unfit)?),
            "rw" | "readwrite" => read_only = Some(!read_bool(&value).ok_or_else(unfit)?),
            "required" => {
                of_kinds(&[MountKind::Secret, MountKind::Ssh])?;
                read_bool(&value).ok_or_else(unfit)?;
            }
            "size" => {
                of_kinds(&[MountKind::Tmpfs])?;
                value.bytes().next().filter(u8::is_ascii_digit).ok_or_else(unfit)?;
            }
            "id" => mount.id = value,
            "sharing" => {
                let known = ["shared", "private", "locked"].contains(&value.to_ascii_lowercase().as_str());
                sharing = known.then_some(true).ok_or_else(unfit)?;
            }
            "mode" => {
                u32::from_str_radix(&value, 8).map_err(|_| unfit())?;
                owner_key = Some("mode");
            }
            "uid" | "gid" => {
                value.parse::<u32>().map_err(|_| unfit())?;
                owner_key = Some(if key == "uid" { "uid" } else { "gid" });
            }
            "env" => {
                of_kinds(&[MountKind::Secret])?;
                mount.env = Some(value);
            }
            _ => return Err(MountError::UnknownKey(key)),
        }
    }
    let writable_by_default = matches!(mount.kind, MountKind::Cache | MountKind::Tmpfs);
    mount.read_only = read_only.unwrap_or(!writable_by_default);
    check_kind(&mount, sharing, owner_key)?;
    Ok(mount)
}

fn check_kind(mount: &Mount, sharing: bool, owner_key: Option<&str>) -> Result<(), MountError> {
    let not_its_own = |key: &str| Err(MountError::KeyOfOtherKind { key: key.to_owned(), kind: mount.kind });
    match (mount.kind, owner_key) {
        (MountKind::Bind | MountKind::Tmpfs, Some(key)) => return not_its_own(key),
        (MountKind::Secret, _) if !mount.from.is_empty() => return not_its_own("from"),
        (kind, _) if sharing && kind != MountKind::Cache => return not_its_own("sharing"),
        _ => {}
    }
    let unnamed = mount.source.is_empty() && mount.target.is_empty() && mount.id.is_empty();
    let named_twice = !mount.source.is_empty() && !mount.id.is_empty();
    if mount.kind == MountKind::Secret && (unnamed || named_twice) {
        return Err(MountError::Secret);
    }
    Ok(())
}

fn read_kind(value: &str) -> Result<MountKind, MountError> {
    Ok(match value.to_ascii_lowercase().as_str() {
        "bind" => MountKind::Bind,
        "cache" => MountKind::Cache,
        "tmpfs" => MountKind::Tmpfs,
        "secret" => MountKind::Secret,
        "ssh" => MountKind::Ssh,
        _ => return Err(MountError::UnknownKind(value.to_owned())),
    })
}

fn read_bool(value: &str) -> Option<bool> {
    match value {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// Comma-separated values; a field in double quotes may hold commas.
fn fields(text: &str) -> Result<Vec<String>, MountError> {
    let malformed = || MountError::List(text.to_owned());
    let mut fields = Vec::new();
    let mut rest = text;
    if text.is_empty() {
        return Err(malformed());
    }
    loop {
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut field = String::new();
            let mut after = quoted;
            loop {
                let end = after.find('"').ok_or_else(malformed)?;
                field.push_str(&after[..end]);
                after = &after[end + 1..];
                match after.strip_prefix('"') {
                    Some(more) => {
                        field.push('"');
                        after = more;
                    }
                    None => break,
                }
            }
            fields.push(field);
            rest = after;
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            if rest[..end].contains('"') {
                return Err(malformed());
            }
            fields.push(rest[..end].to_owned());
            rest = &rest[end..];
        }
        match rest.strip_prefix(',') {
            Some(more) => rest = more,
            None if rest.is_empty() => return Ok(fields),
            None => return Err(malformed()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str, expected: &str) {
        let error = read(text, |value| Ok(value.to_owned())).unwrap_err();
        assert_eq!(error.to_string(), expected, "{text}");
    }

    #[test]
    fn keys_are_read_from_left_to_right() {
        let mount = read("type=cache,target=/x,id=y", |value| Ok(value.to_owned())).unwrap();
        assert_eq!((mount.kind, mount.target.as_str(), mount.read_only), (MountKind::Cache, "/x", false));
        refused("required,type=secret,id=x", "a bind mount has no `required`");
    }

    #[test]
    fn what_no_mount_has_is_refused() {
        refused("type=bind,z", "`z` of a mount needs a value: key=value");
        refused("type=volume", "`volume` is no kind of mount");
        let note = |error: MountError| error.note().unwrap_or_default();
        assert_eq!(note(MountError::UnknownKey("traget".into())), "Did you mean `target`?");
        assert_eq!(
            note(MountError::UnknownKind("volume".into())),
            "There are bind, cache, tmpfs, secret, ssh."
        );
        refused("type=bind,uid=1", "a bind mount has no `uid`");
        refused(
            "type=secret",
            "a secret mount needs an id, a source or a target, and not both source and id",
        );
        assert_eq!(check_unexpanded("type=bind,from=$x"), Err(MountError::VariableInFrom));
        assert_eq!(check_unexpanded("from=x$"), Ok("x$".to_owned()));
    }
}
