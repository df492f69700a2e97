//! Analysing with somebody to ask: again and again, until there is no new question.
//!
//! The build context answers for its files, registries for what they hold. Offline, no registry is asked.

use crate::answers::{Registry, RegistryArgs, tables};
use crate::context::ContextArgs;
use crate::error::CliError;
use layercast_core::facts::Question;
use layercast_core::{Facts, Report, analyse};
use std::collections::HashSet;
use tokio::runtime::{Builder, Runtime};

/// An answer may bring new questions; a file that brings more rounds than this is answered as far as it got.
const MOST_ROUNDS: usize = 64;

/// Those who are asked, and what they were asked already.
pub(super) struct Asking<'a> {
    context: &'a ContextArgs,
    registry: Option<(Registry, Runtime)>,
    asked: HashSet<Question>,
}

impl<'a> Asking<'a> {
    pub(super) fn new(args: &RegistryArgs, context: &'a ContextArgs) -> Result<Self, CliError> {
        let registry = match args.offline {
            true => None,
            false => Some((
                Registry::new(args, context.folder())?,
                Builder::new_current_thread().enable_all().build()?,
            )),
        };
        Ok(Self { context, registry, asked: HashSet::new() })
    }

    /// The report on `text`, with everything asked for once. An answer may bring new questions: the triggers
    /// of a base image name images of their own, a lock file names packages.
    pub(super) fn analyse(&mut self, text: &str, facts: &mut Facts) -> Report {
        let mut report = analyse(text, facts);
        for _ in 0..MOST_ROUNDS {
            let is_new = |question: &&Question| !self.asked.contains(*question);
            let new: Vec<Question> = report.questions.iter().filter(is_new).cloned().collect();
            let n_answered = self.answer(&new, facts);
            self.asked.extend(new);
            if n_answered == 0 {
                break;
            }
            report = analyse(text, facts);
        }
        report
    }

    /// So many requests were sent to package registries.
    pub(super) fn n_package_requests(&self) -> usize {
        self.registry.as_ref().map_or(0, |(registry, _)| registry.n_package_requests())
    }

    /// Answers what can be answered here; gives how many that were.
    fn answer(&mut self, questions: &[Question], facts: &mut Facts) -> usize {
        let mut n_answered = 0;
        for question in questions {
            if let Question::ContextFile { path, wanted } = question {
                self.context.answer(path, *wanted, facts);
                n_answered += 1;
            }
            n_answered += usize::from(tables::answer(question, facts));
        }
        if let Some((registry, runtime)) = &self.registry {
            let n_images =
                questions.iter().filter(|question| matches!(question, Question::Image { .. })).count();
            if n_images > 0 {
                runtime.block_on(registry.answer(questions, facts));
            }
            n_answered += n_images;
            n_answered += runtime.block_on(registry.answer_packages(questions, facts));
        }
        n_answered
    }
}
