//! `estimate --save-facts`: what one run learnt, another begins with.

use crate::check::Workshop;

const FILE: &str = "ARG TAG\nFROM app.example/base:${TAG} AS target\n";
const FACTS: &str = r#"{"version": 1, "build": {"target": "target", "build_args": {"TAG": "1"}},
    "context": {"files": [{"path": "a", "bytes": 1}]},
    "images": [{"reference": "app.example/base:1", "platform": "linux/amd64", "source": "a test",
    "as_of": "2026-11-20", "layers": [{"download": 1000, "unpacked": 3000}]}]}"#;

#[test]
fn what_was_learnt_is_kept_and_what_was_asked_is_not() {
    let workshop = Workshop::with(&[("Dockerfile", FILE), ("facts.json", FACTS)]);
    let args = "estimate --offline --format json --facts";
    let first = workshop.run(&format!("{args} facts.json --save-facts saved.json"), b"");
    assert_eq!(first.status, Some(0), "{first}");
    let saved = std::fs::read_to_string(workshop.path().join("saved.json")).expect("it was written");
    assert!(saved.contains("app.example/base:1") && !saved.contains("TAG"), "{saved}");
    assert!(!saved.contains("context") && saved.ends_with("}\n"), "{saved}");
    let again = workshop.run(&format!("{args} saved.json --build-arg TAG=1"), b"");
    assert_eq!(again.stdout, first.stdout);
}

#[test]
fn a_file_that_cannot_be_written_is_told() {
    let workshop = Workshop::with(&[("Dockerfile", "FROM scratch\n")]);
    let ran = workshop.run("estimate --offline --save-facts no/such/folder.json", b"");
    assert_eq!(ran.status, Some(2));
    assert!(ran.stderr.contains("failed to save the facts in no/such/folder.json: there is no"), "{ran}");
}
