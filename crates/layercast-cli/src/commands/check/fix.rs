//! Mending a Dockerfile: its fixes, again and again until none is left.

use crate::checked::Fixed;
use layercast_core::diagnostic::{Fix, apply, compatible};
use layercast_core::{Facts, Report, examine};

/// How often a text is mended at most: fixes that call for each other would never end.
const MOST_ROUNDS: usize = 16;

/// Mends `text` and says what was done. A round that would leave more errors behind is not made.
pub(super) fn fix(text: &mut String, facts: &Facts) -> Vec<Fixed> {
    let mut done = Vec::new();
    let mut report = examine(text, facts);
    for _ in 0..MOST_ROUNDS {
        let (fixes, remarks) = asked_for(text, &report);
        let mended = apply(text, &fixes);
        let after = examine(&mended, facts);
        if mended == *text || n_errors(&after) > n_errors(&report) {
            break;
        }
        done.extend(remarks);
        (*text, report) = (mended, after);
    }
    done
}

/// The fixes that can be made together.
fn asked_for(text: &str, report: &Report) -> (Vec<Fix>, Vec<Fixed>) {
    let mut offered: Vec<_> = report.diagnostics().filter(|diagnostic| diagnostic.fix.is_some()).collect();
    offered.sort_by_key(|diagnostic| (diagnostic.line, diagnostic.range.start));
    let all: Vec<Fix> = offered.iter().filter_map(|diagnostic| diagnostic.fix.clone()).collect();
    let taken = compatible(text, &all);
    let remarks = taken.iter().filter_map(|place| {
        let (diagnostic, fix) = (offered.get(*place)?, all.get(*place)?);
        let rule = diagnostic.buildkit.unwrap_or(diagnostic.rule);
        Some(Fixed { line: diagnostic.line, rule, title: fix.title.clone() })
    });
    (taken.iter().filter_map(|place| all.get(*place).cloned()).collect(), remarks.collect())
}

fn n_errors(report: &Report) -> usize {
    report.errors.len() + report.blockers.len()
}
