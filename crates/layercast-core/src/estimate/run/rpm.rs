//! dnf, yum, microdnf, zypper: no index of theirs is carried, so sizes are rules of thumb with wide ranges.
//!
//! Lists that are kept: Fedora 45 to 190 MB, UBI 30 to 60 MB in /var/cache; `clean all` in the same RUN frees them.

use super::super::call::{Call, Outcome};
use super::super::machine::Machine;
use super::super::part::{Part, Span};
use super::Estimator;

const CONTENT: [f64; 3] = [0.24, 0.36, 0.52];

pub(super) fn estimator_of(program: &str) -> Option<Estimator> {
    Some(match program {
        "dnf" | "dnf5" | "yum" | "microdnf" | "tdnf" | "zypper" => packages,
        "rpm" => rpm,
        _ => return None,
    })
}

fn packages(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let operands = call.operands(&[
        "--enablerepo",
        "--disablerepo",
        "--installroot",
        "--releasever",
        "--setopt",
        "-c",
        "--exclude",
        "-x",
        "-r",
        "--repo",
        "--from",
        "-t",
        "--type",
        "--nodocs",
    ]);
    let folder = if call.program == "zypper" { "/var/cache/zypp" } else { "/var/cache/dnf" };
    let Some((verb, names)) = operands.split_first() else { return Outcome::done() };
    match *verb {
        "install" | "in" | "groupinstall" | "group" | "localinstall" | "reinstall" => {
            lists(folder, machine);
            for name in names.iter().filter(|name| !matches!(**name, "install")) {
                let is_group = *verb != "install" && *verb != "in" || name.starts_with('@');
                let size = match is_group {
                    true => Span { low: 100_000_000, likely: 450_000_000, high: 1_500_000_000 },
                    false => Span { low: 300_000, likely: 12_000_000, high: 250_000_000 },
                };
                machine.write(Part::by_rule("RPM packages", *name, "/usr/", size, CONTENT));
            }
            if call.open {
                machine.note("some of the packages are only known when the build runs");
            }
        }
        "update" | "upgrade" | "up" | "dup" | "distro-sync" => {
            lists(folder, machine);
            let size = Span { low: 0, likely: 40_000_000, high: 400_000_000 };
            machine.write(Part::by_rule("RPM upgrades", "upgraded packages", "/usr/", size, CONTENT));
        }
        "makecache" | "check-update" | "refresh" | "ref" => lists(folder, machine),
        "clean" | "cc" => {
            machine.remove(folder);
            machine.remove("/var/cache/yum");
            machine.remove("/var/cache/libdnf5");
        }
        _ => {}
    }
    Outcome::done()
}

fn lists(folder: &str, machine: &mut Machine<'_>) {
    let size = Span { low: 10_000_000, likely: 60_000_000, high: 250_000_000 };
    machine.write(Part::by_rule(
        "RPM lists of packages",
        "lists of packages",
        format!("{folder}/"),
        size,
        [0.3, 0.6, 1.0],
    ));
}

fn rpm(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    if call.has(&["-i", "-U", "--install", "--upgrade"]) && !call.has(&["--import"]) {
        for package in call.operands(&["--root", "--prefix"]) {
            machine.write(Part::unknown(package, "/usr/", format!("what the package {package} holds")));
        }
    }
    Outcome::done()
}
