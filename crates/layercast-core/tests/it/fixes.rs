//! Fixes are safe: on real files they come to an end, and the build stays what it was.

use crate::unbreakable::{read, real_files};
use layercast_core::diagnostic::{Fix, apply};
use layercast_core::{Facts, Report, analyse};

/// Fixes that call for others do so a few times at most.
const ROUNDS: usize = 4;

#[test]
fn fixes_of_real_files_settle_and_leave_the_build_as_it_was() {
    let Some(files) = real_files() else { return };
    let facts = Facts::default();
    let mut n_fixes = 0;
    for path in files {
        let text = read(&path);
        let before = analyse(&text, &facts);
        let mut left = fixes(&before);
        if left.is_empty() {
            continue;
        }
        n_fixes += left.len();
        let mut mended = apply(&text, &left);
        let mut after = analyse(&mended, &facts);
        for _ in 1..ROUNDS {
            left = fixes(&after);
            if left.is_empty() {
                break;
            }
            mended = apply(&mended, &left);
            after = analyse(&mended, &facts);
        }
        assert!(left.is_empty(), "{} is never done: {left:?}", path.display());
        assert_eq!(steps(&before), steps(&after), "{}", path.display());
        // Lower case may be what makes the name of a stage valid as a base: then an error goes.
        let (n_before, n_after) = (n_errors(&before), n_errors(&after));
        assert!(n_after <= n_before, "{}: more errors", path.display());
        if n_after == n_before {
            assert_eq!(uses(&before), uses(&after), "{}", path.display());
        }
    }
    assert!(n_fixes > 2_000, "only {n_fixes} fixes were tried");
}

fn fixes(report: &Report) -> Vec<Fix> {
    report.diagnostics().filter_map(|diagnostic| diagnostic.fix.clone()).collect()
}

fn n_errors(report: &Report) -> usize {
    report.errors.len() + report.blockers.len()
}

/// Each instruction with what it sets. MAINTAINER may have become a label, ADD a COPY.
fn steps(report: &Report) -> Vec<String> {
    let step = |instruction: &layercast_core::report::InstructionReport| {
        let keyword = instruction.keyword.replace("MAINTAINER", "LABEL").replace("ADD", "COPY");
        format!("{keyword} {:?}", instruction.sets)
    };
    report.instructions.iter().map(step).collect()
}

/// What each stage takes from where, and what each target builds and pulls.
fn uses(report: &Report) -> Vec<String> {
    let edges = report.edges.iter().map(|edge| format!("{} {:?} {:?}", edge.stage, edge.source, edge.kind));
    let targets = report.targets.iter().map(|target| format!("{:?} {:?}", target.reachable, target.images));
    edges.chain(targets).collect()
}
