//! The network of builds in the lab: a bridge of its own and one rule that hides it behind this machine's address.
//!
//! Where a machine lets nobody make bridges, dockerd runs without one, and builds need `--network=host`.

use super::Lab;
use crate::project;
use crate::step::{Failed, step};
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::Path;

const FORWARDING: &str = "/proc/sys/net/ipv4/ip_forward";

impl Lab {
    pub(super) fn start_network(&self) -> Result<(), Failed> {
        if self.bridge_is_up() {
            return Ok(());
        }
        step("network", || {
            fs::write(self.path("forwarding"), fs::read(FORWARDING).unwrap_or_default())?;
            if self.make_bridge() {
                return Ok(());
            }
            self.stop_network();
            println!("   no bridge can be made here: builds need --network=host");
            Ok(())
        })
    }

    /// Undoes all of it; what is not there is not missed.
    pub(super) fn stop_network(&self) {
        let _ = self.in_docker("iptables").args(self.hiding_rule("-D")).succeeds();
        if self.bridge_is_up() {
            let _ = self.in_docker("ip").args(["link", "delete", &self.bridge()]).succeeds();
        }
        // As it was before the lab came up, as dockerd turns it on; unless another lab still needs it.
        if let Ok(before) = fs::read(self.path("forwarding")) {
            if !a_bridge_is_left() {
                let _ = fs::write(FORWARDING, before);
            }
            let _ = fs::remove_file(self.path("forwarding"));
        }
    }

    /// `bridge lab-1a2b` or `host`.
    pub(super) fn network(&self) -> String {
        if self.bridge_is_up() { format!("bridge {}", self.bridge()) } else { "host".to_owned() }
    }

    /// Its name: another folder has another lab.
    pub(super) fn bridge(&self) -> String {
        format!("lab-{:04x}", number_of_this_lab() as u16)
    }

    pub(super) fn bridge_is_up(&self) -> bool {
        Path::new("/sys/class/net").join(self.bridge()).exists()
    }

    fn make_bridge(&self) -> bool {
        let bridge = self.bridge();
        let address = address(1, "/24");
        let steps: [&[&str]; 3] = [
            &["link", "add", &bridge, "type", "bridge"],
            &["address", "add", &address, "dev", &bridge],
            &["link", "set", &bridge, "up"],
        ];
        steps.iter().all(|words| self.in_docker("ip").args(*words).succeeds())
            && self.in_docker("iptables").args(self.hiding_rule("-A")).succeeds()
    }

    /// The rule of packets that leave the bridge, to be added (`-A`) or deleted (`-D`).
    fn hiding_rule(&self, verb: &str) -> Vec<String> {
        let (bridge, source) = (self.bridge(), address(0, "/24"));
        let words = ["-w", "-t", "nat", verb, "POSTROUTING", "-s", &source, "!", "-o", &bridge];
        words.into_iter().chain(["-j", "MASQUERADE"]).map(str::to_owned).collect()
    }
}

/// Whether any lab of this machine, of whatever folder, has its bridge.
fn a_bridge_is_left() -> bool {
    let interfaces = fs::read_dir("/sys/class/net").into_iter().flatten().flatten();
    interfaces.into_iter().any(|interface| interface.file_name().to_string_lossy().starts_with("lab-"))
}

/// A private network that no other lab of this machine has: `10.200.7.1/24`.
fn address(host: u8, mask: &str) -> String {
    let number = number_of_this_lab();
    format!("10.{}.{}.{host}{mask}", 128 + (number >> 8) % 100, number % 250)
}

fn number_of_this_lab() -> u64 {
    let mut hasher = DefaultHasher::new();
    project::target().hash(&mut hasher);
    hasher.finish()
}
