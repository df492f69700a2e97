//! C and C++: what gcc, clang and make write, by the length of the sources.

use super::super::call::{Call, Outcome};
use super::super::machine::Machine;
use super::super::part::{Part, Span};
use super::super::tree::Entry;
use super::Estimator;
use super::files::base_name;

const RULE: &str = "compiled programs";
/// Compressed over unpacked of native programs: data/ratios of real layers.
pub(super) const NATIVE: [f64; 3] = [0.15, 0.42, 0.55];

pub(super) fn estimator_of(program: &str) -> Option<Estimator> {
    let plain = program
        .trim_end_matches(|character: char| character.is_ascii_digit() || matches!(character, '-' | '.'));
    Some(match plain {
        "gcc" | "cc" | "g++" | "c++" | "clang" | "clang++" | "tcc" | "musl-gcc" | "gfortran" => compile,
        "make" | "gmake" | "ninja" => make,
        _ => return None,
    })
}

/// The sources that a call names, in bytes.
fn length_of(paths: &[&str], machine: &Machine<'_>) -> u64 {
    let length = |path: &&str| -> u64 {
        let found = machine.state.tree.matching(&machine.absolute(path));
        let lengths = found.iter().filter_map(|path| match machine.entry(path) {
            Some(Entry::File(file)) => Some(file.bytes),
            _ => None,
        });
        lengths.sum()
    };
    paths.iter().map(length).sum()
}

/// What the linker puts around any program: start code, tables of symbols, sections of a page each.
/// Dynamic 16 kB; static with glibc 0.7 MB, with libstdc++ 2.2 MB; symbols of the static library add a fifth.
fn program_size(call: &Call, sources: u64) -> Span {
    let is_static = call.arguments.iter().any(|word| word == "-static");
    let is_stripped = call.arguments.iter().any(|word| word == "-s" || word.contains("--strip-all"));
    let is_cpp = call.program.contains("++");
    let around = match (is_static, is_cpp) {
        (false, _) => 15_960,
        (true, false) => 680_000,
        (true, true) => 2_200_000,
    };
    let around = if is_static && !is_stripped { around + around / 6 } else { around };
    let around = if !is_static && is_stripped { 14_400 } else { around };
    let debug = if call.arguments.iter().any(|word| word.starts_with("-g")) { 4 } else { 1 };
    // A few hundred bytes of source fit into the sections' padding.
    let own = sources.saturating_sub(1_000) * debug;
    Span::sum([Span::around(around, 0.9, 1.2), Span::around(own, 0.3, 3.0)])
}

fn compile(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let operands = call.operands(&["-o", "-I", "-L", "-D", "-x", "-include", "-MF", "-MT"]);
    let is_source = |path: &&str| {
        let ending = path.rsplit('.').next().unwrap_or_default();
        matches!(ending, "c" | "cc" | "cpp" | "cxx" | "C" | "m" | "s" | "S" | "o" | "a" | "f90" | "f")
    };
    let sources: Vec<&str> = operands.into_iter().filter(is_source).collect();
    if sources.is_empty() {
        // `gcc --version`.
        return Outcome::done();
    }
    let length = length_of(&sources, machine);
    let output = call.value(&["-o"]).map(str::to_owned);
    if call.has(&["-c"]) && call.arguments.iter().any(|word| word == "-c") {
        for source in &sources {
            let stem = source.rsplit_once('.').map_or(*source, |(stem, _)| stem);
            let path = output.clone().unwrap_or_else(|| format!("{}.o", base_name(stem)));
            let path = machine.absolute(&path);
            let size = Span::sum([Span::exact(1_400), Span::around(length, 0.3, 3.0)]);
            machine.write(Part::by_rule(RULE, base_name(&path), path.clone(), size, NATIVE));
        }
        return Outcome::done();
    }
    let path = machine.absolute(output.as_deref().unwrap_or("a.out"));
    let size = program_size(call, length);
    machine.write(Part::by_rule(RULE, base_name(&path), path.clone(), size, NATIVE));
    Outcome::done()
}

/// make: as many programs as its file's `-o` and rules name are not read; what it builds is about its sources.
fn make(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    if matches!(call.verb(), "clean" | "distclean" | "test" | "check" | "lint") {
        return Outcome::done();
    }
    let folder = machine.absolute(call.value(&["-C", "--directory"]).unwrap_or("."));
    let mut sources = 0;
    for (path, entry) in machine.under(&folder) {
        let ending = path.rsplit('.').next().unwrap_or_default();
        match entry {
            Entry::File(file) if matches!(ending, "c" | "cc" | "cpp" | "cxx" | "h" | "hpp") => {
                sources += file.bytes
            }
            _ => {}
        }
    }
    let installs = call.verb() == "install";
    if sources == 0 {
        machine.unknown(match installs {
            true => "what make installs",
            false => "what make builds",
        });
        return Outcome::done();
    }
    let size =
        Span::sum([Span::around(16_000, 0.9, 2.0), Span::around(sources.saturating_sub(1_000), 0.3, 4.0)]);
    let place = if installs { "/usr/local/" } else { &format!("{folder}/") };
    machine.write(Part::by_rule(RULE, "what make builds", place, size, NATIVE));
    Outcome::done()
}
