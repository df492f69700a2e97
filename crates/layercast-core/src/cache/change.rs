//! What may change between two builds, and the world as it is afterwards.

use super::context::{ChangedFiles, ContextChange};
use super::plan::Difference;
use crate::diagnostic::{Edit, Fix, apply};
use crate::dockerfile::arg::Arg;
use crate::dockerfile::{Dockerfile, Instruction};
use crate::facts::Facts;
use crate::graph::{Base, Graph};
use crate::image_ref::ImageRef;
use crate::syntax::tree::{Piece, PieceKind};
use crate::text::Range;
use serde::Serialize;
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// What changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Change {
    /// Nothing: the same build again.
    #[default]
    Nothing,
    /// Files of the build context: content or mode. The time of a file changes nothing.
    File {
        /// A path, a folder, or a pattern as .dockerignore has them.
        path: String,
    },
    /// A line of the Dockerfile: what stands on it becomes something else.
    Line {
        /// The line, from 1.
        line: usize,
        /// Where the Dockerfile lies in the build context; empty where it does not.
        dockerfile: String,
    },
    /// The text of the Dockerfile.
    Text {
        /// The text afterwards: the steps are those of it.
        text: String,
        /// Where the Dockerfile lies in the build context; empty where it does not.
        dockerfile: String,
    },
    /// A build argument.
    Argument {
        /// Its name.
        name: String,
        /// Its value afterwards; none for any other than now.
        value: Option<String>,
    },
    /// The image that a stage stands on is another under the same name.
    Base {
        /// The stage's name or number; none for the target in effect.
        stage: Option<String>,
    },
    /// `--no-cache`.
    NoCache,
}

/// Why a text names no change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidChange {
    /// Another word than there are.
    #[error(
        "`{0}` names no change: there are file:PATH, line:NUMBER, arg:NAME[=VALUE], base[:STAGE], no-cache and nothing"
    )]
    Unknown(String),
    /// `file:` alone.
    #[error("`{0}` does not say what changes: write `{0}{1}`")]
    Blank(&'static str, &'static str),
    /// No number.
    #[error("`{0}` is no line: lines are numbers from 1")]
    Line(String),
}

impl FromStr for Change {
    type Err = InvalidChange;

    /// As a command line has it: `file:src/main.rs`, `line:12`, `arg:VERSION=2`, `base:build`, `no-cache`.
    fn from_str(written: &str) -> Result<Self, InvalidChange> {
        let (kind, value) = match written.split_once(':') {
            Some((kind, value)) => (kind, Some(value.trim())),
            None => (written, None),
        };
        match (kind.trim(), value.filter(|value| !value.is_empty())) {
            ("nothing", None) => Ok(Self::Nothing),
            ("no-cache", None) => Ok(Self::NoCache),
            ("base", stage) => Ok(Self::Base { stage: stage.map(str::to_owned) }),
            ("file", Some(path)) => Ok(Self::File { path: path.to_owned() }),
            ("file", None) => Err(InvalidChange::Blank("file:", "src/main.rs")),
            ("line", Some(line)) => match line.parse() {
                Ok(line) if line > 0 => Ok(Self::Line { line, dockerfile: "Dockerfile".to_owned() }),
                _ => Err(InvalidChange::Line(line.to_owned())),
            },
            ("line", None) => Err(InvalidChange::Blank("line:", "12")),
            ("arg", Some(argument)) => {
                let (name, value) = match argument.split_once('=') {
                    Some((name, value)) => (name, Some(value.to_owned())),
                    None => (argument, None),
                };
                Ok(Self::Argument { name: name.to_owned(), value })
            }
            ("arg", None) => Err(InvalidChange::Blank("arg:", "VERSION")),
            _ => Err(InvalidChange::Unknown(written.to_owned())),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => formatter.write_str("nothing"),
            Self::File { path } => write!(formatter, "file:{path}"),
            Self::Line { line, .. } => write!(formatter, "line:{line}"),
            Self::Text { .. } => formatter.write_str("text"),
            Self::Argument { name, value: None } => write!(formatter, "arg:{name}"),
            Self::Argument { name, value: Some(value) } => write!(formatter, "arg:{name}={value}"),
            Self::Base { stage: None } => formatter.write_str("base"),
            Self::Base { stage: Some(stage) } => write!(formatter, "base:{stage}"),
            Self::NoCache => formatter.write_str("no-cache"),
        }
    }
}

/// The world after a change.
pub(super) struct World<'f> {
    pub source: String,
    pub facts: Cow<'f, Facts>,
    pub notes: Vec<String>,
    edited: Option<usize>,
    moved: Option<String>,
    files: Option<ChangedFiles>,
    no_cache: bool,
}

impl<'f> World<'f> {
    pub fn new(file: &Dockerfile<'_>, graph: &Graph, facts: &'f Facts, change: &Change) -> Self {
        let mut world = Self {
            source: file.parse.source.to_owned(),
            facts: Cow::Borrowed(facts),
            notes: Vec::new(),
            edited: None,
            moved: None,
            files: None,
            no_cache: false,
        };
        match change {
            Change::Nothing => {}
            Change::NoCache => world.no_cache = true,
            Change::File { path } => world.change_files(path),
            Change::Line { line, dockerfile } => {
                world.edit_line(file, graph, *line);
                world.change_dockerfile(dockerfile);
            }
            Change::Text { text, .. } if *text == world.source => {}
            Change::Text { text, dockerfile } => {
                world.source.clone_from(text);
                world.change_dockerfile(dockerfile);
            }
            Change::Argument { name, value } => world.give_argument(file, graph, name, value.as_deref()),
            Change::Base { stage } => world.move_base(graph, stage.as_deref()),
        }
        world
    }

    pub fn difference(&self) -> Difference<'_> {
        Difference {
            edited: self.edited,
            moved: self.moved.as_deref(),
            context: ContextChange { files: self.files.as_ref() },
            no_cache: self.no_cache,
            ..Difference::default()
        }
    }

    fn change_files(&mut self, path: &str) {
        let build = &self.facts.build;
        let files = ChangedFiles::new(path, self.facts.context.as_ref(), build.dockerignore.as_deref());
        if files.is_empty() {
            self.notes.push(format!("No file of the build context is `{path}`."));
        } else if let Some(line) = files.kept_out() {
            self.notes.push(format!("Line {line} of .dockerignore keeps `{path}` out: no step sees it."));
        }
        if path.ends_with(".dockerignore") {
            self.notes.push("A .dockerignore counts only by the files that it lets in.".to_owned());
        }
        self.files = Some(files);
    }

    /// The Dockerfile is a file too: who copies the whole context copies it, unless .dockerignore keeps it out.
    fn change_dockerfile(&mut self, path: &str) {
        let Facts { build, context, .. } = self.facts.as_ref();
        let is_there = |context: &crate::facts::BuildContext| {
            context.partial || context.files.iter().any(|file| file.path == path)
        };
        if !path.is_empty() && context.as_ref().is_none_or(is_there) {
            let files = ChangedFiles::new(path, context.as_ref(), build.dockerignore.as_deref());
            let is_known = context.as_ref().is_some_and(|context| !context.partial);
            self.files = Some(if is_known { files } else { files.doubtful() });
        }
    }

    fn edit_line(&mut self, file: &Dockerfile<'_>, graph: &Graph, line: usize) {
        let at = file.parse.nodes.iter().position(|node| (node.line..=node.end_line).contains(&line));
        let Some(index) = at else { return self.notes.push(nothing_on(file, line)) };
        let range = file.parse.lines.range(line);
        let is_comment = |piece: &&Piece| {
            piece.range.start >= range.start && piece.range.start < range.end.max(range.start + 1)
        };
        let piece = file.parse.pieces.iter().find(is_comment);
        if piece.is_some_and(|piece| matches!(piece.kind, PieceKind::Comment | PieceKind::Blank)) {
            return self.notes.push("A comment or a blank line is in no key.".to_owned());
        }
        let is_needed = stage_of(file, index).is_none_or(|stage| {
            graph.target.is_some_and(|target| graph.reach(target).stages.get(stage) == Some(&true))
        });
        if !is_needed {
            return self.notes.push("The target does not need the stage of this line.".to_owned());
        }
        match &file.instructions[index] {
            Some(Instruction::Arg(args)) if file.global.contains(&index) => self.edit_global(args),
            Some(Instruction::Arg(args)) => {
                self.note_given(args);
                self.edited = Some(index);
            }
            Some(
                Instruction::Cmd(_)
                | Instruction::Entrypoint(_)
                | Instruction::Expose(_)
                | Instruction::Healthcheck(_)
                | Instruction::Label(_)
                | Instruction::Maintainer(_)
                | Instruction::Stopsignal(_)
                | Instruction::Volume(_),
            ) => {
                let keyword = file.node(index).keyword().to_ascii_uppercase();
                self.notes
                    .push(format!("{keyword} is in no key: the image's configuration alone is another."));
            }
            _ => self.edited = Some(index),
        }
    }

    /// An ARG above the first FROM: FROM sees it, and who declares it again.
    fn edit_global(&mut self, args: &[Arg]) {
        self.note_given(args);
        let edit = |arg: &Arg| {
            let end = arg.word.range.end;
            let text = if arg.default.is_some() { "-edited" } else { "=edited" };
            Edit { range: Range::new(end, end), text: text.to_owned() }
        };
        let edits = args.iter().map(edit).collect();
        self.source = apply(&self.source, &[Fix { title: String::new(), edits }]);
    }

    fn note_given(&mut self, args: &[Arg]) {
        let given = args.iter().filter(|arg| self.facts.build.build_args.contains_key(&arg.name));
        let notes: Vec<String> = given
            .map(|arg| format!("The build is given `{}`: its default counts for nothing.", arg.name))
            .collect();
        self.notes.extend(notes);
    }

    fn give_argument(&mut self, file: &Dockerfile<'_>, graph: &Graph, name: &str, value: Option<&str>) {
        let declares = |index: usize| match &file.instructions[index] {
            Some(Instruction::Arg(args)) => args.iter().any(|arg| arg.name == name),
            _ => false,
        };
        let mut places = (0..file.instructions.len()).filter(|index| declares(*index)).peekable();
        let is_predefined = graph.global.names().any(|own| own == name);
        if places.peek().is_none() && !is_predefined {
            self.notes.push(format!("No ARG declares `{name}`: no step sees it."));
        } else if places.all(|index| file.global.contains(&index)) {
            self.notes.push(format!("No stage declares `{name}`: FROM alone sees it."));
        }
        let given = &mut self.facts.to_mut().build.build_args;
        let other = if given.get(name).is_some_and(|value| value == "changed") { "other" } else { "changed" };
        given.insert(name.to_owned(), value.unwrap_or(other).to_owned());
    }

    fn move_base(&mut self, graph: &Graph, stage: Option<&str>) {
        let number = |name: &str| name.parse().ok().filter(|number| *number < graph.stages.len());
        let named =
            stage.map(|name| graph.names.get(&name.to_ascii_lowercase()).copied().or_else(|| number(name)));
        let Some(mut at) = named.unwrap_or(graph.target) else {
            return self.notes.push(format!("There is no stage `{}`.", stage.unwrap_or_default()));
        };
        while let Base::Stage(below) = graph.stages[at].base {
            at = below;
        }
        match &graph.stages[at].base {
            Base::Image(ImageRef { digest: Some(_), .. }) => {
                self.notes.push("The image is named by its digest: it cannot be another.".to_owned());
            }
            Base::Image(image) => self.moved = Some(image.to_string()),
            Base::Context(name) => self.moved = Some(name.clone()),
            _ => {
                self.notes.push("The stage stands on nothing: there is no image that could move.".to_owned())
            }
        }
    }
}

/// What stands on a line that no instruction covers.
fn nothing_on(file: &Dockerfile<'_>, line: usize) -> String {
    match line {
        0 => "Lines are counted from 1.".to_owned(),
        line if line > file.parse.lines.count() => {
            format!("The file has no line {line}: it has {}.", file.parse.lines.count())
        }
        _ if is_directive(file, line) => {
            "A directive is in no key: only where the file is read in another way because of it.".to_owned()
        }
        _ => "A comment or a blank line is in no key.".to_owned(),
    }
}

fn is_directive(file: &Dockerfile<'_>, line: usize) -> bool {
    let start = file.parse.lines.range(line).start;
    let mut pieces = file.parse.pieces.iter();
    pieces.any(|piece| {
        piece.kind == PieceKind::Directive && piece.range.touches(start) && piece.range.end > start
    })
}

fn stage_of(file: &Dockerfile<'_>, index: usize) -> Option<usize> {
    file.stages.iter().rposition(|stage| stage.from <= index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(written: &str, expected: Result<Change, &str>) {
        let change = written.parse::<Change>().map_err(|error| error.to_string());
        assert_eq!(change, expected.map_err(str::to_owned));
        if let Ok(change) = change {
            assert_eq!(change.to_string(), written);
        }
    }

    #[test]
    fn a_change_is_written_as_its_kind_and_its_value() {
        check("nothing", Ok(Change::Nothing));
        check("no-cache", Ok(Change::NoCache));
        check("file:src/main.rs", Ok(Change::File { path: "src/main.rs".into() }));
        check("line:12", Ok(Change::Line { line: 12, dockerfile: "Dockerfile".into() }));
        check("arg:A", Ok(Change::Argument { name: "A".into(), value: None }));
        check("arg:A=b=c", Ok(Change::Argument { name: "A".into(), value: Some("b=c".into()) }));
        check("base", Ok(Change::Base { stage: None }));
        check("base:build", Ok(Change::Base { stage: Some("build".into()) }));
    }

    #[test]
    fn what_is_no_change_says_what_there_is() {
        check("file:", Err("`file:` does not say what changes: write `file:src/main.rs`"));
        check("line:0", Err("`0` is no line: lines are numbers from 1"));
        check(
            "src/main.rs",
            Err(
                "`src/main.rs` names no change: there are file:PATH, line:NUMBER, arg:NAME[=VALUE], base[:STAGE], no-cache and nothing",
            ),
        );
    }
}
