//! Two programs installed that do the same.

use super::packages::{self, Manager};
use super::{Context, Explanation, Rule, Severity, Sink};

pub(super) static RULE: Rule = Rule {
    name: "curl-and-wget",
    buildkit: None,
    hadolint: &["DL4001"],
    severity: Severity::Info,
    experimental: false,
    explanation: Explanation {
        what: "The shipped image installs both curl and wget.",
        why: "Each downloads what the other does: one of them is weight, and a tool for whoever breaks in.",
        example: "FROM alpine:3.22\nRUN apk add --no-cache curl wget\n",
        instead: "FROM alpine:3.22\nRUN apk add --no-cache curl\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    let of_system = [Manager::Apt, Manager::Apk, Manager::Dnf, Manager::Zypper];
    let mut seen: Vec<&str> = Vec::new();
    for (index, _) in context.shipped_steps() {
        // Installed for this step alone.
        if context.calls(index).iter().any(super::commands::Call::uninstalls) {
            continue;
        }
        let installs = context.calls(index).iter().filter_map(packages::install);
        for install in installs.filter(|install| of_system.contains(&install.manager)) {
            for package in install.packages {
                let name = package.split('=').next().unwrap_or_default();
                if !matches!(name, "curl" | "wget") || seen.contains(&name) {
                    continue;
                }
                seen.push(name);
                if let [other, _] = seen[..] {
                    let range =
                        install.call.place(package).unwrap_or_else(|| context.node(index).arguments_range());
                    let message = format!("`{name}` does what `{other}` does, which is installed too");
                    sink.report_with(index, range, message, context.shipping_note(), None);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::check_rule;

    #[test]
    fn one_of_them_is_enough() {
        let message = "3: `curl` does what `wget` does, which is installed too";
        check_rule(&RULE, "FROM a\nRUN apt-get install -y wget\nRUN apt-get install -y curl=8", &[message]);
        check_rule(&RULE, "FROM a AS b\nRUN apk add wget\nFROM c\nRUN apk add curl", &[]);
        check_rule(&RULE, "FROM a\nRUN apk add curl wget && make && apk del wget", &[]);
    }
}
