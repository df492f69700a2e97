//! What COPY --from, mounts and triggers take from where.

use super::{Base, Dependency, EdgeKind, Graph, Implicit};
use crate::diagnostic::Diagnostic;
use crate::dockerfile::{Dockerfile, Instruction, mount};
use crate::facts::Facts;
use crate::image_ref::ImageRef;
use crate::suggest::did_you_mean;
use crate::syntax::expansion::{Lexer, NoVariables};
use crate::text::Range;

/// What a name that is no stage means.
pub(super) fn image(name: &str) -> Base {
    match ImageRef::parse(name) {
        _ if name == "scratch" => Base::Scratch,
        Ok(image) => Base::Image(image),
        Err(_) => Base::Invalid,
    }
}

/// Finds what every stage takes, in the order of the text: the order gives implicit images their numbers.
pub(super) fn add_dependencies(graph: &mut Graph, file: &Dockerfile<'_>) {
    for stage in 0..graph.stages.len() {
        let runs = !graph.stages[stage].replaced;
        for &index in file.stages[stage].steps.iter().filter(|_| runs) {
            let Some(instruction) = &file.instructions[index] else { continue };
            let node = file.node(index);
            let place = Place { instruction: index, line: node.line, range: node.arguments_range() };
            match dependencies(graph, file.parse.directives.escape, instruction, place) {
                Ok(found) => graph.stages[stage].dependencies.extend(found),
                Err(error) => graph.fatal.push(error),
            }
        }
    }
}

/// Adds the triggers that each stage gets from its base: from the image's configuration, or from the stage.
pub(super) fn add_triggers(graph: &mut Graph, file: &Dockerfile<'_>, facts: &Facts) {
    for stage in 0..graph.stages.len() {
        let from = file.stages[stage].from;
        let node = file.node(from);
        for trigger in triggers_of(graph, file, facts, stage) {
            let place = Place { instruction: from, line: node.line, range: node.arguments_range() };
            match read_trigger(&trigger, &place).and_then(|instruction| {
                let found = dependencies(graph, '\\', &instruction, place)?;
                Ok((instruction, found))
            }) {
                Ok((instruction, found)) => {
                    graph.stages[stage].dependencies.extend(found);
                    graph.stages[stage].triggers.push(instruction);
                }
                Err(error) => {
                    graph.stages[stage].error.get_or_insert(error);
                }
            }
        }
    }
}

fn triggers_of(graph: &Graph, file: &Dockerfile<'_>, facts: &Facts, stage: usize) -> Vec<String> {
    match &graph.stages[stage].base {
        Base::Stage(base) => file.stages[*base]
            .steps
            .iter()
            .filter_map(|step| match &file.instructions[*step] {
                Some(Instruction::Onbuild(onbuild)) => Some(onbuild.trigger.clone()),
                _ => None,
            })
            .collect(),
        Base::Image(image) => {
            let fact = facts.image_of(image, &graph.stages[stage].platform);
            fact.map(|fact| fact.config.onbuild.clone()).unwrap_or_default()
        }
        Base::Scratch | Base::Context(_) | Base::Invalid => Vec::new(),
    }
}

fn read_trigger(trigger: &str, place: &Place) -> Result<Instruction, Diagnostic> {
    let file = Dockerfile::read(trigger);
    let refused = |message: String| {
        let message = format!("the base's ONBUILD `{trigger}` cannot be run: {message}");
        Diagnostic::error("invalid-trigger", place.line, place.range, message)
    };
    match file.instructions.into_iter().next() {
        Some(Some(instruction)) if file.parse.nodes.len() == 1 => Ok(instruction),
        Some(Some(_)) => Err(refused("it is more than one instruction".to_owned())),
        _ => Err(refused(file.errors.first().map(|error| error.message.clone()).unwrap_or_default())),
    }
}

/// Where an instruction stands.
#[derive(Clone, Copy)]
struct Place {
    instruction: usize,
    line: usize,
    range: Range,
}

impl Place {
    fn dependency(self, source: usize, kind: EdgeKind, shown: bool) -> Dependency {
        Dependency { source, kind, shown, instruction: self.instruction, line: self.line, range: self.range }
    }
}

fn dependencies(
    graph: &mut Graph,
    escape: char,
    instruction: &Instruction,
    place: Place,
) -> Result<Vec<Dependency>, Diagnostic> {
    match instruction {
        Instruction::Copy(copy) => {
            let Some(from) = &copy.from else { return Ok(Vec::new()) };
            let place = Place { range: from.range, ..place };
            let source = copy_source(graph, escape, &from.text, place)?;
            Ok(vec![place.dependency(source, EdgeKind::Copy, true)])
        }
        Instruction::Run(run) => Ok(run
            .mounts
            .iter()
            .filter_map(|mount| {
                let place = Place { range: mount.range, ..place };
                let from = mount::check_unexpanded(&mount.text).ok()?;
                // A mount without a source looks for a stage named `scratch`, and is nothing without one.
                let name = if from.is_empty() { "scratch" } else { &from };
                Some(place.dependency(named_source(graph, name), EdgeKind::Mount, !from.is_empty()))
            })
            .collect()),
        _ => Ok(Vec::new()),
    }
}

fn copy_source(graph: &mut Graph, escape: char, from: &str, place: Place) -> Result<usize, Diagnostic> {
    let error = |rule, message: String| Diagnostic::error(rule, place.line, place.range, message);
    let expanded = Lexer::new(escape).expand(from, &NoVariables);
    if expanded.map_err(|problem| error("expansion", problem.to_string()))?.text != from {
        let note = format!("Put `FROM {from} AS other` above this stage and write `--from=other`.");
        return Err(error("variable-in-from", "--from takes no variables".to_owned()).note(note));
    }
    match from.parse::<i64>() {
        Err(_) => Ok(named_source(graph, from)),
        Ok(number) => {
            let count = graph.stages.len() + graph.implicit.len();
            usize::try_from(number).ok().filter(|number| *number < count).ok_or_else(|| {
                let note = format!("There are {count}, counted from 0; a name is easier to keep right.");
                error("invalid-stage-index", format!("there is no stage number {number}")).note(note)
            })
        }
    }
}

/// The stage of that name, the last one of several; else an image, new in the space of numbers.
fn named_source(graph: &mut Graph, name: &str) -> usize {
    let wanted = name.to_ascii_lowercase();
    if let Some(stage) = graph.names.get(&wanted) {
        return *stage;
    }
    graph.implicit.push(Implicit { base: image(name) });
    graph.stages.len() + graph.implicit.len() - 1
}

/// What to write instead of a name that no image has.
fn lower_case_note(name: &str) -> String {
    let tag = name.rfind([':', '@']).filter(|at| !name[*at..].contains('/')).unwrap_or(name.len());
    let lower = format!("{}{}", name[..tag].to_ascii_lowercase(), &name[tag..]);
    match ImageRef::parse(&lower) {
        Ok(_) => format!("Names of images are in lower case: did you mean `{lower}`?"),
        Err(_) => "Names of images are in lower case: registry/name:tag.".to_owned(),
    }
}

/// An image name that cannot be one stops every target, whether it is needed or not.
pub(super) fn refuse_invalid_images(graph: &mut Graph, file: &Dockerfile<'_>) {
    let mut problems = Vec::new();
    for (stage, lines) in graph.stages.iter().zip(&file.stages) {
        let line = file.node(lines.from).line;
        if let (Base::Invalid, Some(from)) = (&stage.base, file.from(lines)) {
            let known = graph.fatal.iter().any(|problem| problem.line == line);
            if !known {
                let names =
                    graph.stages.iter().map(|stage| stage.name.as_str()).filter(|name| !name.is_empty());
                let message = format!("`{}` is no name of an image", from.base.text);
                let error = Diagnostic::error("invalid-image-name", line, from.base.range, message);
                problems.push(match did_you_mean(&from.base.text, names) {
                    Some(note) => error.note(note),
                    None => error.note(lower_case_note(&from.base.text)),
                });
            }
        }
        for dependency in &stage.dependencies {
            let implicit = dependency.source.checked_sub(graph.stages.len()).map(|at| &graph.implicit[at]);
            if implicit.is_some_and(|implicit| implicit.base == Base::Invalid) {
                let message = "what it takes from is neither a stage nor the name of an image";
                problems.push(Diagnostic::error(
                    "invalid-image-name",
                    dependency.line,
                    dependency.range,
                    message,
                ));
            }
        }
    }
    graph.fatal.extend(problems);
}
