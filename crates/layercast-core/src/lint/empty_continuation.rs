//! A blank line inside a continued instruction.

use super::{Context, Explanation, Rule, Severity, Sink};
use crate::diagnostic::{Edit, Fix};
use crate::syntax::Node;
use crate::text::Range;

pub(super) static RULE: Rule = Rule {
    name: "empty-continuation",
    buildkit: Some("NoEmptyContinuation"),
    hadolint: &[],
    severity: Severity::Warning,
    experimental: false,
    explanation: Explanation {
        what: "A blank line stands inside an instruction that goes on over several lines.",
        why: "The instruction goes on behind the blank line, against what the eye reads; it was meant to become an error.",
        example: "FROM alpine\nRUN echo one && \\\n\n    echo two\n",
        instead: "FROM alpine\nRUN echo one && \\\n    echo two\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    for (index, node) in context.file.parse.nodes.iter().enumerate() {
        let Some(last) = node.empty_continuation else { continue };
        let blank = blank_lines(context, node, last);
        let range = blank.first().copied().unwrap_or(node.keyword_range());
        let edits = blank.into_iter().map(|range| Edit { range, text: String::new() }).collect();
        let fix = Fix { title: "Delete the blank lines".to_owned(), edits };
        let message = "a blank line stands inside a continued instruction".to_owned();
        sink.report_at_line(index, last, range, message, Vec::new(), Some(fix));
    }
}

fn blank_lines(context: &Context<'_>, node: &Node<'_>, last: usize) -> Vec<Range> {
    let parse = &context.file.parse;
    let lines = (node.line..=last).map(|line| parse.lines.range(line));
    lines.filter(|range| range.of(parse.source).trim().is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::{check_fix, check_rule};

    #[test]
    fn the_last_line_of_the_instruction_is_named_and_blank_lines_go() {
        let source = "FROM a\nRUN b \\\n\n \n  c";
        check_rule(&RULE, source, &["5: a blank line stands inside a continued instruction"]);
        check_fix(&RULE, source, "FROM a\nRUN b \\\n  c");
        check_rule(&RULE, "FROM a\nRUN b \\\n# c\n d", &[]);
    }
}
