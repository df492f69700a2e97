//! A comment behind an instruction, where it is none.

use super::{Context, Explanation, Rule, Severity, Sink};
use crate::diagnostic::{Edit, Fix};
use crate::dockerfile::Instruction;
use crate::syntax::Node;
use crate::syntax::words::{MaybeJson, parse_json};
use crate::text::Range;

pub(super) static RULE: Rule = Rule {
    name: "comment-behind-instruction",
    buildkit: None,
    hadolint: &[],
    severity: Severity::Warning,
    experimental: false,
    explanation: Explanation {
        what: "`#` and words stand behind an instruction on its line.",
        why: "A comment needs a line of its own: here its words become files to copy, ports, a part of the path, or undo the JSON form.",
        example: "FROM alpine:3.22\nCOPY . /app # all sources\n",
        instead: "FROM alpine:3.22\n# all sources\nCOPY . /app\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    for (index, instruction) in context.visited_steps() {
        let node = context.node(index);
        let Some(place) = comment(node.arguments(), instruction) else { continue };
        let place = Range::new(node.arguments.start + place, node.arguments.end);
        let range = node.text.source_range(place);
        let keyword = node.keyword().to_ascii_uppercase();
        let message = match instruction {
            Instruction::Copy(_) | Instruction::Add(_) => {
                format!("{keyword} takes the comment for paths: its last word is where the files go")
            }
            Instruction::Cmd(_) | Instruction::Entrypoint(_) | Instruction::Run(_) => {
                format!("the comment undoes the JSON form of {keyword}: a shell is given `[…]` to run")
            }
            _ => format!("{keyword} takes the comment for a part of what it is given"),
        };
        let notes = vec!["Put the comment on a line of its own, above.".to_owned()];
        sink.report_with(index, range, message, notes, fix(context, node, range));
    }
}

/// Where a comment begins in the arguments.
fn comment(arguments: &str, instruction: &Instruction) -> Option<usize> {
    let is_json = |text: &str| text.starts_with('[') && matches!(parse_json(text), MaybeJson::Strings(_));
    if is_json(arguments) {
        return None;
    }
    let starts = arguments.match_indices('#').map(|(at, _)| at);
    let mut starts = starts.filter(|at| arguments[..*at].ends_with([' ', '\t']));
    match instruction {
        Instruction::Copy(copy) | Instruction::Add(copy) if copy.inline_files.is_empty() => {
            // Two words before it, or it is the name of a file.
            starts.find(|at| arguments[..*at].split_whitespace().count() > 1)
        }
        Instruction::Workdir(_)
        | Instruction::User(_)
        | Instruction::Volume(_)
        | Instruction::Expose(_)
        | Instruction::Arg(_)
        | Instruction::Stopsignal(_) => starts.find(|at| !arguments[..*at].contains(['"', '\''])),
        Instruction::Env(pairs) if pairs.iter().any(|pair| pair.legacy) => {
            let is_comment =
                |at: &usize| arguments[*at..].starts_with("# ") && !arguments[..*at].contains(['"', '\'']);
            starts.find(|at| is_comment(at) && arguments[..*at].split_whitespace().count() > 1)
        }
        Instruction::Cmd(_) | Instruction::Entrypoint(_) | Instruction::Run(_) => {
            starts.find(|at| is_json(arguments[..*at].trim_end()))
        }
        _ => None,
    }
}

/// Moves the comment above, where it stands in one piece.
fn fix(context: &Context<'_>, node: &Node<'_>, comment: Range) -> Option<Fix> {
    let source = context.file.parse.source;
    let text = comment.of(source);
    if text.contains('\n') || !node.heredocs.is_empty() {
        return None;
    }
    let line = context.file.parse.lines.range(node.line);
    let indent = source.get(line.start..node.range.start)?;
    let start = source.get(..comment.start)?.trim_end_matches([' ', '\t']).len();
    let above = Edit {
        range: Range::new(node.range.start, node.range.start),
        text: format!("{}\n{indent}", text.trim_end()),
    };
    let behind = Edit { range: Range::new(start, comment.end), text: String::new() };
    Some(Fix { title: "Move the comment above".to_owned(), edits: vec![above, behind] })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::{check_fix, check_rule};

    #[test]
    fn a_comment_behind_becomes_arguments() {
        let copy = "2: COPY takes the comment for paths: its last word is where the files go";
        check_rule(&RULE, "FROM a\nCOPY . . # only this layer rebuilds", &[copy]);
        check_fix(
            &RULE,
            "FROM a\n  COPY . .  # only this layer\nRUN b",
            "FROM a\n  # only this layer\n  COPY . .\nRUN b",
        );
        let workdir = "2: WORKDIR takes the comment for a part of what it is given";
        check_rule(&RULE, "FROM a\nWORKDIR /app # here", &[workdir]);
        check_fix(&RULE, "FROM a\nENV A b # c", "FROM a\n# c\nENV A b");
        let cmd = "2: the comment undoes the JSON form of CMD: a shell is given `[…]` to run";
        check_rule(&RULE, "FROM a\nCMD [\"b\"] # c", &[cmd]);
        check_fix(&RULE, "FROM a\nCMD [\"b\"] # c", "FROM a\n# c\nCMD [\"b\"]");
    }

    #[test]
    fn where_a_shell_reads_comments_or_no_comment_stands() {
        check_rule(&RULE, "FROM a\nRUN b # c\nCMD b # c\nCOPY a#b #c /d\nENV A=\"b # c\"", &[]);
        check_rule(&RULE, "FROM a\nENV A \"b # c\"\nCOPY [\"a # b\", \"c\"]", &[]);
        check_rule(&RULE, "FROM a\nCOPY a \\\n  # why\n  /b", &[]);
    }
}
