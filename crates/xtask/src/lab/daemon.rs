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

    pub(super) fn start_dockerd(&self) -> Result<(), Failed> {
        unless(self.dockerd().id().is_some() && self.docker_version().is_some(), "dockerd", || {
            self.stop_dockerd()?;
            fs::write(self.path("dockerd.sh"), START)?;
            let namespaces = ["--mount", "--pid", "--fork", "--kill-child", "sh"];
            let program = Program::new("unshare")
                .args(namespaces)
                .args([self.path("dockerd.sh"), self.docker_folder(), self.folder.clone()])
                .args(self.flags());
            let log = self.path("dockerd.log");
            self.dockerd().start(program, &log)?;
            let service = self.dockerd();
            let answers = || self.docker_version().is_some() || service.id().is_none();
            if wait_until(Duration::from_secs(60), answers) && self.docker_version().is_some() {
                return Ok(());
            }
            self.stop_dockerd()?;
            let text = fs::read_to_string(&log).unwrap_or_default();
            let lines: Vec<&str> = text.lines().rev().take(5).collect();
            let lines: Vec<&str> = lines.into_iter().rev().collect();
            Err(Failed(format!("dockerd does not start:\n{}", lines.join("\n"))))
        })
    }

    pub(super) fn stop_dockerd(&self) -> Result<(), Failed> {
        // `unshare` only waits; dockerd is what it started.
        self.dockerd().stop(self.dockerd().id().and_then(child_of))?;
        if self.socket().exists() {
            fs::remove_file(self.socket())?;
        }
        for hierarchy in fs::read_dir("/sys/fs/cgroup").into_iter().flatten().flatten() {
            remove_groups(&hierarchy.path().join(self.group()));
        }
        remove_groups(&Path::new("/sys/fs/cgroup").join(self.group()));
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
        if !self.socket().exists() {
            return None;
        }
        let version =
            self.docker().args(["version", "--format", "{{.Server.Version}}"]).read_quietly().ok()?;
        Some(version.trim().to_owned())
    }

    pub(crate) fn docker_host(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.path("docker.sock")
    }

    pub(super) fn docker_folder(&self) -> PathBuf {
        self.path("docker")
    }

    fn dockerd(&self) -> Service {
        Service::new(self.path("dockerd.pid"))
    }

    fn flags(&self) -> Vec<String> {
        let bridge = if self.bridge_is_up() { self.bridge() } else { "none".to_owned() };
        let mirror = self.registry_address().unwrap_or_default();
        vec![
            format!("--host={}", self.docker_host()),
            format!("--data-root={}", self.path("data").display()),
            "--exec-root=/run/docker".to_owned(),
            "--pidfile=/run/docker.pid".to_owned(),
            format!("--bridge={bridge}"),
            "--iptables=false".to_owned(),
            "--ip6tables=false".to_owned(),
            format!("--cgroup-parent=/{}", self.group()),
            format!("--registry-mirror=http://{mirror}"),
        ]
    }

    /// The control group that containers of this lab are in.
    fn group(&self) -> String {
        format!("layercast-{}", self.bridge())
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
