//! The lab: dockerd, a registry on loopback and base images, all in `target/lab`, for builds that are real.
//!
//! **Invariant:** nothing comes from a registry of images. Packages come from the mirror that apt's own sources
//! name. What is mounted or started is gone after `down`; what took time to make stays in the folder.

mod bases;
mod daemon;
mod debian;
mod measure;
mod network;
mod process;
mod registry;

use crate::program::Program;
use crate::program::on_path;
use crate::project;
use crate::step::{Failed, step};
use crate::system;
use daemon::Daemon;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What stands on this machine beside what the lab installs by itself.
const PROGRAMS: &[&str] = &["debootstrap", "docker-registry"];

/// The lab, by its folder.
#[derive(Debug)]
pub(crate) struct Lab {
    folder: PathBuf,
}

/// Which base images `up` makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bases {
    /// Debian, Debian slim, busybox: what tests stand on.
    Plain,
    /// Python and Node besides.
    All,
}

impl Lab {
    pub(crate) fn of_this_project() -> Self {
        Self { folder: project::target().join("lab") }
    }

    /// Brings up what is not up yet.
    pub(crate) fn up(&self, bases: Bases) -> Result<(), Failed> {
        let start = Instant::now();
        if let Some(why) = Self::why_not() {
            return Err(Failed(format!("no lab here: {why}")));
        }
        fs::create_dir_all(&self.folder)?;
        let _alone = self.lock()?;
        system::install_these(PROGRAMS)?;
        if let Some(why) = system::missing(PROGRAMS) {
            return Err(Failed(format!("no lab here: {why}")));
        }
        self.install_docker()?;
        self.start_registry()?;
        self.start_network()?;
        self.start_dockerd(Daemon::Usual)?;
        if let Err(failed) = self.start_dockerd(Daemon::Containerd) {
            println!("   this Docker keeps no images as containerd does: {failed}");
        }
        self.make_bases(bases)?;
        println!("the lab is up, in {:.1} s", start.elapsed().as_secs_f64());
        self.status()
    }

    /// Ends what runs, and checks that nothing is left.
    pub(crate) fn down(&self) -> Result<(), Failed> {
        if !self.folder.is_dir() {
            println!("the lab is down");
            return Ok(());
        }
        let _alone = self.lock()?;
        for daemon in Daemon::ALL {
            self.stop_dockerd(daemon)?;
        }
        self.stop_registry()?;
        self.stop_network();
        let left = self.left_behind();
        if !left.is_empty() {
            return Err(Failed(format!("left behind: {}", left.join(", "))));
        }
        println!("the lab is down");
        Ok(())
    }

    /// Says what runs. An error where the lab is not up.
    pub(crate) fn status(&self) -> Result<(), Failed> {
        let Some(version) = self.docker_version() else {
            return Err(Failed("the lab is down; cargo xtask lab up starts it".to_owned()));
        };
        println!("docker     {version}, {}", self.docker_host());
        println!("registry   {}", self.registry_address().unwrap_or_else(|| "down".to_owned()));
        println!("network    {}", self.network());
        println!("images     {}", self.bases().join(", "));
        println!("to use it  . {}", self.folder.join("environment").display());
        Ok(())
    }

    /// What stands against a lab on this machine.
    pub(crate) fn why_not() -> Option<String> {
        if !cfg!(target_os = "linux")
            || !Path::new("/etc/debian_version").exists()
            || on_path("apt-get").is_none()
        {
            return Some("it is made from Debian's packages, on Debian".to_owned());
        }
        if !system::is_debian_as_root() {
            return Some("dockerd wants root".to_owned());
        }
        let programs = ["unshare", "setsid", "chroot", "mount", "tar"];
        let missing: Vec<&str> = programs.into_iter().filter(|name| on_path(name).is_none()).collect();
        if missing.is_empty() { None } else { Some(format!("not on this machine: {}", missing.join(", "))) }
    }

    /// Whether the kernel refuses what a dockerd of one's own begins with, as many sandboxes have it.
    pub(crate) fn is_forbidden() -> bool {
        let words = ["--mount", "--pid", "--fork", "mount", "-t", "tmpfs", "none", "/mnt"];
        !Program::new("unshare").args(words).succeeds()
    }

    /// Whether its dockerd answers.
    pub(crate) fn is_up(&self) -> bool {
        self.docker_version().is_some()
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A file or folder of the lab.
    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Two that bring the same lab up, or one up and one down, take turns.
    fn lock(&self) -> Result<File, Failed> {
        let file = File::create(self.path("lock"))?;
        file.lock()?;
        Ok(file)
    }

    /// Mounts, processes, bridges and sockets that should be gone.
    fn left_behind(&self) -> Vec<String> {
        let mut left = Vec::new();
        let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
        let folder = self.folder.to_string_lossy().into_owned();
        let mounted = |line: &&str| line.split(' ').nth(1).is_some_and(|path| path.starts_with(&folder));
        left.extend(mounts.lines().filter(mounted).map(|line| format!("mount {line}")));
        left.extend(process::below(&self.folder).into_iter().map(|process| format!("process {process}")));
        if self.bridge_is_up() {
            left.push(format!("bridge {}", self.bridge()));
        }
        let sockets = Daemon::ALL.map(|daemon| self.socket(daemon)).into_iter().filter(|it| it.exists());
        left.extend(sockets.map(|socket| format!("socket {}", socket.display())));
        left
    }
}

/// Runs `work` under its title unless `done` already.
fn unless(done: bool, title: &str, work: impl FnOnce() -> Result<(), Failed>) -> Result<(), Failed> {
    if done { Ok(()) } else { step(title, work) }
}
