//! EXPOSE with a protocol in upper case.

use super::{Context, Explanation, Rule, Severity, Sink};
use crate::diagnostic::Fix;
use crate::dockerfile::Instruction;

pub(super) static RULE: Rule = Rule {
    name: "expose-protocol-casing",
    buildkit: Some("ExposeProtoCasing"),
    hadolint: &[],
    severity: Severity::Info,
    experimental: false,
    explanation: Explanation {
        what: "The protocol of an exposed port is not in lower case.",
        why: "Protocols are written in lower case everywhere else.",
        example: "FROM scratch\nEXPOSE 80/TCP\n",
        instead: "FROM scratch\nEXPOSE 80/tcp\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    let is_cased = |port: &str| {
        port.split_once('/').is_some_and(|(_, protocol)| protocol != protocol.to_ascii_lowercase())
    };
    for (_, stage) in context.visited_stages() {
        for (instruction, port) in stage.trace.ports.iter().filter(|(_, port)| is_cased(port)) {
            let written = match &context.file.instructions[*instruction] {
                Some(Instruction::Expose(words)) => words.iter().find(|word| word.text == *port),
                _ => None,
            };
            let lower = port.to_ascii_lowercase();
            let fix = written.map(|word| Fix::replace(format!("Write {lower}"), word.range, lower.clone()));
            let range = written.map_or(context.node(*instruction).arguments_range(), |word| word.range);
            let message = format!("the protocol of `{port}` is not in lower case");
            sink.report_with(*instruction, range, message, Vec::new(), fix);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::{check_fix, check_rule};

    #[test]
    fn each_port_is_looked_at() {
        let message = |port| format!("2: the protocol of `{port}` is not in lower case");
        check_rule(&RULE, "FROM a\nEXPOSE 80/TCP 81/tcp 82/Udp", &[&message("80/TCP"), &message("82/Udp")]);
        check_fix(&RULE, "FROM a\nEXPOSE 80/TCP 81/tcp", "FROM a\nEXPOSE 80/tcp 81/tcp");
    }
}
