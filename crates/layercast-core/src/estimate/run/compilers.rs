//! C and C++: what gcc, clang and make write, by the length of the sources.

use super::super::Basis;
use super::super::call::{Call, Outcome};
use super::super::machine::Machine;
use super::super::part::{Part, Span};
use super::super::tree::Entry;
use super::Estimator;
use super::files::base_name;

const RULE: &str = "compiled programs";
/// Compressed over unpacked of native programs: data/ratios of real layers.
pub(super) const NATIVE: [f64; 3] = [0.15, 0.42, 0.55];

/// The same without symbols.
const STRIPPED: [f64; 3] = [0.40, 0.46, 0.52];

pub(super) fn estimator_of(program: &str) -> Option<Estimator> {
    let plain = program
        .trim_end_matches(|character: char| character.is_ascii_digit() || matches!(character, '-' | '.'));
    Some(match plain {
        "gcc" | "cc" | "g++" | "c++" | "clang" | "clang++" | "tcc" | "musl-gcc" | "gfortran" => compile,
        "make" | "gmake" | "ninja" => make,
        "strip" => strip,
        _ => return None,
    })
}

/// strip: a program is written anew without its symbols. What is no program of ours is copied up as it is.
fn strip(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    for operand in call.operands(&["-o", "-K", "-N", "-R", "-F", "-I", "-O"]) {
        for path in machine.state.tree.matching(&machine.absolute(operand)) {
            if machine.is_mounted(&path) {
                continue;
            }
            let part = match machine.state.tree.get(&path) {
                Some(Entry::Part(part)) => stripped(part),
                _ => None,
            };
            match part {
                Some(part) => machine.write(part),
                None => machine.state.tree.copy_up(&path, false),
            }
        }
    }
    Outcome::done()
}

/// Measured: a static C program loses a seventh, a dynamic one a tenth, a Go program with symbols three tenths.
fn stripped(part: &Part) -> Option<Part> {
    let Basis::Heuristic { name } = &part.basis else { return None };
    let likely = part.unpacked.likely;
    let has_symbols = part.download.likely.saturating_mul(100) > likely.saturating_mul(52);
    let left = match name.as_str() {
        RULE if likely > 300_000 => [0.84, 0.857, 0.88],
        RULE => [0.85, 0.9, 0.95],
        "Go programs" if has_symbols => [0.65, 0.7, 0.75],
        "Rust programs" => [0.05, 0.77, 0.9],
        _ => return None,
    };
    let unpacked = part.unpacked.times(left);
    Some(Part::by_rule("stripped programs", part.name.clone(), part.path.clone(), unpacked, STRIPPED))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rule: &str, bytes: u64, ratio: [f64; 3], expected: Option<u64>) {
        let part = Part::by_rule(rule, "a", "/bin/a", Span::exact(bytes), ratio);
        assert_eq!(stripped(&part).map(|part| part.unpacked.likely), expected, "{rule}, {bytes}");
    }

    #[test]
    fn what_strip_leaves() {
        check(RULE, 793_000, NATIVE, Some(679_601));
        check(RULE, 16_000, NATIVE, Some(14_400));
        check("Go programs", 6_600_000, [0.52, 0.578, 0.62], Some(4_620_000));
        check("Go programs", 4_600_000, STRIPPED, None);
        check("node_modules", 9_000, NATIVE, None);
        let once = Part::by_rule(RULE, "a", "/bin/a", Span::exact(793_000), NATIVE);
        assert_eq!(stripped(&once).and_then(|part| stripped(&part)), None, "a second time does nothing");
    }
}
