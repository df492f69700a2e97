//! The new text while it is put together: the user's own lines in two stages, and ours with their reasons.

use super::Reason;
use super::packages;
use super::place::Place;
use super::single_stage::{SingleStage, Step};
use crate::dockerfile::Instruction;
use crate::text::Range;

/// Two stages in the making.
#[derive(Debug)]
pub(super) struct Draft<'s> {
    stage: &'s SingleStage<'s>,
    build: Vec<Line>,
    last: Vec<Line>,
    base: Base,
    needs: Vec<String>,
}

/// What the last stage starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Base {
    /// The image, as FROM takes it.
    pub image: String,
    /// Why it.
    pub reason: String,
}

/// One instruction of the new text, with what stands above it.
#[derive(Clone, Debug, Default)]
struct Line {
    /// Blank lines and comments above it.
    above: String,
    /// The instruction, without the end of its last line.
    text: String,
    /// Why it is there.
    reason: Option<String>,
    /// The build arguments that it declares: it is left out where nothing below uses one.
    declares: Vec<String>,
}

impl<'s> Draft<'s> {
    /// An empty draft whose last stage starts from `base`.
    pub fn new(stage: &'s SingleStage<'s>, base: Base) -> Self {
        Self { stage, build: Vec::new(), last: Vec::new(), base, needs: Vec::new() }
    }

    /// The name of the stage that builds.
    pub fn builder(&self) -> &str {
        self.stage.from.name.as_ref().map_or("build", |name| name.text.as_str())
    }

    /// What the last stage starts from.
    pub fn base_image(&self) -> &str {
        &self.base.image
    }

    /// A keyword as the file writes them.
    pub fn keyword(&self, keyword: &str) -> String {
        keyword_like(self.stage, keyword)
    }

    /// Puts a step where it belongs.
    pub fn put(&mut self, step: &Step<'_>, place: &Place) {
        match place {
            Place::Build => self.keep(step),
            Place::Last => self.take_over(step, None),
            Place::Both => {
                self.keep(step);
                self.repeat(step);
            }
            Place::Packages(installation) => {
                self.keep(step);
                let text = packages::install_line(
                    &self.keyword("RUN"),
                    installation.manager,
                    &installation.packages,
                );
                self.add_to_last(text, "of these packages the program may need something when it runs; the tools of the build stay behind");
            }
        }
    }

    /// Leaves a step in the stage that builds.
    pub fn keep(&mut self, step: &Step<'_>) {
        let line = Line { above: self.above(step), text: self.text(step), ..Line::default() };
        self.build.push(line);
    }

    /// Moves a step to the last stage.
    pub fn take_over(&mut self, step: &Step<'_>, reason: Option<&str>) {
        let reason = reason.map(str::to_owned);
        let line = Line { above: self.above(step), text: self.text(step), reason, declares: declared(step) };
        self.last.push(line);
    }

    /// Writes a step in the last stage too.
    pub fn repeat(&mut self, step: &Step<'_>) {
        // What a comment asks of checks holds for the repeated line as well.
        let above = self.above(step);
        let pragmas = above.lines().filter(|line| line.contains("check=") || line.contains("hadolint"));
        let above = pragmas.map(|line| format!("{line}\n")).collect();
        self.last.push(Line { above, text: self.text(step), reason: None, declares: declared(step) });
    }

    /// Adds a line of ours to the stage that builds.
    pub fn add_to_build(&mut self, text: impl Into<String>, reason: impl Into<String>) {
        self.build.push(Line { text: text.into(), reason: Some(reason.into()), ..Line::default() });
    }

    /// Adds a line of ours to the last stage.
    pub fn add_to_last(&mut self, text: impl Into<String>, reason: impl Into<String>) {
        self.last.push(Line { text: text.into(), reason: Some(reason.into()), ..Line::default() });
    }

    /// Copies from the stage that builds, for the user who built it.
    pub fn carry(&mut self, step: &Step<'_>, from: &str, to: &str, reason: impl Into<String>) {
        let owner = step.user().or_else(|| self.owner(step));
        let owner = owner.map(|user| format!("--chown={user} ")).unwrap_or_default();
        let (copy, builder) = (self.keyword("COPY"), self.builder());
        let text = if from.contains(' ') || to.contains(' ') {
            format!("{copy} --from={builder} {owner}[{from:?}, {to:?}]")
        } else {
            format!("{copy} --from={builder} {owner}{from} {to}")
        };
        self.add_to_last(text, reason);
    }

    /// Whom the last COPY of the build gives its files to.
    fn owner(&self, step: &Step<'_>) -> Option<&'s str> {
        let copies = self.stage.steps.iter().take_while(|own| own.index <= step.index);
        let given = copies.filter_map(|own| match own.instruction {
            Instruction::Copy(copy) | Instruction::Add(copy) => Some(copy.chown.as_ref()),
            _ => None,
        });
        given.last().flatten().map(|chown| chown.text.as_str())
    }

    /// Says what the user should look at.
    pub fn need(&mut self, need: impl Into<String>) {
        self.needs.push(need.into());
    }

    /// The text, its reasons, and what the user should look at.
    pub fn finish(self) -> (String, Vec<Reason>, Vec<String>) {
        let mut needs = self.needs.clone();
        let source = self.stage.file.parse.source;
        let mut text = Text::default();
        text.own(self.header());
        let from = self.first_line();
        let named = self.stage.from.name.is_none().then(|| {
            "this stage builds and stays behind: its base, its tools and their caches do not ship".to_owned()
        });
        if let Some(name) = self.stage.from.name.as_ref() {
            let name = &name.text;
            needs.push(format!(
                "the stage {name} builds now: `--target {name}` would ship it with all its tools"
            ));
        }
        text.line(&from, named);
        let mut last = used(&self.last);
        let folder = self.folder_line();
        if let Some(folder) = &folder {
            last.insert(0, folder);
        }
        for line in &self.build {
            text.add(line);
        }
        text.own("\n");
        let own_from = format!("{} {}{}", self.keyword("FROM"), self.platform(), self.base.image);
        text.line(&own_from, Some(self.base.reason.clone()));
        for (at, line) in last.iter().enumerate() {
            let above = if at == 0 {
                line.above.trim_start_matches(['\n', '\r', ' ', '\t']).to_owned()
            } else {
                line.above.clone()
            };
            text.add(&Line { above, ..(*line).clone() });
        }
        text.own(self.trailer());
        let mut written = text.text;
        if source.contains("\r\n") {
            written = written.replace("\r\n", "\n").replace('\n', "\r\n");
        }
        (written, text.reasons, needs)
    }

    /// The folder that the first base starts in, where the file relies on it and the last base starts elsewhere.
    fn folder_line(&self) -> Option<Line> {
        let folder = &self.stage.starts_in;
        let sets_own = |step: &Step<'_>| matches!(step.instruction, Instruction::Workdir(path) if path.text.starts_with(['/', '$', '"']));
        let is_same = self.base.image == self.stage.from.base.text;
        if folder == "/" || is_same || self.stage.steps.iter().any(sets_own) {
            return None;
        }
        let reason = Some(format!("the first base starts in {folder}, and this one at the root"));
        Some(Line { text: format!("{} {folder}", self.keyword("WORKDIR")), reason, ..Line::default() })
    }

    /// Everything above FROM.
    fn header(&self) -> &'s str {
        let source = self.stage.file.parse.source;
        let from =
            self.stage.file.stages.first().map_or(0, |stage| self.stage.file.node(stage.from).range.start);
        source.get(..from).unwrap_or_default()
    }

    fn first_line(&self) -> String {
        let file = self.stage.file;
        let Some(stage) = file.stages.first() else { return String::new() };
        let text = file.node(stage.from).range.of(file.parse.source).trim_end();
        match self.stage.from.name {
            Some(_) => text.to_owned(),
            None => format!("{text} {} {}", self.keyword("AS"), self.builder()),
        }
    }

    /// The platform that FROM names holds for what ships too.
    fn platform(&self) -> String {
        self.stage
            .from
            .platform
            .as_ref()
            .map(|platform| format!("--platform={} ", platform.text))
            .unwrap_or_default()
    }

    /// Blank lines and comments between the instruction before and this one.
    fn above(&self, step: &Step<'_>) -> String {
        let file = self.stage.file;
        let end = step.index.checked_sub(1).map_or(0, |before| file.node(before).range.end);
        let gap = Range::new(end, self.stage.node(step).range.start).of(file.parse.source);
        // What is left of the line before is its end.
        gap.split_once('\n').map_or_else(String::new, |(_, rest)| rest.to_owned())
    }

    fn text(&self, step: &Step<'_>) -> String {
        self.stage.node(step).range.of(self.stage.file.parse.source).trim_end().to_owned()
    }

    /// Comments behind the last instruction.
    fn trailer(&self) -> &'s str {
        let file = self.stage.file;
        let end = file.parse.nodes.last().map_or(0, |node| node.range.end);
        let rest = file.parse.source.get(end..).unwrap_or_default();
        rest.split_once('\n').map_or("", |(_, rest)| rest)
    }
}

/// A keyword in the case that the file writes its first one in.
pub(super) fn keyword_like(stage: &SingleStage<'_>, keyword: &str) -> String {
    let first = stage.file.stages.first().map(|stage_lines| stage.file.node(stage_lines.from).keyword());
    match first {
        Some(first) if first.chars().all(|letter| letter.is_ascii_lowercase()) => {
            keyword.to_ascii_lowercase()
        }
        _ => keyword.to_owned(),
    }
}

fn declared(step: &Step<'_>) -> Vec<String> {
    match step.instruction {
        Instruction::Arg(args) => args.iter().map(|arg| arg.name.clone()).collect(),
        _ => Vec::new(),
    }
}

/// Without the build arguments that nothing below them uses.
fn used(lines: &[Line]) -> Vec<&Line> {
    let is_used = |at: usize, line: &Line| {
        let uses = |name: &String| {
            let marks = [format!("${name}"), format!("${{{name}")];
            lines[at + 1..].iter().any(|below| marks.iter().any(|mark| below.text.contains(mark.as_str())))
        };
        line.declares.is_empty() || line.declares.iter().any(uses)
    };
    // A folder that is left for another one before anything of the user's happens in it.
    let is_left = |at: usize, line: &Line| {
        let mut below = lines[at + 1..].iter().skip_while(|below| below.reason.is_some());
        is_workdir(line) && below.next().is_some_and(|next| is_workdir(next) && next.text.contains(" /"))
    };
    let is_kept = |at: usize, line: &Line| is_used(at, line) && !is_left(at, line);
    lines.iter().enumerate().filter(|(at, line)| is_kept(*at, line)).map(|(_, line)| line).collect()
}

fn is_workdir(line: &Line) -> bool {
    line.text.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("WORKDIR "))
}

/// Text that counts its lines.
#[derive(Default)]
struct Text {
    text: String,
    reasons: Vec<Reason>,
}

impl Text {
    fn own(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn add(&mut self, line: &Line) {
        self.own(&line.above);
        self.line(&line.text, line.reason.clone());
    }

    fn line(&mut self, text: &str, reason: Option<String>) {
        let first = self.text.matches('\n').count() + 1;
        self.own(text);
        self.own("\n");
        if let Some(sentence) = reason {
            let end_line = first + text.matches('\n').count();
            self.reasons.push(Reason { line: first, end_line, sentence });
        }
    }
}
