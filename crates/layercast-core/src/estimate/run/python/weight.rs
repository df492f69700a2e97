//! What a distribution weighs once it is installed.
//!
//! Measured on 303 wheels of popular distributions, compiled by CPython 3.8 to 3.13.

use super::super::super::part::Span;
use super::interpreter::Interpreter;
use crate::facts::python::PythonArchive;
use crate::packages::python::Chosen;

/// What a distribution weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Weight {
    /// Its files.
    pub(in super::super) unpacked: Span,
    /// The same in a compressed layer.
    pub(in super::super) download: Span,
    /// The archive itself.
    pub(in super::super) archive: Span,
}

/// Of a `.pyc` by CPython 3.11: of each byte of source, of each byte of it compressed, and of each file.
const PYC: [f64; 3] = [1.10, 0.71, 353.0];
/// How far the `.pyc` files of one distribution are from that: docstrings stay, comments and blanks do not.
const PYC_RANGE: [f64; 2] = [0.75, 1.25];
/// Compressed `.pyc` over compressed source.
const PYC_PACKED: [f64; 3] = [1.65, 1.92, 2.25];
/// A layer's gzip over a wheel's own compression: one stream instead of many.
const LAYER: [f64; 3] = [0.90, 0.98, 1.03];

/// How far another version of a distribution may be from this one.
const ANOTHER_VERSION: [f64; 3] = [0.85, 1.0, 1.15];

/// What is written for a distribution; none where nobody said a length.
pub(in super::super) fn weight(
    chosen: &Chosen<'_>,
    interpreter: &Interpreter,
    compiles: bool,
) -> Option<Weight> {
    let Some(archive) = chosen.archive else { return by_length(chosen.file.bytes?) };
    let is_source = !chosen.file.name.ends_with(".whl");
    let plain = archive.unpacked.saturating_add(if compiles { record(archive) } else { 0 });
    let mut plain = Span::around(plain.saturating_add(300), 0.97, 1.03);
    let mut packed = Span::exact(archive.packed).times(LAYER);
    if is_source {
        // What a build leaves out or adds only the build tells.
        (plain, packed) = (plain.times([0.6, 1.0, 2.0]), packed.times([0.6, 1.0, 2.0]));
    } else if chosen.from_source {
        // A module compiled here keeps its symbols; a wheel's were mostly taken off.
        (plain, packed) = (plain.times([0.8, 1.05, 1.6]), packed.times([0.8, 1.05, 1.6]));
    }
    let (mut unpacked, mut download) = (plain, packed);
    if compiles && archive.python_entries > 0 {
        let (compiled, compiled_packed) = compiled(archive, interpreter);
        unpacked = Span::sum([plain, compiled]);
        download = Span::sum([packed, compiled_packed]);
    }
    if !chosen.pinned {
        // The next version is on its way, and nothing holds this one.
        (unpacked, download) = (unpacked.times(ANOTHER_VERSION), download.times(ANOTHER_VERSION));
    }
    let bytes = chosen.file.bytes.unwrap_or(archive.bytes);
    Some(Weight { unpacked, download, archive: Span::exact(bytes) })
}

/// The `.pyc` files of all its modules, and what they take compressed.
fn compiled(archive: &PythonArchive, interpreter: &Interpreter) -> (Span, Span) {
    let [of_source, of_packed, of_file] = PYC;
    let (source, packed) = (archive.python as f64, archive.python_packed as f64);
    let likely = source * of_source + packed * of_packed + archive.python_entries as f64 * of_file;
    // Since 3.11 a .pyc has room for what the interpreter learns while it runs.
    let (by_version, by_version_packed) = match interpreter.environment.python {
        (3, ..=10) => (0.62, 0.62),
        (3, 11) => (1.0, 1.0),
        _ => (0.91, 0.95),
    };
    let [low, high] = PYC_RANGE;
    let compiled = Span::around((likely * by_version) as u64, low, high);
    let compressed = Span::exact(archive.python_packed).times(PYC_PACKED).scaled(by_version_packed);
    (compiled, compressed)
}

/// RECORD gets a line for each `.pyc`.
fn record(archive: &PythonArchive) -> u64 {
    const LINE: u64 = 27;
    archive.python_paths.saturating_add(archive.python_entries.saturating_mul(LINE))
}

/// Where only the archive's length is known: installed, wheels are about 3.5 times as large, `.pyc` included.
fn by_length(bytes: u64) -> Option<Weight> {
    let archive = Span::exact(bytes);
    Some(Weight {
        unpacked: archive.times([1.2, 3.5, 6.0]),
        download: archive.times([0.9, 1.1, 1.6]),
        archive,
    })
}
