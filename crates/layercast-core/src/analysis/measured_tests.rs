//! What is said of a step that a build measured, as it was and changed.

use crate::analysis::{analyse, measurable};
use crate::facts::{
    BuildContext, Calibration, ContextFile, Correction, Facts, ImageConfig, ImageFact, ImageLayer, Pin,
};
use crate::image_ref::Platform;

const FILE: &str = "\
FROM debian:12 AS build
ENV MODE=fast
COPY list.txt .
RUN some-tool --fill
RUN other-tool list.txt

FROM debian:12
COPY --from=build /out /out
RUN make-more
";

fn facts(digest: &str, list: &str) -> Facts {
    let mut facts = Facts::default();
    facts.add_image(ImageFact {
        reference: "docker.io/library/debian:12".to_owned(),
        platform: Platform::linux_amd64(),
        digest: digest.to_owned(),
        as_of: String::new(),
        source: "a test".to_owned(),
        config: ImageConfig::default(),
        layers: vec![ImageLayer { digest: String::new(), download: 7, unpacked: None, tar: None }],
    });
    let file = ContextFile { text: Some(list.to_owned()), ..ContextFile::new("list.txt", 100) };
    facts.context = Some(BuildContext { files: vec![file], partial: false });
    facts
}

/// The facts after a build that made each step of 1000 bytes for each letter of its text, 300 of them to download.
fn built(source: &str, mut facts: Facts) -> Facts {
    let measured = measurable(source, &facts).into_iter().map(|(_, mut step)| {
        step.unpacked = Some(1000 * step.instruction.len() as u64);
        step.download = step.unpacked.map(|bytes| bytes * 3 / 10);
        step.measured = "2026-11-26".to_owned();
        step
    });
    facts.measured = measured.collect();
    facts
}

#[track_caller]
fn check(source: &str, facts: &Facts, expected: &[&str]) {
    let report = analyse(source, facts);
    let size = |size: &Option<crate::estimate::Estimate>| match size {
        Some(size) if size.is_exact() => size.likely.to_string(),
        Some(size) => format!("{}–{}–{}", size.low, size.likely, size.high),
        None => "?".to_owned(),
    };
    let line = |layer: &crate::report::Layer| {
        let (unpacked, download) = (size(&layer.unpacked), size(&layer.download));
        let unknown = layer.unknown.iter().map(|what| format!("; unknown: {what}")).collect::<String>();
        format!("{}: {unpacked} / {download}: {}{unknown}", layer.line, layer.basis)
    };
    let lines: Vec<String> = report.layers.iter().map(line).collect();
    assert_eq!(lines, expected);
}

#[test]
fn the_same_steps_weigh_what_they_weighed() {
    check(
        FILE,
        &built(FILE, facts("sha256:aa", "a")),
        &[
            "1: 14000 / 7: measured by a build, 2026-11-26; download: manifest sha256:aa… from a test",
            "3: 15000 / 4500: measured by a build, 2026-11-26",
            "4: 20000 / 6000: measured by a build, 2026-11-26",
            "5: 23000 / 6900: measured by a build, 2026-11-26",
            "7: 14000 / 7: measured by a build, 2026-11-26; download: manifest sha256:aa… from a test",
            "8: 27000 / 8100: measured by a build, 2026-11-26",
            "9: 13000 / 3900: measured by a build, 2026-11-26",
        ],
    );
}

#[test]
fn a_step_below_that_changed_leaves_a_narrow_range_above() {
    let known = built(FILE, facts("sha256:aa", "a"));
    check(
        &FILE.replace("fast", "slow"),
        &known,
        &[
            "1: 14000 / 7: measured by a build, 2026-11-26; download: manifest sha256:aa… from a test",
            "3: 15000 / 4500: measured by a build, 2026-11-26",
            "4: 17978–20000–22022 / 5393–6000–6607: measured by a build, 2026-11-26; something below it changed since, or is not known here",
            "5: 20674–23000–25326 / 6202–6900–7598: measured by a build, 2026-11-26; something below it changed since, or is not known here",
            "7: 14000 / 7: measured by a build, 2026-11-26; download: manifest sha256:aa… from a test",
            "8: 24270–27000–29730 / 7281–8100–8919: measured by a build, 2026-11-26; what it copies changed since, or is not known here",
            "9: 11685–13000–14315 / 3506–3900–4294: measured by a build, 2026-11-26; something below it changed since, or is not known here",
        ],
    );
}

#[test]
fn another_base_image_is_something_below_that_changed() {
    let known = built(FILE, facts("sha256:aa", "a"));
    let measured = known.measured;
    check(
        "FROM debian:12\nRUN make-more\n",
        &Facts { measured, ..facts("sha256:bb", "a") },
        &[
            "1: 17–18–20 / 7: ratio of debian and ubuntu; download by manifest sha256:bb… from a test",
            "2: 11685–13000–14315 / 3506–3900–4294: measured by a build, 2026-11-26; something below it changed since, or is not known here",
        ],
    );
}

#[test]
fn a_text_that_changed_changes_what_copies_it_and_what_stands_on_that() {
    let measured = built(FILE, facts("sha256:aa", "a")).measured;
    check(
        FILE,
        &Facts { measured: measured.clone(), ..facts("sha256:aa", "b") },
        &[
            "1: 14000 / 7: measured by a build, 2026-11-26; download: manifest sha256:aa… from a test",
            "3: 14775–15000–15225 / 4433–4500–4568: measured by a build, 2026-11-26; what it copies changed since, or is not known here",
            "4: 17978–20000–22022 / 5393–6000–6607: measured by a build, 2026-11-26; something below it changed since, or is not known here",
            "5: 20674–23000–25326 / 6202–6900–7598: measured by a build, 2026-11-26; something below it changed since, or is not known here",
            "7: 14000 / 7: measured by a build, 2026-11-26; download: manifest sha256:aa… from a test",
            "8: 24270–27000–29730 / 7281–8100–8919: measured by a build, 2026-11-26; what it copies changed since, or is not known here",
            "9: 11685–13000–14315 / 3506–3900–4294: measured by a build, 2026-11-26; something below it changed since, or is not known here",
        ],
    );
    let without_context = Facts { context: None, measured, ..facts("sha256:aa", "b") };
    check(
        FILE,
        &without_context,
        &[
            "1: 14000 / 7: measured by a build, 2026-11-26; download: manifest sha256:aa… from a test",
            "3: 11250–15000–19950 / 3375–4500–5985: measured by a build, 2026-11-26; what it copies changed since, or is not known here",
            "4: 17978–20000–22022 / 5393–6000–6607: measured by a build, 2026-11-26; something below it changed since, or is not known here",
            "5: 20674–23000–25326 / 6202–6900–7598: measured by a build, 2026-11-26; something below it changed since, or is not known here",
            "7: 14000 / 7: measured by a build, 2026-11-26; download: manifest sha256:aa… from a test",
            "8: 24270–27000–29730 / 7281–8100–8919: measured by a build, 2026-11-26; what it copies changed since, or is not known here",
            "9: 11685–13000–14315 / 3506–3900–4294: measured by a build, 2026-11-26; something below it changed since, or is not known here",
        ],
    );
}

#[test]
fn what_is_unknown_and_changed_stays_what_it_was_in_a_wide_range() {
    let known = built(FILE, facts("sha256:aa", "a"));
    check(
        &FILE.replace("some-tool --fill", "some-tool --fill --more"),
        &known,
        &[
            "1: 14000 / 7: measured by a build, 2026-11-26; download: manifest sha256:aa… from a test",
            "3: 15000 / 4500: measured by a build, 2026-11-26",
            "4: 9996–20000–30004 / 2999–6000–9001: measured by a build, 2026-11-26; its command changed since",
            "5: 20674–23000–25326 / 6202–6900–7598: measured by a build, 2026-11-26; something below it changed since, or is not known here",
            "7: 14000 / 7: measured by a build, 2026-11-26; download: manifest sha256:aa… from a test",
            "8: 24270–27000–29730 / 7281–8100–8919: measured by a build, 2026-11-26; what it copies changed since, or is not known here",
            "9: 11685–13000–14315 / 3506–3900–4294: measured by a build, 2026-11-26; something below it changed since, or is not known here",
        ],
    );
}

#[test]
fn a_command_that_is_another_is_not_measured() {
    let known = built(FILE, facts("sha256:aa", "a"));
    check(
        "FROM debian:12\nRUN entirely different words\n",
        &known,
        &[
            "1: 14000 / 7: measured by a build, 2026-11-26; download: manifest sha256:aa… from a test",
            "2: ? / ?: unknown: what entirely writes. Pin it, or build once; unknown: what entirely writes",
        ],
    );
    check(
        "FROM debian:13\nRUN make-more\n",
        &known,
        &[
            "1: 119814384–129691386–139568388 / 47832945–49312314–50791683: ratio of debian and ubuntu; download by catalogue: debian:trixie stands in for debian:13, docker-library/repo-info, 2026-08-04",
            "2: ? / ?: unknown: what make-more writes. Pin it, or build once; unknown: what make-more writes",
        ],
    );
}

#[test]
fn another_platform_is_another_step() {
    let mut known = built(FILE, facts("sha256:aa", "a"));
    known.build.platform = Platform::parse("linux/arm64").ok();
    check(
        "FROM debian:12\nRUN make-more\n",
        &known,
        &[
            "1: 106396914–127502300–148607686 / 41207968–48479962–55751956: ratio of debian and ubuntu; download by catalogue: debian:bookworm stands in for debian:12, maxmood96/repo-info, 2025-01-14",
            "2: ? / ?: unknown: what make-more writes. Pin it, or build once; unknown: what make-more writes",
        ],
    );
}

#[test]
fn a_pin_wins() {
    let mut known = built(FILE, facts("sha256:aa", "a"));
    known.pins.push(Pin {
        stage: "stage-1".to_owned(),
        instruction: "RUN make-more".to_owned(),
        unpacked: Some(5),
        download: None,
    });
    check(
        FILE,
        &known,
        &[
            "1: 14000 / 7: measured by a build, 2026-11-26; download: manifest sha256:aa… from a test",
            "3: 15000 / 4500: measured by a build, 2026-11-26",
            "4: 20000 / 6000: measured by a build, 2026-11-26",
            "5: 23000 / 6900: measured by a build, 2026-11-26",
            "7: 14000 / 7: measured by a build, 2026-11-26; download: manifest sha256:aa… from a test",
            "8: 27000 / 8100: measured by a build, 2026-11-26",
            "9: 5 / 3900: pinned by you",
        ],
    );
}

#[test]
fn a_variable_is_kept_as_a_digest_alone() {
    let file = "FROM debian:12\nARG TOKEN=hunter2\nRUN make-more\nADD https://a.example/${TOKEN}.tar /\n";
    let known = built(file, facts("sha256:aa", "a"));
    let text = serde_json::to_string(&known.measured).expect("facts are JSON");
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn a_step_that_no_build_measured_is_corrected_by_what_builds_say_of_its_estimator() {
    let source = "FROM scratch\nRUN gem install rails\nRUN locale-gen de_DE.UTF-8\n";
    let unpacked = Some(Correction { ratio: 2.0, low: 1.8, high: 2.5, steps: 4 });
    let gems = Calibration { by: "Ruby gems".to_owned(), unpacked, download: None };
    let calibrated = Facts { calibration: vec![gems.clone()], ..Facts::default() };
    check(
        source,
        &calibrated,
        &[
            "2: 6800000–8000000–11000000 / 32–1400032–11000000: rule: Ruby gems; calibrated by 4 steps of your builds",
            "3: 2745000–3050000–4880000 / 594701–823532–1374595: rule: locales",
        ],
    );
    // What a build measured of the step itself wins.
    let measured = built(source, Facts::default()).measured;
    let weighs = Facts { measured, ..calibrated };
    check(
        source,
        &weighs,
        &[
            "2: 21000 / 6300: measured by a build, 2026-11-26",
            "3: 26000 / 7800: measured by a build, 2026-11-26",
        ],
    );
    // One that cannot be is left aside.
    let nonsense = Calibration { unpacked: unpacked.map(|it| Correction { ratio: 0.0, ..it }), ..gems };
    let plain = analyse(source, &Facts::default()).layers;
    assert_eq!(analyse(source, &Facts { calibration: vec![nonsense], ..Facts::default() }).layers, plain);
}
