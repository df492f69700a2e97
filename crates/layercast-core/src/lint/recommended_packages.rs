//! apt-get install with the packages that the wanted ones recommend.

use super::packages::{self, Manager};
use super::{Context, Explanation, Rule, Severity, Sink};
use crate::dockerfile::Instruction;

pub(super) static RULE: Rule = Rule {
    name: "recommended-packages",
    buildkit: None,
    hadolint: &["DL3015"],
    severity: Severity::Info,
    experimental: false,
    explanation: Explanation {
        what: "apt-get install in the shipped image goes without --no-install-recommends.",
        why: "It also installs what the packages recommend: 12 MB more for git, 155 for ffmpeg, 581 for npm.",
        example: "FROM debian:12\nRUN apt-get update && apt-get install -y git && rm -rf /var/lib/apt/lists/*\n",
        instead: "FROM debian:12\nRUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    // Switched off for all, in a file of apt's or by an option.
    let says = |(index, _): (usize, &Instruction)| {
        let text = context.node(index).range.of(context.file.parse.source);
        text.to_ascii_lowercase().contains("install-recommends\" \"") || text.contains("Install-Recommends")
    };
    if context.shipped_steps().any(says) {
        return;
    }
    for (index, _) in context.shipped_steps() {
        if context.calls(index).iter().any(super::commands::Call::uninstalls) {
            continue;
        }
        for call in context.calls(index) {
            let Some(install) = packages::install(call).filter(|install| install.manager == Manager::Apt)
            else {
                continue;
            };
            let without = ["--no-install-recommends", "--without-recommends", "-R"];
            if install.packages.is_empty() || call.open || without.iter().any(|option| call.has(option)) {
                continue;
            }
            let by_variable = call.arguments.iter().any(|word| word.starts_with('$'));
            if by_variable {
                continue;
            }
            let range = call.range().unwrap_or_else(|| context.node(index).arguments_range());
            let mut notes = vec!["Add --no-install-recommends, and name what is missing then.".to_owned()];
            notes.extend(context.shipping_note());
            let message = format!("{} also installs what these packages recommend", call.program);
            sink.report_with(index, range, message, notes, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::check_rule;

    #[test]
    fn what_ships_is_held_small() {
        let message = "2: apt-get also installs what these packages recommend";
        check_rule(&RULE, "FROM a\nRUN apt-get update && apt-get install -y b", &[message]);
    }

    #[test]
    fn builders_and_those_who_said_no_are_left_alone() {
        check_rule(&RULE, "FROM a\nRUN apt-get install -y --no-install-recommends b", &[]);
        check_rule(&RULE, "FROM a AS b\nRUN apt-get install -y b\nFROM c\nCOPY --from=b /d /d", &[]);
        check_rule(&RULE, "FROM a\nRUN apt-get -o APT::Install-Recommends=0 install -y b", &[]);
    }
}
