//! Small Dockerfiles beside what becomes of their stages.

use super::*;

/// Bases and uses of each stage, what stops them, and what stops everything.
#[track_caller]
fn check(source: &str, expected: &[&str]) {
    check_with(source, &Facts::default(), expected);
}

#[track_caller]
fn check_with(source: &str, facts: &Facts, expected: &[&str]) {
    let file = Dockerfile::read(source);
    let graph = Graph::new(&file, facts);
    let count = graph.stages.len();
    let named = |index: usize| match index.checked_sub(count) {
        None => graph.stages[index].display_name.clone(),
        Some(implicit) => shown(&graph, &graph.implicit[implicit].base),
    };
    let stage = |stage: &Stage| {
        let mut line = format!("{} from {}", stage.display_name, shown(&graph, &stage.base));
        for dependency in stage.dependencies.iter().filter(|dependency| dependency.shown) {
            line += &format!(", {:?} {}", dependency.kind, named(dependency.source));
        }
        match &stage.error {
            Some(error) => line + &format!("; {}: {}", error.line, error.message),
            None => line,
        }
    };
    let fatal = graph.fatal.iter().map(|error| format!("{}: {}", error.line, error.message));
    let lines: Vec<String> = graph.stages.iter().map(stage).chain(fatal).collect();
    assert_eq!(lines, expected);
}

fn shown(graph: &Graph, base: &Base) -> String {
    match base {
        Base::Stage(stage) => graph.stages[*stage].display_name.clone(),
        Base::Scratch => "scratch".to_owned(),
        Base::Image(image) => image.familiar(),
        Base::Context(name) => format!("context:{name}"),
        Base::Invalid => "?".to_owned(),
    }
}

#[test]
fn a_base_is_the_nearest_stage_above_of_that_very_name() {
    check(
        "FROM alpine AS a\nFROM a AS b\nFROM a AS a\nFROM a",
        &["a from alpine:latest", "b from a", "a from a", "stage-3 from a"],
    );
    check("FROM later\nFROM alpine AS later", &["stage-0 from later:latest", "later from alpine:latest"]);
    check(
        "FROM alpine AS build\nFROM BUILD",
        &["build from alpine:latest", "stage-1 from ?", "2: `BUILD` is no name of an image"],
    );
}

#[test]
fn copies_find_stages_by_name_in_any_case_and_by_number() {
    check(
        "FROM alpine AS a\nFROM scratch\nCOPY --from=A x /\nCOPY --from=0 x /\nCOPY --from=busybox x /\nCOPY --from=2 x /",
        &[
            "a from alpine:latest",
            "stage-1 from scratch, Copy a, Copy a, Copy busybox:latest, Copy busybox:latest",
        ],
    );
    check("FROM a\nCOPY --from=5 x /", &["stage-0 from a:latest", "2: there is no stage number 5"]);
    check("FROM a\nCOPY --from=$x y /", &["stage-0 from a:latest", "2: --from takes no variables"]);
}

#[test]
fn mounts_find_stages_by_name_alone() {
    check(
        "FROM alpine AS a\nFROM b\nRUN --mount=from=a,target=/x --mount=type=cache,target=/y make",
        &["a from alpine:latest", "stage-1 from b:latest, Mount a"],
    );
    check(
        "FROM a\nRUN --mount=target=. make\nRUN --mount=type=bind,z make",
        &["stage-0 from a:latest; 2: a mount cannot have the target `/`"],
    );
}

#[test]
fn a_later_stage_cannot_be_taken_from_and_circles_stop_everything() {
    check(
        "FROM a AS a\nCOPY --from=b x /\nFROM b AS b",
        &[
            "a from a:latest, Copy b; 2: stage `b` stands below stage `a`, which takes from it",
            "b from b:latest",
        ],
    );
    check(
        "FROM x AS a\nCOPY --from=b x /\nFROM y AS b\nCOPY --from=a x /",
        &[
            "a from x:latest, Copy b; 2: stage `b` stands below stage `a`, which takes from it",
            "b from y:latest, Copy a",
            "4: stages need one another in a circle: a → b → a",
        ],
    );
}

#[test]
fn triggers_of_a_stage_run_in_the_next_one_only() {
    check(
        "FROM alpine AS tool\nFROM alpine AS a\nONBUILD COPY --from=tool x /\nFROM a AS b\nFROM b",
        &["tool from alpine:latest", "a from alpine:latest", "b from a, Copy tool", "stage-3 from b"],
    );
}

#[test]
fn variables_reach_bases_platforms_and_paths() {
    check("ARG V=3.19\nFROM alpine:${V}\nRUN a", &["stage-0 from alpine:3.19"]);
    check("FROM $nope", &["stage-0 from ?", "1: `$nope` leaves the base image blank"]);
    check(
        "FROM --platform=$BUILDPLATFROM alpine",
        &["stage-0 from alpine:latest", "1: `$BUILDPLATFROM` leaves the platform blank"],
    );
    check(
        "FROM a\nARG x=1\nENV y=${x:?}\nENV z=${nope:?say-it}",
        &["stage-0 from a:latest; 4: the file requires `nope`: say-it"],
    );
}

#[test]
fn the_target_is_a_name() {
    let mut facts = Facts::default();
    facts.build.target = Some("tset".into());
    check_with("FROM a AS test", &facts, &["test from a:latest", "1: there is no stage `tset` to build"]);
    facts.build.target = Some("0".into());
    check_with("FROM a", &facts, &["stage-0 from a:latest", "1: there is no stage `0` to build"]);
}

#[test]
fn the_epoch_is_a_number_or_a_stage_that_adds_one_source() {
    check("ARG SOURCE_DATE_EPOCH=0\nFROM a", &["stage-0 from a:latest"]);
    check(
        "ARG SOURCE_DATE_EPOCH=x\nFROM a",
        &["stage-0 from a:latest", "1: SOURCE_DATE_EPOCH is `x`: neither a number of seconds nor a stage"],
    );
}

#[test]
fn skipped_stages_name_who_would_use_them() {
    let file = Dockerfile::read("FROM a AS base\nFROM base AS dev\nFROM dev AS test\nFROM base AS prod");
    let graph = Graph::new(&file, &Facts::default());
    let reach = graph.reach(3);
    assert_eq!(reach.stages, [true, false, false, true]);
    let skipped = graph.uses().skipped(&reach);
    assert_eq!(
        skipped,
        [Skipped { stage: 1, used_by: [2].into() }, Skipped { stage: 2, used_by: [].into() }]
    );
    assert_eq!(graph.uses().images(&reach), ["docker.io/library/a:latest linux/amd64"]);
}
