//! Goes through each stage as BuildKit does: variables, working directory, layers, and what stops it.

use super::scope::{Assignment, Origin, Scope, Setting, join_path, shell_text};
use super::trace::{ContextSource, Trace, Unset};
use super::{Base, Dependency, EdgeKind, Graph, rules};
use crate::diagnostic::Diagnostic;
use crate::dockerfile::arg::Arg;
use crate::dockerfile::command_line::CommandLine;
use crate::dockerfile::copy::Copy;
use crate::dockerfile::mount::{self, MountError, MountKind};
use crate::dockerfile::run::Run;
use crate::dockerfile::{Dockerfile, Instruction, Text, expose};
use crate::facts::{Facts, ImageFact};
use crate::suggest::nearest;
use crate::syntax::expansion::{Expanded, ExpansionError, Lexer, Variables};
use crate::text::Range;
use std::collections::BTreeMap;

/// Evaluates every stage, in order: a base stands above what starts from it.
pub(super) fn evaluate(graph: &mut Graph, file: &Dockerfile<'_>, facts: &Facts) {
    for index in 0..graph.stages.len() {
        let stage = &graph.stages[index];
        let scope = match &stage.base {
            Base::Stage(base) => graph.stages[*base].scope.clone(),
            Base::Image(_) | Base::Scratch | Base::Context(_) | Base::Invalid => {
                let fact = image_fact(graph, index, facts);
                Scope::of_image(fact.map(|fact| &fact.config), &stage.platform)
            }
        };
        let base_trace = match &stage.base {
            Base::Stage(base) => Some(&graph.stages[*base].trace),
            _ => None,
        };
        let mut walk = Walk {
            graph,
            stage: index,
            given: &facts.build.build_args,
            lexer: Lexer::new(file.parse.directives.escape),
            scope,
            trace: Trace::after(base_trace),
        };
        if base_trace.is_none() {
            let config = image_fact(graph, index, facts).map(|fact| &fact.config);
            walk.trace.inherited = walk.scope.assignments(config);
        }
        let error = if graph.stages[index].replaced { None } else { walk.run(file).err() };
        let (scope, trace) = (walk.scope, walk.trace);
        let stage = &mut graph.stages[index];
        (stage.scope, stage.trace) = (scope, trace);
        stage.error = stage.error.take().or(error);
    }
}

fn image_fact<'f>(graph: &Graph, stage: usize, facts: &'f Facts) -> Option<&'f ImageFact> {
    let stage = &graph.stages[stage];
    match &stage.base {
        Base::Image(image) => facts.image_of(image, &stage.platform),
        _ => None,
    }
}

struct Walk<'w> {
    graph: &'w Graph,
    stage: usize,
    given: &'w BTreeMap<String, String>,
    lexer: Lexer,
    scope: Scope,
    trace: Trace,
}

/// Where an instruction stands, for those who refuse it.
#[derive(Clone, Copy)]
struct Place {
    instruction: usize,
    line: usize,
    range: Range,
}

impl Place {
    fn error(self, rule: &'static str, range: Range, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(rule, self.line, range, message)
    }
}

impl Walk<'_> {
    /// Goes through the stage. The first thing that stops it is given; what follows is gone through all the same,
    /// and what would stop it later is kept in the trace.
    fn run(&mut self, file: &Dockerfile<'_>) -> Result<(), Diagnostic> {
        let lines = &file.stages[self.stage];
        let from = file.node(lines.from);
        let mut first = Ok(());
        for trigger in &self.graph.stages[self.stage].triggers {
            let place = Place { instruction: lines.from, line: from.line, range: from.arguments_range() };
            let result = self.step(trigger, place);
            first = self.keep_first(first, result);
        }
        for &index in &lines.steps {
            let node = file.node(index);
            let place = Place { instruction: index, line: node.line, range: node.arguments_range() };
            if let Some(instruction) = &file.instructions[index] {
                let result = self.step(instruction, place);
                first = self.keep_first(first, result);
            }
        }
        first
    }

    fn keep_first(
        &mut self,
        first: Result<(), Diagnostic>,
        next: Result<(), Diagnostic>,
    ) -> Result<(), Diagnostic> {
        match (first, next) {
            (Err(first), Err(next)) => {
                self.trace.further_errors.push(next);
                Err(first)
            }
            (first, next) => first.and(next),
        }
    }

    fn step(&mut self, instruction: &Instruction, place: Place) -> Result<(), Diagnostic> {
        match instruction {
            Instruction::Add(copy) => self.copy("ADD", copy, place),
            Instruction::Copy(copy) => self.copy("COPY", copy, place),
            Instruction::Run(run) => self.execute(run, place),
            Instruction::Arg(args) => {
                for arg in args {
                    self.declare(arg, place)?;
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
                for (name, value) in values {
                    self.scope.set(&name, value.clone());
                    self.assign(place, Assignment::written(Setting::Env, &name, value));
                }
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
                self.note_workdir(expanded, place);
                self.assign(place, Assignment::written(Setting::Workdir, "", self.scope.workdir.clone()));
                if self.scope.workdir != "/" {
                    self.trace.layers.push(place.instruction);
                }
                Ok(())
            }
            Instruction::User(user) => {
                self.scope.user = self.text(user, place)?;
                self.assign(place, Assignment::written(Setting::User, "", self.scope.user.clone()));
                Ok(())
            }
            Instruction::Shell(shell) => {
                self.scope.shell.clone_from(shell);
                self.assign(place, Assignment::written(Setting::Shell, "", shell_text(shell)));
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
                    .map_err(|error| error.note(rules::signal_note(&expanded)))
            }
            Instruction::Cmd(command) => {
                self.note_command("CMD", command, place);
                Ok(())
            }
            Instruction::Entrypoint(command) => {
                self.note_command("ENTRYPOINT", command, place);
                Ok(())
            }
            Instruction::Healthcheck(_) => {
                self.trace.settings.push((place.instruction, "HEALTHCHECK"));
                Ok(())
            }
            Instruction::From(_) | Instruction::Maintainer(_) | Instruction::Onbuild(_) => Ok(()),
        }
    }

    /// ARG: what the build is given, else its own default, else the global argument of that name.
    fn declare(&mut self, arg: &Arg, place: Place) -> Result<(), Diagnostic> {
        let global = || self.graph.global.value(&arg.name).map(str::to_owned);
        let (value, origin) = match (self.given.get(&arg.name), &arg.default) {
            (Some(given), _) => (Some(given.clone()), Origin::BuildArgument),
            (None, Some(default)) => (Some(self.expand(default, arg.word.range, place)?), Origin::Written),
            (None, None) => match global() {
                Some(value) => (Some(value), Origin::Global),
                None => (None, Origin::Nowhere),
            },
        };
        value.iter().for_each(|value| self.scope.set(&arg.name, value.clone()));
        self.assign(place, Assignment { kind: Setting::Arg, name: arg.name.clone(), value, origin });
        self.trace.declared.push(arg.name.clone());
        Ok(())
    }

    fn assign(&mut self, place: Place, assignment: Assignment) {
        self.trace.assigned.push((place.instruction, assignment));
    }

    fn note_workdir(&mut self, path: String, place: Place) {
        let absolute = match self.graph.stages[self.stage].platform.os.as_str() {
            "windows" => path.starts_with(['/', '\\']) || path.as_bytes().get(1) == Some(&b':'),
            _ => path.starts_with('/'),
        };
        if !std::mem::replace(&mut self.trace.workdir_set, true) && !absolute {
            self.trace.relative_workdir = Some((place.instruction, path));
        }
    }

    fn note_command(&mut self, keyword: &'static str, command: &CommandLine, place: Place) {
        self.trace.settings.push((place.instruction, keyword));
        if matches!(command, CommandLine::Shell(_)) && self.scope.shell.is_empty() {
            self.trace.shell_forms.push(place.instruction);
        }
    }

    fn copy(&mut self, keyword: &str, copy: &Copy, place: Place) -> Result<(), Diagnostic> {
        self.trace.layers.push(place.instruction);
        let mut optional = |text: &Option<Text>| text.as_ref().map(|text| self.text(text, place)).transpose();
        optional(&copy.chown)?;
        let (chmod, checksum) = (optional(&copy.chmod)?, optional(&copy.checksum)?);
        let sources: Vec<String> =
            copy.sources.iter().map(|source| self.text(source, place)).collect::<Result<_, _>>()?;
        self.text(&copy.destination, place)?;
        if copy.from.is_none() {
            let named = copy.sources.iter().zip(&sources);
            self.trace.context_sources.extend(named.map(|(written, path)| ContextSource {
                instruction: place.instruction,
                range: written.range,
                path: path.clone(),
            }));
        }
        for file in &copy.inline_files {
            let bytes = if file.expand {
                let lexer = Lexer { ignore_quotes: true, ..Lexer::new('\\') };
                self.expand_with(lexer, &file.content, place.range, place)?.text.len()
            } else {
                file.content.len()
            };
            self.trace.inline_files.push((place.instruction, bytes as u64));
        }
        self.refuse_later_source(EdgeKind::Copy, place)?;
        if let (Some(mode), Some(written)) = (chmod.filter(|mode| !mode.is_empty()), &copy.chmod) {
            refuse(rules::chmod_problem(&mode), "invalid-chmod", written.range, place)?;
        }
        let problem = rules::source_problem(keyword, &sources, checksum.as_deref());
        refuse(problem, "invalid-source", copy.sources_range(), place)
    }

    fn execute(&mut self, run: &Run, place: Place) -> Result<(), Diagnostic> {
        self.trace.layers.push(place.instruction);
        for written in &run.mounts {
            let error = |error: MountError| {
                let note = error.note();
                noted(place.error("invalid-mount", written.range, error.to_string()), note)
            };
            let mut seen = Vec::new();
            let expand = |value: &str| {
                let expanded = self.lexer.expand(value, &self.scope)?;
                seen.push(expanded.clone());
                Ok(expanded.text)
            };
            let mount = mount::read(&written.text, expand).map_err(error)?;
            seen.iter().for_each(|expanded| self.note_unset(expanded, written.range, place));
            let fixed_place = matches!(mount.kind, MountKind::Secret | MountKind::Ssh);
            if !fixed_place && join_path(&self.scope.workdir, &mount.target) == "/" {
                return Err(
                    error(MountError::RootTarget).note("Give the folder to mount it at: target=/src.")
                );
            }
        }
        self.refuse_later_source(EdgeKind::Mount, place)?;
        let Some(device) = run.devices.first() else { return Ok(()) };
        let message = "--device is not in the stable Dockerfile syntax";
        Err(place
            .error("device", device.range, message)
            .note("It needs `# syntax=docker/dockerfile:1-labs`."))
    }

    fn expose(&mut self, ports: &[Text], place: Place) -> Result<(), Diagnostic> {
        for port in ports {
            // BuildKit takes no note of variables that are not set here.
            let refused = |error: ExpansionError| place.error("expansion", port.range, error.to_string());
            for word in self.lexer.expand_words(&port.text, &self.scope).map_err(refused)? {
                refuse(expose::port_problem(&word), "invalid-port", port.range, place)
                    .map_err(|error| noted(error, expose::port_note(&word)))?;
                self.trace.ports.push((place.instruction, word));
            }
        }
        Ok(())
    }

    /// A stage can be copied from, or mounted, only further down than it stands.
    fn refuse_later_source(&self, kind: EdgeKind, place: Place) -> Result<(), Diagnostic> {
        let stages = &self.graph.stages;
        let uses = |dependency: &&Dependency| {
            let later = dependency.source >= self.stage && dependency.source < stages.len();
            dependency.instruction == place.instruction
                && dependency.kind == kind
                && dependency.shown
                && later
        };
        let Some(dependency) = stages[self.stage].dependencies.iter().find(uses) else { return Ok(()) };
        let (source, own) = (&stages[dependency.source].display_name, &stages[self.stage].display_name);
        if dependency.source == self.stage {
            let message = format!("stage `{own}` takes from itself");
            return Err(place.error("later-stage", dependency.range, message).note("Name another stage."));
        }
        let message = format!("stage `{source}` stands below stage `{own}`, which takes from it");
        let note = format!("Move stage `{source}` above stage `{own}`.");
        Err(place.error("later-stage", dependency.range, message).note(note))
    }

    fn text(&mut self, text: &Text, place: Place) -> Result<String, Diagnostic> {
        self.expand(&text.text, text.range, place)
    }

    fn expand(&mut self, word: &str, range: Range, place: Place) -> Result<String, Diagnostic> {
        self.expand_with(self.lexer, word, range, place).map(|expanded| expanded.text)
    }

    /// Expands a word and takes note of what it names in vain. A declared argument without a value is no error.
    fn expand_with(
        &mut self,
        lexer: Lexer,
        word: &str,
        range: Range,
        place: Place,
    ) -> Result<Expanded, Diagnostic> {
        let refused = |error: ExpansionError| place.error("expansion", range, error.to_string());
        let expanded = lexer.expand(word, &self.scope).map_err(refused)?;
        self.note_unset(&expanded, range, place);
        Ok(expanded)
    }

    fn note_unset(&mut self, expanded: &Expanded, range: Range, place: Place) {
        for name in expanded.unset.iter().filter(|name| !self.trace.declared.contains(name)) {
            let nearest = nearest(name, self.scope.names()).map(str::to_owned);
            let (instruction, name) = (place.instruction, name.clone());
            self.trace.unset.push(Unset { instruction, range, name, nearest });
        }
    }
}

fn noted(error: Diagnostic, note: Option<String>) -> Diagnostic {
    match note {
        Some(note) => error.note(note),
        None => error,
    }
}

fn refuse(problem: Option<String>, rule: &'static str, range: Range, place: Place) -> Result<(), Diagnostic> {
    problem.map_or(Ok(()), |message| Err(place.error(rule, range, message)))
}
