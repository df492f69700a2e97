//! The graph and the report in forms that other places show: a picture, two diagrams, a list, a page of Markdown.
//!
//! **Invariant:** whatever comes from a Dockerfile is escaped for its form; the same report gives the same text.

pub mod dot;
pub mod markdown;
pub mod mermaid;
pub mod outline;
pub mod svg;

use crate::bytes::{range, written};
use crate::estimate::Estimate;
use crate::figures::{self, Role, Weight};
use crate::layout::{Layout, Link, Measures, layout};
use crate::report::{EdgeKind, ImageSize, Report, Skipped, Source, StageReport};

/// Longer paths are cut in front.
const PATH_LETTERS: usize = 16;

/// A report, laid out, with what becomes of its stages.
struct Drawing<'a> {
    report: &'a Report,
    layout: Layout,
    roles: Vec<Role>,
}

/// What is said of a stage or an image, in every form.
struct Label {
    name: String,
    /// What it starts from; empty for an image.
    base: String,
    size: String,
    /// How many steps it has and what becomes of it; empty for an image.
    note: String,
}

impl<'a> Drawing<'a> {
    fn new(report: &'a Report, measures: &Measures) -> Self {
        Self { report, layout: layout(report, measures), roles: figures::roles(report) }
    }

    fn role(&self, stage: usize) -> Role {
        self.roles.get(stage).copied().unwrap_or(Role::Skipped)
    }

    /// A name for diagrams, of letters and digits alone.
    fn id(&self, source: &Source) -> String {
        match source {
            Source::Stage(stage) => format!("stage{stage}"),
            Source::Image(_) => {
                let place = self.layout.nodes.iter().position(|node| node.source == *source);
                format!("image{}", place.unwrap_or_default())
            }
        }
    }

    fn label(&self, source: &Source) -> Label {
        match source {
            Source::Stage(stage) => self.stage_label(*stage),
            Source::Image(reference) => self.image_label(source, reference),
        }
    }

    fn stage_label(&self, stage: usize) -> Label {
        let Some(described) = self.report.stages.get(stage) else {
            return Label {
                name: String::new(),
                base: String::new(),
                size: String::new(),
                note: String::new(),
            };
        };
        let steps = counted(described.instructions.len(), "step");
        Label {
            name: described.display_name.clone(),
            base: format!("from {}", base_name(self.report, described)),
            size: size(&figures::weigh(figures::layers_of(self.report, stage))),
            note: format!("{steps} · {}", role_word(self.role(stage))),
        }
    }

    /// The weight of an image is that of the layers that a stage starts from.
    fn image_label(&self, source: &Source, reference: &str) -> Label {
        let starts = |stage: &&StageReport| stage.source == *source;
        let stage = self.report.stages.iter().find(starts).map(|stage| stage.index);
        let of_base = self
            .report
            .layers
            .iter()
            .find(|layer| Some(layer.stage) == stage && figures::is_base(self.report, layer));
        let size = match of_base.and_then(|layer| layer.unpacked.as_ref()) {
            _ if reference == "scratch" => "empty".to_owned(),
            Some(unpacked) => format!("{} unpacked", written(unpacked.likely)),
            None => "image".to_owned(),
        };
        Label { name: figures::familiar(reference), base: String::new(), size, note: String::new() }
    }

    /// What a line stands for, where that is worth words: the path that is copied.
    fn link_label(&self, link: &Link) -> Option<String> {
        if link.kind != EdgeKind::Copy {
            return None;
        }
        let [edge] = link.edges[..] else { return Some(format!("{} ×", link.edges.len())) };
        let edge = self.report.edges.get(edge)?;
        let text = &self.report.instructions.get(edge.instruction)?.text;
        let path = text.split_whitespace().skip(1).find(|word| !word.starts_with("--"))?;
        Some(cut_front(path.trim_matches(['[', ']', '"', ',']), PATH_LETTERS))
    }
}

/// The base as people write it: a stage's name, or the short form of an image.
fn base_name(report: &Report, stage: &StageReport) -> String {
    match &stage.source {
        Source::Stage(base) => {
            report.stages.get(*base).map_or_else(String::new, |it| it.display_name.clone())
        }
        Source::Image(reference) if reference.is_empty() => stage.base.clone(),
        Source::Image(reference) => figures::familiar(reference),
    }
}

/// What becomes of a stage, in a word or two.
pub fn role_word(role: Role) -> &'static str {
    match role {
        Role::Ships => "ships",
        Role::Inside => "inside",
        Role::LeftBehind => "left behind",
        Role::Skipped => "not built",
    }
}

/// Why a stage is not built: `nothing uses it`.
fn reason(report: &Report, skipped: &Skipped) -> String {
    let name = |stage: &usize| report.stages.get(*stage).map_or("", |stage| stage.display_name.as_str());
    let users: Vec<&str> = skipped.used_by.iter().map(name).collect();
    match users[..] {
        [] => "nothing uses it".to_owned(),
        [user] => format!("only {user} uses it"),
        [user, ref others @ ..] => format!("only {user} and {} more use it", others.len()),
    }
}

/// `≥ 932 MB unpacked`.
fn size(weight: &Weight) -> String {
    match (weight.unknown, weight.unpacked.likely) {
        (0, likely) => format!("{} unpacked", written(likely)),
        (_, 0) => "size not known".to_owned(),
        (_, likely) => format!("≥ {} unpacked", written(likely)),
    }
}

/// The two sums of an image, each with its range: `20.9 MB unpacked (14.7–30.2 MB) · 11.1 MB download (…)`.
fn headline(report: &Report, size: &ImageSize) -> String {
    let layers = || size.unknown.iter().filter_map(|layer| report.layers.get(*layer));
    let lacks = |has: fn(&crate::report::Layer) -> bool| {
        layers().any(|layer| !has(layer) || !layer.unknown.is_empty())
    };
    let unpacked = sum(&size.unpacked, "unpacked", lacks(|layer| layer.unpacked.is_some()));
    let download = sum(&size.download, "download", lacks(|layer| layer.download.is_some()));
    let unknown = match size.unknown.len() {
        0 => String::new(),
        count => format!(" · + {} not known", counted(count, "step")),
    };
    format!("{unpacked} · {download}{unknown}")
}

/// One sum with its name and its range.
fn sum(estimate: &Estimate, name: &str, is_partial: bool) -> String {
    let sign = if is_partial { "≥ " } else { "" };
    let range = range(estimate).map(|range| format!(" ({range})")).unwrap_or_default();
    format!("{sign}{} {name}{range}", written(estimate.likely))
}

/// `3 steps`.
fn counted(count: usize, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}

/// The end of a path, from a whole name on where one fits.
fn cut_front(text: &str, letters: usize) -> String {
    let count = text.chars().count();
    if count <= letters {
        return text.to_owned();
    }
    let rest: String = text.chars().skip(count + 1 - letters).collect();
    let from = rest.find('/').filter(|slash| slash + 3 < rest.len()).unwrap_or(0);
    format!("…{}", &rest[from..])
}

/// The front of a text of at most so many letters.
fn cut_back(text: &str, letters: usize) -> String {
    if text.chars().count() <= letters {
        return text.to_owned();
    }
    format!("{}…", text.chars().take(letters.saturating_sub(1)).collect::<String>())
}

#[cfg(test)]
mod tests;
