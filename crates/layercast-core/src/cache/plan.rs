//! The steps of a target with what BuildKit keys them by: the graph that it is given, without running it.
//! Reference: <https://github.com/moby/buildkit/blob/master/docs/dev/solver.md>.

use super::context::{ContextChange, Effect};
use crate::dockerfile::command_line::CommandLine;
use crate::dockerfile::copy::Copy;
use crate::dockerfile::mount::{self, Mount, MountKind};
use crate::dockerfile::run::Run;
use crate::dockerfile::{Dockerfile, Instruction, Text};
use crate::facts::Facts;
use crate::graph::scope::{Assignment, Setting, join_path, shell_text};
use crate::graph::{Base, Graph};
use crate::syntax::expansion::{Lexer, Variables};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The steps of a target.
pub(super) struct Plan {
    /// Stage by stage, in the order of the text.
    pub steps: Vec<Step>,
    /// What each stage ends with, by its place; none where the target does not need it.
    ends: Vec<Option<End>>,
    names: Vec<String>,
}

/// One step, and what its key is made of.
#[derive(Default)]
pub(super) struct Step {
    pub stage: usize,
    pub instruction: usize,
    pub line: usize,
    pub keyword: &'static str,
    /// The instruction as it is written.
    pub written: String,
    /// The key: the same key is the same work.
    pub key: u64,
    /// The step that it stands on.
    pub below: Option<usize>,
    /// True where it does not wait for what it stands on: COPY --link.
    pub linked: bool,
    /// True where the change is an edit of its instruction.
    pub edited: bool,
    /// True where it is asked to run without the cache.
    pub forced: bool,
    /// True where the image that it pulls has moved.
    pub moved: bool,
    /// What it says, expanded.
    pub definition: String,
    /// The variables that are expanded in it.
    pub expanded: BTreeMap<String, String>,
    /// The variables that a command sees, in the order in which they were set.
    pub environment: Vec<(String, String)>,
    pub workdir: Option<String>,
    pub user: Option<String>,
    pub shell: Option<String>,
    pub contents: Vec<Content>,
}

/// Files that a step takes, known by what is in them.
pub(super) struct Content {
    pub of: ContentOf,
    pub key: u64,
    /// The last step of the stage that they come from.
    pub step: Option<usize>,
}

/// Where files come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ContentOf {
    /// The build context: the file that changes, where one is known, and whether it is among what is taken.
    Context { path: Option<String>, is_certain: bool },
    /// A stage.
    Stage(String),
    /// An image, or a named context.
    Image(String),
}

/// What is another than in the build before.
#[derive(Default)]
pub(super) struct Difference<'d> {
    /// The instruction that is edited.
    pub edited: Option<usize>,
    /// The image that is another under the same name.
    pub moved: Option<&'d str>,
    pub context: ContextChange<'d>,
    pub no_cache: bool,
    pub before: Option<&'d Plan>,
    /// True where stages that rerun give the same files.
    pub content_kept: bool,
}

#[derive(Clone)]
struct End {
    step: Option<usize>,
    key: u64,
    settings: Settings,
}

/// What is in force at some point of a stage.
#[derive(Clone, Default)]
struct Settings {
    variables: Vec<(String, String)>,
    workdir: String,
    user: String,
    shell: String,
}

impl Plan {
    /// Goes through the stages that the target needs.
    pub fn new(file: &Dockerfile<'_>, graph: &Graph, facts: &Facts, difference: &Difference<'_>) -> Self {
        let names = graph.stages.iter().map(|stage| stage.display_name.clone()).collect();
        let plan = Self { steps: Vec::new(), ends: vec![None; graph.stages.len()], names };
        let lexer = Lexer::new(file.parse.directives.escape);
        let mut walk = Walk { file, graph, facts, difference, lexer, plan, used: BTreeMap::new() };
        let reached = graph.target.map(|target| graph.reach(target).stages).unwrap_or_default();
        for (stage, _) in reached.into_iter().enumerate().filter(|(_, reached)| *reached) {
            let end = walk.stage(stage);
            walk.plan.ends[stage] = Some(end);
        }
        walk.plan
    }

    /// What people call the stage of a step.
    pub fn name_of(&self, step: &Step) -> &str {
        &self.names[step.stage]
    }

    /// The key of what a stage ends with.
    fn end_of(&self, name: &str) -> Option<u64> {
        let place = self.names.iter().rposition(|own| own == name)?;
        self.ends.get(place)?.as_ref().map(|end| end.key)
    }
}

struct Walk<'w> {
    file: &'w Dockerfile<'w>,
    graph: &'w Graph,
    facts: &'w Facts,
    difference: &'w Difference<'w>,
    lexer: Lexer,
    plan: Plan,
    /// How many of an instruction's dependencies are used by now.
    used: BTreeMap<usize, usize>,
}

impl Walk<'_> {
    fn stage(&mut self, index: usize) -> End {
        let (file, graph) = (self.file, self.graph);
        let (stage, lines) = (&graph.stages[index], &file.stages[index]);
        let mut end = self.base(index);
        if stage.replaced {
            return end;
        }
        for (number, trigger) in stage.triggers.iter().enumerate() {
            let edited = self.edited_trigger(&stage.base, number);
            self.instruction(index, lines.from, trigger, edited, &mut end);
        }
        for &step in &lines.steps {
            if let Some(instruction) = &file.instructions[step] {
                let edited = self.difference.edited == Some(step);
                self.instruction(index, step, instruction, edited, &mut end);
            }
        }
        end
    }

    /// What a stage begins with.
    fn base(&mut self, index: usize) -> End {
        let stage = &self.graph.stages[index];
        let instruction = self.file.stages[index].from;
        let edited = self.difference.edited == Some(instruction);
        let mut end = match &stage.base {
            Base::Stage(base) => match &self.plan.ends[*base] {
                Some(end) => end.clone(),
                None => End { step: None, key: 0, settings: Settings::default() },
            },
            _ => End { step: None, key: hash("scratch"), settings: Settings::of(&stage.trace.inherited) },
        };
        let name = match &stage.base {
            Base::Image(image) => image.to_string(),
            Base::Context(name) => name.clone(),
            Base::Stage(_) | Base::Scratch | Base::Invalid => {
                if edited {
                    end.key = hash((end.key, "edited"));
                }
                return end;
            }
        };
        let written = self.file.from(&self.file.stages[index]).map(|from| &from.base.text);
        let expanded = written.and_then(|base| self.lexer.expand(base, &self.graph.global).ok());
        let names = expanded.map(|expanded| expanded.set).unwrap_or_default();
        let value =
            |name: String| self.graph.global.value(&name).map(str::to_owned).map(|value| (name, value));
        let step = Step {
            stage: index,
            instruction,
            keyword: "FROM",
            edited,
            moved: self.difference.moved == Some(name.as_str()),
            definition: format!("{name} {}", stage.platform),
            expanded: names.into_iter().filter_map(value).collect(),
            ..Step::default()
        };
        end.key = 0;
        self.push(step, &mut end);
        end
    }

    /// True where the trigger is the ONBUILD that is edited.
    fn edited_trigger(&self, base: &Base, number: usize) -> bool {
        let (Base::Stage(base), Some(edited)) = (base, self.difference.edited) else { return false };
        let is_trigger =
            |step: &&usize| matches!(self.file.instructions[**step], Some(Instruction::Onbuild(_)));
        self.file.stages[*base].steps.iter().filter(is_trigger).nth(number) == Some(&edited)
    }

    fn instruction(
        &mut self,
        stage: usize,
        place: usize,
        instruction: &Instruction,
        edited: bool,
        end: &mut End,
    ) {
        let suffix = if edited { EDITED } else { "" };
        let step = Step { stage, instruction: place, edited, ..Step::default() };
        match instruction {
            Instruction::Run(run) => self.run(run, step, end),
            Instruction::Copy(copy) => self.copy("COPY", copy, step, end),
            Instruction::Add(copy) => self.copy("ADD", copy, step, end),
            Instruction::Workdir(path) => {
                let mut words = Words::new(self.lexer, &end.settings);
                let path = words.text(path) + suffix;
                let expanded = words.used;
                end.settings.workdir = join_path(&end.settings.workdir, &path);
                if end.settings.workdir != "/" {
                    let definition = end.settings.workdir.clone() + self.epoch();
                    let user = Some(end.settings.user.clone());
                    let step = Step { keyword: "WORKDIR", definition, expanded, user, ..step };
                    self.push(step, end);
                }
            }
            Instruction::User(user) => {
                end.settings.user = Words::new(self.lexer, &end.settings).text(user) + suffix;
            }
            Instruction::Shell(shell) => end.settings.shell = shell_text(shell) + suffix,
            Instruction::Env(pairs) => {
                let mut words = Words::new(self.lexer, &end.settings);
                let pairs =
                    pairs.iter().map(|pair| (words.expand(&pair.name), words.expand(&pair.value) + suffix));
                let values: Vec<_> = pairs.collect();
                values.into_iter().for_each(|(name, value)| end.settings.set(&name, value));
            }
            Instruction::Arg(args) => {
                for arg in args {
                    let given = self.facts.build.build_args.get(&arg.name).cloned();
                    let default = arg
                        .default
                        .as_ref()
                        .map(|default| Words::new(self.lexer, &end.settings).expand(default) + suffix);
                    let global = || self.graph.global.value(&arg.name).map(str::to_owned);
                    let written = default.or_else(|| edited.then(|| EDITED.to_owned()));
                    if let Some(value) = given.or(written).or_else(global) {
                        end.settings.set(&arg.name, value);
                    }
                }
            }
            // The rest changes the image's configuration alone.
            _ => {}
        }
    }

    fn run(&mut self, run: &Run, step: Step, end: &mut End) {
        let mut words = Words::new(self.lexer, &end.settings);
        let mounts: Vec<(Mount, bool)> = run
            .mounts
            .iter()
            .filter_map(|written| {
                let is_counted = mount::check_unexpanded(&written.text).is_ok();
                let mount = mount::read(&written.text, |value| Ok(words.expand(value))).ok()?;
                Some((mount, is_counted))
            })
            .collect();
        let expanded = words.used;
        let (command, shell) = match &run.command {
            CommandLine::Exec(words) => (shell_text(words), None),
            CommandLine::Shell(text) => (text.clone(), Some(end.settings.shell.clone())),
        };
        let mut definition = command;
        let mut contents = Vec::new();
        for (mount, is_counted) in mounts {
            let Mount { kind, from, source, target, id, read_only, env } = &mount;
            let target = join_path(&end.settings.workdir, target);
            let id = if *kind == MountKind::Cache { "" } else { id };
            definition += &format!("\n{kind} {target} {read_only} {id} {env:?}");
            let dependency = if is_counted { self.dependency(step.instruction) } else { None };
            match (kind, dependency) {
                (MountKind::Bind, _) if from.is_empty() => {
                    contents.push(self.of_context(&[source], &[], false));
                }
                (_, Some(dependency)) if !from.is_empty() => {
                    contents.push(self.content(dependency, std::slice::from_ref(source)));
                }
                _ => {}
            }
        }
        for fence in [&run.network, &run.security].into_iter().flatten() {
            definition += &format!("\n{}", fence.text);
        }
        let settings = &end.settings;
        let step = Step {
            keyword: "RUN",
            forced: self.difference.no_cache,
            definition,
            expanded,
            environment: settings.variables.clone(),
            workdir: Some(settings.workdir.clone()),
            user: Some(settings.user.clone()),
            shell,
            contents,
            ..step
        };
        self.push(step, end);
    }

    fn copy(&mut self, keyword: &'static str, copy: &Copy, step: Step, end: &mut End) {
        let mut words = Words::new(self.lexer, &end.settings);
        let sources: Vec<String> = copy.sources.iter().map(|source| words.text(source)).collect();
        let destination = words.text(&copy.destination);
        let flags =
            [&copy.chown, &copy.chmod, &copy.checksum].map(|flag| flag.as_ref().map(|text| words.text(text)));
        let exclude: Vec<String> = copy.exclude.iter().map(|pattern| pattern.text.clone()).collect();
        let inline = copy.inline_files.iter().map(|file| {
            let content = if file.expand { words.body(&file.content) } else { file.content.clone() };
            (&file.name, content)
        });
        let files: Vec<_> = inline.collect();
        let definition = format!(
            "{sources:?} {destination} {flags:?} {exclude:?} {files:?} {:?}",
            (copy.link, copy.parents, copy.unpack, copy.keep_git_dir,)
        ) + self.epoch();
        let expanded = words.used;
        let is_relative = !destination.starts_with('/');
        let mut contents = Vec::new();
        if copy.from.is_some() {
            contents.extend(self.dependency(step.instruction).map(|source| self.content(source, &sources)));
        } else if !sources.is_empty() {
            let local: Vec<&String> = sources.iter().filter(|source| !is_remote(source)).collect();
            contents.push(self.of_context(&local, &exclude, copy.parents));
        }
        let step = Step {
            keyword,
            forced: self.difference.no_cache,
            linked: copy.link && copy.chmod.is_none(),
            definition,
            expanded,
            workdir: is_relative.then(|| end.settings.workdir.clone()),
            contents,
            ..step
        };
        self.push(step, end);
    }

    /// The time that files get, where one is given: a part of what is written.
    fn epoch(&self) -> &str {
        let given = self.facts.build.build_args.get("SOURCE_DATE_EPOCH").map(String::as_str);
        given.or_else(|| self.graph.global.value("SOURCE_DATE_EPOCH")).unwrap_or_default()
    }

    /// The next dependency of an instruction: they are found in the order in which they are used.
    fn dependency(&mut self, instruction: usize) -> Option<usize> {
        let used = self.used.entry(instruction).or_default();
        *used += 1;
        let all = self.graph.stages.iter().flat_map(|stage| &stage.dependencies);
        let own = all.filter(|dependency| dependency.instruction == instruction);
        own.map(|dependency| dependency.source).nth(*used - 1)
    }

    fn of_context(&self, sources: &[&String], exclude: &[String], parents: bool) -> Content {
        let sources: Vec<&str> = sources.iter().map(|source| source.as_str()).collect();
        let (effect, path) = self.difference.context.effect(&sources, exclude, parents);
        let changes = match effect {
            Effect::None => false,
            Effect::Possible => !self.difference.content_kept,
            Effect::Certain => true,
        };
        let of = ContentOf::Context { path, is_certain: effect == Effect::Certain };
        Content { of, key: hash(("context", changes)), step: None }
    }

    /// What is taken from a stage or an implicit image.
    fn content(&self, source: usize, paths: &[String]) -> Content {
        let Difference { content_kept, before, moved, .. } = self.difference;
        let Some(stage) = self.graph.stages.get(source) else {
            let implicit = self.graph.implicit.get(source - self.graph.stages.len());
            let name = match implicit.map(|implicit| &implicit.base) {
                Some(Base::Image(image)) => image.to_string(),
                Some(Base::Context(name)) => name.clone(),
                _ => String::new(),
            };
            let changes = *moved == Some(name.as_str()) && !content_kept;
            return Content { key: hash((&name, paths, changes)), of: ContentOf::Image(name), step: None };
        };
        let name = stage.display_name.clone();
        let end = self.plan.ends.get(source).and_then(Option::as_ref);
        let kept = before.filter(|_| *content_kept).and_then(|before| before.end_of(&name));
        let key = kept.or(end.map(|end| end.key)).unwrap_or_default();
        Content { of: ContentOf::Stage(name), key: hash((key, paths)), step: end.and_then(|end| end.step) }
    }

    fn push(&mut self, mut step: Step, end: &mut End) {
        let node = self.file.node(step.instruction);
        (step.line, step.written) = (node.line, node.folded());
        step.below = end.step;
        let contents: Vec<u64> = step.contents.iter().map(|content| content.key).collect();
        let own = (step.keyword, &step.definition, &step.environment, &step.workdir, &step.user, &step.shell);
        let without_cache = (step.edited, step.forced, step.moved);
        step.key = hash((own, contents, without_cache, if step.linked { 0 } else { end.key }));
        end.key = if step.linked { hash((end.key, step.key)) } else { step.key };
        end.step = Some(self.plan.steps.len());
        self.plan.steps.push(step);
    }
}

/// What a value is taken for when it is edited: another one.
const EDITED: &str = "-edited";

impl Settings {
    fn of(inherited: &[Assignment]) -> Self {
        let mut settings = Self { workdir: "/".to_owned(), ..Self::default() };
        for Assignment { kind, name, value, .. } in inherited {
            let value = value.clone().unwrap_or_default();
            match kind {
                Setting::Arg | Setting::Env => settings.set(name, value),
                Setting::Workdir => settings.workdir = value,
                Setting::User => settings.user = value,
                Setting::Shell => settings.shell = value,
            }
        }
        settings
    }

    /// The last writer stands last: the order is a part of a command's key.
    fn set(&mut self, name: &str, value: String) {
        self.variables.retain(|(own, _)| own != name);
        self.variables.push((name.to_owned(), value));
    }
}

impl Variables for Settings {
    fn value(&self, name: &str) -> Option<&str> {
        self.variables.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// Expands words and keeps which variables were used.
struct Words<'s> {
    lexer: Lexer,
    settings: &'s Settings,
    used: BTreeMap<String, String>,
}

impl<'s> Words<'s> {
    fn new(lexer: Lexer, settings: &'s Settings) -> Self {
        Self { lexer, settings, used: BTreeMap::new() }
    }

    fn text(&mut self, text: &Text) -> String {
        self.expand(&text.text)
    }

    fn expand(&mut self, word: &str) -> String {
        self.expand_with(self.lexer, word)
    }

    /// The body of a heredoc that is a file.
    fn body(&mut self, body: &str) -> String {
        self.expand_with(Lexer { ignore_quotes: true, ..Lexer::new('\\') }, body)
    }

    fn expand_with(&mut self, lexer: Lexer, word: &str) -> String {
        let Ok(expanded) = lexer.expand(word, self.settings) else { return word.to_owned() };
        for name in expanded.set {
            let value = self.settings.value(&name).unwrap_or_default().to_owned();
            self.used.insert(name, value);
        }
        expanded.text
    }
}

fn is_remote(source: &str) -> bool {
    ["http://", "https://", "git://", "ssh://", "git@"].iter().any(|start| source.starts_with(start))
}

/// The same number for the same content, in every run.
fn hash(content: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    hasher.finish()
}
