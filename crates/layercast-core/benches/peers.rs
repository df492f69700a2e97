//! Our side of `cargo xtask bench`: times the whole analysis and the parser crate dockerfile-parser on the files
//! of a list, one path a line, and the whole analysis on longer and longer files.
//!
//! One line a file, parted by tabs: `file`, nanoseconds of the whole analysis, nanoseconds of dockerfile-parser
//! (`-` where it refuses the file), the path. One line a length: `length`, lines, nanoseconds.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a measurement reads files and the clock"
)]

use layercast_core::{Facts, examine};
use mimalloc::MiMalloc;
use std::hint::black_box;
use std::io;
use std::time::Instant;

mod generated;

/// The companion's, for us and for the other crate.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// How often each file is taken; the median counts.
const TIMES: usize = 5;

fn main() -> io::Result<()> {
    let facts = Facts::default();
    for n_lines in [10, 100, 1_000, 10_000] {
        let source = generated::dockerfile(n_lines);
        let nanoseconds = median(|| drop(black_box(examine(black_box(&source), &facts))));
        println!("length\t{}\t{nanoseconds}", source.lines().count());
    }
    // cargo adds a flag of its own.
    let list = std::env::args().skip(1).find(|word| !word.starts_with("--"));
    let list = list.map(std::fs::read_to_string).transpose()?.unwrap_or_default();
    for path in list.lines() {
        let source = String::from_utf8_lossy(&std::fs::read(path)?).into_owned();
        let parse = || dockerfile_parser::Dockerfile::parse(black_box(&source));
        let ours = median(|| drop(black_box(examine(black_box(&source), &facts))));
        let peer = match parse() {
            Ok(_) => median(|| drop(black_box(parse()))).to_string(),
            Err(_) => "-".to_owned(),
        };
        println!("file\t{ours}\t{peer}\t{path}");
    }
    Ok(())
}

fn median(mut work: impl FnMut()) -> u128 {
    let mut times: Vec<u128> = (0..TIMES)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_nanos()
        })
        .collect();
    times.sort_unstable();
    times[TIMES / 2]
}
