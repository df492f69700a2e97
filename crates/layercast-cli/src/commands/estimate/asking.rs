//! Analysing with registries to ask: again and again, until there is no new question.

use crate::answers::{Registry, RegistryArgs};
use crate::error::CliError;
use layercast_core::facts::Question;
use layercast_core::{Facts, Report, analyse};
use std::collections::HashSet;
use tokio::runtime::{Builder, Runtime};

/// The registries, and what they were asked already.
pub(super) struct Asking {
    registry: Registry,
    runtime: Runtime,
    asked: HashSet<Question>,
}

impl Asking {
    pub(super) fn new(args: &RegistryArgs) -> Result<Self, CliError> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Self { registry: Registry::new(args)?, runtime, asked: HashSet::new() })
    }

    /// The report on `text`, with every image asked for once. An answer may bring new questions: the triggers
    /// of a base image name images of their own.
    pub(super) fn analyse(&mut self, text: &str, facts: &mut Facts) -> Report {
        loop {
            let mut report = analyse(text, facts);
            let mut questions = std::mem::take(&mut report.questions);
            let is_new = |question: &Question| is_of_image(question) && !self.asked.contains(question);
            report.questions = questions.iter().filter(|question| is_new(question)).cloned().collect();
            if report.questions.is_empty() {
                std::mem::swap(&mut report.questions, &mut questions);
                return report;
            }
            self.runtime.block_on(self.registry.answer(&report, facts));
            self.asked.extend(report.questions);
        }
    }
}

fn is_of_image(question: &Question) -> bool {
    matches!(question, Question::Image { .. })
}
