//! Locales: the archive that locale-gen and localedef write.

use super::super::call::{Call, Outcome};
use super::super::machine::Machine;
use super::super::part::{Part, Span};
use super::Estimator;

pub(super) fn estimator_of(program: &str) -> Option<Estimator> {
    matches!(program, "locale-gen" | "localedef").then_some(locale as Estimator)
}

/// One locale in UTF-8: an archive of 3.0 MB, most of it tables that compress well.
fn locale(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let n = call.operands(&["-i", "-f", "-A", "-c"]).len().max(1) as u64;
    let size = Span::around(3_050_000 * n, 0.9, 1.6);
    let path = "/usr/lib/locale/locale-archive";
    machine.write(Part::by_rule("locales", "locale archive", path, size, [0.2, 0.27, 0.35]));
    Outcome::done()
}
