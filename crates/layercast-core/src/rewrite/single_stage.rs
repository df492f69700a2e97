//! The one stage of a Dockerfile, step by step, with what is in force at each.

use super::Declined;
use super::call::{self, Call};
use super::command::RunCommand;
use crate::dockerfile::from::From;
use crate::dockerfile::{Dockerfile, Instruction};
use crate::estimate::system::usual_environment;
use crate::facts::{ContextFile, Facts};
use crate::graph::scope::{Scope, Setting};
use crate::graph::{Base, Graph};
use crate::image_ref::ImageRef;
use crate::syntax::Node;

/// A stage that is a whole Dockerfile.
#[derive(Debug)]
pub(super) struct SingleStage<'a> {
    /// The file.
    pub file: &'a Dockerfile<'a>,
    /// What is known from outside.
    pub facts: &'a Facts,
    /// Its FROM.
    pub from: &'a From,
    /// The base image.
    pub image: &'a ImageRef,
    /// The folder that the base image sets.
    pub starts_in: String,
    /// Its instructions.
    pub steps: Vec<Step<'a>>,
    /// What is in force at its end.
    pub scope: Scope,
    /// What the image runs.
    pub command: RunCommand,
}

/// One instruction.
#[derive(Debug)]
pub(super) struct Step<'a> {
    /// Its place in the file.
    pub index: usize,
    /// Its first line.
    pub line: usize,
    /// What it is.
    pub instruction: &'a Instruction,
    /// What is in force where it runs.
    pub scope: Scope,
    /// What it calls, where it is a RUN.
    pub calls: Vec<Call>,
}

/// The folder that official images set, where nobody has read their configuration.
const STARTS_IN: [(&str, &str); 2] = [("library/golang", "/go"), ("library/gradle", "/home/gradle")];

impl<'a> SingleStage<'a> {
    /// The stage of a file that has one, and runs something.
    pub fn read(file: &'a Dockerfile<'a>, graph: &'a Graph, facts: &'a Facts) -> Result<Self, Declined> {
        if let Some(error) = file.errors.iter().chain(&graph.fatal).next() {
            return Err(Declined::at(error.line, format!("the file does not build: {}", error.message)));
        }
        if let Some(second) = file.stages.get(1) {
            let line = file.node(second.from).line;
            return Err(Declined::at(line, "it is multi-stage already: here a second stage begins"));
        }
        let (Some(lines), Some(stage)) = (file.stages.first(), graph.stages.first()) else {
            return Err(Declined::new("there is no stage to part: no FROM in this file"));
        };
        if let Some(error) = &stage.error {
            return Err(Declined::at(error.line, format!("the file does not build: {}", error.message)));
        }
        let line = file.node(lines.from).line;
        let image = match &stage.base {
            Base::Image(image) => image,
            Base::Scratch => {
                return Err(Declined::at(line, "it starts from scratch: there are no tools to leave behind"));
            }
            _ => return Err(Declined::at(line, "the base is no image that the assistant knows")),
        };
        let Some(from) = file.from(lines) else { return Err(Declined::at(line, "the base is not known")) };
        if stage.platform.os == "windows" || image.to_string().contains("windows") {
            return Err(Declined::at(line, "the assistant does not know Windows images"));
        }
        let config = facts.image_of(image, &stage.platform).map(|fact| &fact.config);
        let mut scope = Scope::of_image(config, &stage.platform);
        for (name, value) in usual_environment(image) {
            scope.set(name, (*value).to_owned());
        }
        if let (Some((_, folder)), "/") =
            (STARTS_IN.iter().find(|(name, _)| image.repository == *name), scope.workdir.as_str())
        {
            scope.change_workdir(folder);
        }
        if !scope.user.is_empty() && !matches!(scope.user.as_str(), "root" | "0") {
            let reason =
                format!("the base image sets the user {}, whom another base may not have", scope.user);
            return Err(Declined::at(line, reason));
        }
        let starts_in = scope.workdir.clone();
        let mut assigned = stage.trace.assigned.iter().peekable();
        let mut steps = Vec::new();
        for &index in &lines.steps {
            let Some(instruction) = file.instructions[index].as_ref() else { continue };
            steps.push(Step::read(file, index, instruction, &scope)?);
            while let Some((_, assignment)) = assigned.next_if(|(at, _)| *at <= index) {
                apply(&mut scope, assignment.kind, &assignment.name, assignment.value.clone());
            }
        }
        let command = RunCommand::read(&steps, &scope)?;
        Ok(Self { file, facts, from, image, starts_in, steps, scope, command })
    }

    /// The line of FROM.
    pub fn line(&self) -> usize {
        self.file.stages.first().map_or(1, |stage| self.file.node(stage.from).line)
    }

    /// The node of a step.
    pub fn node(&self, step: &Step<'_>) -> &Node<'a> {
        self.file.node(step.index)
    }

    /// What the base is called: the last part of its repository.
    pub fn base_name(&self) -> &str {
        call::base_name(&self.image.repository)
    }

    /// The base's tag; `latest` where none is written.
    pub fn tag(&self) -> &str {
        self.image.tag.as_deref().unwrap_or("latest")
    }

    /// A file of the build context, where the context is known.
    pub fn context_file(&self, path: &str) -> Option<&'a ContextFile> {
        self.facts.context.as_ref()?.files.iter().find(|file| file.path == path)
    }

    /// The text of a file of the build context, where it is known.
    pub fn context_text(&self, path: &str) -> Option<&'a str> {
        self.context_file(path)?.text.as_deref()
    }

    /// The folders at the root of the build context, where it is known.
    pub fn context_folders(&self) -> Vec<&'a str> {
        let files = self.facts.context.iter().flat_map(|context| &context.files);
        let mut folders: Vec<&str> =
            files.filter_map(|file| file.path.split_once('/').map(|(folder, _)| folder)).collect();
        folders.sort_unstable();
        folders.dedup();
        folders
    }
}

impl<'a> Step<'a> {
    fn read(
        file: &Dockerfile<'_>,
        index: usize,
        instruction: &'a Instruction,
        scope: &Scope,
    ) -> Result<Self, Declined> {
        let line = file.node(index).line;
        let calls = match instruction {
            Instruction::Run(run) => call::calls(&run.command, scope).ok_or_else(|| {
                Declined::at(line, "this RUN is a script that the assistant cannot read to its end")
            })?,
            Instruction::Onbuild(_) => {
                return Err(Declined::at(
                    line,
                    "ONBUILD says that other Dockerfiles build on this image: they need its tools",
                ));
            }
            _ => Vec::new(),
        };
        Ok(Self { index, line, instruction, scope: scope.clone(), calls })
    }

    /// True where the step runs as somebody else than root.
    pub fn user(&self) -> Option<&str> {
        let user = self.scope.user.as_str();
        (!matches!(user.split(':').next().unwrap_or_default(), "" | "root" | "0")).then_some(user)
    }
}

fn apply(scope: &mut Scope, kind: Setting, name: &str, value: Option<String>) {
    let Some(value) = value else { return };
    match kind {
        Setting::Arg | Setting::Env => scope.set(name, value),
        Setting::Workdir => scope.change_workdir(&value),
        Setting::User => scope.user = value,
        Setting::Shell => scope.shell = serde_json::from_str(&value).unwrap_or_default(),
    }
}
