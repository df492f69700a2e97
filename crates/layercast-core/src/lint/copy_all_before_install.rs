//! The whole context copied before what a program depends on is installed.

use super::dependencies::{self, Fetch};
use super::{Context, Explanation, Rule, Severity, Sink};
use crate::dockerfile::Instruction;
use crate::dockerfile::copy::Copy;

pub(super) static RULE: Rule = Rule {
    name: "copy-all-before-install",
    buildkit: None,
    hadolint: &[],
    severity: Severity::Warning,
    experimental: false,
    explanation: Explanation {
        what: "`COPY . .` stands above the installation of dependencies.",
        why: "Every change of any file then installs them all again. Copied first and alone, their lists keep the step in the cache.",
        example: "FROM node:24\nWORKDIR /app\nCOPY . .\nRUN npm ci\n",
        instead: "FROM node:24\nWORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci\nCOPY . .\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    for (stage, _) in context.visited_stages().filter(|(_, stage)| !stage.replaced) {
        let mut installed = installed_below(context, stage);
        let mut whole = None;
        for (index, instruction) in context.steps(stage) {
            match instruction {
                Instruction::Copy(copy) | Instruction::Add(copy) if takes_all(copy) => whole = Some(index),
                Instruction::Run(_) => {
                    let fetched = fetches(context, index);
                    let again = fetched.iter().find(|fetch| !installed.contains(&fetch.tool));
                    if let (Some(copied), Some(fetch)) = (whole, again) {
                        report(context, sink, copied, index, *fetch);
                        break;
                    }
                    installed.extend(
                        fetched.iter().filter(|fetch| !fetch.reads.is_empty()).map(|fetch| fetch.tool),
                    );
                }
                _ => {}
            }
        }
    }
}

fn report(context: &Context<'_>, sink: &mut Sink<'_>, copied: usize, run: usize, fetch: Fetch) {
    let line = context.node(run).line;
    let range = context.node(copied).arguments_range();
    let message = format!("every change of the sources runs {} of line {line} again", fetch.tool);
    let note = match fetch.reads {
        "" => format!("Move line {line} above: it needs nothing of the sources."),
        reads => format!("Copy {reads} first, install, then copy the rest."),
    };
    sink.report_with(copied, range, message, vec![note], None);
}

/// The tools that have fetched from lists already in the stages below.
fn installed_below(context: &Context<'_>, stage: usize) -> Vec<&'static str> {
    let below = context.chain(stage).into_iter().filter(|below| *below != stage);
    let steps = below.flat_map(|below| context.steps(below));
    steps
        .flat_map(|(index, _)| fetches(context, index))
        .filter(|fetch| !fetch.reads.is_empty())
        .map(|fetch| fetch.tool)
        .collect()
}

fn fetches(context: &Context<'_>, run: usize) -> Vec<Fetch> {
    context.calls(run).iter().filter_map(dependencies::fetch).collect()
}

fn takes_all(copy: &Copy) -> bool {
    let is_all = |path: &str| matches!(path, "." | "./" | "/" | "*" | "./*");
    copy.from.is_none() && copy.exclude.is_empty() && copy.sources.iter().any(|source| is_all(&source.text))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::check_rule;

    #[test]
    fn sources_come_after_what_they_depend_on() {
        check_rule(
            &RULE,
            "FROM a\nCOPY . .\nRUN npm ci && npm run build",
            &["2: every change of the sources runs npm of line 3 again"],
        );
        check_rule(
            &RULE,
            "FROM a\nADD . /app\nRUN apt-get update && apt-get install -y curl",
            &["2: every change of the sources runs apt of line 3 again"],
        );
    }

    #[test]
    fn lists_first_or_sources_needed() {
        check_rule(&RULE, "FROM a\nCOPY package.json .\nRUN npm ci\nCOPY . .\nRUN npm install", &[]);
        check_rule(&RULE, "FROM a\nCOPY . .\nRUN pip install . && go build ./...", &[]);
        check_rule(&RULE, "FROM a\nCOPY . .\nRUN cat packages | xargs apt-get install -y", &[]);
        check_rule(&RULE, "FROM a AS deps\nRUN npm ci\nFROM deps\nCOPY . .\nRUN npm ci", &[]);
    }
}
