//! Locales and certificates: archives that small programs write.

use super::super::call::{Call, Outcome};
use super::super::machine::Machine;
use super::super::part::{Part, Span};
use super::Estimator;

pub(super) fn estimator_of(program: &str) -> Option<Estimator> {
    Some(match program {
        "locale-gen" | "localedef" => locale,
        "update-ca-certificates" | "update-ca-trust" => certificates,
        _ => return None,
    })
}

/// One locale in UTF-8: an archive of 3.0 MB, most of it tables that compress well.
fn locale(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let n = call.operands(&["-i", "-f", "-A", "-c"]).len().max(1) as u64;
    let size = Span::around(3_050_000 * n, 0.9, 1.6);
    machine.write(Part::by_rule(
        "locales",
        "locale archive",
        "/usr/lib/locale/locale-archive",
        size,
        [0.2, 0.27, 0.35],
    ));
    Outcome::done()
}

/// The bundle of some 140 certificates.
fn certificates(_call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let size = Span { low: 200_000, likely: 220_000, high: 700_000 };
    let path = "/etc/ssl/certs/ca-certificates.crt";
    machine.write(Part::by_rule("certificates", "bundle of certificates", path, size, [0.5, 0.6, 0.7]));
    Outcome::done()
}
