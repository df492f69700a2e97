//! One build as it is known so far: a row for each step, and what a page has not yet heard of it.
//!
//! **Invariant:** its memory is bounded by the number of steps, however much they print.

mod news;

pub(super) use news::Heard;

use super::output::Output;
use crate::builder::{Event, Place, Run, Steps, Truth, Vertex};
use layercast_core::Report;
use layercast_core::estimate::Estimate;
use layercast_core::report::Source;
use std::collections::{HashMap, VecDeque};
use std::time::Instant;

/// The output of all steps together takes no more; that of the step that ended first goes first.
const MOST_OUTPUT: usize = 8 << 20;
/// The instructions whose work is a step.
const WORKING: [&str; 4] = ["RUN", "COPY", "ADD", "WORKDIR"];

/// A build, running or ended.
pub(super) struct Course {
    id: u64,
    target: String,
    stages: Vec<String>,
    state: State,
    began: Instant,
    seconds: Option<f64>,
    /// Why it ended as it did, and what to do.
    message: Option<(String, Option<String>)>,
    rows: Vec<Row>,
    run: Run,
    row_of: HashMap<String, usize>,
    /// Rows that ended and have output, the first of them first.
    ended: VecDeque<usize>,
    sizes: Option<[Size; 2]>,
    /// What was measured, as a facts file: with it the page's own figures are exact.
    facts: Option<String>,
    /// Counts the changes.
    version: u64,
}

/// How far a build or a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Waiting,
    Running,
    /// The builder is done; sizes are asked for.
    Weighing,
    Done,
    Cached,
    Failed,
    Cancelled,
}

/// A step: an instruction, or something that the builder does beside them.
struct Row {
    place: Option<Place>,
    stage: Option<usize>,
    name: String,
    state: State,
    began: Option<Instant>,
    seconds: Option<f64>,
    error: Option<String>,
    /// How far its present piece of work is: its name, how much is done, of how much.
    progress: Option<(String, u64, u64)>,
    output: Output,
    /// Unpacked, download.
    sizes: Option<[Size; 2]>,
    /// The version of its last change.
    changed: u64,
}

/// A size as it was estimated and as it is; none where it is not known.
#[derive(Debug, Clone, Default)]
struct Size {
    estimate: Option<Estimate>,
    real: Option<u64>,
}

impl Course {
    /// A build that begins; `plan` is the report on its file.
    pub(super) fn new(id: u64, plan: &Report) -> Self {
        let target = plan.target();
        let built = target.map(|target| target.reachable.as_slice()).unwrap_or_default();
        let stages: Vec<String> = plan.stages.iter().map(|stage| stage.display_name.clone()).collect();
        let name = target.and_then(|target| stages.get(target.stage)).cloned();
        let mut course = Self {
            id,
            target: name.unwrap_or_else(|| "the Dockerfile".to_owned()),
            stages,
            state: State::Running,
            began: Instant::now(),
            seconds: None,
            message: None,
            rows: Vec::new(),
            run: Run::new(Steps::of(plan)),
            row_of: HashMap::new(),
            ended: VecDeque::new(),
            sizes: None,
            facts: None,
            version: 1,
        };
        for stage in built.iter().filter_map(|at| plan.stages.get(*at)) {
            let is_pulled = !matches!(&stage.source, Source::Stage(_)) && stage.base != "scratch";
            let from = plan.instructions.iter().position(|it| it.line == stage.line).filter(|_| is_pulled);
            for at in from.into_iter().chain(stage.instructions.iter().copied()) {
                let Some(instruction) = plan.instructions.get(at) else { continue };
                if Some(at) == from || WORKING.contains(&instruction.keyword.as_str()) {
                    let place = Place { instruction: at, line: instruction.line };
                    course.rows.push(Row::new(Some(place), Some(stage.index), instruction.text.clone()));
                }
            }
        }
        course
    }

    /// What people call it.
    pub(super) fn target(&self) -> &str {
        &self.target
    }

    pub(super) fn is_running(&self) -> bool {
        matches!(self.state, State::Running | State::Weighing)
    }

    /// What the builder told of its steps, made exact in the end.
    pub(super) fn run(&mut self) -> &mut Run {
        &mut self.run
    }

    /// Takes in what the builder tells.
    pub(super) fn take(&mut self, event: Event) {
        match event {
            Event::Vertex(vertex) => self.vertex(vertex),
            Event::Log(log) => {
                let Some(at) = self.row_of.get(&log.vertex).copied() else { return };
                self.change(at).output.push(&log.bytes, log.is_error);
            }
            Event::Status(status) => {
                let Some(at) = self.row_of.get(&status.vertex).copied() else { return };
                let row = self.change(at);
                row.progress = (!status.completed).then_some((status.id, status.current, status.total));
            }
            Event::Warning(_) => {}
        }
    }

    /// The builder is done: what each step really weighs is asked for.
    pub(super) fn weigh(&mut self) {
        self.state = State::Weighing;
        self.version += 1;
    }

    /// It went well. `truths` is none where the builder keeps no image here.
    pub(super) fn finish(&mut self, report: &Report, truths: Option<&[Truth]>) {
        for at in 0..self.rows.len() {
            let Some(place) = self.rows[at].place else { continue };
            let step = self.run.step_of(place.instruction);
            let truth = truths.into_iter().flatten().find(|truth| truth.place == place);
            let layer = report.layer_of(place.instruction);
            let row = self.change(at);
            if let Some(step) = step {
                row.state = if step.cached { State::Cached } else { State::Done };
                row.seconds = step.time.map(|time| time.as_seconds_f64());
            }
            row.sizes = truth.map(|truth| {
                let unpacked = layer.and_then(|layer| layer.unpacked.clone());
                let download = layer.and_then(|layer| layer.download.clone());
                [
                    Size { estimate: unpacked, real: truth.unpacked },
                    Size { estimate: download, real: truth.download },
                ]
            });
        }
        let sized = || self.rows.iter().filter_map(|row| row.sizes.as_ref());
        self.sizes =
            sized().next().map(|_| [0, 1].map(|which| Size::sum(sized().map(|sizes| &sizes[which]))));
        let keeps_none = "This builder keeps no image here, so its layers cannot be weighed.";
        self.message = truths.is_none().then(|| (keeps_none.to_owned(), None));
        self.end(State::Done);
    }

    /// What was measured, as a facts file.
    pub(super) fn keep(&mut self, facts: String) {
        self.facts = Some(facts);
    }

    /// It did not come to an end.
    pub(super) fn fail(&mut self, state: State, message: String, hint: Option<String>) {
        self.message = Some((message, hint));
        self.end(state);
    }

    fn end(&mut self, state: State) {
        for at in 0..self.rows.len() {
            if self.rows[at].state == State::Running {
                let row = self.change(at);
                row.state = if state == State::Done { State::Done } else { State::Cancelled };
                row.output.close();
            }
        }
        self.state = state;
        self.seconds = Some(self.began.elapsed().as_secs_f64());
        self.version += 1;
    }

    fn vertex(&mut self, vertex: Vertex) {
        let at = self.row(&vertex);
        let row = self.change(at);
        if vertex.started.is_some() && row.began.is_none() {
            row.began = Some(Instant::now());
        }
        row.state = match (&vertex.error, vertex.started, vertex.completed) {
            (Some(error), ..) if error.contains("context canceled") => State::Cancelled,
            (Some(_), ..) => State::Failed,
            (None, _, Some(_)) if vertex.cached && row.state != State::Done => State::Cached,
            (None, _, Some(_)) => State::Done,
            (None, Some(_), None) => State::Running,
            (None, None, None) => row.state,
        };
        row.seconds = vertex.time().map(|time| time.as_seconds_f64()).or(row.seconds);
        row.error.clone_from(&vertex.error);
        self.share(at);
        let row = self.change(at);
        if vertex.completed.is_some() {
            row.progress = None;
            row.output.close();
            if row.output.bytes() > 0 && !self.ended.contains(&at) {
                self.ended.push_back(at);
                self.make_room();
            }
        }
        // Its own news are for terminals: here a row may be told as it stands.
        self.run.take(Event::Vertex(vertex));
    }

    /// Stages that stand on one image have one vertex for it.
    fn share(&mut self, at: usize) {
        let image = |row: &Row| row.name.strip_prefix("FROM ")?.split(' ').next().map(str::to_owned);
        let (own, state, seconds) = (image(&self.rows[at]), self.rows[at].state, self.rows[at].seconds);
        for other in 0..self.rows.len() {
            if own.is_some() && other != at && image(&self.rows[other]) == own {
                let row = self.change(other);
                (row.state, row.seconds) = (state, seconds);
            }
        }
    }

    /// The row of a vertex; a new one for what the Dockerfile does not name.
    fn row(&mut self, vertex: &Vertex) -> usize {
        if let Some(at) = self.row_of.get(&vertex.digest) {
            return *at;
        }
        let place = self.run.steps.place(&vertex.digest, &vertex.name).first().copied();
        let is_it = |row: &Row| if place.is_some() { row.place == place } else { row.name == vertex.name };
        let at = self.rows.iter().position(is_it).unwrap_or_else(|| {
            self.rows.push(Row::new(place, None, vertex.name.clone()));
            self.rows.len() - 1
        });
        self.row_of.insert(vertex.digest.clone(), at);
        at
    }

    fn change(&mut self, at: usize) -> &mut Row {
        self.version += 1;
        let row = &mut self.rows[at];
        row.changed = self.version;
        row
    }

    fn make_room(&mut self) {
        while self.rows.iter().map(|row| row.output.bytes()).sum::<usize>() > MOST_OUTPUT {
            let Some(oldest) = self.ended.pop_front() else { return };
            self.rows[oldest].output.forget();
        }
    }
}

impl Row {
    fn new(place: Option<Place>, stage: Option<usize>, name: String) -> Self {
        Self {
            place,
            stage,
            name,
            state: State::Waiting,
            began: None,
            seconds: None,
            error: None,
            progress: None,
            output: Output::default(),
            sizes: None,
            changed: 1,
        }
    }
}

impl Size {
    /// The whole: what is real, and what was estimated of it, where all of it was.
    fn sum<'a>(sizes: impl Iterator<Item = &'a Self> + Clone) -> Self {
        let known = sizes.filter(|size| size.real.is_some_and(|real| real > 0));
        let estimates: Option<Vec<&Estimate>> = known.clone().map(|size| size.estimate.as_ref()).collect();
        let real: Vec<u64> = known.filter_map(|size| size.real).collect();
        if real.is_empty() {
            return Self::default();
        }
        Self { estimate: estimates.map(Estimate::sum), real: Some(real.iter().sum()) }
    }
}
