//! Folders with a Debian in them, made by debootstrap from the mirror of apt's own sources.

use super::Lab;
use crate::program::Program;
use crate::step::Failed;
use std::fs;
use std::path::Path;

/// Debian's mirrors, as apt knows them: addresses, never written down in this project.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mirrors {
    pub(super) main: String,
    pub(super) security: String,
}

impl Mirrors {
    pub(super) fn of_this_machine() -> Result<Self, Failed> {
        let format = "$(REPO_URI) $(RELEASE)";
        let targets = Program::new("apt-get")
            .args(["indextargets", "--format", format, "Created-By: Packages"])
            .read()?;
        let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
        let codename = release.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
        let codename = codename.ok_or_else(|| Failed("/etc/os-release names no release".to_owned()))?;
        Self::read(&targets, codename).ok_or_else(|| {
            Failed(format!("apt's sources name no mirror of {codename} and its security updates"))
        })
    }

    /// From lines of a mirror and one of its suites.
    fn read(targets: &str, codename: &str) -> Option<Self> {
        let mirror_of = |suite: &str| {
            let mut lines = targets.lines().filter_map(|line| line.split_once(' '));
            lines
                .find(|(_, release)| *release == suite)
                .map(|(mirror, _)| mirror.trim_end_matches('/').to_owned())
        };
        Some(Self { main: mirror_of(codename)?, security: mirror_of(&format!("{codename}-security"))? })
    }
}

impl Lab {
    /// Unpacks `suite` with `packages` into `folder`, which is there only when all of it is.
    pub(super) fn debootstrap(&self, suite: &str, packages: &[&str], folder: &Path) -> Result<(), Failed> {
        let mirrors = Mirrors::of_this_machine()?;
        let part = folder.with_extension("part");
        remove_folder(&part)?;
        let cache = self.path("debs");
        fs::create_dir_all(&cache)?;
        let mut program = Program::new("debootstrap").args(["--variant=minbase"]);
        if !packages.is_empty() {
            program = program.args([format!("--include={}", packages.join(","))]);
        }
        let log = self.path("debootstrap.log");
        let program = program
            .args([format!("--cache-dir={}", cache.display())])
            .args([suite.as_ref(), part.as_os_str()])
            // Every suite that is wanted here is made like sid; not each has a script of its own.
            .args([mirrors.main.as_str(), "sid"]);
        program.run_into(&log).map_err(|failed| Failed(format!("{failed}; see {}", log.display())))?;
        Ok(fs::rename(part, folder)?)
    }
}

pub(super) fn remove_folder(folder: &Path) -> Result<(), Failed> {
    if folder.exists() { Ok(fs::remove_dir_all(folder)?) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirrors_are_read_from_what_apt_says() {
        let targets = "http://mirror.example/debian/ bookworm-updates\n\
                       http://mirror.example/debian/ bookworm\n\
                       http://other.example/debian-security bookworm-security\n";
        let main = "http://mirror.example/debian".to_owned();
        let security = "http://other.example/debian-security".to_owned();
        assert_eq!(Mirrors::read(targets, "bookworm"), Some(Mirrors { main, security }));
        assert_eq!(Mirrors::read(targets, "trixie"), None);
    }
}
