//! The whole analysis of the last text, again whenever more is known; and who is asked for what is not.

use crate::{context, packages, say, tables, tabs};
use layercast::messages::{Reply, Said};
use layercast::remarks::Remark;
use layercast::{strings, summary, weights};
use layercast_core::facts::{FailureReason, Question};
use layercast_core::report::Report;
use layercast_core::{Facts, analyse};
use std::cell::RefCell;
use std::collections::HashSet;

/// An answer may bring new questions; a text that brings more rounds than this is weighed as far as it got.
const MOST_ROUNDS: usize = 64;

/// The last text, and what was learnt from outside.
#[derive(Default)]
pub(crate) struct Desk {
    pub(crate) revision: u64,
    source: String,
    rounds: usize,
    /// Images and options are the page's; the rest was learnt here.
    pub(crate) facts: Facts,
    /// The .dockerignore of the folder that is the build context.
    pub(crate) ignore: Option<String>,
    /// What was said of it last.
    report: Option<Report>,
    asked: HashSet<Question>,
    /// What the last text asks.
    open: Vec<Question>,
    /// A companion is there to ask registries of packages.
    has_companion: bool,
    /// So many askings of it are under way.
    pub(crate) n_asking: usize,
    /// Tables on their way, and those that did not come with why.
    pub(crate) tables: tables::State,
}

thread_local! {
    static DESK: RefCell<Desk> = RefCell::default();
}

/// Does something with the desk.
pub(crate) fn with<T>(act: impl FnOnce(&mut Desk) -> T) -> T {
    DESK.with_borrow_mut(act)
}

/// Weighs a text: it is the last one from now on.
pub(crate) fn take(revision: u64, source: String) {
    with(|desk| {
        (desk.revision, desk.source, desk.rounds) = (revision, source, 0);
        // Failures of registries are the page's own to tell, but for the one that a check knows.
        desk.facts.image_failures.retain(|failure| failure.reason == FailureReason::NoPlatform);
    });
    again();
}

/// Weighs the last text, as more is known now.
pub(crate) fn again() {
    let (said, new) = with(Desk::weigh);
    say(&Reply::Said(said));
    tabs::draw();
    ask(new);
}

/// A companion is there: what only it can answer is asked now.
pub(crate) fn found_companion(is_online: bool) {
    let is_waited_for = with(|desk| {
        desk.has_companion = is_online;
        desk.asked.retain(|question| !packages::is_asked_of_them(question));
        is_online && desk.revision > 0
    });
    if is_waited_for {
        again();
    }
}

/// Those that the last text asks; the others may be asked another time.
pub(crate) fn still_open(questions: Vec<Question>) -> Vec<Question> {
    with(|desk| {
        let (open, gone): (Vec<_>, Vec<_>) =
            questions.into_iter().partition(|question| desk.open.contains(question));
        desk.asked.retain(|question| !gone.contains(question));
        open
    })
}

/// What is asked of files is asked once more: there is another build context.
pub(crate) fn forget_files() {
    with(|desk| desk.asked.retain(|question| !matches!(question, Question::ContextFile { .. })));
}

impl Desk {
    fn weigh(&mut self) -> (Said, Vec<Question>) {
        if self.facts.build.dockerignore.is_none() {
            self.facts.build.dockerignore.clone_from(&self.ignore);
        }
        let report = analyse(&self.source, &self.facts);
        let remarks = report.checked();
        let said = Said {
            revision: self.revision,
            remarks: remarks.iter().filter(|remark| !remark.silenced).map(Remark::from).collect(),
            steps: weights::of(&report),
            below: summary::summary(&report, &self.waiting(&report)),
        };
        self.rounds += 1;
        let is_new = |question: &Question| self.rounds < MOST_ROUNDS && !self.asked.contains(question);
        let new: Vec<Question> = report.questions.iter().filter(|one| is_new(one)).cloned().collect();
        self.open.clone_from(&report.questions);
        self.asked.extend(new.iter().cloned());
        self.report = Some(report);
        (said, new)
    }

    /// What a tab is drawn from; none before the first text.
    pub(crate) fn to_draw_from(&self) -> Option<layercast::tabs::Desk<'_>> {
        let report = self.report.as_ref()?;
        Some(layercast::tabs::Desk { source: &self.source, facts: &self.facts, report })
    }

    /// What is waited for, and what cannot be had, for this text.
    fn waiting(&self, report: &Report) -> Vec<String> {
        let mut waiting: Vec<String> =
            report.questions.iter().filter_map(|question| self.tables.word(question)).collect();
        if report.questions.iter().any(packages::is_asked_of_them) {
            let word = match (self.has_companion, self.n_asking) {
                (false, _) => Some(strings::PACKAGES_ABSENT.t()),
                (true, 1..) => Some(strings::PACKAGES_COMING.t()),
                (true, 0) => None,
            };
            waiting.extend(word.map(str::to_owned));
        }
        waiting
    }
}

/// Asks who can answer. Images are the page's to ask for: it keeps them.
fn ask(questions: Vec<Question>) {
    let (mut files, mut of_packages) = (Vec::new(), Vec::new());
    let has_companion = with(|desk| desk.has_companion);
    for question in questions {
        match question {
            Question::PackageTable { .. } => tables::load(question),
            Question::ContextFile { path, wanted } => files.push((path, wanted)),
            question if has_companion && packages::is_asked_of_them(&question) => of_packages.push(question),
            _ => {}
        }
    }
    if !of_packages.is_empty() {
        packages::ask(of_packages);
    }
    if !files.is_empty() {
        context::ask(&files);
    }
}
