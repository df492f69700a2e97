//! How the time of each part of the analysis grows with the length of the file: `cargo bench -p layercast-core`.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use layercast_core::dockerfile::Dockerfile;
use layercast_core::graph::Graph;
use layercast_core::lint::{self, Context};
use layercast_core::syntax::expansion::{Lexer, NoVariables};
use layercast_core::{Facts, analyse, examine, shell, syntax};
use mimalloc::MiMalloc;
use std::hint::black_box;

mod generated;

/// The companion's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Lengths in lines.
const LENGTHS: [usize; 4] = [10, 100, 1_000, 10_000];

/// Prepares what a part needs of a source, and hands the part over to be measured.
type Work<'w> = &'w dyn Fn(&str, &mut dyn FnMut(&mut dyn FnMut()));

criterion_group!(benches, parts_of_the_analysis);
criterion_main!(benches);

fn parts_of_the_analysis(criterion: &mut Criterion) {
    let facts = Facts::default();
    let mut part = |name: &str, work: Work<'_>| {
        let mut group = criterion.benchmark_group(name);
        group.sample_size(20);
        for n_lines in LENGTHS {
            let source = generated::dockerfile(n_lines);
            group.throughput(Throughput::Elements(source.lines().count() as u64));
            group.bench_with_input(BenchmarkId::from_parameter(n_lines), &source, |bencher, source| {
                work(source, &mut |once| bencher.iter(&mut *once));
            });
        }
    };
    part("parse", &|source, measure| measure(&mut || drop(black_box(syntax::parse(source)))));
    part("read", &|source, measure| measure(&mut || drop(black_box(Dockerfile::read(source)))));
    part("graph", &|source, measure| {
        let file = Dockerfile::read(source);
        measure(&mut || drop(black_box(Graph::new(&file, &facts))));
    });
    part("all targets", &|source, measure| {
        let graph = Graph::new(&Dockerfile::read(source), &facts);
        measure(&mut || {
            let uses = graph.uses();
            for target in 0..graph.stages.len() {
                let reach = graph.reach(target);
                black_box((uses.images(&reach), uses.skipped(&reach)));
            }
        });
    });
    part("checks", &|source, measure| {
        let file = Dockerfile::read(source);
        let graph = Graph::new(&file, &facts);
        measure(&mut || drop(black_box(lint::check(&Context::new(&file, &graph, &facts)))));
    });
    part("expansion", &|source, measure| {
        let lexer = Lexer { keep_unset: true, ..Lexer::new('\\') };
        measure(&mut || {
            for line in source.lines() {
                drop(black_box(lexer.expand(line, &NoVariables)));
            }
        });
    });
    part("shell", &|source, measure| measure(&mut || drop(black_box(shell::parse(source)))));
    part("all but weights", &|source, measure| measure(&mut || drop(black_box(examine(source, &facts)))));
    part("whole analysis", &|source, measure| measure(&mut || drop(black_box(analyse(source, &facts)))));
}
