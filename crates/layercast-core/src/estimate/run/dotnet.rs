//! .NET: packages that restore fetches, and what publish lays down.

use super::super::call::{Call, Outcome};
use super::super::machine::Machine;
use super::super::part::{Part, Span};
use super::Estimator;

/// Assemblies: machine code and metadata.
const ASSEMBLIES: [f64; 3] = [0.35, 0.42, 0.55];

pub(super) fn estimator_of(program: &str) -> Option<Estimator> {
    (program == "dotnet").then_some(dotnet as Estimator)
}

fn dotnet(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let n = n_packages(call, machine);
    match call.verb() {
        "restore" => restore(n, machine),
        "build" | "test" => {
            restore(n, machine);
            let folder = machine.absolute(call.value(&["-o", "--output"]).unwrap_or("bin"));
            output(&folder, n, false, machine);
        }
        "publish" => {
            restore(n, machine);
            let folder = machine.absolute(call.value(&["-o", "--output"]).unwrap_or("bin/Release"));
            let contained =
                call.has(&["--self-contained", "--sc"]) || call.value(&["-r", "--runtime"]).is_some();
            output(&folder, n, contained && !call.arguments.iter().any(|word| word == "false"), machine);
            let objects = machine.absolute("obj");
            let size = Span { low: 200_000, likely: 1_500_000, high: 30_000_000 };
            machine.write(Part::by_rule(
                ".NET objects",
                "what the compiler keeps",
                format!("{objects}/"),
                size,
                ASSEMBLIES,
            ));
        }
        "tool" => {
            let folder = format!("{}/.dotnet/tools", machine.home().trim_end_matches('/'));
            let size = Span { low: 1_000_000, likely: 20_000_000, high: 120_000_000 };
            machine.write(Part::by_rule(
                ".NET tools",
                call.arguments.join(" "),
                format!("{folder}/"),
                size,
                ASSEMBLIES,
            ));
        }
        _ => {}
    }
    Outcome::done()
}

/// `<PackageReference`s of the project that is named, or of those in the folder.
fn n_packages(call: &Call, machine: &mut Machine<'_>) -> Option<u64> {
    let named: Vec<String> = call
        .operands(&["-c", "-o", "-r", "-f", "-v"])
        .iter()
        .filter(|word| word.ends_with("proj"))
        .map(|word| (*word).to_owned())
        .collect();
    let projects = match named.is_empty() {
        false => named,
        true => {
            let folder = machine.folder.clone();
            machine
                .under(&folder)
                .into_iter()
                .map(|(path, _)| path)
                .filter(|path| path.ends_with("proj"))
                .take(40)
                .collect()
        }
    };
    let texts: Vec<String> = projects.iter().filter_map(|path| machine.text_of(path)).collect();
    (!texts.is_empty())
        .then(|| texts.iter().map(|text| text.matches("<PackageReference").count() as u64).sum())
}

fn restore(n: Option<u64>, machine: &mut Machine<'_>) {
    let folder = machine
        .variable("NUGET_PACKAGES")
        .unwrap_or_else(|| format!("{}/.nuget/packages", machine.home().trim_end_matches('/')));
    let n = n.unwrap_or(8);
    if n > 0 && !machine.state.tree.holds(&folder) {
        let size = Span::around(n * 7_000_000, 0.1, 4.0);
        machine.write(Part::by_rule(
            "NuGet packages",
            "packages",
            format!("{folder}/"),
            size,
            [0.3, 0.5, 0.7],
        ));
    }
}

/// Without the runtime an application is small; with it 70 MB come along.
fn output(folder: &str, n: Option<u64>, contained: bool, machine: &mut Machine<'_>) {
    let own = Span::sum([Span::around(200_000, 0.5, 5.0), Span::around(n.unwrap_or(8) * 900_000, 0.1, 4.0)]);
    let size = if contained { Span::sum([own, Span::around(70_000_000, 0.2, 1.4)]) } else { own };
    machine.write(Part::by_rule(
        ".NET applications",
        "the application",
        format!("{folder}/"),
        size,
        ASSEMBLIES,
    ));
}
