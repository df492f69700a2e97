//! Why a step runs again: the nearest of its reasons, found in what its key is made of.

use super::Fate;
use super::plan::{Content, ContentOf, Plan, Step};
use serde::Serialize;

/// Why a step runs again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "cause", rename_all = "kebab-case")]
pub enum Why {
    /// Its instruction is edited, or it is new.
    Edited,
    /// It takes a file of the build context that changes.
    File {
        /// The file; none where it is one of many that may be meant.
        #[serde(skip_serializing_if = "Option::is_none")]
        path: Option<String>,
        /// False where it is not known whether that file is among what it takes.
        certain: bool,
        /// True where RUN mounts it, and nothing copies it.
        mounted: bool,
    },
    /// A variable is expanded in it, and has another value.
    Expands {
        /// The variable.
        name: String,
    },
    /// A variable that its command sees has another value, whether it is used or not.
    Sees {
        /// The variable.
        name: String,
    },
    /// It runs in another directory, or its destination lies in one.
    Workdir,
    /// It runs as another user.
    User,
    /// It runs by another shell.
    Shell,
    /// The image under its name is another.
    Moved,
    /// The cache is not to be used.
    NoCache,
    /// It stands on a step that runs again.
    Below {
        /// That step: a place among the steps.
        step: usize,
        /// Its line.
        line: usize,
    },
    /// It takes files of a stage or an image that may be others.
    Content {
        /// The stage's name, or the image.
        of: String,
    },
    /// It is linked, and stands on a step that runs again: a builder that cannot merge layers copies once more.
    Linked {
        /// That step: a place among the steps.
        step: usize,
        /// Its line.
        line: usize,
    },
}

impl Why {
    /// One sentence without a full stop.
    pub fn sentence(&self) -> String {
        match self {
            Self::Edited => "it is edited".to_owned(),
            Self::File { path, certain, mounted } => {
                let path = path.as_deref().unwrap_or("what changes");
                match (certain, mounted) {
                    (true, false) => format!("it copies {path}"),
                    (true, true) => format!("it mounts {path}"),
                    (false, false) => format!("it may copy {path}"),
                    (false, true) => format!("it may mount {path}"),
                }
            }
            Self::Expands { name } => format!("${name} stands in it"),
            Self::Sees { name } => format!("${name} is in its environment, used or not"),
            Self::Workdir => "its directory is another".to_owned(),
            Self::User => "its user is another".to_owned(),
            Self::Shell => "its shell is another".to_owned(),
            Self::Moved => "the image is another".to_owned(),
            Self::NoCache => "the cache is not used".to_owned(),
            Self::Below { line, .. } => format!("it stands on line {line}"),
            Self::Content { of } => format!("it takes files of {of}: the same content keeps it"),
            Self::Linked { line, .. } => {
                format!(
                    "it stands on line {line}: a builder that merges layers keeps it, Docker's older image store does not"
                )
            }
        }
    }
}

/// What becomes of a step, and why. A linked copy above what runs again may run too.
pub(super) fn why(
    before: &Plan,
    after: &Plan,
    fates: &[Fate],
    place: usize,
    fate: Fate,
) -> (Fate, Option<Why>) {
    let step = &after.steps[place];
    match fate {
        Fate::Cached => match rerun_below(after, fates, place).filter(|_| step.linked) {
            Some((step, line)) => (Fate::MayRerun, Some(Why::Linked { step, line })),
            None => (fate, None),
        },
        Fate::MayRerun | Fate::Reruns => {
            let own = own_reason(step, counterpart(before, after, step));
            let below = || rerun_below(after, fates, place).map(|(step, line)| Why::Below { step, line });
            (fate, own.or_else(below).or(Some(Why::Edited)))
        }
    }
}

/// The nearest step, in what this one stands on, that runs again, and its line.
fn rerun_below(plan: &Plan, fates: &[Fate], place: usize) -> Option<(usize, usize)> {
    let mut below = plan.steps[place].below;
    while let Some(step) = below {
        if fates[step] != Fate::Cached {
            return Some((step, plan.steps[step].line));
        }
        below = plan.steps[step].below;
    }
    None
}

/// The same step of the build before: of the same text, in the same stage where there is one.
fn counterpart<'p>(before: &'p Plan, after: &Plan, step: &Step) -> Option<&'p Step> {
    let same = |other: &&Step| other.keyword == step.keyword && other.written == step.written;
    let in_stage = |plan: &Plan, other: &Step| plan.name_of(other) == after.name_of(step);
    let earlier = after.steps.iter().take_while(|other| !std::ptr::eq(*other, step));
    let number = earlier.filter(same).filter(|other| in_stage(after, other)).count();
    let own = before.steps.iter().filter(same).filter(|other| in_stage(before, other)).nth(number);
    own.or_else(|| before.steps.iter().find(same))
}

/// What in the step's own key is another; none where only what it stands on is.
fn own_reason(step: &Step, before: Option<&Step>) -> Option<Why> {
    let Some(before) = before.filter(|_| !step.edited) else { return Some(Why::Edited) };
    if step.forced {
        return Some(Why::NoCache);
    }
    if step.moved {
        return Some(Why::Moved);
    }
    if step.definition != before.definition {
        let changed = step.expanded.iter().find(|(name, value)| before.expanded.get(*name) != Some(value));
        if let Some((name, _)) = changed {
            return Some(Why::Expands { name: name.clone() });
        }
    }
    if step.workdir != before.workdir {
        return Some(Why::Workdir);
    }
    if step.user != before.user {
        return Some(Why::User);
    }
    if step.shell != before.shell {
        return Some(Why::Shell);
    }
    if let Some(name) = changed_variable(step, before) {
        return Some(Why::Sees { name });
    }
    let is_changed = |content: &&Content| {
        let same = |other: &Content| other.key == content.key;
        !before.contents.iter().any(same)
    };
    let content = step.contents.iter().find(is_changed)?;
    Some(match &content.of {
        ContentOf::Context { path, is_certain } => {
            Why::File { path: path.clone(), certain: *is_certain, mounted: step.keyword == "RUN" }
        }
        ContentOf::Stage(of) | ContentOf::Image(of) => Why::Content { of: of.clone() },
    })
}

/// The first variable of a command's environment that is new, gone, or has another value.
fn changed_variable(step: &Step, before: &Step) -> Option<String> {
    let is_missing = |one: &[(String, String)], other: &[(String, String)]| {
        one.iter().find(|variable| !other.contains(variable)).map(|(name, _)| name.clone())
    };
    let changed = is_missing(&step.environment, &before.environment);
    let gone = || is_missing(&before.environment, &step.environment);
    let moved = || {
        let mut both = step.environment.iter().zip(&before.environment);
        both.find(|(one, other)| one != other).map(|((name, _), _)| name.clone())
    };
    changed.or_else(gone).or_else(moved)
}
