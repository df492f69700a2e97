//! Ruby: gem install and bundle install.

use super::super::call::{Call, Outcome};
use super::super::machine::Machine;
use super::super::part::{Part, Span};
use super::Estimator;

const CONTENT: [f64; 3] = [0.22, 0.35, 0.60];

pub(super) fn estimator_of(program: &str) -> Option<Estimator> {
    Some(match program {
        "gem" => gem,
        "bundle" | "bundler" => bundle,
        _ => return None,
    })
}

fn home(machine: &Machine<'_>) -> String {
    machine
        .variable("GEM_HOME")
        .or_else(|| machine.variable("BUNDLE_PATH"))
        .unwrap_or_else(|| "/usr/local/bundle".to_owned())
}

fn gem(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    if call.verb() == "install" {
        let home = home(machine);
        for name in
            call.operands(&["-v", "--version", "-i", "--install-dir", "-n", "-s", "--source"]).iter().skip(1)
        {
            let size = Span { low: 100_000, likely: 4_000_000, high: 60_000_000 };
            machine.write(Part::by_rule("Ruby gems", *name, format!("{home}/gems/"), size, CONTENT));
        }
    }
    Outcome::done()
}

/// Gems of the lock file: some 1.3 MB each with their archive and what they compile.
fn bundle(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    if !matches!(call.verb(), "install" | "update" | "") {
        return Outcome::done();
    }
    let n = machine.text_of("Gemfile.lock").map(|text| {
        // Names stand four blanks deep; what they need, six.
        text.lines()
            .filter(|line| line.starts_with("    ") && !line.starts_with("     ") && line.contains('('))
            .count() as u64
    });
    let home = call.value(&["--path"]).map_or_else(|| home(machine), |path| machine.absolute(path));
    let size = match n {
        Some(n) => Span::around(n * 1_300_000, 0.4, 2.5),
        None => Span { low: 5_000_000, likely: 90_000_000, high: 400_000_000 },
    };
    machine.write(Part::by_rule(
        "Ruby gems",
        "gems of the lock file",
        format!("{home}/gems/"),
        size,
        CONTENT,
    ));
    Outcome::done()
}
