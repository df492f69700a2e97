//! The base images of the lab: look-alikes of the official ones, made here and pushed into its registry.

use super::debian::{Mirrors, remove_folder};
use super::{Bases, Lab, unless};
use crate::program::Program;
use crate::step::Failed;
use std::fs;
use std::path::{Path, PathBuf};

/// What the Debian images are made from.
const RELEASE: &str = "bookworm";

/// An image: its name and tag, how it is made, and the text that it is made by. Where that changes it is made anew.
struct Base {
    name: &'static str,
    tag: &'static str,
    recipe: &'static [&'static str],
    make: fn(&Lab, &str) -> Result<(), Failed>,
}

const DEBIAN: &str = include_str!("debian.sh");
const SLIM: &str = include_str!("slim.sh");
const PYTHON: &str = include_str!("python.Dockerfile");
const NODE: &str = include_str!("node.Dockerfile");

const PLAIN: &[Base] = &[
    Base { name: "debian", tag: "bookworm", recipe: &[DEBIAN], make: |lab, image| lab.import_debian(image) },
    Base {
        name: "debian",
        tag: "bookworm-slim",
        recipe: &[DEBIAN, SLIM],
        make: |lab, image| lab.import_slim(image),
    },
    Base { name: "busybox", tag: "latest", recipe: &[], make: |lab, image| lab.import_busybox(image) },
];

const MORE: &[Base] = &[
    Base {
        name: "python",
        tag: "3.11-slim",
        recipe: &[DEBIAN, SLIM, PYTHON],
        make: |lab, image| lab.build(image, PYTHON),
    },
    Base {
        name: "node",
        tag: "18-slim",
        recipe: &[DEBIAN, SLIM, NODE],
        make: |lab, image| lab.build(image, NODE),
    },
];

impl Lab {
    pub(super) fn make_bases(&self, bases: Bases) -> Result<(), Failed> {
        let more = if bases == Bases::All { MORE } else { &[] };
        for base in PLAIN.iter().chain(more) {
            let title = format!("image {}:{}", base.name, base.tag);
            unless(self.has(base), &title, || {
                let registry = self.registry_address().ok_or_else(|| Failed("no registry".to_owned()))?;
                let image = format!("{registry}/library/{}:{}", base.name, base.tag);
                (base.make)(self, &image)?;
                self.docker().args(["push", "--quiet", &image]).read()?;
                fs::create_dir_all(self.path("recipes"))?;
                Ok(fs::write(self.recipe(base), base.recipe.concat())?)
            })?;
        }
        Ok(())
    }

    /// Images that the registry has.
    pub(super) fn bases(&self) -> Vec<String> {
        let there = PLAIN.iter().chain(MORE).filter(|base| self.has(base));
        there.map(|base| format!("{}:{}", base.name, base.tag)).collect()
    }

    fn has(&self, base: &Base) -> bool {
        let tags = self.storage().join("docker/registry/v2/repositories/library");
        let pushed = tags.join(base.name).join("_manifests/tags").join(base.tag).is_dir();
        pushed && fs::read_to_string(self.recipe(base)).is_ok_and(|text| text == base.recipe.concat())
    }

    fn recipe(&self, base: &Base) -> PathBuf {
        self.path("recipes").join(format!("{}-{}", base.name, base.tag))
    }

    fn import_debian(&self, image: &str) -> Result<(), Failed> {
        let folder = self.path("debian");
        remove_folder(&folder)?;
        let mirrors = Mirrors::of_this_machine()?;
        self.debootstrap(RELEASE, &[], &folder)?;
        let script = Program::new("chroot")
            .args([folder.as_os_str(), "sh".as_ref(), "-c".as_ref(), DEBIAN.as_ref()])
            .env("MIRROR", mirrors.main)
            .env("SECURITY_MIRROR", mirrors.security)
            .env("SUITE", RELEASE);
        self.logged(script, "debian.log")?;
        self.import(&folder, image, "CMD [\"bash\"]")
    }

    /// Out of the folder of the full image, which is then used up.
    fn import_slim(&self, image: &str) -> Result<(), Failed> {
        let folder = self.path("debian");
        if !folder.is_dir() {
            let full = image.trim_end_matches("-slim");
            self.import_debian(full)?;
        }
        Program::new("chroot")
            .args([folder.as_os_str(), "sh".as_ref(), "-c".as_ref(), SLIM.as_ref()])
            .run()?;
        self.import(&folder, image, "CMD [\"bash\"]")?;
        remove_folder(&folder)
    }

    fn import_busybox(&self, image: &str) -> Result<(), Failed> {
        let folder = self.path("busybox");
        remove_folder(&folder)?;
        for name in ["bin", "etc", "tmp", "root"] {
            fs::create_dir_all(folder.join(name))?;
        }
        let program = ["usr/bin/busybox", "bin/busybox"].map(|path| self.docker_folder().join(path));
        let program = program.iter().find(|path| path.is_file());
        let program = program.ok_or_else(|| Failed("busybox-static is not where it should be".to_owned()))?;
        fs::copy(program, folder.join("bin/busybox"))?;
        fs::write(folder.join("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n")?;
        fs::write(folder.join("etc/group"), "root:x:0:\n")?;
        Program::new("chroot")
            .args([folder.as_os_str(), "/bin/busybox".as_ref()])
            .args(["--install", "/bin"])
            .run()?;
        self.import(&folder, image, "CMD [\"sh\"]")?;
        remove_folder(&folder)
    }

    /// A folder as an image of one layer.
    fn import(&self, folder: &Path, image: &str, change: &str) -> Result<(), Failed> {
        let archive = self.path("import.tar");
        let tar = Program::new("tar").folder(folder).args(["--numeric-owner", "--sort=name", "-cf"]);
        tar.args([archive.as_os_str(), ".".as_ref()]).run()?;
        let change = ["--change", change];
        self.docker().args(["import"]).args(change).args([archive.as_os_str(), image.as_ref()]).read()?;
        Ok(fs::remove_file(archive)?)
    }

    /// A Dockerfile of ours on the slim image. The authorities that this machine trusts go with it.
    fn build(&self, image: &str, dockerfile: &str) -> Result<(), Failed> {
        let folder = self.path("build");
        remove_folder(&folder)?;
        fs::create_dir_all(folder.join("certificates"))?;
        fs::write(folder.join("Dockerfile"), dockerfile)?;
        let trusted = Path::new("/etc/ssl/certs/ca-certificates.crt");
        if trusted.is_file() {
            fs::copy(trusted, folder.join("certificates/ca-certificates.crt"))?;
        }
        let build = self.docker().args(["build", "--progress=plain", "--tag", image]);
        self.logged(build.args(self.network_flags()).args([&folder]), "build.log")?;
        remove_folder(&folder)
    }

    /// Runs it; what it prints is in a file that is named where it fails.
    fn logged(&self, program: Program, log: &str) -> Result<(), Failed> {
        let log = self.path(log);
        program.run_into(&log).map_err(|failed| Failed(format!("{failed}; see {}", log.display())))
    }

    /// What `docker build` needs where there is no bridge.
    pub(crate) fn network_flags(&self) -> &'static [&'static str] {
        if self.bridge_is_up() { &[] } else { &["--network=host"] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_image_has_a_name_of_its_own() {
        let mut names: Vec<_> = PLAIN.iter().chain(MORE).map(|base| (base.name, base.tag)).collect();
        let n_images = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), n_images);
    }
}
