//! EXPOSE with an address or a port of the host.

use super::{Context, Explanation, Rule, Severity, Sink};

pub(super) static RULE: Rule = Rule {
    name: "expose-invalid-format",
    buildkit: Some("ExposeInvalidFormat"),
    hadolint: &[],
    severity: Severity::Warning,
    experimental: false,
    explanation: Explanation {
        what: "EXPOSE gives an address or a port of the host.",
        why: "EXPOSE only says which port the container listens on; where it is published is said when it is run. \
              The rest is dropped.",
        example: "FROM scratch\nEXPOSE 127.0.0.1:80:8080\n",
        instead: "FROM scratch\nEXPOSE 8080\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    for (_, stage) in context.visited_stages() {
        for (instruction, port) in stage.trace.ports.iter().filter(|(_, port)| port.contains(':')) {
            let kept = port.rsplit(':').next().unwrap_or(port);
            let message = format!("EXPOSE `{port}` names the host's side; only `{kept}` counts");
            sink.report(*instruction, context.node(*instruction).arguments_range(), message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::check_rule;

    #[test]
    fn only_the_port_of_the_container_belongs_in_it() {
        let message = "2: EXPOSE `80:8080/tcp` names the host's side; only `8080/tcp` counts";
        check_rule(&RULE, "FROM a\nEXPOSE 80:8080/tcp 9090", &[message]);
    }
}
