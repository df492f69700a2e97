//! COPY of a path that only an earlier stage has.

use super::{Context, Explanation, Rule, Severity, Sink};
use crate::diagnostic::{Edit, Fix};
use crate::dockerfile::Instruction;
use crate::dockerfile::command_line::CommandLine;
use crate::dockerfile::copy::Copy;
use crate::graph::scope::{Setting, join_path};
use crate::text::Range;

pub(super) static RULE: Rule = Rule {
    name: "copy-without-from",
    buildkit: None,
    hadolint: &[],
    severity: Severity::Warning,
    experimental: false,
    explanation: Explanation {
        what: "COPY names a path that an earlier stage made, without --from.",
        why: "Without --from, a path is looked for in the build context, even if it begins with `/`: the build fails, or copies something else.",
        example: "FROM golang:1.25 AS build\nWORKDIR /app\nCOPY . .\nRUN go build -o server\nFROM scratch\nCOPY /app/server /server\n",
        instead: "FROM golang:1.25 AS build\nWORKDIR /app\nCOPY . .\nRUN go build -o server\nFROM scratch\nCOPY --from=build /app/server /server\n",
    },
    check,
};

/// Files that images have and contexts hardly ever.
const OF_IMAGES: [&str; 8] = [
    "/etc/ssl/certs/",
    "/etc/passwd",
    "/etc/group",
    "/usr/share/zoneinfo",
    "/usr/local/go/",
    "/go/bin/",
    "/root/.local",
    "/lib/ld-",
];

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    for (stage, _) in context.visited_stages().filter(|(stage, found)| *stage > 0 && !found.replaced) {
        for (index, instruction) in context.steps(stage) {
            let Instruction::Copy(copy) = instruction else { continue };
            let Some((source, made_by)) = first_foreign(context, stage, copy) else { continue };
            let named = |stage: &usize| format!("`{}`", context.graph.stages[*stage].display_name);
            let names: Vec<String> = made_by.iter().map(named).collect();
            let message = format!(
                "`{}` is looked for in the build context, not in stage {}",
                source.text,
                names.join(" or ")
            );
            let all = copy.sources.iter().all(|source| source.text.starts_with('/'));
            let fix = match made_by[..] {
                [only] if all => fix(context, index, only),
                _ => None,
            };
            let notes = vec!["Say where it comes from: COPY --from=stage.".to_owned()];
            sink.report_with(index, source.range, message, notes, fix);
        }
    }
}

/// The first source that some earlier stage has and the context likely not, with the stages that have it.
fn first_foreign<'c>(
    context: &Context<'_>,
    stage: usize,
    copy: &'c Copy,
) -> Option<(&'c crate::dockerfile::Text, Vec<usize>)> {
    if copy.from.is_some() {
        return None;
    }
    copy.sources.iter().find_map(|source| {
        let path = source.text.as_str();
        if !path.starts_with('/') || path.len() < 2 || in_context(context, path) {
            return None;
        }
        let made_by = made_by(context, stage, path);
        (!made_by.is_empty()).then_some((source, made_by))
    })
}

/// True where another COPY shows that the context has a folder of that name.
fn in_context(context: &Context<'_>, path: &str) -> bool {
    let first = first_part(path);
    let takes = |source: &str, own: bool| {
        let source = source.trim_start_matches("./");
        first_part(source) == first && (!source.starts_with('/') || own)
    };
    (0..context.graph.stages.len()).any(|stage| {
        context.steps(stage).any(|(_, instruction)| match instruction {
            // In the first stage there is nothing that an absolute path could be meant for but the context.
            Instruction::Copy(copy) | Instruction::Add(copy) if copy.from.is_none() => {
                copy.sources.iter().any(|source| takes(&source.text, stage == 0))
            }
            _ => false,
        })
    })
}

fn first_part(path: &str) -> &str {
    path.trim_start_matches('/').split('/').next().unwrap_or_default()
}

/// The earlier stages that a path may come from: of those that say its very name, else of those that work in a
/// folder above it, the ones that no other of them stands on.
fn made_by(context: &Context<'_>, stage: usize, path: &str) -> Vec<usize> {
    let own = context.chain(stage);
    let others: Vec<usize> =
        (0..stage).filter(|other| !own.contains(other) && !context.graph.stages[*other].replaced).collect();
    let having = |has: &dyn Fn(usize) -> bool| -> Vec<usize> {
        let having: Vec<usize> = others.iter().copied().filter(|other| has(*other)).collect();
        let is_below = |other: &usize| {
            having.iter().any(|above| above != other && context.chain(*above).contains(other))
        };
        having.iter().copied().filter(|other| !is_below(other)).collect()
    };
    let named = having(&|other| names(context, other, path));
    if !named.is_empty() {
        return named;
    }
    let above = having(&|other| works_above(context, other, path));
    if !above.is_empty() {
        return above;
    }
    let is_of_images = OF_IMAGES.iter().any(|known| path.starts_with(known));
    if is_of_images { having(&|_| true) } else { Vec::new() }
}

/// True where a stage makes the path by name: as the destination of a COPY, or somewhere in a RUN.
fn names(context: &Context<'_>, stage: usize, path: &str) -> bool {
    let path = path.split(['*', '?', '[', '$']).next().unwrap_or_default().trim_end_matches('/');
    if path.len() < 2 {
        return false;
    }
    context.steps(stage).any(|(_, instruction)| match instruction {
        Instruction::Copy(copy) => copy.destination.text.trim_end_matches('/') == path,
        Instruction::Run(run) => match &run.command {
            CommandLine::Shell(text) => mentions(text, path),
            CommandLine::Exec(words) => words.iter().any(|word| mentions(word, path)),
        },
        _ => false,
    })
}

/// True where a text holds a path as a whole.
fn mentions(text: &str, path: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || "._-/$}".contains(character);
    text.match_indices(path).any(|(at, _)| {
        let before = text[..at].chars().next_back().is_none_or(|character| !is_part(character));
        let after = text[at + path.len()..].chars().next();
        before && after.is_none_or(|character| character == '/' || !is_part(character))
    })
}

/// True where the path lies below a working directory of the stage or below a folder that it copies to.
fn works_above(context: &Context<'_>, stage: usize, path: &str) -> bool {
    let lies_below = |folder: &str| {
        folder.len() > 1
            && path.strip_prefix(folder).is_some_and(|rest| rest.len() > 1 && rest.starts_with('/'))
    };
    context.chain(stage).into_iter().any(|below| {
        let assigned = &context.graph.stages[below].trace.assigned;
        let mut workdirs = assigned.iter().filter(|(_, assignment)| assignment.kind == Setting::Workdir);
        let in_workdir = workdirs.any(|(_, workdir)| workdir.value.as_deref().is_some_and(lies_below));
        in_workdir
            || context.steps(below).any(|(_, instruction)| match instruction {
                Instruction::Copy(copy) => {
                    lies_below(&join_path("/", &copy.destination.text))
                        && copy.destination.text.starts_with('/')
                }
                _ => false,
            })
    })
}

fn fix(context: &Context<'_>, index: usize, stage: usize) -> Option<Fix> {
    let found = &context.graph.stages[stage];
    let name = if found.name.is_empty() { stage.to_string() } else { found.name.clone() };
    let end = context.node(index).keyword_range().end;
    let edit = Edit { range: Range::new(end, end), text: format!(" --from={name}") };
    Some(Fix { title: format!("Copy from stage {}", found.display_name), edits: vec![edit] })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::{check_fix, check_rule};

    const BUILD: &str = "FROM a AS build\nWORKDIR /app\nRUN make\nFROM b\n";

    #[test]
    fn a_path_of_a_working_directory_is_the_stages() {
        let source = format!("{BUILD}COPY /app/server /app/");
        check_rule(
            &RULE,
            &source,
            &["5: `/app/server` is looked for in the build context, not in stage `build`"],
        );
        check_fix(&RULE, &source, &format!("{BUILD}COPY --from=build /app/server /app/"));
    }

    #[test]
    fn the_stage_that_says_the_path_is_meant() {
        let source = "FROM a AS jre\nRUN jlink --output /javaruntime\nFROM b AS c\nWORKDIR /x\nFROM d\nCOPY /javaruntime /opt";
        let message = "6: `/javaruntime` is looked for in the build context, not in stage `jre`";
        check_rule(&RULE, source, &[message]);
    }

    #[test]
    fn certificates_come_from_an_image() {
        let source =
            "FROM a\nRUN make\nFROM scratch\nCOPY /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/";
        let message = "4: `/etc/ssl/certs/ca-certificates.crt` is looked for in the build context, not in stage `stage-0`";
        check_rule(&RULE, source, &[message]);
    }

    #[test]
    fn a_folder_of_the_context_may_be_written_with_a_slash() {
        check_rule(&RULE, "FROM a\nWORKDIR /app\nCOPY app/x .\nFROM b\nCOPY /app/server /app/", &[]);
        check_rule(&RULE, "FROM a\nCOPY /app/x /app\nFROM b\nCOPY /app/server /app/", &[]);
        check_rule(&RULE, &format!("{BUILD}COPY --from=build /app/server /app/\nCOPY app /x"), &[]);
    }
}
