//! The one build at a time: who starts it, who ends it, who hears of it. It runs whether a page listens or not.

use super::course::{Course, Heard, State};
use super::order::Order;
use crate::answers::{Cache, RegistryArgs};
use crate::builder::{BuildError, Builder, Built, Request, Run, Steps, Truth, measured};
use crate::commands::{measured_steps, report_on};
use crate::context::ContextArgs;
use crate::error::CliError;
use crate::server::token::Token;
use crate::source::Source;
use layercast_core::{Facts, Report, facts, structure};
use serde_json::json;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, oneshot, watch};

/// What `--build` offers: one context, and a builder.
#[derive(Debug, Clone)]
pub(crate) struct Offer {
    /// The build context, a folder.
    pub(crate) context: PathBuf,
    /// The Dockerfile that the page opens with.
    pub(crate) file: PathBuf,
    /// `--builder`; none for the one in use.
    pub(crate) builder: Option<String>,
    /// Who is asked for what an estimate wants to know.
    pub(crate) registries: RegistryArgs,
}

/// Where builds are ordered.
pub(crate) struct Desk {
    offer: Offer,
    token: Token,
    at_work: Mutex<AtWork>,
    /// Counts the changes, for those who wait for one.
    changes: watch::Sender<u64>,
}

#[derive(Default)]
struct AtWork {
    n_builds: u64,
    /// The build that runs or ran last.
    course: Option<Course>,
    stop: Arc<Notify>,
}

impl Offer {
    /// The folder's own name.
    pub(super) fn context_name(&self) -> String {
        let path = self.context.canonicalize().unwrap_or_else(|_| self.context.clone());
        path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
    }

    /// The text of its Dockerfile as it is now; none where there is none.
    pub(super) fn text(&self) -> Option<String> {
        Some(crate::source::read(&self.file).ok()?.text)
    }
}

impl Desk {
    pub(crate) fn new(offer: Offer, token: Token) -> Arc<Self> {
        Arc::new(Self { offer, token, at_work: Mutex::default(), changes: watch::Sender::new(0) })
    }

    pub(super) fn offer(&self) -> &Offer {
        &self.offer
    }

    pub(super) fn token(&self) -> &Token {
        &self.token
    }

    /// Starts a build: its number, or the name of the one that runs.
    pub(super) fn start(self: &Arc<Self>, order: Order) -> Result<u64, String> {
        let context = ContextArgs::at(self.offer.context.clone());
        let ignore_file = context.ignore_file(&self.offer.file, None).ok().flatten();
        let ignored = ignore_file.map(|ignore_file| ignore_file.text);
        let facts = Facts { build: order.options(ignored), ..Facts::default() };
        let plan = structure(&order.dockerfile, &facts);
        let (id, stop) = {
            let mut at_work = self.at_work();
            if let Some(running) = at_work.course.as_ref().filter(|course| course.is_running()) {
                return Err(running.target().to_owned());
            }
            at_work.n_builds += 1;
            at_work.course = Some(Course::new(at_work.n_builds, &plan));
            at_work.stop = Arc::default();
            (at_work.n_builds, Arc::clone(&at_work.stop))
        };
        self.tell();
        let desk = Arc::clone(self);
        tokio::spawn(async move {
            let work = tokio::spawn(Arc::clone(&desk).work(order, facts, plan, context, stop));
            if work.await.is_err() {
                let message = "This is a bug of Layercast. The server goes on.".to_owned();
                desk.change(|course| course.fail(State::Failed, message, None));
            }
        });
        Ok(id)
    }

    /// Ends the build that runs; false where none does.
    pub(super) fn cancel(&self) -> bool {
        let at_work = self.at_work();
        let is_running = at_work.course.as_ref().is_some_and(Course::is_running);
        if is_running {
            at_work.stop.notify_one();
        }
        is_running
    }

    /// The companion ends: so does its build. Comes back when nothing runs any more.
    pub(crate) async fn close(&self) {
        let mut changes = self.changes();
        while self.cancel() {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// What a page has not heard of the build, as JSON; none where it has heard all.
    pub(super) fn news(&self, heard: &mut Heard) -> Option<String> {
        Some(self.at_work().course.as_ref()?.news(heard)?.to_string())
    }

    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    async fn work(
        self: Arc<Self>,
        order: Order,
        facts: Facts,
        plan: Report,
        context: ContextArgs,
        stop: Arc<Notify>,
    ) {
        let source = Source { path: "Dockerfile".to_owned(), text: order.dockerfile.clone(), substituted: 0 };
        let ignored = facts.build.dockerignore.clone();
        let estimate = estimated(source, facts, context, self.offer.registries.clone());
        let tells_lines = Steps::of(&plan).may_share();
        let (builder, built) = match self.build(&order, ignored.as_deref(), tells_lines, &stop).await {
            Ok(built) => built,
            Err(error) => return self.failed(&error),
        };
        self.change(|course| {
            course.run().steps.learn(&built.metadata);
            course.weigh();
        });
        let cache = Cache::open(self.offer.registries.cache_dir.clone()).unwrap_or_default();
        let weighed = async {
            let truths = measured(&builder, &built, &plan, &cache).await;
            (truths, estimate.await.ok().and_then(Result::ok))
        };
        tokio::select! {
            (truths, estimated) = weighed => {
                let report = estimated.as_ref().map_or(&plan, |(report, _)| report);
                self.change(|course| {
                    if let (Some(truths), Some((_, facts))) = (&truths, estimated.as_ref()) {
                        let measured = as_facts(&order.dockerfile, facts, truths, course.run());
                        course.keep(measured);
                    }
                    course.finish(report, truths.as_deref());
                });
            }
            () = stop.notified() => self.failed(&BuildError::Interrupted),
        }
    }

    /// The text goes through a file of its own, in a folder that nobody else may open. The .dockerignore in force goes
    /// beside it.
    async fn build(
        &self,
        order: &Order,
        ignored: Option<&str>,
        tells_lines: bool,
        stop: &Notify,
    ) -> Result<(Builder, Built), BuildError> {
        let cannot = |source| BuildError::Start { program: "a build".to_owned(), source };
        let folder = tempfile::tempdir().map_err(cannot)?;
        let file = folder.path().join("Dockerfile");
        fs::write(&file, &order.dockerfile).map_err(cannot)?;
        if let Some(text) = ignored {
            fs::write(folder.path().join("Dockerfile.dockerignore"), text).map_err(cannot)?;
        }
        let request = Request {
            context: self.offer.context.to_string_lossy().into_owned(),
            file: Some(file),
            flags: order.flags(),
            switches: Vec::new(),
            builder: self.offer.builder.clone(),
            tells_lines,
        };
        let builder = Builder::choose(&request, None).await?;
        let on_event = |event| self.change(|course| course.take(event));
        let built = builder.build(&request, stop.notified(), on_event).await?;
        Ok((builder, built))
    }

    fn failed(&self, error: &BuildError) {
        let state = if matches!(error, BuildError::Interrupted) { State::Cancelled } else { State::Failed };
        let message = match error {
            BuildError::Builder { message } => message.clone(),
            other => format!("failed to {other}"),
        };
        let hint = error.hint().map(str::to_owned);
        self.change(|course| course.fail(state, message, hint));
    }

    fn change(&self, change: impl FnOnce(&mut Course)) {
        if let Some(course) = &mut self.at_work().course {
            change(course);
        }
        self.tell();
    }

    fn tell(&self) {
        self.changes.send_modify(|count| *count += 1);
    }

    fn at_work(&self) -> MutexGuard<'_, AtWork> {
        self.at_work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was measured, as a facts file. The page may know the build context or not: steps are told as either sees them.
fn as_facts(dockerfile: &str, facts: &Facts, truths: &[Truth], run: &mut Run) -> String {
    let mut without = facts.clone();
    without.context = None;
    let mut measured = measured_steps(dockerfile, facts, truths, run);
    measured.extend(measured_steps(dockerfile, &without, truths, run));
    json!({ "version": facts::VERSION, "measured": measured }).to_string()
}

/// The estimate, worked out beside the build: it may wait for registries.
fn estimated(
    source: Source,
    mut facts: Facts,
    context: ContextArgs,
    registries: RegistryArgs,
) -> oneshot::Receiver<Result<(Report, Facts), CliError>> {
    let (done, report) = oneshot::channel();
    std::thread::spawn(move || {
        let listed = context.listing().map(|listing| facts.context = listing);
        let report = listed.and_then(|()| report_on(&source, &mut facts, &context, &registries));
        let _ = done.send(report.map(|report| (report, facts)));
    });
    report
}
