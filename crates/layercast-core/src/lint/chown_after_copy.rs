//! chown -R of what a layer below holds.

use super::commands::Call;
use super::{Context, Explanation, Rule, Severity, Sink};
use crate::dockerfile::Instruction;
use crate::graph::scope::join_path;

pub(super) static RULE: Rule = Rule {
    name: "chown-after-copy",
    buildkit: None,
    hadolint: &[],
    severity: Severity::Warning,
    experimental: false,
    explanation: Explanation {
        what: "`chown -R` or `chmod -R` goes over files that an earlier COPY or ADD of the shipped image laid down.",
        why: "Every file it touches is stored whole once more, even if nothing changes: they weigh twice.",
        example: "FROM node:24\nCOPY . /app\nRUN chown -R node /app\n",
        instead: "FROM node:24\nCOPY --chown=node . /app\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    let mut held: Vec<(usize, String)> = Vec::new();
    for (stage, index, instruction) in context.laid_down() {
        // Looked up where it matters alone: of thousands of ENV lines each would go through all above it.
        let workdir = || context.workdir_at(stage, index);
        match instruction {
            Instruction::Copy(copy) | Instruction::Add(copy) if !copy.destination.text.contains('$') => {
                held.push((index, join_path(&workdir(), &copy.destination.text)));
            }
            Instruction::Run(_) => {
                let calls = context.calls(index);
                if !calls.iter().any(|call| matches!(call.program.as_str(), "chown" | "chmod")) {
                    continue;
                }
                let workdir = workdir();
                let moves_about = calls.iter().any(|call| call.program == "cd");
                let touches = |call| {
                    let (word, from) = touched(call, &workdir, moves_about, &held)?;
                    Some((call, word, from))
                };
                if let Some((call, word, from)) = calls.iter().find_map(touches) {
                    report(context, sink, index, call, word, from);
                }
            }
            _ => {}
        }
    }
}

fn report(context: &Context<'_>, sink: &mut Sink<'_>, index: usize, call: &Call, word: &str, from: usize) {
    let line = context.node(from).line;
    let range = call.range().unwrap_or_else(|| context.node(index).arguments_range());
    let message = format!("what line {line} copied is stored once more by {} -R {word}", call.program);
    let mut notes = vec![format!("Say it while copying: COPY --{}=…", call.program)];
    notes.extend(context.shipping_note());
    sink.report_with(index, range, message, notes, None);
}

/// The first path that a call goes over and that holds what a layer below laid down, with the instruction that did.
fn touched<'c>(
    call: &'c Call,
    workdir: &str,
    moves_about: bool,
    held: &[(usize, String)],
) -> Option<(&'c str, usize)> {
    let is_short = |word: &str| word.starts_with('-') && !word.starts_with("--");
    let is_recursive = |word: &String| word == "--recursive" || (is_short(word) && word.contains('R'));
    let goes_deep =
        matches!(call.program.as_str(), "chown" | "chmod") && call.arguments.iter().any(is_recursive);
    if !goes_deep {
        return None;
    }
    // The first word is the owner or the mode.
    let words = call.arguments.iter().filter(|word| !word.starts_with('-')).skip(1);
    let is_known =
        |word: &&String| !word.contains(['$', '*', '`', '~']) && (word.starts_with('/') || !moves_about);
    words.filter(is_known).find_map(|word| {
        let path = join_path(workdir, word);
        let lies_in = |copied: &str| {
            copied.strip_prefix(&path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let (from, _) = held.iter().find(|(_, copied)| path.len() > 1 && lies_in(copied))?;
        Some((word.as_str(), *from))
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::check_rule;

    #[test]
    fn changing_the_owner_copies() {
        let message = "3: what line 2 copied is stored once more by chown -R /app";
        check_rule(&RULE, "FROM a\nCOPY . /app/src\nRUN chown -R b:b /app", &[message]);
        check_rule(
            &RULE,
            "FROM a\nWORKDIR /app\nCOPY . .\nRUN chmod -R 755 .",
            &["4: what line 3 copied is stored once more by chmod -R ."],
        );
    }

    #[test]
    fn other_folders_single_files_and_builders_are_fine() {
        check_rule(&RULE, "FROM a\nCOPY b /app\nRUN chown -R c /data && chmod +x /app/b", &[]);
        check_rule(
            &RULE,
            "FROM a AS b\nCOPY . /app\nRUN chown -R c /app\nFROM d\nCOPY --from=b /app /app",
            &[],
        );
    }
}
