//! What COPY and ADD lay down: files of the build context, of another stage, of an image, of the Dockerfile itself.
//! Reference: <https://docs.docker.com/reference/dockerfile/#copy>.

use super::base_image::estimate_base_image;
use super::context_copy::Taken;
use super::known_files::known_file;
use super::machine::{Machine, StageState};
use super::part::{Part, Span};
use super::tree::{Entry, FileContent, rebased};
use super::{Basis, Estimate};
use crate::dockerfile::copy::Copy;
use crate::facts::{ContextFile, Question, Wanted};
use crate::glob::Glob;
use crate::graph::Base;
use crate::graph::scope::join_path;
use crate::syntax::expansion::Lexer;

/// Where a COPY takes its files from.
#[derive(Clone, Copy, Debug)]
pub enum Origin<'o> {
    /// The build context, and the Dockerfile.
    Context,
    /// A stage, by its place, and what it is called.
    Stage(usize, &'o str),
    /// An image, or what else is named.
    Other(&'o Base),
}

/// Carries out a COPY or ADD. What cannot be known is said to the machine.
pub fn copy(copy: &Copy, adds: bool, origin: Origin<'_>, escape: char, machine: &mut Machine<'_>) {
    let lexer = Lexer::new(escape);
    let scope = machine.state.scope.clone();
    let expand = |text: &str| lexer.expand(text, &scope).map(|expanded| expanded.text).unwrap_or_default();
    let sources: Vec<String> = copy.sources.iter().map(|source| expand(&source.text)).collect();
    let written = expand(&copy.destination.text);
    let destination = Destination {
        path: join_path(&scope.workdir, &written),
        is_folder: written.is_empty()
            || written.ends_with('/')
            || matches!(written.as_str(), "." | "..")
            || sources.len() + copy.inline_files.len() > 1
            || copy.parents,
    };
    for inline in &copy.inline_files {
        let lexer = Lexer { ignore_quotes: true, ..Lexer::new('\\') };
        let expanded = inline.expand.then(|| lexer.expand(&inline.content, &scope).ok()).flatten();
        let text = expanded.map_or_else(|| inline.content.clone(), |expanded| expanded.text);
        let path = destination.of(&inline.name, machine);
        machine.write_text(&path, &text);
    }
    match origin {
        Origin::Context => {
            let exclude: Vec<String> = copy.exclude.iter().map(|pattern| expand(&pattern.text)).collect();
            let unpacks = adds && copy.unpack != Some(false);
            from_context(&sources, &exclude, copy.parents, unpacks, &destination, machine);
        }
        Origin::Stage(place, name) => {
            for source in &sources {
                from_stage(source, place, name, copy.parents, &destination, machine);
            }
        }
        Origin::Other(base) => {
            for source in &sources {
                from_image(source, base, &destination, machine);
            }
        }
    }
}

struct Destination {
    path: String,
    is_folder: bool,
}

impl Destination {
    /// Where a file of this name comes to lie.
    fn of(&self, name: &str, machine: &Machine<'_>) -> String {
        let is_folder = self.is_folder || machine.state.tree.is_folder(&self.path);
        if is_folder { join_path(&self.path, name) } else { self.path.clone() }
    }
}

fn from_context(
    sources: &[String],
    exclude: &[String],
    parents: bool,
    unpacks: bool,
    destination: &Destination,
    machine: &mut Machine<'_>,
) {
    let (remote, local): (Vec<&str>, Vec<&str>) =
        sources.iter().map(String::as_str).partition(|source| is_remote(source));
    for address in remote {
        super::run::add_remote(address, &destination.of(last_part(address), machine), machine);
    }
    if local.is_empty() {
        return;
    }
    let Some(context) = machine.context() else {
        machine.unknown("what these files of the build context weigh");
        return;
    };
    let taken: Taken<'_> = context.take(&local, exclude, parents);
    for missing in &taken.missing {
        machine.unknown(match context.partial {
            true => format!("what {missing} of the build context weighs"),
            false => format!("the build context holds no {missing}"),
        });
    }
    if context.partial && taken.is_folder {
        machine.unknown("what else of the build context is copied");
    }
    let named: Vec<Named<'_>> =
        if unpacks { local.iter().map(|source| Named::new(source)).collect() } else { Vec::new() };
    let only_one = !taken.is_folder && taken.files.len() == 1;
    for (rest, file) in &taken.files {
        let path = match only_one {
            true => destination.of(rest, machine),
            false => join_path(&destination.path, rest),
        };
        if is_archive(rest) && named.iter().any(|named| named.is(&file.file.path)) {
            unpack(file.file, &destination.path, machine);
        } else if let Some(link) = &file.file.link {
            machine.state.tree.put(&path, Entry::Link(link.as_str().into()));
        } else {
            machine.write_file(&path, file.file.bytes, FileContent::Context(file.place));
        }
    }
    if taken.is_folder {
        machine.make_folder(&destination.path);
    }
}

/// A source as ADD names it.
struct Named<'s> {
    path: &'s str,
    glob: Option<Glob>,
}

impl<'s> Named<'s> {
    fn new(source: &'s str) -> Self {
        let path = source.trim_start_matches("./").trim_matches('/');
        Self { path, glob: Glob::new(path).filter(|glob| !glob.is_literal()) }
    }

    fn is(&self, path: &str) -> bool {
        self.path == path || self.glob.as_ref().is_some_and(|glob| glob.matches(path))
    }
}

/// Lays down what an archive of the build context holds.
pub fn unpack(file: &ContextFile, folder: &str, machine: &mut Machine<'_>) {
    let Some(entries) = &file.archive else {
        match &file.failure {
            Some(failure) => machine.note(format!("{}: {failure}", file.path)),
            None => machine.ask(Question::ContextFile { path: file.path.clone(), wanted: Wanted::Archive }),
        }
        machine.write(unpacked_archive(&file.path, file.bytes, folder));
        return;
    };
    let bytes: u64 = entries.iter().map(|entry| entry.bytes).sum();
    let per_mille = (archive_gzip(&file.path, file.bytes) as f64 * 1000.0 / bytes.max(1) as f64).round();
    let content = FileContent::Ratio(per_mille.clamp(1.0, 1000.0) as u16);
    let content = if file.path.ends_with(".tar") { FileContent::ByName } else { content };
    for entry in entries {
        machine.write_file(&join_path(folder, &entry.path), entry.bytes, content.clone());
    }
    machine.make_folder(folder);
}

/// What an archive of this name and length becomes, where nobody has looked inside.
pub fn unpacked_archive(name: &str, bytes: u64, folder: &str) -> Part {
    let name = last_part(name);
    let (unpacked, download) = match name.rsplit('.').next().unwrap_or_default() {
        "tar" => (Span::around(bytes, 0.9, 1.0), Span::exact(bytes).times([0.1, 0.4, 1.0])),
        "xz" | "txz" | "bz2" | "tbz2" | "zst" | "tzst" | "7z" => {
            (Span::around(bytes, 1.0, 2.0).scaled(4.5), Span::around(bytes, 0.8, 1.2).scaled(1.33))
        }
        _ => (Span::around(bytes, 0.4, 1.6).scaled(3.0), Span::around(bytes, 0.9, 1.1)),
    };
    Part {
        name: format!("content of {name}"),
        path: format!("{}/", folder.trim_end_matches('/')),
        unpacked,
        download,
        basis: Basis::Heuristic { name: "archives unpacked".to_owned() },
    }
}

/// What the content of an archive takes in a layer: gzip again, whatever it was before.
fn archive_gzip(path: &str, bytes: u64) -> u64 {
    let is_tighter = [".xz", ".txz", ".bz2", ".tbz2", ".zst", ".tzst"].iter().any(|end| path.ends_with(end));
    if is_tighter { bytes + bytes / 3 } else { bytes }
}

fn from_stage(
    source: &str,
    place: usize,
    name: &str,
    parents: bool,
    destination: &Destination,
    machine: &mut Machine<'_>,
) {
    let Some(stage) = machine.stage(place) else { return };
    let root = join_path("/", source);
    let matching = stage.tree.matching(&root);
    if matching.is_empty() {
        // A pattern: what a step or the base image wrote may match it.
        match stage.has_unknown || stage.tree.has_parts_at(&root) {
            true => machine.unknown(format!("what {root} of stage {name} holds")),
            false => machine.note(format!("stage {name} is not known to hold {root}")),
        }
    }
    for path in matching {
        let path = followed(stage, &path);
        let found = stage.tree.under(&path);
        let is_file = matches!(found.as_slice(), [(own, entry)] if *own == path && *entry != Entry::Folder);
        if found.is_empty() && !stage.tree.is_folder(&path) {
            let target = destination.of(last_part(&path), machine);
            let known = stage.system.image.as_ref().and_then(|image| known_file(image, &path, &target));
            if let Some(part) = known {
                machine.write(part);
            } else if let Some(what) = stage.tree.unknown_above(&path) {
                machine.unknown(format!("{path} of stage {name}: {what}"));
            } else if stage.system.image.is_some() || stage.has_unknown {
                machine.unknown(format!("what {path} of stage {name} holds"));
            } else {
                machine.note(format!("stage {name} holds no {path}"));
            }
            continue;
        }
        if !is_file && stage.has_unknown {
            machine
                .unknown(format!("what else {path} of stage {name} holds: not all of its steps are known"));
        }
        let target = match (is_file, parents) {
            (_, true) => join_path(&destination.path, path.trim_start_matches('/')),
            (true, false) => destination.of(last_part(&path), machine),
            (false, false) => destination.path.clone(),
        };
        for (own, entry) in found {
            let laid = rebased(&own, &path, &target);
            if !machine.is_mounted(&laid) {
                machine.state.tree.put(&laid, entry);
            }
        }
    }
}

/// COPY follows a link that is named.
fn followed(stage: &StageState, path: &str) -> String {
    match stage.tree.get(path) {
        Some(Entry::Link(target)) => {
            let folder = path.rsplit_once('/').map_or("/", |(folder, _)| folder);
            join_path(folder, target)
        }
        _ => path.to_owned(),
    }
}

fn from_image(source: &str, base: &Base, destination: &Destination, machine: &mut Machine<'_>) {
    match base {
        Base::Image(image) if join_path("/", source) == "/" => {
            let platform = machine.state.system.platform.clone();
            match estimate_base_image(machine.facts(), image, &platform) {
                Some(size) => machine.write(image_part(
                    &image.familiar(),
                    size.unpacked,
                    size.download,
                    &destination.path,
                )),
                None => machine.unknown(format!("what the image {} weighs", image.familiar())),
            }
        }
        Base::Image(image) => {
            let path = join_path("/", source);
            let target = destination.of(last_part(&path), machine);
            match known_file(image, &path, &target) {
                Some(part) => machine.write(part),
                None => machine.unknown(format!("what {source} of the image {} weighs", image.familiar())),
            }
        }
        Base::Context(name) => machine.unknown(format!("what {source} of the named context {name} weighs")),
        Base::Stage(_) | Base::Scratch | Base::Invalid => {}
    }
}

/// The files of an image, as one part.
pub fn image_part(name: &str, unpacked: Option<Estimate>, download: Option<Estimate>, folder: &str) -> Part {
    let span = |estimate: &Option<Estimate>| {
        estimate.as_ref().map_or(Span::default(), |estimate| Span {
            low: estimate.low,
            likely: estimate.likely,
            high: estimate.high,
        })
    };
    Part {
        name: format!("files of {name}"),
        path: format!("{}/", folder.trim_end_matches('/')),
        unpacked: span(&unpacked),
        download: span(&download),
        basis: unpacked.or(download).map_or(Basis::Definition, |estimate| estimate.basis),
    }
}

/// True for an address that ADD fetches.
pub fn is_remote(source: &str) -> bool {
    ["http://", "https://", "git://", "git@", "ssh://"].iter().any(|start| source.starts_with(start))
}

/// True for a name of an archive that ADD unpacks.
pub fn is_archive(path: &str) -> bool {
    let endings = [".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".tzst"];
    endings.iter().any(|ending| path.ends_with(ending))
}

fn last_part(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}
