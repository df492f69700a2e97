//! What each FROM means: the stage above, an image, or nothing; and for which platform.

use super::context::named_context;
use super::scope::Scope;
use super::{Base, Graph, Stage};
use crate::diagnostic::Diagnostic;
use crate::dockerfile::file::StageLines;
use crate::dockerfile::{Dockerfile, Text};
use crate::facts::Facts;
use crate::image_ref::Platform;
use crate::suggest::did_you_mean;
use crate::syntax::expansion::Lexer;

/// Adds every stage of the file, with its base and its platform.
pub(super) fn add_stages(graph: &mut Graph, file: &Dockerfile<'_>, facts: &Facts) {
    for (index, lines) in file.stages.iter().enumerate() {
        let (mut stage, problems) = read_stage(file, lines, index, graph);
        graph.fatal.extend(problems);
        if !stage.name.is_empty()
            && let Some(context) = named_context(&facts.build, &stage.name, &stage.platform)
        {
            (stage.base, stage.replaced) = (context, true);
        }
        if !stage.name.is_empty() {
            graph.names.insert(stage.name.clone(), index);
        }
        graph.stages.push(stage);
    }
}

fn read_stage(
    file: &Dockerfile<'_>,
    lines: &StageLines,
    index: usize,
    graph: &Graph,
) -> (Stage, Option<Diagnostic>) {
    let mut stage = Stage {
        name: String::new(),
        display_name: format!("stage-{index}"),
        base: Base::Invalid,
        platform: graph.platform.clone(),
        replaced: false,
        triggers: Vec::new(),
        dependencies: Vec::new(),
        scope: Scope::default(),
        trace: super::Trace::default(),
        error: None,
    };
    let Some(from) = file.from(lines) else { return (stage, None) };
    if let Some(name) = &from.name {
        stage.name = name.text.to_ascii_lowercase();
        stage.display_name.clone_from(&stage.name);
    }
    let reader = FromReader { file, global: &graph.global, line: file.node(lines.from).line };
    let mut problem = None;
    match reader.base(&from.base) {
        Ok(base) if base == "scratch" && !graph.names.contains_key("scratch") => stage.base = Base::Scratch,
        Ok(base) => {
            stage.base =
                graph.names.get(&base).map_or_else(|| super::sources::image(&base), |at| Base::Stage(*at))
        }
        Err(error) => problem = Some(error),
    }
    match from.platform.as_ref().map(|platform| reader.platform(platform)) {
        Some(Ok(platform)) => stage.platform = platform,
        Some(Err(error)) => problem = problem.or(Some(error)),
        None => {}
    }
    // A stage that starts from a stage is built for what that one is built for.
    if let Base::Stage(base) = stage.base {
        stage.platform = graph.stages[base].platform.clone();
    } else if stage.base == Base::Scratch {
        stage.platform = graph.platform.clone();
    }
    (stage, problem)
}

struct FromReader<'r> {
    file: &'r Dockerfile<'r>,
    global: &'r Scope,
    line: usize,
}

impl FromReader<'_> {
    fn base(&self, written: &Text) -> Result<String, Diagnostic> {
        let (base, unset) = self.expand(written)?;
        if !base.is_empty() {
            return Ok(base);
        }
        let message = format!("`{}` leaves the base image blank", written.text);
        Err(self.explain_unset(self.error("blank-base", written, message), &unset))
    }

    fn platform(&self, written: &Text) -> Result<Platform, Diagnostic> {
        let (platform, unset) = self.expand(written)?;
        if platform.is_empty() {
            let message = format!("`{}` leaves the platform blank", written.text);
            return Err(self.explain_unset(self.error("invalid-platform", written, message), &unset));
        }
        Platform::parse(&platform).map_err(|error| {
            self.explain_unset(self.error("invalid-platform", written, error.to_string()), &unset)
        })
    }

    fn expand(&self, written: &Text) -> Result<(String, Vec<String>), Diagnostic> {
        let expanded = Lexer::new(self.file.parse.directives.escape).expand(&written.text, self.global);
        expanded
            .map(|expanded| (expanded.text, expanded.unset))
            .map_err(|error| self.error("expansion", written, error.to_string()))
    }

    fn error(&self, rule: &'static str, written: &Text, message: String) -> Diagnostic {
        Diagnostic::error(rule, self.line, written.range, message)
    }

    fn explain_unset(&self, error: Diagnostic, unset: &[String]) -> Diagnostic {
        unset.iter().fold(error, |error, name| {
            let note = did_you_mean(name, self.global.names());
            error.note(note.unwrap_or_else(|| {
                format!("Give `ARG {name}=default` above the first FROM, or --build-arg {name}=value.")
            }))
        })
    }
}
