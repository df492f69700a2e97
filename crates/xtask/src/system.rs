//! Programs of the system that the tests need: a browser, its driver, a registry, Node, debootstrap.
//!
//! On Debian as root they are installed; elsewhere they are named.

use crate::program::{Program, on_path};
use crate::step::Failed;
use std::path::{Path, PathBuf};

/// A program, by the names it goes under, and the Debian package it comes in.
#[derive(Debug)]
struct Need {
    names: &'static [&'static str],
    package: &'static str,
}

const NEEDS: &[Need] = &[
    Need { names: CHROMIUM, package: "chromium" },
    Need { names: &["chromedriver"], package: "chromium-driver" },
    Need { names: &["docker-registry"], package: "docker-registry" },
    Need { names: &["node"], package: "nodejs" },
    Need { names: &["npm"], package: "npm" },
    Need { names: &["debootstrap"], package: "debootstrap" },
];

const CHROMIUM: &[&str] = &["chromium", "chromium-browser", "google-chrome"];

/// Installs what is missing, where that is ours to do.
pub(crate) fn install() -> Result<(), Failed> {
    install_of(NEEDS.iter())
}

/// The same for the programs of `names` alone.
pub(crate) fn install_these(names: &[&str]) -> Result<(), Failed> {
    install_of(NEEDS.iter().filter(|need| names.contains(&need.names[0])))
}

fn install_of<'a>(needs: impl Iterator<Item = &'a Need>) -> Result<(), Failed> {
    let packages: Vec<&str> = needs.filter(|need| !need.is_met()).map(|need| need.package).collect();
    if packages.is_empty() || !is_debian_as_root() {
        return Ok(());
    }
    println!("   apt-get: {}", packages.join(", "));
    apt_get(&["update", "-qq"])?;
    apt_get(&[&["install", "-y", "-qq", "--no-install-recommends"], packages.as_slice()].concat())
}

/// Those of `names` that are still missing, as a sentence; `None` when all are there.
pub(crate) fn missing(names: &[&str]) -> Option<String> {
    let asked = NEEDS.iter().filter(|need| names.contains(&need.names[0]) && !need.is_met());
    let asked: Vec<&str> = asked.map(|need| need.names[0]).collect();
    if asked.is_empty() { None } else { Some(format!("not on this machine: {}", asked.join(", "))) }
}

pub(crate) fn chromium() -> Option<PathBuf> {
    CHROMIUM.iter().find_map(|name| on_path(name))
}

pub(crate) fn chromedriver() -> Option<PathBuf> {
    on_path("chromedriver")
}

impl Need {
    fn is_met(&self) -> bool {
        self.names.iter().any(|name| on_path(name).is_some())
    }
}

pub(crate) fn is_debian_as_root() -> bool {
    let user = Program::new("id").args(["-u"]).read();
    Path::new("/etc/debian_version").exists()
        && on_path("apt-get").is_some()
        && user.is_ok_and(|id| id.trim() == "0")
}

fn apt_get(args: &[&str]) -> Result<(), Failed> {
    Program::new("apt-get")
        .args(args)
        .env("DEBIAN_FRONTEND", "noninteractive")
        // Packages come with services (docker-registry): at runlevel 1 none is started.
        .env("RUNLEVEL", "1")
        .run()
}
