//! An archive copied and then unpacked.

use super::{Context, Explanation, Rule, Severity, Sink};
use crate::dockerfile::Instruction;

pub(super) static RULE: Rule = Rule {
    name: "copied-archive",
    buildkit: None,
    hadolint: &["DL3010"],
    severity: Severity::Info,
    experimental: false,
    explanation: Explanation {
        what: "A tar archive is copied into the shipped image, and a later RUN unpacks it.",
        why: "The image holds it twice, packed and unpacked. ADD unpacks a local tar archive as it lays it down.",
        example: "FROM debian:12\nCOPY app.tar.gz /opt/\nRUN tar -xzf /opt/app.tar.gz -C /opt\n",
        instead: "FROM debian:12\nADD app.tar.gz /opt/\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    for (index, instruction) in context.shipped_steps() {
        let Instruction::Copy(copy) = instruction else { continue };
        if copy.from.is_some() {
            continue;
        }
        for source in copy.sources.iter().filter(|source| is_archive(&source.text)) {
            let name = source.text.rsplit('/').next().unwrap_or_default();
            let unpacks = context.shipped_steps().find(|(run, _)| {
                let is_tar = |call: &super::commands::Call| {
                    call.program == "tar" && call.arguments.iter().any(|word| word.ends_with(name))
                };
                *run > index && context.calls(*run).iter().any(is_tar)
            });
            if let Some((run, _)) = unpacks {
                let message = format!(
                    "`{name}` stays packed in this layer, beside what line {} unpacks",
                    context.node(run).line
                );
                let mut notes = vec!["ADD unpacks it as it lays it down.".to_owned()];
                notes.extend(context.shipping_note());
                sink.report_with(index, source.range, message, notes, None);
            }
        }
    }
}

fn is_archive(path: &str) -> bool {
    let endings = [".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst"];
    !path.contains(['*', '?', '[']) && endings.iter().any(|ending| path.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::check_rule;

    #[test]
    fn add_unpacks() {
        let message = "2: `b.tar.gz` stays packed in this layer, beside what line 3 unpacks";
        check_rule(&RULE, "FROM a\nCOPY x/b.tar.gz /tmp/\nRUN tar xf /tmp/b.tar.gz", &[message]);
        check_rule(&RULE, "FROM a\nADD b.tar.gz /tmp/\nCOPY c.tar /d\nRUN tar xf /tmp/e.tar.gz", &[]);
    }
}
