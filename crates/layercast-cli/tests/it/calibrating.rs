//! `layercast calibrate`: what measured steps say of estimators, and what later estimates make of it.

use crate::check::Workshop;
use expect_test::expect;

/// A facts file with steps that were estimated at 4 MB by `by` (1.6 MB to download), and weighed these, in kB.
fn facts(by: &str, is_rule: bool, weights: &[u64]) -> String {
    let step = |(place, weight): (usize, &u64)| {
        let (unpacked, download) = (1000 * weight, 400 * weight + place as u64);
        format!(
            r#"{{"stage": "stage-0", "instruction": "RUN {by} {place}", "unpacked": {unpacked},
            "download": {download}, "measured": "2026-11-26", "base": "scratch", "platform": "linux/amd64",
            "step": "{by} {place}", "below": "", "estimated": {{"unpacked": [100000, 4000000, 60000000],
            "download": [100000, 1600000, 24000000], "by": "{by}", "is_rule": {is_rule}}}}}"#
        )
    };
    let steps: Vec<String> = weights.iter().enumerate().map(step).collect();
    format!("{{\"version\": 1, \"measured\": [{}]}}", steps.join(", "))
}

fn workshop() -> Workshop {
    Workshop::with(&[
        ("Dockerfile", "FROM scratch\nRUN gem install rails\n"),
        ("gems.json", &facts("Ruby gems", true, &[6000, 6200, 5800, 7000])),
        ("debian.json", &facts("Debian bookworm", false, &[4100, 4050, 3990])),
        ("few.json", &facts("Go programs", true, &[4100])),
        ("empty.json", r#"{"version": 1}"#),
    ])
}

#[test]
fn each_estimator_is_held_against_what_was_measured() {
    workshop().check(
        "calibrate gems.json debian.json few.json",
        expect![[r#"
            $ layercast calibrate gems.json debian.json few.json
            exit: 0
            --- stdout ---
            estimator        size      steps  median       spread  correction
            Debian bookworm  unpacked      3    1.01    1.00–1.02  none: not 5 steps that err to one side
                             download      3    1.01    1.00–1.02  none: not 5 steps that err to one side
            Go programs      unpacked      1    1.02    1.02–1.02  none: 3 steps at least
                             download      1    1.02    1.02–1.02  none: 3 steps at least
            Ruby gems        unpacked      4    1.52    1.45–1.75  × 1.52
                             download      4    1.52    1.45–1.75  × 1.52
            --- stderr ---
              note: `--write layercast.facts.json` keeps the corrections for later estimates
        "#]],
    );
}

#[test]
fn programs_get_the_same_as_json() {
    workshop().check("calibrate --format json gems.json", expect![[r#"
        $ layercast calibrate --format json gems.json
        exit: 0
        --- stdout ---
        {"version":1,"measured":4,"proposals":[{"by":"Ruby gems","size":"unpacked","steps":4,"median":1.525,"low":1.45,"high":1.75,"verdict":"corrected","correction":1.525},{"by":"Ruby gems","size":"download","steps":4,"median":1.525,"low":1.45,"high":1.75,"verdict":"corrected","correction":1.525}]}
    "#]]);
}

#[test]
fn corrections_that_are_kept_hold_for_later_estimates() {
    let workshop = workshop();
    workshop.check(
        "estimate --offline",
        expect![[r#"
        $ layercast estimate --offline
        exit: 0
        --- stdout ---
        Dockerfile ▸ stage-0 ▸ linux/amd64

             4.00 MB unpacked  0.10–60.0 MB       docker images, up to Docker 28
             1.40 MB download  0.00–21.0 MB       what a pull moves

                                                                                        unpacked    download
               ● stage-0                                                       ships     4.00 MB     1.40 MB
            2  └─ RUN gem install rails                                                  4.00 MB     1.40 MB
                  0.10–60.0 MB · rule: Ruby gems

        1 remark on the file: layercast check Dockerfile
    "#]],
    );
    workshop.check(
        "calibrate gems.json --write layercast.facts.json",
        expect![[r#"
            $ layercast calibrate gems.json --write layercast.facts.json
            exit: 0
            --- stdout ---
            estimator  size      steps  median       spread  correction
            Ruby gems  unpacked      4    1.52    1.45–1.75  × 1.52
                       download      4    1.52    1.45–1.75  × 1.52
            --- stderr ---
              note: 2 corrections are in layercast.facts.json
        "#]],
    );
    let written = std::fs::read_to_string(workshop.path().join("layercast.facts.json"));
    expect![[r#"
        {
          "version": 1,
          "build": {},
          "images": [],
          "calibration": [
            {"by":"Ruby gems","unpacked":{"ratio":1.525,"low":1.45,"high":1.75,"steps":4},"download":{"ratio":1.525,"low":1.45,"high":1.75,"steps":4}}
          ]
        }
    "#]].assert_eq(&written.expect("it was written"));
    workshop.check(
        "estimate --offline",
        expect![[r#"
        $ layercast estimate --offline
        exit: 0
        --- stdout ---
        Dockerfile ▸ stage-0 ▸ linux/amd64

             6.10 MB unpacked  5.65–7.45 MB       docker images, up to Docker 28
             2.14 MB download  1.98–2.61 MB       what a pull moves

                                                                                        unpacked    download
               ● stage-0                                                       ships     6.10 MB     2.14 MB
            2  └─ RUN gem install rails                                                  6.10 MB     2.14 MB
                  5.65–7.45 MB · rule: Ruby gems; calibrated by 4 steps of your builds

        1 remark on the file: layercast check Dockerfile
        --- stderr ---
          note: 2 corrections from layercast.facts.json
    "#]],
    );
}

#[test]
fn what_a_file_holds_stays_beside_its_corrections() {
    let workshop = workshop();
    let ran = workshop.run("calibrate gems.json --write gems.json", b"");
    assert_eq!(ran.status, Some(0), "{ran}");
    let again = workshop.run("calibrate gems.json", b"");
    assert_eq!(again.stdout, ran.stdout);
    let text = std::fs::read_to_string(workshop.path().join("gems.json")).expect("it is there");
    assert_eq!(
        (text.matches("\"calibration\"").count(), text.matches("\"stage\"").count()),
        (1, 4),
        "{text}"
    );
}

#[test]
fn where_there_is_nothing_to_correct_no_file_is_made() {
    let workshop = workshop();
    workshop.check(
        "calibrate few.json --write new.json",
        expect![[r#"
            $ layercast calibrate few.json --write new.json
            exit: 0
            --- stdout ---
            estimator    size      steps  median       spread  correction
            Go programs  unpacked      1    1.02    1.02–1.02  none: 3 steps at least
                         download      1    1.02    1.02–1.02  none: 3 steps at least
            --- stderr ---
              note: there is nothing to correct, so new.json is not written
        "#]],
    );
    assert!(!workshop.path().join("new.json").exists());
}

#[test]
fn files_that_tell_nothing_are_refused() {
    let workshop = workshop();
    workshop.check(
        "calibrate gems.json empty.json",
        expect![[r#"
        $ layercast calibrate gems.json empty.json
        exit: 2
        --- stderr ---
        error: failed to learn from empty.json: it has no measured steps
          note: `layercast build --save-facts FILE` writes such a file
    "#]],
    );
    workshop.check(
        "calibrate nowhere.json",
        expect![[r#"
        $ layercast calibrate nowhere.json
        exit: 2
        --- stderr ---
        error: failed to read the facts in nowhere.json: there is no such file or folder
    "#]],
    );
    workshop.check("calibrate Dockerfile", expect![[r#"
        $ layercast calibrate Dockerfile
        exit: 2
        --- stderr ---
        error: failed to understand the facts in Dockerfile: expected value at line 1 column 1
          note: a facts file looks like {"version": 1, "images": [{"reference": "docker.io/library/alpine:3.22", "platform": "linux/amd64", "layers": [{"download": 3792075}]}]}
    "#]]);
}

#[test]
fn a_correction_that_cannot_be_is_refused() {
    let nonsense = r#"{"version": 1, "calibration":
        [{"by": "Ruby gems", "unpacked": {"ratio": -1, "low": 1, "high": 2, "steps": 3}}]}"#;
    let workshop = Workshop::with(&[("Dockerfile", "FROM scratch\n"), ("own.json", nonsense)]);
    workshop.check("estimate --offline --facts own.json", expect![[r#"
        $ layercast estimate --offline --facts own.json
        exit: 2
        --- stderr ---
        error: failed to understand the facts in own.json: the correction of `Ruby gems` is none
          note: take it out of `calibration`, or mend it: ratio between 0.25 and 4, low above 0 and at most high, steps above 0
    "#]]);
}
