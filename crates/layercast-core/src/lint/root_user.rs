//! An image whose programs run as root because it says so.

use super::{Context, Explanation, Rule, Severity, Sink};
use crate::dockerfile::Instruction;
use crate::dockerfile::command_line::CommandLine;
use crate::graph::scope::{Assignment, Setting};

pub(super) static RULE: Rule = Rule {
    name: "root-user",
    buildkit: None,
    hadolint: &["DL3002"],
    severity: Severity::Warning,
    experimental: false,
    explanation: Explanation {
        what: "The last USER of the stage that ships is root.",
        why: "Whoever breaks into the program is root in the container, with all that it mounts. Switch back after the steps that need root.",
        example: "FROM node:24\nUSER root\nCMD [\"node\", \"server.js\"]\n",
        instead: "FROM node:24\nUSER root\nRUN mkdir /data && chown node /data\nUSER node\nCMD [\"node\", \"server.js\"]\n",
    },
    check,
};

/// Programs that an entrypoint steps down to another user with.
const STEPS_DOWN: [&str; 8] =
    ["gosu", "su-exec", "setpriv", "runuser", "s6-", "supervisord", "/init", "sshd"];

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    let is_user = |(_, assignment): &&(usize, Assignment)| assignment.kind == Setting::User;
    let stages = context.shipped.iter().filter(|stage| context.visited[**stage]).rev();
    let last = stages.map(|stage| context.graph.stages[*stage].trace.assigned.iter().rev().find(is_user));
    let Some((index, user)) = last.flatten().next() else { return };
    let name = user.value.as_deref().unwrap_or_default().split(':').next().unwrap_or_default();
    if !matches!(name, "root" | "0") || steps_down(context) {
        return;
    }
    let mut notes = vec!["Add USER and a name after the steps that need root.".to_owned()];
    notes.extend(context.shipping_note());
    let range = context.node(*index).arguments_range();
    sink.report_with(*index, range, "the image's programs run as root", notes, None);
}

/// True where something in the image changes the user at start.
fn steps_down(context: &Context<'_>) -> bool {
    let tells = |text: &str| STEPS_DOWN.iter().any(|program| text.contains(program));
    context.shipped_steps().any(|(_, instruction)| match instruction {
        Instruction::Run(run) => command_tells(&run.command, tells),
        Instruction::Entrypoint(command) | Instruction::Cmd(command) => command_tells(command, tells),
        Instruction::Copy(copy) => copy.sources.iter().any(|source| tells(&source.text)),
        _ => false,
    })
}

fn command_tells(command: &CommandLine, tells: impl Fn(&str) -> bool) -> bool {
    match command {
        CommandLine::Shell(text) => tells(text),
        CommandLine::Exec(words) => words.iter().any(|word| tells(word)),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::check_rule;

    #[test]
    fn the_last_user_of_what_ships_counts() {
        check_rule(&RULE, "FROM a\nUSER root\nRUN b", &["2: the image's programs run as root"]);
        check_rule(&RULE, "FROM a AS b\nUSER 0:0\nFROM b", &["2: the image's programs run as root"]);
    }

    #[test]
    fn going_back_and_builders_are_fine() {
        check_rule(&RULE, "FROM a\nUSER root\nRUN b\nUSER app", &[]);
        check_rule(&RULE, "FROM a AS b\nUSER root\nFROM c\nCOPY --from=b d /", &[]);
        check_rule(&RULE, "FROM a\nUSER root\nRUN apk add gosu", &[]);
    }
}
