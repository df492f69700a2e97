//! One check function for every check: a Dockerfile beside what is said of it.

use super::*;
use crate::graph::Graph;

/// What one rule says of a source: `line: message`, a line each.
#[track_caller]
pub fn check_rule(rule: &'static Rule, source: &str, expected: &[&str]) {
    check_rule_with(rule, source, &Facts::default(), expected);
}

/// The same with facts.
#[track_caller]
pub fn check_rule_with(rule: &'static Rule, source: &str, facts: &Facts, expected: &[&str]) {
    let found = run(source, facts);
    let own = found.iter().filter(|diagnostic| diagnostic.rule == rule.name && !diagnostic.silenced);
    let said: Vec<String> =
        own.map(|diagnostic| format!("{}: {}", diagnostic.line, diagnostic.message)).collect();
    assert_eq!(said, expected, "{source}");
}

/// What becomes of a source when every fix of one rule is applied.
#[track_caller]
pub fn check_fix(rule: &'static Rule, source: &str, expected: &str) {
    let found = run(source, &Facts::default());
    let fixes: Vec<_> = found
        .iter()
        .filter(|diagnostic| diagnostic.rule == rule.name)
        .filter_map(|own| own.fix.clone())
        .collect();
    assert_eq!(crate::diagnostic::apply(source, &fixes), expected);
}

fn run(source: &str, facts: &Facts) -> Vec<Diagnostic> {
    let file = Dockerfile::read(source);
    let graph = Graph::new(&file, facts);
    check(&Context::new(&file, &graph, facts))
}

#[test]
fn every_check_offends_in_its_example_and_not_in_what_stands_instead() {
    for rule in ALL {
        // What these find needs more than a Dockerfile.
        if ["invalid-base-platform", "copy-ignored-file", "invalid-description"].contains(&rule.name) {
            continue;
        }
        let offends =
            |source: &str| run(source, &Facts::default()).iter().any(|found| found.rule == rule.name);
        assert!(offends(rule.explanation.example), "the example of {} does not offend", rule.name);
        assert!(!offends(rule.explanation.instead), "what stands instead in {} offends", rule.name);
    }
}

#[test]
fn checks_can_be_skipped_by_file_by_instruction_and_by_argument() {
    let says = |source: &str, facts: &Facts| -> Vec<usize> {
        run(source, facts)
            .iter()
            .filter(|found| found.rule == "maintainer" && !found.silenced)
            .map(|found| found.line)
            .collect()
    };
    let plain = Facts::default();
    assert_eq!(says("FROM scratch\nMAINTAINER a", &plain), [2]);
    assert_eq!(says("# check=skip=MaintainerDeprecated\nFROM scratch\nMAINTAINER a", &plain), [0; 0]);
    assert_eq!(says("# check=skip=all\nFROM scratch\nMAINTAINER a", &plain), [0; 0]);
    assert_eq!(
        says("FROM scratch\n# check=skip=maintainer // ours\nMAINTAINER a\nMAINTAINER b", &plain),
        [4]
    );
    assert_eq!(says("FROM scratch\n# hadolint ignore=DL3006,DL4000\nMAINTAINER a", &plain), [0; 0]);
    let mut replaced = Facts::default();
    replaced.build.build_args.insert("BUILDKIT_DOCKERFILE_CHECK".into(), "skip=none".into());
    assert_eq!(says("# check=skip=all\nFROM scratch\nMAINTAINER a", &replaced), [3]);
}

#[test]
fn advice_waits_until_the_file_builds() {
    let rules = |source: &str| -> Vec<&str> {
        run(source, &Facts::default()).iter().map(|found| found.rule).collect()
    };
    assert_eq!(rules("FROM alpine\nRUN apk add --no-cache curl"), ["latest-tag", "unpinned-package"]);
    assert_eq!(
        rules("FROM alpine\nRUN apk add --no-cache curl\nUSR jo\nWORKDIR /a # b"),
        ["comment-behind-instruction"]
    );
}
