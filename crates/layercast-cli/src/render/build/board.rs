//! What a terminal shows while a build runs: its stages in the order of the graph, in each the steps that run.
//!
//! **Invariant:** no clock is read here; whoever brings news says when. However long the output, the last lines of each
//! running step are all that is kept.

use super::{LINE, is_internal, named, number, outcome, seconds, title};
use crate::builder::{News, Status, Step};
use crate::render::bytes::bytes;
use crate::render::columns::{clip, width_of};
use crate::render::tone;
use anstream::adapter::strip_str;
use anstyle::Style;
use chrono::TimeDelta;
use layercast_core::Report;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::slice;
use std::time::Duration;

/// So many lines of output of a step that fails are shown.
const TAIL: usize = 20;
/// No line of output is kept longer than this.
const LONGEST_LINE: usize = 400;
/// The widest that lines are drawn.
const WIDEST: usize = 120;
/// So much of a line belongs to the text of the instruction before anything else.
const TEXT: usize = 24;
const STAGE_BAR: usize = 24;
const TRANSFER_BAR: usize = 12;

/// The state of a build as a terminal shows it.
#[derive(Debug, Default)]
pub(crate) struct Board {
    texts: HashMap<usize, String>,
    stages: Vec<Stage>,
    running: BTreeMap<Place, Running>,
    place_of: HashMap<String, Place>,
    above: Vec<Kept>,
    n_begun: usize,
    is_stopping: bool,
}

/// A stage that is built.
#[derive(Debug)]
struct Stage {
    name: String,
    /// The instructions that are steps of the builder's.
    steps: Vec<usize>,
    n_done: usize,
}

/// Where a step is drawn: by stage, instruction, and what came first. Beside them stand the builder's own steps: what
/// it loads comes before all stages, what it makes of them after.
type Place = (usize, usize, usize);

#[derive(Debug)]
struct Running {
    step: Step,
    since: Duration,
    /// Bytes so far and in all, of each transfer.
    transfers: BTreeMap<String, (u64, u64)>,
    tail: VecDeque<String>,
}

/// A line that stays above the region.
#[derive(Debug)]
struct Kept {
    /// The number of its line in the Dockerfile, in its width.
    number: String,
    text: String,
    style: Style,
    /// Where there is something at the right the text is cut before it; else all of it is told.
    right: String,
}

/// A line of the region, and whether it can be spared where the terminal is low.
struct Row {
    kind: Kind,
    text: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Step,
    Stage,
    Output,
    Waiting,
}

impl Board {
    /// The build of the target of `plan`; `steps_of` gives the instructions of a stage that are steps of the builder's.
    pub(crate) fn new(plan: &Report, steps_of: impl Fn(usize) -> Vec<usize>) -> Self {
        let texts = plan.instructions.iter().map(|instruction| instruction.text.clone()).enumerate();
        let built = plan.target().map_or(&[][..], |target| &target.reachable);
        let stages = built.iter().filter_map(|at| plan.stages.get(*at));
        let stages = stages.map(|stage| Stage {
            name: stage.display_name.clone(),
            steps: steps_of(stage.index),
            n_done: 0,
        });
        Self { texts: texts.collect(), stages: stages.collect(), ..Self::default() }
    }

    /// Takes in what is new, `now` after the beginning.
    pub(crate) fn take(&mut self, news: &News, now: Duration) {
        match news {
            News::Began(step) => self.begin(step, now),
            News::Ended(step) => self.end(step),
            News::Progressed { step, status } => self.progress(step, status),
            News::Printed { step, line, .. } => {
                if let Some(running) = self.running_of(step) {
                    let line: String = strip_str(line).collect();
                    running.tail.push_back(clip(&line, LONGEST_LINE));
                    running.tail.drain(..running.tail.len().saturating_sub(TAIL));
                }
            }
            News::Warned(warning) => {
                let line = warning.line.map(|line| line.to_string()).unwrap_or_default();
                let text = format!("remark: {}", warning.short);
                self.keep(format!("{line:>LINE$}"), text, tone::OPEN, String::new());
            }
        }
    }

    /// Somebody wants it stopped.
    pub(crate) fn stop(&mut self) {
        self.is_stopping = true;
    }

    /// What is to stay above the region, once.
    pub(crate) fn take_above(&mut self, width: usize) -> Vec<String> {
        let width = width.saturating_sub(1).min(WIDEST);
        let kept = std::mem::take(&mut self.above).into_iter();
        let width = |it: &Kept| if it.right.is_empty() { usize::MAX } else { width };
        kept.map(|it| aligned(&it.number, &it.text, it.style, slice::from_ref(&it.right), width(&it)))
            .collect()
    }

    /// The region: at most `height` lines of less than `width` columns.
    pub(crate) fn lines(&self, now: Duration, width: usize, height: usize) -> Vec<String> {
        let width = width.saturating_sub(1).min(WIDEST);
        let mut rows = self.rows(now, width);
        for spared in [Kind::Waiting, Kind::Output, Kind::Stage] {
            if rows.len() > height {
                rows.retain(|row| row.kind != spared);
            }
        }
        if rows.len() > height {
            let n_more = rows.len() - height.saturating_sub(1);
            rows.truncate(height.saturating_sub(1));
            rows.push(Row::new(Kind::Step, format!("{:LINE$}  and {n_more} more", "")));
        }
        rows.truncate(height);
        rows.into_iter().map(|row| within(row.text, width)).collect()
    }

    fn rows(&self, now: Duration, width: usize) -> Vec<Row> {
        let mut rows = Vec::new();
        let running = |at: usize| self.running.range((at, 0, 0)..(at + 1, 0, 0)).map(|(_, running)| running);
        let steps = |rows: &mut Vec<Row>, at| {
            running(at).for_each(|running| self.write_running(rows, running, now, width));
        };
        steps(&mut rows, 0);
        for (at, stage) in self.stages.iter().enumerate() {
            let is_waiting = running(at + 1).next().is_none();
            if self.stages.len() > 1 && !(is_waiting && stage.n_done >= stage.steps.len()) {
                let kind = if is_waiting { Kind::Waiting } else { Kind::Stage };
                rows.push(Row::new(kind, self.stage_line(stage, is_waiting)));
            }
            steps(&mut rows, at + 1);
        }
        steps(&mut rows, self.stages.len() + 1);
        if self.is_stopping {
            let open = tone::OPEN;
            rows.insert(0, Row::new(Kind::Step, format!("{:LINE$}  {open}stopping the build{open:#}", "")));
        }
        rows
    }

    fn stage_line(&self, stage: &Stage, is_waiting: bool) -> String {
        let (strong, faint) =
            if is_waiting { (tone::FAINT, tone::FAINT) } else { (tone::STRONG, tone::FAINT) };
        let names = self.stages.iter().map(|stage| width_of(&stage.name));
        let room = names.max().unwrap_or(0).min(TEXT);
        let (done, all) = (stage.n_done, stage.steps.len());
        let bar = bar(done as u64, all as u64, STAGE_BAR);
        let name = clip(&stage.name, room);
        let gap = room.saturating_sub(width_of(&name));
        format!("{:LINE$}  {strong}{name}{strong:#}{:gap$}  {faint}{bar}  {done} of {all}{faint:#}", "", "")
    }

    fn write_running(&self, rows: &mut Vec<Row>, running: &Running, now: Duration, width: usize) {
        let faint = tone::FAINT;
        let time = TimeDelta::from_std(now.saturating_sub(running.since)).unwrap_or_default();
        let (done, all) = running.transfers.values().fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
        let amount = match all {
            0 if done == 0 => String::new(),
            0 => format!("{}  ", bytes(done)),
            _ => format!("{} of {}  ", bytes(done), bytes(all)),
        };
        let time = format!("{:>8}", seconds(time));
        let drawn = if all > 0 { bar(done, all, TRANSFER_BAR) + " " } else { String::new() };
        let rights = [format!("{drawn}{amount}{time}"), format!("{amount}{time}"), time];
        let text = self.text(&running.step);
        let number = number(&running.step);
        rows.push(Row::new(Kind::Step, aligned(&number, &text, tone::STRONG, &rights, width)));
        if let Some(line) = running.tail.back().filter(|line| !line.is_empty()) {
            let line = clip(line, width.saturating_sub(LINE + 4));
            rows.push(Row::new(Kind::Output, format!("{faint}{:LINE$}  │ {line}{faint:#}", "")));
        }
    }

    fn begin(&mut self, step: &Step, now: Duration) {
        let place = self.place(step);
        self.n_begun += 1;
        self.place_of.insert(step.vertex.clone(), place);
        let running =
            Running { step: step.clone(), since: now, transfers: BTreeMap::new(), tail: VecDeque::new() };
        self.running.insert(place, running);
    }

    fn progress(&mut self, step: &Step, status: &Status) {
        let Some(running) = self.running_of(step).filter(|_| status.is_transfer()) else { return };
        let (done, all) = running.transfers.entry(status.id.clone()).or_default();
        *done = status.current.max(*done);
        *all = status.total.max(*all);
    }

    fn end(&mut self, step: &Step) {
        let Some(place) = self.place_of.remove(&step.vertex) else { return };
        let tail = self.running.remove(&place).map(|running| running.tail).unwrap_or_default();
        let stage = place.0.checked_sub(1).and_then(|at| self.stages.get_mut(at));
        if let Some(stage) = stage {
            let at = stage.steps.iter().position(|step| *step == place.1);
            stage.n_done = stage.n_done.max(at.map_or(0, |at| at + 1));
        }
        match &step.error {
            Some(error) => {
                for line in tail {
                    self.keep(number(step), format!("│ {line}"), Style::new(), String::new());
                }
                self.keep(number(step), format!("failed: {error}"), tone::ERROR, String::new());
            }
            None if is_internal(step) && !is_context(step) => {}
            None => self.keep(number(step), self.text(step), Style::new(), outcome(step)),
        }
    }

    fn keep(&mut self, number: String, text: String, style: Style, right: String) {
        self.above.push(Kept { number, text: clip(&text, LONGEST_LINE), style, right });
    }

    fn running_of(&mut self, step: &Step) -> Option<&mut Running> {
        self.running.get_mut(self.place_of.get(&step.vertex)?)
    }

    fn place(&self, step: &Step) -> Place {
        let instruction = step.place.map(|place| place.instruction);
        let of_stage = |instruction: usize| {
            self.stages.iter().position(|stage| stage.steps.contains(&instruction)).map(|at| at + 1)
        };
        let at = instruction.and_then(of_stage);
        let at = at.unwrap_or(if is_internal(step) { 0 } else { self.stages.len() + 1 });
        (at, instruction.unwrap_or(0), self.n_begun)
    }

    /// Our own words for an instruction, the builder's for anything else, such as what a base has run.
    fn text(&self, step: &Step) -> String {
        let own = step.place.and_then(|place| self.texts.get(&place.instruction));
        let is_trigger = title(step).starts_with("ONBUILD ");
        named(step, own.filter(|_| !is_trigger).map_or(title(step), String::as_str))
    }
}

impl Row {
    fn new(kind: Kind, text: String) -> Self {
        Self { kind, text }
    }
}

/// Where what is built is told: the one of the builder's own steps that moves much.
fn is_context(step: &Step) -> bool {
    step.transferred > 0 && step.name.ends_with("load build context")
}

/// A line with its number at the left, and at the right the first of `rights` that leaves room for the text.
fn aligned(number: &str, text: &str, style: Style, rights: &[String], width: usize) -> String {
    let faint = tone::FAINT;
    let room = width.saturating_sub(LINE + 2);
    let fits = |right: &&String| width_of(right) + 2 + TEXT.min(width_of(text)) <= room;
    let right = rights.iter().find(fits).map_or("", String::as_str);
    let text = clip(text, room.saturating_sub(if right.is_empty() { 0 } else { width_of(right) + 2 }));
    let gap = if right.is_empty() { 0 } else { room.saturating_sub(width_of(&text) + width_of(right)) };
    format!("{faint}{number}{faint:#}  {style}{text}{style:#}{:gap$}{faint}{right}{faint:#}", "")
}

/// `line` as it is, or without its colours and cut where the terminal is narrower than any line should be.
fn within(line: String, width: usize) -> String {
    let plain: String = strip_str(&line).collect();
    if width_of(&plain) <= width { line } else { clip(&plain, width) }
}

/// `━━━━────`
fn bar(done: u64, all: u64, width: usize) -> String {
    let full = (done.min(all) as f64 / all.max(1) as f64 * width as f64) as usize;
    "━".repeat(full) + &"─".repeat(width - full)
}
