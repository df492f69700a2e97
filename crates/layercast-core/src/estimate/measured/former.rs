//! Which measured step a step is, or was before it changed: never a far-fetched one.

use super::identity::{Identity, UNKNOWN};
use crate::estimate::Change;
use crate::facts::MeasuredStep;
use std::collections::BTreeSet;

/// Texts must be so alike for one to be the other, changed: shared words twice over all words.
const ALIKE: f64 = 0.6;

/// So large a share of what the shorter one is about must be in both: packages, files.
const IN_BOTH: f64 = 0.5;

/// Programs whose second word says what to do, not to what.
const MANAGERS: [&str; 20] = [
    "apt", "apt-get", "apk", "dnf", "yum", "microdnf", "pip", "pip3", "uv", "poetry", "npm", "yarn", "pnpm",
    "bun", "go", "cargo", "gem", "bundle", "composer", "git",
];

/// Programs that tidy up or prepare: what they are given is not what the step is about.
const TIDYING: [&str; 9] = ["rm", "cd", "mkdir", "set", "export", "echo", "find", "chmod", "chown"];

/// A step, as it is looked for.
#[derive(Debug)]
pub struct Wanted {
    /// What it is.
    pub identity: Identity,
    /// Its stage's display name.
    pub stage: String,
    /// Its text, as a pin takes it.
    pub text: String,
    /// What most of its estimate stands on; empty where no one thing is.
    pub by: String,
}

/// What a step was when a build measured it.
#[derive(Clone, Copy, Debug)]
pub struct Former<'f> {
    /// The measurement.
    pub step: &'f MeasuredStep,
    /// What changed since; none where it is the very same.
    pub change: Option<Change>,
    /// The share of the smaller of the two that is the same, as far as words tell.
    pub shared: f64,
}

/// The measured steps.
pub struct Formers<'f> {
    steps: &'f [MeasuredStep],
    /// Those that a step of the file still is: none that another was before it changed.
    taken: Vec<bool>,
}

impl<'f> Formers<'f> {
    /// All of them, none taken.
    pub fn new(steps: &'f [MeasuredStep]) -> Self {
        Self { steps, taken: vec![false; steps.len()] }
    }

    /// The same words: the very same step, or one below which something changed.
    pub fn same_words(&mut self, wanted: &Wanted) -> Option<Former<'f>> {
        let own = &wanted.identity;
        let is_run = wanted.text.starts_with("RUN");
        let candidates = self.steps.iter().enumerate().filter(|(_, it)| {
            it.step == own.step && it.platform == own.platform && (!is_run || it.base == own.base)
        });
        let nearness = |it: &MeasuredStep| {
            (
                change_of(it, own, is_run).is_none(),
                it.content == own.content,
                it.below == own.below,
                it.stage == wanted.stage,
                it.measured.clone(),
            )
        };
        let (place, step) = candidates.max_by_key(|(_, it)| nearness(it))?;
        self.taken[place] = true;
        Some(Former { step, change: change_of(step, own, is_run), shared: 1.0 })
    }

    /// Of other words, but so like that it is the same step, changed: of a RUN on the same base, by the same estimator.
    pub fn like(&self, wanted: &Wanted) -> Option<Former<'f>> {
        if !wanted.text.starts_with("RUN") {
            return None;
        }
        let own = &wanted.identity;
        let candidates = self.steps.iter().zip(&self.taken).filter(|(it, taken)| {
            !**taken
                && it.base == own.base
                && it.platform == own.platform
                && it.estimated.as_ref().is_some_and(|then| then.by == wanted.by)
                && it.instruction.starts_with("RUN")
        });
        let weighed = candidates.map(|(it, _)| (likeness(&it.instruction, &wanted.text), it));
        let alike = weighed.filter(|(likeness, _)| *likeness >= ALIKE);
        let (_, step) = alike.max_by(|left, right| {
            let rank = |(_, it): &(f64, &MeasuredStep)| (it.stage == wanted.stage, it.measured.clone());
            left.0.total_cmp(&right.0).then_with(|| rank(left).cmp(&rank(right)))
        })?;
        let shared = shared_operands(&step.instruction, &wanted.text);
        (shared >= IN_BOTH).then_some(Former { step, change: Some(Change::Command), shared })
    }
}

/// Digests are the same where both are known; one that is not known is taken to be.
pub fn is_same_digest(left: &str, right: &str) -> bool {
    left.is_empty() || right.is_empty() || left == right
}

/// What changed of a step whose words are the same.
fn change_of(it: &MeasuredStep, own: &Identity, is_run: bool) -> Option<Change> {
    if it.content != own.content || own.content == UNKNOWN {
        Some(Change::Content)
    } else if is_run && (it.below != own.below || !is_same_digest(&it.digest, &own.digest)) {
        Some(Change::Below)
    } else {
        None
    }
}

fn likeness(left: &str, right: &str) -> f64 {
    let (left, right): (BTreeSet<&str>, BTreeSet<&str>) =
        (left.split_whitespace().collect(), right.split_whitespace().collect());
    let n_shared = left.intersection(&right).count();
    2.0 * n_shared as f64 / (left.len() + right.len()).max(1) as f64
}

/// How many of the things that commands are about are in both, as a share of the fewer: packages, files. One that is
/// about nothing is like those alone that are about nothing either.
fn shared_operands(left: &str, right: &str) -> f64 {
    let (left, right) = (operands(left), operands(right));
    let fewer = left.len().min(right.len());
    if fewer == 0 {
        return if left.len() == right.len() { 1.0 } else { 0.0 };
    }
    left.intersection(&right).count() as f64 / fewer as f64
}

/// The words of a command that are neither programs nor options, versions left aside.
fn operands(text: &str) -> BTreeSet<&str> {
    let text = text.strip_prefix("RUN ").unwrap_or(text);
    let words = text.split_whitespace().flat_map(|word| match word.strip_suffix(';') {
        Some(word) => [word, ";"],
        None => [word, ""],
    });
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let mut operands = BTreeSet::new();
    for command in words.split(|word| matches!(*word, "&&" | "||" | ";" | "|")) {
        let is_option = |word: &&str| word.starts_with('-');
        let is_plain = |word: &&str| !word.contains(['>', '<']) && *word != "clean";
        let mut plain = command.iter().copied().filter(|word| !is_option(word)).filter(is_plain);
        let Some(program) = plain.next().filter(|program| !TIDYING.contains(program)) else { continue };
        if MANAGERS.contains(&program) {
            plain.next();
        }
        operands.extend(plain.map(name_of));
    }
    operands
}

/// A package's name without its version: `flask` for `flask==2.1`, `@nestjs/core` for `@nestjs/core@10.4`.
fn name_of(word: &str) -> &str {
    let name = word.split(['=', '<', '>', '~']).next().unwrap_or(word);
    match name.rfind('@') {
        Some(at) if at > 0 => &name[..at],
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(left: &str, right: &str, is_alike: bool, shared: f64) {
        assert_eq!(likeness(left, right) >= ALIKE, is_alike, "{}", likeness(left, right));
        assert!((shared_operands(left, right) - shared).abs() < 0.01, "{}", shared_operands(left, right));
    }

    #[test]
    fn a_package_more_is_the_same_step_with_all_it_had() {
        let before = "RUN apt-get update && apt-get install -y jq less && rm -rf /var/lib/apt/lists/*";
        check(before, &before.replace("jq", "curl jq"), true, 1.0);
        check(before, &before.replace("jq", "curl"), true, 0.5);
        check("RUN pip install flask==2.0 gunicorn", "RUN pip install flask==2.1 gunicorn", true, 1.0);
    }

    #[test]
    fn what_tidies_up_is_not_what_a_step_is_about() {
        let one = "RUN npm init -y >/dev/null && npm install axios@1.7 && npm cache clean --force";
        check(one, &one.replace("axios@1.7", "@nestjs/core@10"), true, 0.0);
        check(one, &one.replace("1.7", "1.8"), true, 1.0);
        check("RUN npm ci", "RUN npm ci --omit=dev", true, 1.0);
        check("RUN apt-get update && apt-get install -y git", "RUN apt-get update", true, 0.0);
    }

    #[test]
    fn another_command_is_no_former_one() {
        check("RUN npm ci", "RUN npm run build", false, 0.0);
        check("RUN make test", "RUN ./configure", false, 0.0);
    }
}
