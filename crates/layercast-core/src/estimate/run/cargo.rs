//! Rust: the program that cargo links, what target/ holds beside it, the crates it fetches.
//!
//! Measured: hello world 0.35 MB; cargo's own files in target/ are small beside one program without dependencies.

use super::super::call::{Call, Outcome};
use super::super::machine::Machine;
use super::super::part::{Part, Span};
use super::Estimator;
use super::compilers::NATIVE;

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
    let debug = if folder.ends_with("/debug") { 8.0 } else { 1.0 };
    let own = Span::sum([Span::around(350_000, 0.8, 12.0), Span::around(n * 60_000, 0.3, 3.0)]).scaled(debug);
    machine.write(Part::by_rule("Rust programs", name.clone(), format!("{folder}/{name}"), own, NATIVE));
    let left = Span::around(2_000, 0.5, 20.0);
    machine.write(Part::by_rule(
        "cargo's target folder",
        "fingerprints",
        format!("{folder}/.fingerprint/"),
        left,
        [0.3, 0.5, 0.8],
    ));
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
