//! What must hold for every input, callable from fuzz targets and from ordinary tests.

use crate::Facts;
use crate::syntax::parse;
use crate::text::Range;

/// Any text: the pieces of its tree put together are the text, and every range lies within it, at borders of
/// characters.
pub fn any_text(source: &str) {
    let tree = parse(source);
    assert_eq!(tree.print(), source, "the pieces must be the text again");
    let report = crate::analyse(source, &Facts::default());
    let within = |range: Range, of: &str| {
        let holds = range.start <= range.end && source.get(range.start..range.end).is_some();
        assert!(holds, "the range {range:?} of {of} must lie within the text");
    };
    for instruction in &report.instructions {
        within(instruction.range, &instruction.text);
    }
    for stage in &report.stages {
        within(stage.range, &stage.display_name);
    }
    for diagnostic in
        report.diagnostics().chain(report.targets.iter().filter_map(|target| target.error.as_ref()))
    {
        within(diagnostic.range, &diagnostic.message);
    }
    for target in &report.targets {
        assert!(target.reachable.contains(&target.stage), "a target must reach itself");
    }
}
