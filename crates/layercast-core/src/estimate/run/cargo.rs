//! Rust: the program that cargo links, what target/ holds beside it, the crates it fetches.
//!
//! Measured: hello world 0.35 MB without symbols, 0.45 with names, 4.3 with all of the standard library's (11.6 with
//! Debian's rustc 1.63, whose library has more of them). Cargo leaves names alone since 1.77. What else is in target/ is
//! small beside one program without dependencies.

use super::super::call::{Call, Outcome};
use super::super::machine::Machine;
use super::super::part::{Part, Span};
use super::super::system::Distribution;
use super::Estimator;
use super::compilers::NATIVE;

/// Compressed over unpacked of a program that is mostly symbols: measured 0.23 and 0.25.
const SYMBOLS: [f64; 3] = [0.2, 0.24, 0.4];

pub(super) fn estimator_of(program: &str) -> Option<Estimator> {
    Some(match program {
        "cargo" => cargo,
        "rustup" => rustup,
        "rustc" => rustc,
        _ => return None,
    })
}

fn cargo(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    match call.arguments.iter().find(|word| !word.starts_with(['-', '+'])).map_or("", String::as_str) {
        "build" | "b" | "rustc" | "zigbuild" => build(call, machine),
        "install" => install(call, machine),
        "fetch" | "vendor" => fetch(machine),
        "test" | "check" | "clippy" | "chef" => build_of_dependencies(call, machine),
        _ => {}
    }
    Outcome::done()
}

/// The crates of the lock file beside the project's own.
fn n_crates(machine: &mut Machine<'_>) -> Option<u64> {
    if let Some(text) = machine.text_of("Cargo.lock") {
        return Some(text.lines().filter(|line| line.starts_with("source = ")).count() as u64);
    }
    let manifest = machine.text_of("Cargo.toml")?;
    let mut in_dependencies = false;
    let mut n = 0;
    for line in manifest.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            in_dependencies = section.trim_start_matches("target.").contains("dependencies")
                && !section.starts_with("dev-");
        } else if in_dependencies && line.contains('=') {
            n += 1;
        }
    }
    // Each brings some of its own.
    Some(n * 8)
}

fn cargo_home(machine: &Machine<'_>) -> String {
    machine
        .variable("CARGO_HOME")
        .unwrap_or_else(|| format!("{}/.cargo", machine.home().trim_end_matches('/')))
}

fn fetch(machine: &mut Machine<'_>) {
    let n = n_crates(machine).unwrap_or(60);
    let folder = format!("{}/registry", cargo_home(machine));
    if n == 0 || machine.state.tree.holds(&folder) {
        return;
    }
    let size = Span::around(n * 900_000, 0.4, 2.5);
    machine.write(Part::by_rule("crates", "crates' sources", format!("{folder}/"), size, [0.18, 0.30, 0.45]));
}

fn target(call: &Call, machine: &Machine<'_>) -> String {
    let folder =
        call.value(&["--target-dir"]).map(str::to_owned).or_else(|| machine.variable("CARGO_TARGET_DIR"));
    let folder = machine.absolute(folder.as_deref().unwrap_or("target"));
    let folder = match call.value(&["--target"]) {
        Some(triple) => format!("{folder}/{triple}"),
        None => folder,
    };
    let profile = match call.value(&["--profile"]) {
        Some(profile) => profile,
        None if call.has(&["--release"]) || call.arguments.iter().any(|word| word == "-r") => "release",
        None => "debug",
    };
    format!("{folder}/{profile}")
}

fn build_of_dependencies(call: &Call, machine: &mut Machine<'_>) {
    fetch(machine);
    let n = n_crates(machine).unwrap_or(60);
    let folder = target(call, machine);
    if n > 0 {
        let size = Span::around(n * 2_500_000, 0.4, 2.5);
        let part = Part::by_rule(
            "cargo's target folder",
            "compiled crates",
            format!("{folder}/deps/"),
            size,
            [0.2, 0.3, 0.4],
        );
        machine.write(part);
    }
}

fn build(call: &Call, machine: &mut Machine<'_>) {
    build_of_dependencies(call, machine);
    let n = n_crates(machine).unwrap_or(60);
    let folder = target(call, machine);
    let manifest = machine.text_of("Cargo.toml").unwrap_or_default();
    let named = call.value(&["--bin", "-p", "--package"]).map(str::to_owned);
    let name = named.or_else(|| name_of(&manifest)).unwrap_or_else(|| "the program".to_owned());
    let profile = folder.rsplit('/').next().unwrap_or_default();
    let (own, ratio) = match profile {
        "debug" => {
            let parts = [Span::around(350_000, 0.8, 12.0), Span::around(n * 60_000, 0.3, 3.0)];
            (Span::sum(parts).scaled(8.0), SYMBOLS)
        }
        _ => {
            let symbols = symbols(&manifest, profile, machine);
            let crates = Span::around(n * symbols.bytes_a_crate(), 0.3, 3.0);
            let ratio = if symbols == Symbols::All { SYMBOLS } else { NATIVE };
            (Span::sum([library(symbols, machine), crates]), ratio)
        }
    };
    machine.write(Part::by_rule("Rust programs", name.clone(), format!("{folder}/{name}"), own, ratio));
    let left = Span::around(2_000, 0.5, 20.0);
    machine.write(Part::by_rule(
        "cargo's target folder",
        "fingerprints",
        format!("{folder}/.fingerprint/"),
        left,
        [0.3, 0.5, 0.8],
    ));
}

/// What is left in a program for debuggers to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Symbols {
    /// Nothing.
    None,
    /// The names of functions.
    Names,
    /// Names, lines and types.
    All,
}

impl Symbols {
    /// What a crate of middling size puts into a program.
    fn bytes_a_crate(self) -> u64 {
        match self {
            Self::None => 60_000,
            Self::Names | Self::All => 80_000,
        }
    }
}

/// What `strip` of the profile says, in the manifest or the environment; else what cargo does by itself.
fn symbols(manifest: &str, profile: &str, machine: &Machine<'_>) -> Symbols {
    let variable = format!("CARGO_PROFILE_{}_STRIP", profile.to_uppercase().replace('-', "_"));
    let flags = machine.variable("RUSTFLAGS").unwrap_or_default();
    let written = machine.variable(&variable).or_else(|| strip_of(manifest, profile));
    match written.as_deref() {
        _ if flags.contains("strip=symbols") || flags.contains("link-arg=-s") => Symbols::None,
        Some("true" | "symbols") => Symbols::None,
        Some("debuginfo") => Symbols::Names,
        Some(_) => Symbols::All,
        None if is_of_debian(machine) => Symbols::All,
        None => Symbols::Names,
    }
}

/// `strip = "symbols"` of `[profile.release]`.
fn strip_of(manifest: &str, profile: &str) -> Option<String> {
    let section = format!("[profile.{profile}]");
    let lines = manifest.lines().map(str::trim).skip_while(|line| *line != section).skip(1);
    let mut lines = lines.take_while(|line| !line.starts_with('['));
    lines.find_map(|line| {
        let value = line.strip_prefix("strip")?.trim_start().strip_prefix('=')?;
        Some(value.split('#').next()?.trim().trim_matches(['"', '\'']).to_owned())
    })
}

/// The standard library's part of a program.
fn library(symbols: Symbols, machine: &Machine<'_>) -> Span {
    match symbols {
        Symbols::None => Span::around(345_000, 0.8, 2.0),
        Symbols::Names => Span::around(455_000, 0.8, 10.0),
        Symbols::All if is_of_debian(machine) => Span::around(11_600_000, 0.4, 1.2),
        Symbols::All => Span::around(4_340_000, 0.8, 1.4),
    }
}

/// Debian 12 and before have a Rust that is older than 1.77.
fn is_of_debian(machine: &Machine<'_>) -> bool {
    let installed = &machine.state.system.installed;
    let is_old = matches!(
        &machine.state.system.distribution,
        Some(Distribution::Debian { release, .. }) if ["bookworm", "bullseye", "buster"].contains(&release.as_str())
    );
    is_old && ["cargo", "rustc"].iter().any(|package| installed.contains_key(*package))
}

/// `name = "x"` of `[package]`.
fn name_of(manifest: &str) -> Option<String> {
    let mut in_package = false;
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            in_package = line == "[package]";
        } else if let Some(value) = line.strip_prefix("name").filter(|_| in_package) {
            return Some(value.trim_start_matches([' ', '=']).trim_matches(['"', '\'', ' ']).to_owned());
        }
    }
    None
}

fn install(call: &Call, machine: &mut Machine<'_>) {
    let operands = call.operands(&[
        "--version",
        "--path",
        "--git",
        "--branch",
        "--features",
        "--root",
        "--tag",
        "--rev",
        "--target",
        "--profile",
    ]);
    let home = cargo_home(machine);
    let root = call.value(&["--root"]).map_or(home.clone(), |root| machine.absolute(root));
    for name in operands.iter().skip(1) {
        let name = name.split('@').next().unwrap_or(name);
        let size = Span { low: 2_000_000, likely: 9_000_000, high: 40_000_000 };
        machine.write(Part::by_rule("Rust programs", name, format!("{root}/bin/{name}"), size, NATIVE));
        let size = Span { low: 20_000_000, likely: 150_000_000, high: 500_000_000 };
        let part = Part::by_rule(
            "crates",
            format!("sources for {name}"),
            format!("{home}/registry/"),
            size,
            [0.18, 0.30, 0.45],
        );
        machine.write(part);
    }
    if call.value(&["--path"]).is_some() {
        build(call, machine);
    }
}

/// A toolchain: 0.6 GB with the minimal profile, 1.2 with the default one; a target 100 to 200 MB.
fn rustup(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let size = match (call.verb(), call.arguments.iter().any(|word| word == "add")) {
        ("target", true) => Span { low: 80_000_000, likely: 130_000_000, high: 250_000_000 },
        ("component", true) => Span { low: 5_000_000, likely: 30_000_000, high: 300_000_000 },
        ("toolchain" | "install" | "default" | "update", _) => {
            Span { low: 400_000_000, likely: 700_000_000, high: 1_400_000_000 }
        }
        _ => return Outcome::done(),
    };
    let home = machine.variable("RUSTUP_HOME").unwrap_or_else(|| format!("{}/.rustup", machine.home()));
    machine.write(Part::by_rule(
        "Rust toolchains",
        call.arguments.join(" "),
        format!("{home}/toolchains/"),
        size,
        [0.25, 0.32, 0.4],
    ));
    Outcome::done()
}

fn rustc(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    if let Some(source) = call.arguments.iter().find(|word| word.ends_with(".rs")) {
        let stem = super::files::base_name(source).trim_end_matches(".rs").to_owned();
        let path = machine.absolute(call.value(&["-o"]).unwrap_or(&stem));
        let size = Span::around(400_000, 0.7, 12.0);
        machine.write(Part::by_rule("Rust programs", stem, path, size, NATIVE));
    }
    Outcome::done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_profile_strips() {
        let manifest = "[package]\nname = \"a\"\n[profile.release]\nlto = true\nstrip = \"symbols\" # small\n[profile.dist]\nstrip=true\n";
        assert_eq!(strip_of(manifest, "release").as_deref(), Some("symbols"));
        assert_eq!(strip_of(manifest, "dist").as_deref(), Some("true"));
        assert_eq!(strip_of(manifest, "other"), None);
        assert_eq!(strip_of("[profile.release]\n[profile.dist]\nstrip = true\n", "release"), None);
    }
}
