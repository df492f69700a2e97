//! Goes through the stages of a file as a build would, and weighs each step.

use super::base_image::estimate_base_image;
use super::context_copy::ContextFiles;
use super::copying::{self, Origin};
use super::layer::{LayerWeight, weigh_layer};
use super::machine::{Machine, Mounted, StageState};
use super::measured;
use super::measured::identity::{self, History, Identity};
use super::part::Part;
use super::run;
use super::system::{System, distribution_of, usual_environment};
use super::tree::Waste;
use crate::dockerfile::command_line::CommandLine;
use crate::dockerfile::mount::{self, MountKind};
use crate::dockerfile::run::Run;
use crate::dockerfile::{Dockerfile, Instruction};
use crate::facts::{Facts, Question};
use crate::graph::scope::{Assignment, Scope, Setting, join_path};
use crate::graph::{Base, Dependency, EdgeKind, Graph};
use crate::syntax::expansion::{Lexer, Variables};

/// What a step adds.
#[derive(Clone, Debug, PartialEq)]
pub struct StepWeight {
    /// The stage.
    pub stage: usize,
    /// The instruction: a place in the file. A trigger of the base stands at its stage's FROM.
    pub instruction: usize,
    /// What it weighs; none where nothing of it is known.
    pub weight: Option<LayerWeight>,
    /// What of it is not known.
    pub unknown: Vec<String>,
    /// What the reader of the number should know.
    pub notes: Vec<String>,
    /// What tells it apart from other steps, where that is asked for. A trigger of the base has none.
    pub identity: Option<Identity>,
}

/// What a whole file weighs.
#[derive(Clone, Debug, Default)]
pub struct FileWeight {
    /// Each step that makes a layer, in the order of the text; base images are not among them.
    pub steps: Vec<StepWeight>,
    /// What is asked.
    pub questions: Vec<Question>,
    /// For each stage: the steps that its layers stand for, lowest first; none for a base image's.
    pub layers: Vec<Vec<Option<usize>>>,
    /// For each stage that starts from an image or from nothing: what tells that base apart, where that is asked for.
    pub bases: Vec<Option<Identity>>,
    /// For each stage: what lies in lower layers and is seen no more. Layers are places in `layers`.
    pub waste: Vec<Vec<Waste>>,
}

/// Weighs every step of every stage: by what builds made of it, where they did, else by what is known of its parts and
/// what builds say of such estimates.
pub fn weigh(file: &Dockerfile<'_>, graph: &Graph, facts: &Facts) -> FileWeight {
    let mut weighed = walk(file, graph, facts, !facts.measured.is_empty());
    measured::lay_over(&mut weighed, file, graph, facts);
    weighed
}

/// Weighs every step as it is estimated, no build asked. With `identify`, each step has its identity beside it.
pub fn walk(file: &Dockerfile<'_>, graph: &Graph, facts: &Facts, identify: bool) -> FileWeight {
    let context = ContextFiles::of(facts);
    let mut weighed = FileWeight::default();
    let mut ended: Vec<StageState> = Vec::new();
    let mut histories: Vec<History> = Vec::new();
    for (index, stage) in graph.stages.iter().enumerate() {
        let (state, layers, history) = match &stage.base {
            Base::Stage(base) => {
                (ended.get(*base).cloned(), weighed.layers.get(*base).cloned(), histories.get(*base).cloned())
            }
            _ => (None, None, None),
        };
        let is_lowest = history.is_none();
        let history = history.unwrap_or_else(|| History::begin(&stage.base, &stage.platform, facts));
        weighed.bases.push((identify && is_lowest).then(|| history.base()));
        let mut layers = layers.unwrap_or_default();
        let state = state.unwrap_or_else(|| begin(graph, index, facts, &mut layers));
        let machine = Machine::new(facts, context.as_ref(), &ended, state);
        let identifying = Identifying { identify, history, histories: &histories };
        let mut walk =
            Walk { file, graph, index, machine, assigned: &stage.trace.assigned, layers, identifying };
        walk.run(&mut weighed);
        let (machine, layers, history) = (walk.machine, walk.layers, walk.identifying.history);
        for question in machine.questions {
            if !weighed.questions.contains(&question) {
                weighed.questions.push(question);
            }
        }
        weighed.waste.push(machine.state.tree.waste().to_vec());
        weighed.layers.push(layers);
        ended.push(machine.state);
        histories.push(history);
    }
    weighed
}

/// What a stage begins with that starts from an image or from nothing.
fn begin(graph: &Graph, index: usize, facts: &Facts, layers: &mut Vec<Option<usize>>) -> StageState {
    let stage = &graph.stages[index];
    let mut state = StageState::default();
    state.system.platform = stage.platform.clone();
    let config = match &stage.base {
        Base::Image(image) => {
            state.system = System {
                distribution: distribution_of(image),
                image: Some(image.clone()),
                ..std::mem::take(&mut state.system)
            };
            if let Some(size) = estimate_base_image(facts, image, &stage.platform) {
                let part = copying::image_part(&image.familiar(), size.unpacked, size.download, "/");
                state.tree.put_part(part);
            }
            state.tree.seal();
            layers.push(None);
            facts.image_of(image, &stage.platform).map(|fact| &fact.config)
        }
        Base::Context(_) | Base::Invalid => {
            state.has_unknown = true;
            None
        }
        Base::Stage(_) | Base::Scratch => None,
    };
    state.scope = Scope::of_image(config, &stage.platform);
    for (name, value) in state.system.image.as_ref().map_or(&[][..], usual_environment) {
        if state.scope.value(name).is_none() {
            state.scope.set(name, (*value).to_owned());
        }
    }
    state
}

struct Walk<'w, 'm> {
    file: &'w Dockerfile<'w>,
    graph: &'w Graph,
    index: usize,
    machine: Machine<'m>,
    /// What is still to be set, in the order of the text.
    assigned: &'w [(usize, Assignment)],
    layers: Vec<Option<usize>>,
    identifying: Identifying<'w>,
}

/// What is known by now of what the stage is.
struct Identifying<'w> {
    identify: bool,
    history: History,
    histories: &'w [History],
}

impl Walk<'_, '_> {
    fn run(&mut self, weighed: &mut FileWeight) {
        let stage = &self.graph.stages[self.index];
        let lines = &self.file.stages[self.index];
        if stage.replaced {
            return;
        }
        for trigger in &stage.triggers {
            self.step(trigger, lines.from, weighed);
        }
        self.assign(lines.from);
        for &index in &lines.steps {
            if let Some(instruction) = &self.file.instructions[index] {
                self.step(instruction, index, weighed);
            }
            self.assign(index);
        }
    }

    fn step(&mut self, instruction: &Instruction, index: usize, weighed: &mut FileWeight) {
        let identity = self.identity(instruction, index);
        match instruction {
            Instruction::Run(run) => self.execute(run, index),
            Instruction::Copy(copy) => {
                let escape = self.file.parse.directives.escape;
                let graph = self.graph;
                let origin = match &copy.from {
                    None => Origin::Context,
                    Some(_) => origin(graph, self.index, index),
                };
                copying::copy(copy, false, origin, escape, &mut self.machine);
            }
            Instruction::Add(copy) => {
                let escape = self.file.parse.directives.escape;
                copying::copy(copy, true, Origin::Context, escape, &mut self.machine);
            }
            Instruction::Workdir(_) => {
                let own = self.assigned.iter().take_while(|(at, _)| *at <= index);
                let path = own.filter(|(_, set)| set.kind == Setting::Workdir).last();
                let Some(path) = path.and_then(|(_, set)| set.value.clone()) else { return };
                if path == "/" {
                    return;
                }
                self.machine.make_folder(&path);
            }
            _ => return,
        }
        let layer = self.machine.state.tree.seal();
        let (mut unknown, notes) = self.machine.take_remarks();
        let mut weight = weigh_layer(&layer);
        unknown.append(&mut weight.unknown);
        let is_known = unknown.is_empty() || weight.unpacked.high > 0;
        self.layers.push(Some(weighed.steps.len()));
        weighed.steps.push(StepWeight {
            stage: self.index,
            instruction: index,
            weight: is_known.then_some(weight),
            unknown,
            notes,
            identity,
        });
    }

    /// What tells the step apart, where that is asked for.
    fn identity(&mut self, instruction: &Instruction, index: usize) -> Option<Identity> {
        if !self.identifying.identify {
            return None;
        }
        let escape = self.file.parse.directives.escape;
        let words = identity::words(instruction, &self.machine.state.scope, escape)?;
        let content = self.content(instruction, index);
        let identity = self.identifying.history.step(&words, content);
        (index != self.file.stages[self.index].from).then_some(identity)
    }

    /// Digest of what the step takes from elsewhere.
    fn content(&self, instruction: &Instruction, index: usize) -> String {
        let graph = self.graph;
        let own =
            graph.stages[self.index].dependencies.iter().filter(|it| it.instruction == index && it.shown);
        let mut parts: Vec<String> = own.map(|it| self.source(it)).collect();
        let scope = &self.machine.state.scope;
        match instruction {
            Instruction::Copy(copy) | Instruction::Add(copy) if copy.from.is_none() => {
                let lexer = Lexer::new(self.file.parse.directives.escape);
                let expand = |text: &str| lexer.expand(text, scope).map(|it| it.text).unwrap_or_default();
                let sources = copy.sources.iter().map(|source| expand(&source.text));
                let sources: Vec<String> = sources.filter(|source| !copying::is_remote(source)).collect();
                let exclude: Vec<String> = copy.exclude.iter().map(|it| expand(&it.text)).collect();
                let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
                if !sources.is_empty() {
                    parts.push(self.machine.digest_of_context(&sources, &exclude, copy.parents));
                }
            }
            Instruction::Run(run) => {
                let lexer = Lexer::new(self.file.parse.directives.escape);
                let expand = |value: &str| lexer.expand(value, scope).map(|expanded| expanded.text);
                let mounts = run.mounts.iter().filter_map(|written| mount::read(&written.text, expand).ok());
                let of_context =
                    mounts.filter(|mount| mount.kind == MountKind::Bind && mount.from.is_empty());
                parts.extend(of_context.map(|it| self.machine.digest_of_context(&[&it.source], &[], false)));
            }
            _ => {}
        }
        match parts.as_slice() {
            [] => String::new(),
            parts if parts.iter().any(|part| part == identity::UNKNOWN) => identity::UNKNOWN.to_owned(),
            [only] => only.clone(),
            parts => identity::digest(parts.iter().map(String::as_str)),
        }
    }

    /// Digest of another stage or of an image.
    fn source(&self, dependency: &Dependency) -> String {
        match dependency.source.checked_sub(self.graph.stages.len()) {
            None => self
                .identifying
                .histories
                .get(dependency.source)
                .map_or_else(|| identity::UNKNOWN.to_owned(), History::digest),
            Some(implicit) => match self.graph.implicit.get(implicit).map(|implicit| &implicit.base) {
                Some(Base::Image(image)) => identity::digest([image.to_string().as_str()]),
                _ => identity::UNKNOWN.to_owned(),
            },
        }
    }

    /// Sets what an instruction sets.
    fn assign(&mut self, index: usize) {
        let n_own = self.assigned.iter().take_while(|(at, _)| *at <= index).count();
        let (own, rest) = self.assigned.split_at(n_own);
        self.assigned = rest;
        if self.identifying.identify {
            own.iter().for_each(|(_, assignment)| self.identifying.history.set(assignment));
        }
        let scope = &mut self.machine.state.scope;
        for (_, assignment) in own {
            let value = assignment.value.clone();
            match (assignment.kind, value) {
                (Setting::Arg | Setting::Env, Some(value)) => scope.set(&assignment.name, value),
                (Setting::Workdir, Some(value)) => scope.change_workdir(&value),
                (Setting::User, Some(value)) => scope.user = value,
                (Setting::Shell, Some(value)) => {
                    scope.shell = serde_json::from_str(&value).unwrap_or_default()
                }
                (_, None) => {}
            }
        }
    }

    fn execute(&mut self, run: &Run, index: usize) {
        let machine = &mut self.machine;
        machine.folder.clone_from(&machine.state.scope.workdir);
        machine.variables.clear();
        let lexer = Lexer::new(self.file.parse.directives.escape);
        let stage = &self.graph.stages[self.index];
        let mut stages = stage
            .dependencies
            .iter()
            .filter(|dependency| dependency.instruction == index && dependency.kind == EdgeKind::Mount);
        for written in &run.mounts {
            // Each mount has its dependency, in order, one without a source too.
            let dependency: Option<&Dependency> = stages.next();
            let scope = &machine.state.scope;
            let expand = |value: &str| lexer.expand(value, scope).map(|expanded| expanded.text);
            let Ok(mount) = mount::read(&written.text, expand) else { continue };
            if matches!(mount.kind, MountKind::Secret | MountKind::Ssh) && mount.target.is_empty() {
                continue;
            }
            let place = dependency.filter(|_| !mount.from.is_empty()).map(|dependency| dependency.source);
            machine.mounts.push(Mounted {
                kind: mount.kind,
                target: join_path(&machine.folder, &mount.target),
                stage: place,
                source: mount.source,
            });
        }
        let shell =
            machine.state.scope.shell.first().map(|shell| shell.rsplit(['/', '\\']).next().unwrap_or(shell));
        let speaks_sh = matches!(shell, None | Some("sh" | "bash" | "ash" | "dash" | "zsh" | "ksh"));
        let is_script = |text: &str| {
            let first = text.lines().next().unwrap_or_default();
            first.starts_with("#!") && !first.ends_with("sh") && !first.contains("sh -")
        };
        match &run.command {
            CommandLine::Shell(text) if !speaks_sh || is_script(text) => {
                machine.unknown("what a script in another language than the shell's writes");
            }
            command => run::run(command, machine),
        }
        machine.mounts.clear();
    }
}

/// Whose files a `COPY --from` copies.
fn origin(graph: &Graph, stage: usize, instruction: usize) -> Origin<'_> {
    let is_own =
        |dependency: &&Dependency| dependency.instruction == instruction && dependency.kind == EdgeKind::Copy;
    let Some(dependency) = graph.stages[stage].dependencies.iter().find(is_own) else {
        return Origin::Other(&Base::Invalid);
    };
    match graph.stages.get(dependency.source) {
        Some(source) => match &source.base {
            Base::Context(_) if source.replaced => Origin::Other(&source.base),
            _ => Origin::Stage(dependency.source, &source.display_name),
        },
        None => {
            let implicit = graph.implicit.get(dependency.source - graph.stages.len());
            Origin::Other(implicit.map_or(&Base::Invalid, |implicit| &implicit.base))
        }
    }
}

/// All parts of a step.
impl StepWeight {
    /// What lies in the layer, the heaviest first.
    pub fn parts(&self) -> &[Part] {
        self.weight.as_ref().map_or(&[], |weight| &weight.parts)
    }
}
