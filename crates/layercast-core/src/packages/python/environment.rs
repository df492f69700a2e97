//! The interpreter and platform that something is installed for.

use super::version::Version;

/// A CPython on Linux.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Major and minor version: 3, 11.
    pub python: (u64, u64),
    /// The third number; where nobody says, a late one.
    pub patch: u64,
    /// The C library, by which wheels are chosen.
    pub libc: Libc,
    /// The machine as Python names it: `x86_64`, `aarch64`.
    pub machine: String,
}

/// A C library with its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Libc {
    /// GNU's.
    Glibc(u64, u64),
    /// Alpine's.
    Musl(u64, u64),
}

impl Environment {
    /// CPython on Debian 12 or something like it; the architecture as platforms name it: `amd64`.
    pub fn linux(python: (u64, u64), architecture: &str) -> Self {
        Self { python, patch: 9, libc: Libc::Glibc(2, 36), machine: machine(architecture).to_owned() }
    }

    /// The version in full: `3.11.9`.
    pub fn version(&self) -> String {
        format!("{}.{}.{}", self.python.0, self.python.1, self.patch)
    }

    /// True where `Requires-Python` allows this interpreter; what cannot be read allows all.
    pub fn is_allowed_by(&self, requires_python: &str) -> bool {
        let specifiers = super::version::Specifiers::parse(requires_python);
        let version = Version::parse(&self.version());
        match (specifiers, version) {
            (Some(specifiers), Some(version)) => specifiers.contain(&version),
            _ => true,
        }
    }

    /// The value of a marker's variable; empty for what no build is asked about.
    pub(super) fn variable(&self, name: &str) -> String {
        match name {
            "python_version" => format!("{}.{}", self.python.0, self.python.1),
            "python_full_version" | "implementation_version" => self.version(),
            "os_name" => "posix".to_owned(),
            "sys_platform" => "linux".to_owned(),
            "platform_system" => "Linux".to_owned(),
            "platform_machine" => self.machine.clone(),
            "platform_python_implementation" => "CPython".to_owned(),
            "implementation_name" => "cpython".to_owned(),
            _ => String::new(),
        }
    }
}

/// What `uname -m` says for an architecture of image platforms.
pub fn machine(architecture: &str) -> &str {
    match architecture {
        "amd64" => "x86_64",
        "arm64" => "aarch64",
        "386" => "i686",
        "arm" => "armv7l",
        other => other,
    }
}
