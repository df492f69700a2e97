//! How an estimate reads, on a report made by hand.

use super::*;
use expect_test::{Expect, expect};
use layercast_core::estimate::Basis;
use layercast_core::image_ref::Platform;
use layercast_core::report::{Edge, EdgeKind, InstructionReport, Layer, StageReport};
use layercast_core::text::Range;

/// A stage's name, its base and its steps: text, likely unpacked and download where known.
type Stage<'a> = (&'a str, Source, &'a [(&'a str, Option<(u64, u64)>)]);

fn report(stages: &[Stage<'_>], target: TargetReport) -> Report {
    let mut report = layercast_core::analyse("", &layercast_core::Facts::default());
    for (index, (name, source, steps)) in stages.iter().enumerate() {
        let line = report.instructions.len() + 1;
        for (text, size) in *steps {
            add_step(&mut report, index, text, *size);
        }
        report.stages.push(StageReport {
            index,
            name: (*name).to_owned(),
            display_name: (*name).to_owned(),
            base: match source {
                Source::Stage(base) => stages[*base].0.to_owned(),
                Source::Image(reference) => reference.clone(),
            },
            platform: String::new(),
            source: source.clone(),
            built_for: Platform::linux_amd64(),
            line,
            end_line: line,
            range: Range::default(),
            instructions: Vec::new(),
            inherits: Vec::new(),
        });
    }
    report.target = Some(target.stage);
    report.targets = vec![target];
    report.errors.clear();
    report
}

fn add_step(report: &mut Report, stage: usize, text: &str, size: Option<(u64, u64)>) {
    let (instruction, line) = (report.instructions.len(), report.instructions.len() + 1);
    let keyword = text.split(' ').next().unwrap_or_default().to_owned();
    let estimate = |bytes: u64| Estimate {
        low: bytes - bytes / 20,
        likely: bytes,
        high: bytes + bytes / 20,
        basis: if bytes == 0 { Basis::Definition } else { Basis::Pinned },
    };
    // FROM of a stage makes no layer.
    if !(keyword == "FROM" && size.is_none()) {
        report.layers.push(Layer {
            stage,
            instruction,
            line,
            unpacked: size.map(|(unpacked, _)| estimate(unpacked)),
            download: size.map(|(_, download)| estimate(download)),
            basis: if size.is_some() {
                "catalogue: docker-library/repo-info, 2026-09-17"
            } else {
                "what it writes is not known"
            }
            .to_owned(),
            parts: Vec::new(),
            unknown: Vec::new(),
            notes: Vec::new(),
        });
    }
    report.instructions.push(InstructionReport {
        keyword,
        line,
        end_line: line,
        range: Range::default(),
        stage: Some(stage),
        text: text.to_owned(),
        sets: Vec::new(),
    });
}

fn size(report: &Report, layers: Vec<usize>) -> ImageSize {
    let known = |side: fn(&Layer) -> Option<&Estimate>| {
        Estimate::sum(layers.iter().filter_map(|layer| side(&report.layers[*layer])))
    };
    ImageSize {
        unpacked: known(|layer| layer.unpacked.as_ref()),
        download: known(|layer| layer.download.as_ref()),
        unknown: layers.iter().copied().filter(|layer| report.layers[*layer].is_unknown()).collect(),
        layers,
    }
}

fn target(stage: usize, reachable: &[usize], skipped: Vec<Skipped>) -> TargetReport {
    TargetReport {
        stage,
        reachable: reachable.to_vec(),
        images: Vec::new(),
        error: None,
        skipped,
        size: ImageSize {
            unpacked: Estimate::sum([]),
            download: Estimate::sum([]),
            layers: Vec::new(),
            unknown: Vec::new(),
        },
    }
}

#[track_caller]
fn check(report: &Report, expected: Expect) {
    let mut out = Vec::new();
    let source = source::Source { path: "Dockerfile".to_owned(), text: String::new(), substituted: 0 };
    write(&mut out, &source, "linux/amd64", true, report).expect("a vector can be written to");
    let text = anstream::adapter::strip_str(&String::from_utf8(out).expect("it is text")).to_string();
    expected.assert_eq(&text);
}

#[test]
fn what_ships_comes_first_and_what_is_not_built_last() {
    let image = |name: &str| Source::Image(name.to_owned());
    let mut report = report(
        &[
            (
                "base",
                image("node:20-alpine"),
                &[
                    ("FROM node:20-alpine AS base", Some((135_660_000, 48_000_000))),
                    ("WORKDIR /app", Some((0, 0))),
                    ("COPY package*.json ./", None),
                ],
            ),
            ("test", Source::Stage(0), &[("FROM base AS test", None), ("RUN npm ci", None)]),
            (
                "builder",
                Source::Stage(0),
                &[("FROM base AS builder", None), ("RUN npm ci && npm run build", None)],
            ),
            (
                "production",
                Source::Stage(0),
                &[
                    ("FROM base AS production", None),
                    (
                        "RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --no-audit --no-fund --loglevel=error",
                        None,
                    ),
                    ("COPY --from=builder /app/dist ./dist", None),
                ],
            ),
        ],
        target(3, &[0, 2, 3], vec![Skipped { stage: 1, used_by: [].into() }]),
    );
    report.edges.push(Edge {
        stage: 3,
        source: Source::Stage(2),
        kind: EdgeKind::Copy,
        line: 10,
        instruction: 9,
    });
    report.targets[0].size = size(&report, vec![0, 1, 2, 5, 6]);
    check(
        &report,
        expect![[r#"
            Dockerfile ▸ production ▸ linux/amd64

              ≥ 135.7 MB unpacked  128.9–142.4 MB     + 3 steps not known
               ≥ 48.0 MB download  45.6–50.4 MB       + 3 steps not known
                       ? left behind in builder

                                                                                            unpacked    download
                   ● production                                                    ships  ≥ 135.7 MB   ≥ 48.0 MB
                1  ├─ FROM node:20-alpine AS base                                           135.7 MB     48.0 MB
                   │  128.9–142.4 MB · catalogue: docker-library/repo-info, 2026-09-17
                2  ├─ WORKDIR /app                                                              0  B        0  B
                3  ├─ COPY package*.json ./                                                        ?           ?
                   │  what it writes is not known
                8  ├─ FROM base AS production
                9  ├─ RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --no-a…           ?           ?
                   │  what it writes is not known
               10  └─ COPY --from=builder /app/dist ./dist                                         ?           ?
                      what it writes is not known

                   ● builder                                left behind, used by line 10  ≥ 135.7 MB   ≥ 48.0 MB
                6  ├─ FROM base AS builder                                                ≥ 135.7 MB   ≥ 48.0 MB
                7  └─ RUN npm ci && npm run build                                                  ?           ?

                4  ○ test                                                             not built: nothing uses it
        "#]],
    );
}

#[test]
fn an_image_that_is_known_whole_is_exact() {
    let mut report = report(
        &[("stage-0", Source::Image("scratch".to_owned()), &[("COPY a /", Some((0, 0)))])],
        target(0, &[0], Vec::new()),
    );
    report.targets[0].size = size(&report, vec![0]);
    check(
        &report,
        expect![[r#"
            Dockerfile ▸ stage-0 ▸ linux/amd64

                     0 B unpacked  exact              docker images, up to Docker 28
                     0 B download  exact              what a pull moves

                                                                                            unpacked    download
                   ● stage-0                                                       ships        0  B        0  B
                1  └─ COPY a /                                                                  0  B        0  B
        "#]],
    );
}
