//! Certificates: the bundle that update-ca-certificates writes.

use super::super::call::{Call, Outcome};
use super::super::machine::Machine;
use super::super::part::{Part, Span};
use super::Estimator;

pub(super) fn estimator_of(program: &str) -> Option<Estimator> {
    matches!(program, "update-ca-certificates" | "update-ca-trust").then_some(certificates as Estimator)
}

/// The bundle of some 140 certificates.
fn certificates(_call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let size = Span { low: 200_000, likely: 220_000, high: 700_000 };
    let path = "/etc/ssl/certs/ca-certificates.crt";
    machine.write(Part::by_rule("certificates", "bundle of certificates", path, size, [0.5, 0.6, 0.7]));
    Outcome::done()
}
