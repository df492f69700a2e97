//! Goes through the stages of a file as a build would, and weighs each step.

use super::base_image::estimate_base_image;
use super::context_copy::ContextFiles;
use super::copying::{self, Origin};
use super::layer::{LayerWeight, weigh_layer};
use super::machine::{Machine, Mounted, StageState};
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
    /// For each stage: what lies in lower layers and is seen no more. Layers are places in `layers`.
    pub waste: Vec<Vec<Waste>>,
}

/// Weighs every step of every stage.
pub fn weigh(file: &Dockerfile<'_>, graph: &Graph, facts: &Facts) -> FileWeight {
    let context = ContextFiles::of(facts);
    let mut weighed = FileWeight::default();
    let mut ended: Vec<StageState> = Vec::new();
    for (index, stage) in graph.stages.iter().enumerate() {
        let (state, layers) = match &stage.base {
            Base::Stage(base) => (ended.get(*base).cloned(), weighed.layers.get(*base).cloned()),
            _ => (None, None),
        };
        let mut layers = layers.unwrap_or_default();
        let state = state.unwrap_or_else(|| begin(graph, index, facts, &mut layers));
        let machine = Machine::new(facts, context.as_ref(), &ended, state);
        let mut walk = Walk { file, graph, index, machine, assigned: &stage.trace.assigned, layers };
        walk.run(&mut weighed);
        let (machine, layers) = (walk.machine, walk.layers);
        for question in machine.questions {
            if !weighed.questions.contains(&question) {
                weighed.questions.push(question);
            }
        }
        weighed.waste.push(machine.state.tree.waste().to_vec());
        weighed.layers.push(layers);
        ended.push(machine.state);
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
        });
    }

    /// Sets what an instruction sets.
    fn assign(&mut self, index: usize) {
        let n_own = self.assigned.iter().take_while(|(at, _)| *at <= index).count();
        let (own, rest) = self.assigned.split_at(n_own);
        self.assigned = rest;
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
