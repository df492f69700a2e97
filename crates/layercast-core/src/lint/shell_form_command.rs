//! CMD or ENTRYPOINT in shell form.

use super::{Context, Explanation, Rule, Severity, Sink};
use crate::diagnostic::Fix;
use crate::dockerfile::Instruction;
use crate::dockerfile::command_line::CommandLine;

pub(super) static RULE: Rule = Rule {
    name: "shell-form-command",
    buildkit: Some("JSONArgsRecommended"),
    hadolint: &["DL3025"],
    severity: Severity::Info,
    experimental: false,
    explanation: Explanation {
        what: "CMD or ENTRYPOINT is written for the shell, not as a JSON array.",
        why: "A shell then stands between the container and the program: signals such as the one to stop end there, and \
              the container is killed after ten seconds instead.",
        example: "FROM alpine\nCMD sleep infinity\n",
        instead: "FROM alpine\nCMD [\"sleep\", \"infinity\"]\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    for (_, stage) in context.visited_stages() {
        for &instruction in &stage.trace.shell_forms {
            let node = context.node(instruction);
            let keyword = node.keyword().to_ascii_uppercase();
            let message = format!("{keyword} runs in a shell, which keeps signals from the program");
            let notes = vec![format!("Write {keyword} [\"program\", \"argument\"].")];
            sink.report_with(instruction, node.arguments_range(), message, notes, fix(context, instruction));
        }
    }
}

/// Plain words without anything that a shell would do.
fn fix(context: &Context<'_>, instruction: usize) -> Option<Fix> {
    let command = match &context.file.instructions[instruction] {
        Some(
            Instruction::Cmd(CommandLine::Shell(command))
            | Instruction::Entrypoint(CommandLine::Shell(command)),
        ) => command,
        _ => return None,
    };
    let plain = |character: char| character.is_ascii_alphanumeric() || " ./_-:=,@+%".contains(character);
    let first = command.split(' ').next().unwrap_or_default();
    let assigns = first.contains('=');
    let builtin = ["cd", "exec", "source", ".", "export", "set", "exit", "eval", "ulimit", "umask", ""]
        .contains(&first);
    if !command.chars().all(plain) || assigns || builtin {
        return None;
    }
    let words: Vec<String> = command.split_whitespace().map(|word| format!("\"{word}\"")).collect();
    let range = context.node(instruction).arguments_range();
    Some(Fix::replace("Write it as JSON", range, format!("[{}]", words.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::{check_fix, check_rule};

    #[test]
    fn a_shell_that_was_chosen_is_respected() {
        let message = "2: CMD runs in a shell, which keeps signals from the program";
        check_rule(&RULE, "FROM a\nCMD b", &[message]);
        check_rule(&RULE, "FROM a AS x\nSHELL [\"/bin/bash\", \"-c\"]\nFROM x\nCMD b", &[]);
    }

    #[test]
    fn only_plain_commands_are_rewritten() {
        check_fix(&RULE, "FROM a\nCMD node dist/index.js", "FROM a\nCMD [\"node\", \"dist/index.js\"]");
        check_fix(&RULE, "FROM a\nCMD cd x && run $Y", "FROM a\nCMD cd x && run $Y");
    }
}
