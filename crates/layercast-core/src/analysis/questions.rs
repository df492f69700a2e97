//! What a report lacks, and what was answered with a failure.

use crate::diagnostic::Diagnostic;
use crate::dockerfile::Dockerfile;
use crate::facts::{Facts, FailureReason, Question};
use crate::graph::{Base, Graph};
use crate::report::Layer;
use std::collections::BTreeMap;

/// What is not known: images that no fact speaks of, steps that nothing is known of.
pub(super) fn questions(
    file: &Dockerfile<'_>,
    graph: &Graph,
    facts: &Facts,
    layers: &[Layer],
    texts: &[String],
    asked_for_steps: Vec<Question>,
) -> Vec<Question> {
    let mut questions = Vec::new();
    let mut asked = BTreeMap::new();
    for (stage, lines) in graph.stages.iter().zip(&file.stages) {
        let Base::Image(image) = &stage.base else { continue };
        let (wanted, line) = (image.to_string(), file.node(lines.from).line);
        let answered = facts.image_of(image, &stage.platform).is_some()
            || facts.failure_of(image, &stage.platform).is_some();
        let place = (wanted.clone(), stage.platform.to_string());
        match asked.get(&place).map(|at: &usize| &mut questions[*at]) {
            Some(Question::Image { lines, .. }) => lines.push(line),
            _ if answered => {}
            _ => {
                asked.insert(place, questions.len());
                let estimated = crate::catalogue::find(image, &stage.platform).is_some();
                let platform = stage.platform.clone();
                questions.push(Question::Image { reference: wanted, platform, lines: vec![line], estimated });
            }
        }
    }
    questions.extend(asked_for_steps);
    let unknown = layers.iter().filter(|layer| layer.is_unknown());
    let steps = unknown.filter(|layer| layer.instruction != file.stages[layer.stage].from);
    questions.extend(steps.map(|layer| Question::Step {
        stage: graph.stages[layer.stage].display_name.clone(),
        instruction: texts[layer.instruction].clone(),
        line: layer.line,
        why: layer.basis.clone(),
    }));
    questions
}

/// Why nothing was learnt of an image, at each FROM that names it.
pub(super) fn image_failures(file: &Dockerfile<'_>, graph: &Graph, facts: &Facts) -> Vec<Diagnostic> {
    let failure = |(stage, lines): (&crate::graph::Stage, &crate::dockerfile::file::StageLines)| {
        let Base::Image(image) = &stage.base else { return None };
        let failure = facts.failure_of(image, &stage.platform)?;
        if failure.reason == FailureReason::NoPlatform {
            return None; // a check of its own says so
        }
        let from = file.from(lines)?;
        let line = file.node(lines.from).line;
        let warning =
            Diagnostic::warning(rule(failure.reason), line, from.base.range, failure.message.clone());
        Some(if failure.hint.is_empty() { warning } else { warning.note(failure.hint.clone()) })
    };
    graph.stages.iter().zip(&file.stages).filter_map(failure).collect()
}

fn rule(reason: FailureReason) -> &'static str {
    match reason {
        FailureReason::NotFound => "image-not-found",
        FailureReason::Denied => "image-denied",
        FailureReason::RateLimited => "registry-rate-limit",
        FailureReason::Unreachable => "registry-unreachable",
        FailureReason::Invalid => "registry-invalid-answer",
        FailureReason::DigestMismatch => "digest-mismatch",
        FailureReason::NoPlatform => "image-without-platform",
    }
}
