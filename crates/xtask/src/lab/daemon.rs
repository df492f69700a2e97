//! The lab's dockerd: unpacked from Debian's packages, run in namespaces of its own.

use super::process::{Service, child_of, wait_until};
use super::{Lab, unless};
use crate::program::Program;
use crate::step::Failed;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Debian releases with a Docker, best first: 28.5, and what bookworm has (20.10: BuildKit without heredocs).
const RELEASES: &[(&str, &[&str])] = &[
    (
        "forky",
        &[
            "ca-certificates",
            "iptables",
            "iproute2",
            "docker.io",
            "docker-buildx",
            "docker-cli",
            "busybox-static",
        ],
    ),
    ("bookworm", &["ca-certificates", "iptables", "iproute2", "docker.io", "busybox-static"]),
];

/// A dockerd of the lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Daemon {
    /// It keeps images as layers that are unpacked.
    Usual,
    /// It keeps them as containerd does, as Docker Desktop has it and new installations of Docker 29: for several
    /// platforms.
    Containerd,
}

impl Daemon {
    pub(super) const ALL: [Self; 2] = [Self::Usual, Self::Containerd];

    fn name(self) -> &'static str {
        self.either("dockerd", "containerd-dockerd")
    }

    fn title(self) -> &'static str {
        self.either("dockerd", "dockerd with images as containerd keeps them")
    }

    fn either(self, usual: &'static str, containerd: &'static str) -> &'static str {
        match self {
            Self::Usual => usual,
            Self::Containerd => containerd,
        }
    }
}

/// What runs inside the namespaces.
const START: &str = include_str!("dockerd.sh");

impl Lab {
    /// Unpacks Docker, once: half a minute, 700 MB.
    pub(super) fn install_docker(&self) -> Result<(), Failed> {
        let folder = self.docker_folder();
        unless(folder.is_dir(), "Docker, from Debian's packages (once)", || {
            let mut last = Ok(());
            for (release, packages) in RELEASES {
                last = self.debootstrap(release, packages, &folder);
                match &last {
                    Ok(()) => break,
                    Err(failed) => println!("   not from {release}: {failed}"),
                }
            }
            last
        })?;
        self.write_environment()
    }

    pub(super) fn start_dockerd(&self, daemon: Daemon) -> Result<(), Failed> {
        let answers = || self.version_of(daemon).is_some();
        unless(self.dockerd(daemon).id().is_some() && answers(), daemon.title(), || {
            self.stop_dockerd(daemon)?;
            fs::write(self.path("dockerd.sh"), START)?;
            let namespaces = ["--mount", "--pid", "--fork", "--kill-child", "sh"];
            let program = Program::new("unshare")
                .args(namespaces)
                .args([self.path("dockerd.sh"), self.docker_folder(), self.folder.clone()])
                .args(self.flags(daemon));
            let log = self.path(&format!("{}.log", daemon.name()));
            self.dockerd(daemon).start(program, &log)?;
            let service = self.dockerd(daemon);
            let ended = || service.id().is_none();
            if wait_until(Duration::from_secs(60), || answers() || ended()) && answers() {
                return Ok(());
            }
            self.stop_dockerd(daemon)?;
            let text = fs::read_to_string(&log).unwrap_or_default();
            let lines: Vec<&str> = text.lines().rev().take(5).collect();
            let lines: Vec<&str> = lines.into_iter().rev().collect();
            Err(Failed(format!("dockerd does not start:\n{}", lines.join("\n"))))
        })
    }

    pub(super) fn stop_dockerd(&self, daemon: Daemon) -> Result<(), Failed> {
        // `unshare` only waits; dockerd is what it started.
        self.dockerd(daemon).stop(self.dockerd(daemon).id().and_then(child_of))?;
        if self.socket(daemon).exists() {
            fs::remove_file(self.socket(daemon))?;
        }
        let group = self.group(daemon);
        for hierarchy in fs::read_dir("/sys/fs/cgroup").into_iter().flatten().flatten() {
            remove_groups(&hierarchy.path().join(&group));
        }
        remove_groups(&Path::new("/sys/fs/cgroup").join(&group));
        Ok(())
    }

    /// `docker`, speaking to the lab's dockerd.
    pub(crate) fn docker(&self) -> Program {
        Program::new(self.path("bin").join("docker"))
            .env("DOCKER_HOST", self.docker_host())
            .env("DOCKER_CONFIG", self.path("config"))
            .env_remove("DOCKER_CONTEXT")
    }

    /// A program of the folder that Docker was unpacked into.
    pub(super) fn in_docker(&self, name: &str) -> Program {
        Program::new("chroot").args([self.docker_folder().as_os_str(), name.as_ref()])
    }

    /// The version of the dockerd that answers.
    pub(crate) fn docker_version(&self) -> Option<String> {
        self.version_of(Daemon::Usual)
    }

    fn version_of(&self, daemon: Daemon) -> Option<String> {
        let socket = self.socket(daemon);
        if !socket.exists() {
            return None;
        }
        let docker = self.docker().env("DOCKER_HOST", format!("unix://{}", socket.display()));
        let version = docker.args(["version", "--format", "{{.Server.Version}}"]).read_quietly().ok()?;
        Some(version.trim().to_owned())
    }

    pub(crate) fn docker_host(&self) -> String {
        format!("unix://{}", self.socket(Daemon::Usual).display())
    }

    pub(super) fn socket(&self, daemon: Daemon) -> PathBuf {
        self.path(&format!("{}.sock", daemon.either("docker", "containerd")))
    }

    pub(super) fn docker_folder(&self) -> PathBuf {
        self.path("docker")
    }

    fn dockerd(&self, daemon: Daemon) -> Service {
        Service::new(self.path(&format!("{}.pid", daemon.name())))
    }

    fn flags(&self, daemon: Daemon) -> Vec<String> {
        // Two daemons on one bridge would hand out one address twice.
        let has_bridge = daemon == Daemon::Usual && self.bridge_is_up();
        let bridge = if has_bridge { self.bridge() } else { "none".to_owned() };
        let mirror = self.registry_address().unwrap_or_default();
        let mut flags = vec![
            format!("--host=unix://{}", self.socket(daemon).display()),
            format!("--data-root={}", self.path(daemon.either("data", "containerd-data")).display()),
            "--exec-root=/run/docker".to_owned(),
            "--pidfile=/run/docker.pid".to_owned(),
            format!("--bridge={bridge}"),
            "--iptables=false".to_owned(),
            "--ip6tables=false".to_owned(),
            format!("--cgroup-parent=/{}", self.group(daemon)),
            format!("--registry-mirror=http://{mirror}"),
        ];
        if daemon == Daemon::Containerd {
            flags.push("--feature=containerd-snapshotter=true".to_owned());
        }
        flags
    }

    /// The control group that containers of a daemon are in.
    fn group(&self, daemon: Daemon) -> String {
        format!("layercast-{}{}", self.bridge(), daemon.either("", "-containerd"))
    }

    /// What makes a shell's `docker` the lab's: `. target/lab/environment`.
    fn write_environment(&self) -> Result<(), Failed> {
        let (bin, config, docker) = (self.path("bin"), self.path("config"), self.docker_folder());
        fs::create_dir_all(&bin)?;
        fs::create_dir_all(&config)?;
        let link = bin.join("docker");
        if link.symlink_metadata().is_err() {
            #[cfg(unix)]
            std::os::unix::fs::symlink(docker.join("usr/bin/docker"), &link)?;
        }
        let plugins = docker.join("usr/libexec/docker/cli-plugins");
        let settings = format!("{{\"cliPluginsExtraDirs\": [{:?}]}}\n", plugins.to_string_lossy());
        fs::write(config.join("config.json"), settings)?;
        let text = format!(
            "export DOCKER_HOST={} DOCKER_CONFIG={} PATH={}:$PATH\n",
            self.docker_host(),
            config.display(),
            bin.display()
        );
        Ok(fs::write(self.path("environment"), text)?)
    }
}

/// Control groups are folders that go once nothing is in them; files in them are none.
fn remove_groups(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.path().is_dir()) {
        remove_groups(&entry.path());
    }
    let _ = fs::remove_dir(folder);
}
