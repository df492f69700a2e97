//! Goes through each stage as BuildKit does: variables, working directory, layers, and what stops it.

use super::scope::{Scope, join_path};
use super::{Base, Dependency, EdgeKind, Graph, rules};
use crate::diagnostic::Diagnostic;
use crate::dockerfile::copy::Copy;
use crate::dockerfile::mount::{self, MountError, MountKind};
use crate::dockerfile::run::Run;
use crate::dockerfile::{Dockerfile, Instruction, Text, expose};
use crate::facts::Facts;
use crate::syntax::expansion::{ExpansionError, Lexer, Variables};
use crate::text::Range;
use std::collections::BTreeMap;

/// Evaluates every stage, in order: a base stands above what starts from it.
pub(super) fn evaluate(graph: &mut Graph, file: &Dockerfile<'_>, facts: &Facts, global: &Scope) {
    for index in 0..graph.stages.len() {
        let stage = &graph.stages[index];
        let scope = match &stage.base {
            Base::Stage(base) => graph.stages[*base].scope.clone(),
            Base::Image(image) => {
                let fact = facts.image(&image.to_string(), &stage.platform);
                Scope::of_image(fact.map(|fact| &fact.config), &stage.platform)
            }
            Base::Scratch | Base::Invalid => Scope::of_image(None, &stage.platform),
        };
        let mut walk = Walk {
            graph,
            stage: index,
            given: &facts.build.build_args,
            global,
            lexer: Lexer::new(file.parse.directives.escape),
            scope,
            layers: Vec::new(),
        };
        let error = walk.run(file).err();
        let (scope, layers) = (walk.scope, walk.layers);
        let stage = &mut graph.stages[index];
        (stage.scope, stage.layers) = (scope, layers);
        stage.error = stage.error.take().or(error);
    }
}

struct Walk<'w> {
    graph: &'w Graph,
    stage: usize,
    given: &'w BTreeMap<String, String>,
    global: &'w Scope,
    lexer: Lexer,
    scope: Scope,
    layers: Vec<usize>,
}

/// Where an instruction stands, for those who refuse it.
#[derive(Clone, Copy)]
struct Place {
    line: usize,
    range: Range,
}

impl Place {
    fn error(self, rule: &'static str, range: Range, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(rule, self.line, range, message)
    }
}

impl Walk<'_> {
    /// Goes through the stage. The first thing that stops it is given; what follows is gone through all the same.
    fn run(&mut self, file: &Dockerfile<'_>) -> Result<(), Diagnostic> {
        let lines = &file.stages[self.stage];
        let from = file.node(lines.from);
        let mut first = Ok(());
        for trigger in &self.graph.stages[self.stage].triggers {
            let place = Place { line: from.line, range: from.arguments_range() };
            first = first.and(self.step(trigger, lines.from, place));
        }
        for &index in &lines.steps {
            let node = file.node(index);
            let place = Place { line: node.line, range: node.arguments_range() };
            if let Some(instruction) = &file.instructions[index] {
                let result = self.step(instruction, index, place);
                first = first.and(result);
            }
        }
        first
    }

    fn step(&mut self, instruction: &Instruction, index: usize, place: Place) -> Result<(), Diagnostic> {
        match instruction {
            Instruction::Add(copy) => self.copy("ADD", copy, index, place),
            Instruction::Copy(copy) => self.copy("COPY", copy, index, place),
            Instruction::Run(run) => self.execute(run, index, place),
            Instruction::Arg(args) => {
                for arg in args {
                    let value = match (self.given.get(&arg.name), &arg.default) {
                        (Some(given), _) => Some(given.clone()),
                        (None, Some(default)) => Some(self.expand(default, arg.word.range, place)?),
                        (None, None) => self.global.value(&arg.name).map(str::to_owned),
                    };
                    value.into_iter().for_each(|value| self.scope.set(&arg.name, value));
                }
                Ok(())
            }
            Instruction::Env(pairs) => {
                // Every word of one ENV sees what was in force before it.
                let mut values = Vec::new();
                for pair in pairs {
                    let name = self.expand(&pair.name, pair.range, place)?;
                    values.push((name, self.expand(&pair.value, pair.range, place)?));
                }
                values.into_iter().for_each(|(name, value)| self.scope.set(&name, value));
                Ok(())
            }
            Instruction::Label(pairs) => {
                for pair in pairs {
                    self.expand(&pair.name, pair.range, place)?;
                    self.expand(&pair.value, pair.range, place)?;
                }
                Ok(())
            }
            Instruction::Workdir(path) => {
                let expanded = self.text(path, place)?;
                self.scope.change_workdir(&expanded);
                if self.scope.workdir != "/" {
                    self.layers.push(index);
                }
                Ok(())
            }
            Instruction::User(user) => {
                self.scope.user = self.text(user, place)?;
                Ok(())
            }
            Instruction::Shell(shell) => {
                self.scope.shell.clone_from(shell);
                Ok(())
            }
            Instruction::Expose(ports) => self.expose(ports, place),
            Instruction::Volume(volumes) => {
                for volume in volumes {
                    if self.text(volume, place)?.is_empty() {
                        return Err(place.error(
                            "empty-volume",
                            volume.range,
                            "the path of a volume is empty",
                        ));
                    }
                }
                Ok(())
            }
            Instruction::Stopsignal(signal) => {
                let expanded = self.text(signal, place)?;
                refuse(rules::signal_problem(&expanded), "invalid-signal", signal.range, place)
            }
            Instruction::Cmd(_)
            | Instruction::Entrypoint(_)
            | Instruction::From(_)
            | Instruction::Healthcheck(_)
            | Instruction::Maintainer(_)
            | Instruction::Onbuild(_) => Ok(()),
        }
    }

    fn copy(&mut self, keyword: &str, copy: &Copy, index: usize, place: Place) -> Result<(), Diagnostic> {
        self.layers.push(index);
        let optional = |text: &Option<Text>| text.as_ref().map(|text| self.text(text, place)).transpose();
        optional(&copy.chown)?;
        let (chmod, checksum) = (optional(&copy.chmod)?, optional(&copy.checksum)?);
        let sources: Vec<String> =
            copy.sources.iter().map(|source| self.text(source, place)).collect::<Result<_, _>>()?;
        self.text(&copy.destination, place)?;
        for file in copy.inline_files.iter().filter(|file| file.expand) {
            let lexer = Lexer { ignore_quotes: true, ..Lexer::new('\\') };
            let content = lexer.expand(&file.content, &self.scope);
            content.map_err(|error| place.error("expansion", place.range, error.to_string()))?;
        }
        self.refuse_later_source(index, EdgeKind::Copy, place)?;
        if let (Some(mode), Some(written)) = (chmod.filter(|mode| !mode.is_empty()), &copy.chmod) {
            refuse(rules::chmod_problem(&mode), "invalid-chmod", written.range, place)?;
        }
        let problem = rules::source_problem(keyword, &sources, checksum.as_deref());
        refuse(problem, "invalid-source", copy.sources_range(), place)
    }

    fn execute(&mut self, run: &Run, index: usize, place: Place) -> Result<(), Diagnostic> {
        self.layers.push(index);
        for written in &run.mounts {
            let error = |error: MountError| place.error("invalid-mount", written.range, error.to_string());
            let expand = |value: &str| self.lexer.expand(value, &self.scope).map(|expanded| expanded.text);
            let mount = mount::read(&written.text, expand).map_err(error)?;
            let fixed_place = matches!(mount.kind, MountKind::Secret | MountKind::Ssh);
            if !fixed_place && join_path(&self.scope.workdir, &mount.target) == "/" {
                return Err(
                    error(MountError::RootTarget).note("Give the folder to mount it at: target=/src.")
                );
            }
        }
        self.refuse_later_source(index, EdgeKind::Mount, place)?;
        let Some(device) = run.devices.first() else { return Ok(()) };
        let message = "--device is not in the stable Dockerfile syntax";
        Err(place
            .error("device", device.range, message)
            .note("It needs `# syntax=docker/dockerfile:1-labs`."))
    }

    fn expose(&self, ports: &[Text], place: Place) -> Result<(), Diagnostic> {
        for port in ports {
            for word in self.text(port, place)?.split_whitespace() {
                refuse(expose::port_problem(word), "invalid-port", port.range, place)?;
            }
        }
        Ok(())
    }

    /// A stage can be copied from, or mounted, only further down than it stands.
    fn refuse_later_source(&self, index: usize, kind: EdgeKind, place: Place) -> Result<(), Diagnostic> {
        let stages = &self.graph.stages;
        let uses = |dependency: &&Dependency| {
            let later = dependency.source >= self.stage && dependency.source < stages.len();
            dependency.instruction == index && dependency.kind == kind && dependency.shown && later
        };
        let Some(dependency) = stages[self.stage].dependencies.iter().find(uses) else { return Ok(()) };
        let message = format!(
            "stage `{}` stands below stage `{}`, which takes from it",
            stages[dependency.source].display_name, stages[self.stage].display_name
        );
        Err(place.error("later-stage", dependency.range, message).note("Move it above."))
    }

    fn text(&self, text: &Text, place: Place) -> Result<String, Diagnostic> {
        self.expand(&text.text, text.range, place)
    }

    fn expand(&self, word: &str, range: Range, place: Place) -> Result<String, Diagnostic> {
        let refused = |error: ExpansionError| place.error("expansion", range, error.to_string());
        self.lexer.expand(word, &self.scope).map(|expanded| expanded.text).map_err(refused)
    }
}

fn refuse(problem: Option<String>, rule: &'static str, range: Range, place: Place) -> Result<(), Diagnostic> {
    problem.map_or(Ok(()), |message| Err(place.error(rule, range, message)))
}
