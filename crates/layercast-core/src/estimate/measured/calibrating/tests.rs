//! What measured steps say of their estimators, and what that does to an estimate.

use super::*;
use crate::estimate::part::Span;
use crate::image_ref::Platform;

/// Steps that were estimated at 1 MB and 0.4 MB by `by`, and measured at these ratios of that.
fn steps(by: &str, is_rule: bool, ratios: &[f64]) -> Vec<MeasuredStep> {
    let step = |(place, ratio): (usize, &f64)| MeasuredStep {
        stage: "build".to_owned(),
        instruction: format!("RUN make-{place}"),
        unpacked: Some((1e6 * ratio) as u64 + place as u64),
        download: None,
        seconds: None,
        measured: "2026-11-26".to_owned(),
        base: "docker.io/library/debian:12".to_owned(),
        digest: String::new(),
        platform: Platform::linux_amd64(),
        step: format!("{by} {place}"),
        below: String::new(),
        content: String::new(),
        estimated: Some(EstimatedStep {
            unpacked: Some([800_000, 1_000_000, 1_400_000]),
            download: Some([300_000, 400_000, 500_000]),
            by: by.to_owned(),
            is_rule,
            unknown: String::new(),
        }),
    };
    ratios.iter().enumerate().map(step).collect()
}

#[track_caller]
fn check(measured: &[MeasuredStep], expected: &[&str]) {
    let line = |it: &Proposal| {
        let Proposal { by, size, steps, median, low, high, verdict, correction } = it;
        format!("{by} {size:?}: {steps} steps, {low}–{median}–{high}: {verdict:?} {correction:?}")
    };
    assert_eq!(propose(measured).iter().map(line).collect::<Vec<_>>(), expected);
}

#[test]
fn a_rule_that_errs_to_one_side_is_corrected_by_the_median() {
    check(
        &steps("Go programs", true, &[1.3, 1.5, 1.4]),
        &["Go programs Unpacked: 3 steps, 1.3–1.4–1.5: Corrected Some(1.4)"],
    );
}

#[test]
fn two_steps_tell_too_little() {
    check(
        &steps("Go programs", true, &[1.3, 1.4]),
        &["Go programs Unpacked: 2 steps, 1.3–1.35–1.4: TooFew None"],
    );
}

#[test]
fn a_rule_that_errs_to_either_side_stays() {
    check(
        &steps("Go programs", true, &[0.7, 1.1, 1.4]),
        &["Go programs Unpacked: 3 steps, 0.7–1.1–1.4: NoBetter None"],
    );
}

#[test]
fn one_step_that_is_far_off_does_not_count_for_more() {
    check(
        &steps("Go programs", true, &[1.4, 1.4, 1.5, 9.0]),
        &["Go programs Unpacked: 4 steps, 1.4–1.45–9: Corrected Some(1.45)"],
    );
}

#[test]
fn of_ten_steps_the_one_that_is_farthest_off_is_not_in_the_spread() {
    let mut ratios = [1.03; 9].to_vec();
    ratios[0] = 1.01;
    ratios[1] = 1.06;
    ratios.push(1.4);
    check(
        &steps("Debian bookworm", false, &ratios),
        &["Debian bookworm Unpacked: 10 steps, 1.01–1.03–1.06: Corrected Some(1.03)"],
    );
}

#[test]
fn a_correction_is_at_most_fourfold_either_way() {
    let mut all = steps("Go programs", true, &[5.0, 6.0, 7.0]);
    all.extend(steps("Ruby gems", true, &[0.1, 0.11, 0.12]));
    check(
        &all,
        &[
            "Go programs Unpacked: 3 steps, 5–6–7: Capped Some(4.0)",
            "Ruby gems Unpacked: 3 steps, 0.1–0.11–0.12: Capped Some(0.25)",
        ],
    );
}

#[test]
fn figures_of_packages_are_doubted_only_where_many_steps_err_to_one_side() {
    let debian = |ratios: &[f64]| steps("Debian bookworm", false, ratios);
    check(&debian(&[1.1, 1.1, 1.2]), &["Debian bookworm Unpacked: 3 steps, 1.1–1.1–1.2: NotOneSided None"]);
    check(
        &debian(&[1.1, 1.1, 1.2, 1.1, 0.99]),
        &["Debian bookworm Unpacked: 5 steps, 0.99–1.1–1.2: NotOneSided None"],
    );
    check(
        &debian(&[1.1, 1.1, 1.2, 1.1, 1.05]),
        &["Debian bookworm Unpacked: 5 steps, 1.05–1.1–1.2: Corrected Some(1.1)"],
    );
}

#[test]
fn lengths_of_files_are_what_they_are_and_their_download_is_apart() {
    let mut files = steps("files", false, &[1.1, 1.1, 1.1, 1.1, 1.1]);
    for (place, step) in files.iter_mut().enumerate() {
        step.download = Some(200_000 + place as u64);
    }
    check(
        &files,
        &[
            "files Unpacked: 5 steps, 1.1–1.1–1.1: Exact None",
            "files Download: 5 steps, 0.5–0.5–0.5: Corrected Some(0.5)",
        ],
    );
}

#[test]
fn what_is_measured_twice_counts_once() {
    let mut all = steps("Go programs", true, &[1.3, 1.4]);
    // The same step, measured again another day.
    let again = MeasuredStep {
        unpacked: Some(1_310_000),
        measured: "2026-11-27".to_owned(),
        stage: "other".to_owned(),
        ..all[0].clone()
    };
    // Another step that copies what the second one made.
    let copied = MeasuredStep { step: "copied".to_owned(), ..all[1].clone() };
    all.extend([again, copied]);
    check(&all, &["Go programs Unpacked: 2 steps, 1.31–1.355–1.4: TooFew None"]);
}

#[test]
fn steps_with_something_unknown_or_next_to_nothing_tell_nothing() {
    let mut all = steps("Go programs", true, &[1.3, 1.4, 1.5, 1.4]);
    let then = |step: &mut MeasuredStep| step.estimated.clone().expect("it was estimated");
    all[0].estimated = Some(EstimatedStep { unknown: "a digest".to_owned(), ..then(&mut all[0]) });
    all[1].estimated = Some(EstimatedStep { unpacked: Some([9_999; 3]), ..then(&mut all[1]) });
    all[2].estimated = Some(EstimatedStep { by: String::new(), ..then(&mut all[2]) });
    all[3].estimated = None;
    check(&all, &[]);
}

#[track_caller]
fn check_corrected(before: [u64; 3], correction: Correction, expected: [u64; 3]) {
    let [low, likely, high] = before;
    let size = Span { low, likely, high }.because(Basis::Heuristic { name: "Go programs".to_owned() });
    let after = corrected(&size, correction);
    assert_eq!([after.low, after.likely, after.high], expected);
}

#[test]
fn the_range_narrows_to_what_was_seen_the_less_the_fewer_steps_there_are() {
    let seen = |steps| Correction { ratio: 1.5, low: 1.35, high: 1.8, steps };
    check_corrected([50_000, 100_000, 200_000], seen(10), [132_000, 150_000, 186_000]);
    check_corrected([50_000, 100_000, 200_000], seen(4), [127_500, 150_000, 195_000]);
}

#[test]
fn the_range_is_never_below_five_per_cent_and_widens_where_builds_say_so() {
    let alike = Correction { ratio: 1.5, low: 1.5, high: 1.5, steps: 10 };
    check_corrected([50_000, 100_000, 200_000], alike, [142_500, 150_000, 157_500]);
    let apart = Correction { ratio: 1.0, low: 0.5, high: 1.5, steps: 10 };
    check_corrected([99_000, 100_000, 101_000], apart, [50_000, 100_000, 150_000]);
}

#[test]
fn proposals_are_kept_by_estimator_and_size() {
    let mut all = steps("Go programs", true, &[1.3, 1.5, 1.4]);
    for (place, step) in all.iter_mut().enumerate() {
        step.download = Some(200_000 + place as u64);
    }
    all.extend(steps("Ruby gems", true, &[1.3]));
    let kept = calibrations(&propose(&all));
    assert_eq!(
        serde_json::to_string(&kept).expect("facts are JSON"),
        r#"[{"by":"Go programs","unpacked":{"ratio":1.4,"low":1.3,"high":1.5,"steps":3},"#.to_owned()
            + r#""download":{"ratio":0.5,"low":0.5,"high":0.5,"steps":3}}]"#
    );
    assert!(kept.iter().all(Calibration::is_sound));
}

#[test]
fn a_correction_that_cannot_be_is_none() {
    let sound = Correction { ratio: 1.5, low: 1.35, high: 1.8, steps: 3 };
    let is_sound = |correction| {
        Calibration { by: "Go programs".to_owned(), unpacked: Some(correction), download: None }.is_sound()
    };
    assert!(is_sound(sound));
    for ratio in [0.0, -1.0, 0.2, 4.1, f64::NAN] {
        assert!(!is_sound(Correction { ratio, ..sound }), "{ratio}");
    }
    assert!(!is_sound(Correction { low: 2.0, ..sound }) && !is_sound(Correction { steps: 0, ..sound }));
}
