//! sudo where the user is root already.

use super::commands::Call;
use super::{Context, Explanation, Rule, Severity, Sink};
use crate::diagnostic::{Edit, Fix};
use crate::dockerfile::Instruction;
use crate::graph::Base;
use crate::text::Range;

pub(super) static RULE: Rule = Rule {
    name: "sudo-in-run",
    buildkit: None,
    hadolint: &["DL3004"],
    severity: Severity::Warning,
    experimental: false,
    explanation: Explanation {
        what: "RUN uses sudo while it is root.",
        why: "It changes nothing but that sudo has to be in the image, where it helps whoever breaks in.",
        example: "FROM debian:12\nRUN sudo make install\n",
        instead: "FROM debian:12\nRUN make install\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    for (stage, _) in context.visited_stages() {
        for (index, instruction) in context.steps(stage) {
            let Instruction::Run(_) = instruction else { continue };
            let sudo = context.calls(index).iter().find(|call| call.sudo);
            let Some(call) = sudo.filter(|_| is_root(context, stage, index)) else { continue };
            let node = context.node(index);
            let range = call.range().unwrap_or_else(|| node.arguments_range());
            sink.report_with(index, range, "sudo does nothing for root", Vec::new(), fix(context, index));
        }
    }
}

/// True where the user is known to be root: said so, or nothing said above an image that is known to have it.
fn is_root(context: &Context<'_>, stage: usize, index: usize) -> bool {
    let user = context.user_at(stage, index);
    let named = |user: &str| matches!(user.split(':').next().unwrap_or_default(), "root" | "0");
    let base = context.chain(stage).first().map(|lowest| &context.graph.stages[*lowest]);
    match (user, base.map(|stage| (&stage.base, &stage.platform))) {
        (Some(user), _) => named(&user),
        (None, Some((Base::Image(image), platform))) => {
            match context.facts.image(&image.to_string(), platform) {
                Some(fact) => fact.config.user.is_empty() || named(&fact.config.user),
                None => ROOT_BASES.iter().any(|name| image.repository == format!("library/{name}")),
            }
        }
        (None, _) => false,
    }
}

/// Official images that run as root.
const ROOT_BASES: [&str; 12] = [
    "debian",
    "ubuntu",
    "alpine",
    "fedora",
    "centos",
    "rockylinux",
    "python",
    "node",
    "golang",
    "rust",
    "ruby",
    "php",
];

/// Takes the word out wherever it stands alone before a command.
fn fix(context: &Context<'_>, index: usize) -> Option<Fix> {
    let edit = |call: &Call| {
        let start = call.range()?.start;
        let before = context.file.parse.source.get(..start)?.strip_suffix("sudo ")?;
        Some(Edit { range: Range::new(before.len(), start), text: String::new() })
    };
    let edits =
        context.calls(index).iter().filter(|call| call.sudo).map(edit).collect::<Option<Vec<Edit>>>()?;
    Some(Fix { title: "Leave sudo out".to_owned(), edits })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::{check_fix, check_rule};

    #[test]
    fn root_needs_no_sudo() {
        check_rule(&RULE, "FROM debian\nRUN sudo a && sudo b", &["2: sudo does nothing for root"]);
        check_rule(&RULE, "FROM a\nUSER root\nRUN sudo -E b", &["3: sudo does nothing for root"]);
        check_fix(&RULE, "FROM debian\nRUN sudo a && sudo b", "FROM debian\nRUN a && b");
    }

    #[test]
    fn others_do() {
        check_rule(&RULE, "FROM debian\nUSER b\nRUN sudo a", &[]);
        check_rule(&RULE, "FROM debian\nRUN sudo -u b a", &[]);
        check_rule(&RULE, "FROM gitpod/workspace-full\nRUN sudo a", &[]);
    }
}
