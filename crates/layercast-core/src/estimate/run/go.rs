//! Go: the program that `go build` links, the modules it fetches, the cache it leaves.
//!
//! Measured: a server on the standard library alone is 4.6 MB stripped and 6.6 not; the cache beside it 56.8 MB, or 16.4
//! where the distribution's Go brings its library compiled.

use super::super::call::{Call, Outcome};
use super::super::machine::Machine;
use super::super::part::{Part, Span};
use super::Estimator;
use super::files::base_name;

/// Compressed over unpacked of Go programs, stripped and not.
const STRIPPED: [f64; 3] = [0.40, 0.447, 0.50];
const WITH_SYMBOLS: [f64; 3] = [0.52, 0.578, 0.62];

pub(super) fn estimator_of(program: &str) -> Option<Estimator> {
    matches!(program, "go" | "xx-go").then_some(go as Estimator)
}

fn go(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    match call.verb() {
        "build" => build(call, machine),
        "install" => install(call, machine),
        "mod" | "get" | "work" => fetch(machine),
        "test" | "vet" | "generate" => cache(0.8, machine),
        "clean" => {
            let (cache, modules) = (cache_folder(machine), modules_folder(machine));
            if call.arguments.iter().any(|word| word == "-cache" || word == "--cache") {
                machine.remove(&cache);
            }
            if call.arguments.iter().any(|word| word == "-modcache" || word == "--modcache") {
                machine.remove(&modules);
            }
        }
        _ => {}
    }
    Outcome::done()
}

/// The modules that the program needs, as go.sum names them.
fn n_modules(machine: &mut Machine<'_>) -> Option<usize> {
    let sum = machine.text_of("go.sum");
    let named =
        |text: &str| text.lines().filter(|line| line.contains(" h1:") && !line.contains("/go.mod ")).count();
    match sum {
        Some(text) => Some(named(&text)),
        None => {
            let required = |text: String| {
                let lines = text.lines().map(str::trim);
                lines
                    .filter(|line| {
                        line.contains(" v") && !line.starts_with("//") && !line.starts_with("module")
                    })
                    .count()
            };
            machine.text_of("go.mod").map(required)
        }
    }
}

fn gopath(machine: &Machine<'_>) -> String {
    machine.variable("GOPATH").unwrap_or_else(|| format!("{}/go", machine.home().trim_end_matches('/')))
}

fn modules_folder(machine: &Machine<'_>) -> String {
    machine.variable("GOMODCACHE").unwrap_or_else(|| format!("{}/pkg/mod", gopath(machine)))
}

fn cache_folder(machine: &Machine<'_>) -> String {
    let default = || format!("{}/.cache/go-build", machine.home().trim_end_matches('/'));
    machine.variable("GOCACHE").unwrap_or_else(default)
}

/// Modules unpacked, and the archives they came in.
fn fetch(machine: &mut Machine<'_>) {
    let folder = modules_folder(machine);
    if machine.state.tree.holds(&folder) {
        return;
    }
    let size = match n_modules(machine) {
        Some(0) => return,
        Some(n) => Span::around(n as u64 * 2_000_000, 0.3, 3.0),
        None => Span { low: 0, likely: 40_000_000, high: 400_000_000 },
    };
    machine.write(Part::by_rule("Go modules", "Go modules", format!("{folder}/"), size, [0.20, 0.35, 0.50]));
}

fn cache(share: f64, machine: &mut Machine<'_>) {
    let n = n_modules(machine).unwrap_or(0) as u64;
    let folder = cache_folder(machine);
    // Until 1.19 Go came with its standard library compiled; since then the first build compiles it into the cache.
    let library = match has_compiled_library(machine) {
        true => Span::around(4_000_000, 0.2, 6.0),
        false => Span::around(56_800_000, 0.27, 2.5),
    };
    let size = Span::sum([library, Span::around(n * 1_500_000, 0.3, 3.0)]).scaled(share);
    machine.write(Part::by_rule(
        "Go build cache",
        "Go build cache",
        format!("{folder}/"),
        size,
        [0.25, 0.38, 0.50],
    ));
}

/// True for official images of Go up to 1.19.
fn has_compiled_library(machine: &Machine<'_>) -> bool {
    let image = machine.state.system.image.as_ref();
    let tag =
        image.filter(|image| image.repository == "library/golang").and_then(|image| image.tag.as_deref());
    tag.is_some_and(comes_compiled)
}

fn comes_compiled(tag: &str) -> bool {
    let minor = tag.strip_prefix("1.").and_then(|rest| rest.split(['.', '-']).next());
    minor.and_then(|minor| minor.parse::<u32>().ok()).is_some_and(|minor| minor < 20)
}

fn program_size(call: &Call, n_modules: Option<usize>) -> (Span, [f64; 3]) {
    let flags = call.value(&["-ldflags", "--ldflags"]).unwrap_or("");
    let is_stripped = flags.split_whitespace().any(|flag| matches!(flag, "-s" | "-w"));
    let (base, module) = if is_stripped { (4_600_000, 350_000) } else { (6_600_000, 500_000) };
    let n = n_modules.map_or(12, |n| n as u64);
    let own = Span::around(n * module, 0.2, 2.5);
    (Span::sum([Span::around(base, 0.4, 1.35), own]), if is_stripped { STRIPPED } else { WITH_SYMBOLS })
}

fn build(call: &Call, machine: &mut Machine<'_>) {
    fetch(machine);
    cache(1.0, machine);
    let operands =
        call.operands(&["-o", "-ldflags", "--ldflags", "-tags", "-gcflags", "-asmflags", "-mod", "-p", "-C"]);
    let package = operands.get(1).copied().unwrap_or(".");
    let output = call.value(&["-o"]).map(str::to_owned);
    let n = n_modules(machine);
    let (size, ratio) = program_size(call, n);
    let own_name = match package.trim_end_matches("/...").trim_end_matches(".go") {
        "." | "./" | "" => {
            let module = machine.text_of("go.mod").and_then(|text| {
                text.lines().find_map(|line| {
                    line.strip_prefix("module ").map(|name| base_name(name.trim()).to_owned())
                })
            });
            module.unwrap_or_else(|| base_name(&machine.folder).to_owned())
        }
        path => base_name(path).to_owned(),
    };
    let path = match output {
        Some(output) if output.ends_with('/') || machine.state.tree.is_folder(&machine.absolute(&output)) => {
            machine.absolute(&format!("{output}/{own_name}"))
        }
        Some(output) => machine.absolute(&output),
        None => machine.absolute(&own_name),
    };
    if !path.starts_with("/dev/") {
        machine.write(Part::by_rule("Go programs", base_name(&path), path.clone(), size, ratio));
    }
}

fn install(call: &Call, machine: &mut Machine<'_>) {
    let operands = call.operands(&["-ldflags", "-tags", "-gcflags", "-mod"]);
    for package in operands.iter().skip(1) {
        let (name, version) =
            package.split_once('@').map_or((*package, None), |(name, version)| (name, Some(version)));
        let name = base_name(name.trim_end_matches("/..."));
        let bin = machine.variable("GOBIN").unwrap_or_else(|| format!("{}/bin", gopath(machine)));
        let size = match version {
            Some(_) => Span { low: 4_000_000, likely: 14_000_000, high: 60_000_000 },
            None => program_size(call, n_modules(machine)).0,
        };
        machine.write(Part::by_rule("Go programs", name, format!("{bin}/{name}"), size, WITH_SYMBOLS));
        if version.is_some() {
            let folder = modules_folder(machine);
            let modules = Span { low: 5_000_000, likely: 60_000_000, high: 400_000_000 };
            let part = Part::by_rule(
                "Go modules",
                format!("modules of {name}"),
                format!("{folder}/"),
                modules,
                [0.20, 0.35, 0.50],
            );
            machine.write(part);
        }
        cache(1.0, machine);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_came_compiled_until_1_19() {
        let compiled = ["1.17", "1.19.13-alpine", "1.9"].map(comes_compiled);
        let not = ["1.20", "1.22-alpine", "1", "latest", "alpine"].map(comes_compiled);
        assert_eq!((compiled, not), ([true; 3], [false; 5]));
    }
}
