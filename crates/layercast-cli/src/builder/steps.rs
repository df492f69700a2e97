//! Which vertex of BuildKit's belongs to which instruction of the Dockerfile.
//!
//! While a build runs, by the vertex's name: stage and place in it, `[build 2/4]`. Two stages that do the same share one
//! vertex, which has the name of one of them. Where that may be, the build's provenance tells the lines of each when it
//! is over.

use layercast_core::Report;
use layercast_core::image_ref::Platform;
use layercast_core::report::{InstructionReport, Source, StageReport};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// The instructions whose work is a vertex.
const WORKING: [&str; 4] = ["RUN", "COPY", "ADD", "WORKDIR"];

/// An instruction by its place in [`Report::instructions`], and where that is in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// The instruction.
    pub(crate) instruction: usize,
    /// Its line.
    pub(crate) line: usize,
}

/// The instructions of a Dockerfile as BuildKit counts them.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    /// By stage and number in it, from 1; the keyword beside. 0 is FROM, whether it is counted or not.
    numbered: HashMap<(String, usize), (String, Place)>,
    /// How many are counted in a stage, by its name.
    n_counted: HashMap<String, usize>,
    /// By what it says: another build that does the same at the same time gives the vertex its own name.
    by_text: HashMap<String, Place>,
    /// The FROMs of each image that is pulled, by image and platform: they are one vertex.
    pulls: HashMap<(String, Platform), Vec<Place>>,
    /// The instructions that are counted, by stage.
    counted: Vec<Vec<usize>>,
    /// Whether stages may share vertices other than those of images.
    may_share: bool,
    by_line: HashMap<usize, Place>,
    /// What is known by now, by digest. A vertex that stages share has several.
    known: HashMap<String, Vec<Place>>,
}

impl Steps {
    /// The steps of the file that `report` is on.
    pub(crate) fn of(report: &Report) -> Self {
        let mut steps = Self::default();
        for (at, instruction) in report.instructions.iter().enumerate() {
            steps.by_line.insert(instruction.line, Place { instruction: at, line: instruction.line });
        }
        for stage in &report.stages {
            let from = report.instructions.iter().position(|instruction| instruction.line == stage.line);
            let counted = counted(report, stage, from);
            // Where two stages have one name, the later one is what the name means.
            steps.name(report, stage, &stage.display_name, from, &counted);
            if report.stages.len() == 1 {
                steps.name(report, stage, "", from, &counted);
            }
            if let (Source::Image(image), Some(at)) = (&stage.source, from) {
                let place = Place { instruction: at, line: stage.line };
                let pull = (image.clone(), stage.built_for.clone());
                steps.pulls.entry(pull).or_default().push(place);
            }
            steps.counted.push(counted);
        }
        steps.may_share = may_share(report, &steps.counted);
        steps
    }

    /// Whether names may leave open which instructions a vertex is of: only then need a builder tell in the end.
    pub(crate) fn may_share(&self) -> bool {
        self.may_share
    }

    /// The instructions of a stage that are steps of the builder's.
    pub(crate) fn of_stage(&self, stage: usize) -> &[usize] {
        self.counted.get(stage).map_or(&[], Vec::as_slice)
    }

    /// The instructions of a vertex, as far as its name tells.
    pub(crate) fn place(&mut self, digest: &str, name: &str) -> &[Place] {
        if !self.known.contains_key(digest) {
            let found = self.named(name).map(|place| self.and_alike(place)).unwrap_or_default();
            self.known.insert(digest.to_owned(), found);
        }
        self.known.get(digest).map_or(&[], Vec::as_slice)
    }

    /// Takes in what the builder tells in the end, which is exact: each vertex with its lines.
    pub(crate) fn learn(&mut self, metadata: &Value) {
        let parts = metadata.as_object().into_iter().flatten();
        for (_, provenance) in parts.filter(|(name, _)| name.starts_with("buildx.build.provenance")) {
            let steps = provenance["buildConfig"]["digestMapping"].as_object().into_iter().flatten();
            let source = &provenance["metadata"]["https://mobyproject.org/buildkit@v1#metadata"]["source"];
            for (digest, step) in steps {
                let locations = &source["locations"][step.as_str().unwrap_or_default()]["locations"];
                let lines = locations.as_array().into_iter().flatten().filter_map(first_line);
                let mut places: Vec<Place> =
                    lines.filter_map(|line| self.by_line.get(&line).copied()).collect();
                places.sort_unstable();
                places.dedup();
                if !places.is_empty() {
                    self.known.insert(digest.clone(), places);
                }
            }
        }
    }

    /// Takes in a stage by what vertices call it.
    fn name(
        &mut self,
        report: &Report,
        stage: &StageReport,
        name: &str,
        from: Option<usize>,
        counted: &[usize],
    ) {
        let own = stage.instructions.iter().filter_map(|at| report.instructions.get(*at));
        let n_silent = own.filter(|it| is_silent(it)).count();
        self.n_counted.insert(name.to_owned(), counted.len() + n_silent);
        for (number, at) in from.into_iter().map(|at| (0, at)).chain((1..).zip(counted.iter().copied())) {
            let Some(instruction) = report.instructions.get(at) else { continue };
            let place = Place { instruction: at, line: instruction.line };
            let text = match &stage.source {
                Source::Image(image) if instruction.keyword == "FROM" => format!("FROM {image}"),
                _ => instruction.text.clone(),
            };
            self.by_text.entry(text).or_insert(place);
            self.numbered.insert((name.to_owned(), number), (instruction.keyword.clone(), place));
        }
    }

    /// A FROM, and behind it those that pull the same.
    fn and_alike(&self, place: Place) -> Vec<Place> {
        let alike = self.pulls.values().find(|pulls| pulls.contains(&place));
        let others = alike.into_iter().flatten().copied().filter(|other| *other != place);
        std::iter::once(place).chain(others).collect()
    }

    fn named(&self, name: &str) -> Option<Place> {
        let (inside, text) = name.strip_prefix('[')?.split_once("] ")?;
        let mut words = inside.split_whitespace();
        let (number, all) = words.next_back()?.split_once('/')?;
        let (number, all): (usize, usize) = (number.parse().ok()?, all.parse().ok()?);
        // A platform stands before the name of the stage, or where that would be.
        let stage = words.next_back().filter(|word| !word.contains('/')).unwrap_or_default();
        let numbered = |number: usize| self.numbered.get(&(stage.to_owned(), number));
        if text.starts_with("ONBUILD ") {
            return numbered(0).map(|(_, place)| *place);
        }
        // What the base has run comes right after FROM and is counted too, once it is known.
        let n_triggers = all.saturating_sub(self.n_counted.get(stage).copied().unwrap_or(all));
        let own = match number {
            1 if text.starts_with("FROM ") => numbered(1),
            _ => number.checked_sub(n_triggers).and_then(numbered),
        };
        let own = own.filter(|(keyword, _)| text.starts_with(keyword.as_str())).map(|(_, place)| *place);
        let image = text.split_once('@').map_or(text, |(image, _)| image);
        own.or_else(|| self.by_text.get(if text.starts_with("FROM ") { image } else { text }).copied())
    }
}

/// Whether two stages may have a step in common. It stands on the same in both, so their first steps are the same, which
/// is taken for so where they begin with one word: what they say may differ, and mean the same. A linked copy stands on
/// nothing.
fn may_share(report: &Report, counted: &[Vec<usize>]) -> bool {
    let mut seen = HashSet::new();
    let mut n_linked = 0;
    for (at, stage) in report.stages.iter().enumerate() {
        let all = counted.get(at).into_iter().flatten().filter_map(|at| report.instructions.get(*at));
        let own: Vec<&InstructionReport> = all.filter(|it| it.keyword != "FROM").collect();
        n_linked += usize::from(own.iter().any(|it| it.text.contains("--link")));
        let Some(first) = own.first() else { continue };
        if n_linked > 1 || !seen.insert((ground(report, counted, stage), first.keyword.as_str())) {
            return true;
        }
    }
    false
}

/// What the steps of a stage stand on: an image for a platform, or the lowest stage below that has the same files.
fn ground<'a>(
    report: &'a Report,
    counted: &[Vec<usize>],
    mut stage: &'a StageReport,
) -> (&'a Source, &'a Platform) {
    loop {
        let below = match stage.source {
            Source::Stage(at) => report.stages.get(at).filter(|below| below.index < stage.index),
            Source::Image(_) => None,
        };
        match below {
            Some(below) if counted.get(below.index).is_some_and(|own| is_empty(report, own)) => stage = below,
            _ => return (&stage.source, &stage.built_for),
        }
    }
}

fn is_empty(report: &Report, counted: &[usize]) -> bool {
    counted.iter().filter_map(|at| report.instructions.get(*at)).all(|it| it.keyword == "FROM")
}

/// The instructions of a stage that BuildKit counts: FROM counts where an image is pulled.
fn counted(report: &Report, stage: &StageReport, from: Option<usize>) -> Vec<usize> {
    let is_pulled = !matches!(&stage.source, Source::Stage(_)) && stage.base != "scratch";
    let is_working = |at: &usize| {
        let instruction = report.instructions.get(*at);
        instruction.is_some_and(|it| WORKING.contains(&it.keyword.as_str()) && !is_silent(it))
    };
    let own = stage.instructions.iter().copied().filter(is_working);
    from.filter(|_| is_pulled).into_iter().chain(own).collect()
}

/// `WORKDIR /` makes no folder, so it is no vertex: it is counted among all of a stage, and has no number of its own.
fn is_silent(instruction: &InstructionReport) -> bool {
    instruction.keyword == "WORKDIR" && instruction.sets.iter().any(|set| set.value.as_deref() == Some("/"))
}

/// The first line of a location.
fn first_line(location: &Value) -> Option<usize> {
    usize::try_from(location["ranges"][0]["start"]["line"].as_u64()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use layercast_core::{Facts, analyse};
    use serde_json::json;

    const FILE: &str = "\
FROM debian AS a
WORKDIR /x
ENV A=1
RUN make
FROM a
RUN make
FROM scratch
COPY --from=a /x /x
";

    #[track_caller]
    fn check(file: &str, name: &str, expected: Option<usize>) {
        let mut steps = Steps::of(&analyse(file, &Facts::default()));
        let line = steps.place("sha256:aa", name).first().map(|place| place.line);
        assert_eq!(line, expected, "{name}");
    }

    #[test]
    fn names_tell_stage_and_number() {
        check(FILE, "[a 1/3] FROM docker.io/library/debian@sha256:00", Some(1));
        check(FILE, "[a 2/3] WORKDIR /x", Some(2));
        check(FILE, "[a 3/3] RUN make", Some(4));
        check(FILE, "[stage-1 1/1] RUN make", Some(6));
        check(FILE, "[stage-2 1/1] COPY --from=a /x /x", Some(8));
        check(FILE, "[linux/arm64 a  3/3] RUN make", Some(4));
    }

    #[test]
    fn the_only_stage_has_no_name() {
        check("FROM debian AS a\nRUN make\n", "[2/3] ONBUILD RUN make", Some(1));
        check("FROM debian\nRUN make\n", "[2/2] RUN make", Some(2));
        check("FROM debian\nRUN make\n", "[linux/arm64 2/2] RUN make", Some(2));
        check("FROM scratch\nADD a /\n", "[1/1] ADD a /", Some(2));
    }

    #[test]
    fn the_root_is_counted_without_a_number() {
        let file = "FROM scratch\nWORKDIR /\nADD a /\nWORKDIR /b\nWORKDIR ..\nRUN c\n";
        check(file, "[1/5] ADD a /", Some(3));
        check(file, "[2/5] WORKDIR /b", Some(4));
        check(file, "[3/5] RUN c", Some(6));
    }

    #[test]
    fn what_the_base_has_run_is_counted_too() {
        check(FILE, "[a 2/5] ONBUILD COPY a /a", Some(1));
        check(FILE, "[a 3/5] ONBUILD RUN make", Some(1));
        check(FILE, "[a 5/5] RUN make", Some(4));
        check(FILE, "[stage-1 1/2] ONBUILD RUN make", Some(5));
        check(FILE, "[stage-1 2/2] RUN make", Some(6));
    }

    #[test]
    fn a_vertex_named_by_another_build_is_found_by_its_text() {
        check(FILE, "[other 7/9] FROM docker.io/library/debian:latest@sha256:00", Some(1));
        check(FILE, "[other 7/9] WORKDIR /x", Some(2));
        check(FILE, "[other 7/9] COPY --from=a /x /x", Some(8));
    }

    #[test]
    fn other_vertices_are_no_instructions() {
        check(FILE, "[internal] load build context", None);
        check(FILE, "exporting to image", None);
        check(FILE, "[other 9/9] RUN more", None);
        check(FILE, "[a 3/3] COPY x y", None);
    }

    #[test]
    fn an_image_that_stages_share_is_all_of_theirs() {
        let file =
            "FROM debian AS a\nRUN a\nFROM busybox\nFROM debian AS b\nFROM --platform=linux/s390x debian\n";
        let mut steps = Steps::of(&analyse(file, &Facts::default()));
        let lines = |steps: &mut Steps, digest, name| {
            steps.place(digest, name).iter().map(|place| place.line).collect::<Vec<_>>()
        };
        assert_eq!(lines(&mut steps, "sha256:aa", "[b 1/1] FROM docker.io/library/debian@sha256:00"), [4, 1]);
        assert_eq!(lines(&mut steps, "sha256:bb", "[a 2/2] RUN a"), [2]);
    }

    #[track_caller]
    fn check_sharing(file: &str, expected: bool) {
        assert_eq!(Steps::of(&analyse(file, &Facts::default())).may_share(), expected, "{file}");
    }

    #[test]
    fn steps_are_shared_where_stages_begin_alike() {
        check_sharing("FROM debian AS a\nRUN a\nFROM debian\nCOPY --from=a /a /\nRUN b\n", false);
        check_sharing("FROM debian\nRUN $A\nFROM debian\nRUN b\n", true);
        check_sharing("FROM debian\nRUN a\nFROM busybox\nRUN a\n", false);
        check_sharing("FROM debian AS a\nRUN a\nFROM a\nRUN b\nFROM a\nRUN b\n", true);
        check_sharing("FROM debian AS a\nENV A=1\nFROM a\nRUN b\nFROM debian\nRUN b\n", true);
        check_sharing("FROM scratch\nCOPY a /\nFROM scratch\nCOPY b /\n", true);
        check_sharing("FROM debian\nRUN a\nCOPY --link a /\nFROM busybox\nCOPY --link a /\n", true);
    }

    #[test]
    fn a_shared_vertex_has_the_lines_of_all_its_stages() {
        let file =
            "FROM debian AS a\nRUN make\nFROM debian AS b\nRUN make\nFROM scratch\nCOPY --from=a / /\n";
        let mut steps = Steps::of(&analyse(file, &Facts::default()));
        assert_eq!(steps.place("sha256:aa", "[b 2/2] RUN make").len(), 1);
        steps.learn(&json!({"buildx.build.provenance": {
            "buildConfig": {"digestMapping": {"sha256:aa": "step1"}},
            "metadata": {"https://mobyproject.org/buildkit@v1#metadata": {"source": {"locations": {
                "step1": {"locations": [
                    {"ranges": [{"start": {"line": 4}}]}, {"ranges": [{"start": {"line": 2}}]},
                ]},
            }}}},
        }}));
        let lines: Vec<usize> = steps.place("sha256:aa", "").iter().map(|place| place.line).collect();
        assert_eq!(lines, [2, 4]);
    }
}
