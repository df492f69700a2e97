//! What installations write: a Dockerfile's steps beside the parts that each leaves in its layer.

use super::super::super::layer::weigh_layer;
use super::super::super::machine::{Machine, StageState};
use super::super::super::system::distribution_of;
use super::super::run;
use crate::dockerfile::command_line::CommandLine;
use crate::facts::{Facts, Question};
use crate::image_ref::{ImageRef, Platform};
use crate::package_table::sample::{Row, table};

const PACKAGES: &[Row<'_>] = &[
    ("apt", "!", "", ""),
    ("big", "", "library", "extra"),
    ("ca-certificates", "d", "", ""),
    ("curl", "", "library", "ca-certificates"),
    ("extra", "", "", ""),
    ("library", "u", "", ""),
    ("python3-minimal", "", "", ""),
    ("python3-thing", "", "python3-minimal", ""),
];
/// Number, kept, dropped, both as gzip, entries, Python's source, dpkg's files, paragraph.
const MEASURED: &[&str] = &[
    "1 2000000 500000 700000 100000 10 0 1000 900",
    "2 300000 0 100000 0 10 0 1000 900",
    "3 400000 600000 200000 200000 10 0 1000 900",
    "4 50000 0 20000 0 10 0 1000 900",
    "5 1000000 0 400000 0 10 0 1000 900",
    "6 100000 0 20000 0 10 100000 1000 900",
    "7 200000 0 50000 0 10 200000 1000 900",
];

/// Runs the steps; gives for each its parts with kilobytes, what is not known of it, and its notes.
fn steps(image: &str, texts: &[&str], facts: &Facts) -> (Vec<String>, Vec<Question>) {
    let image = ImageRef::parse(image).expect("the test names an image");
    let mut state = StageState::default();
    state.system.distribution = distribution_of(&image);
    state.system.image = Some(image);
    state.system.platform = Platform::linux_amd64();
    let mut machine = Machine::new(facts, None, &[], state);
    let mut told = Vec::new();
    for text in texts {
        run(&CommandLine::Shell((*text).to_owned()), &mut machine);
        let weight = weigh_layer(&machine.state.tree.seal());
        let mut parts: Vec<String> = weight
            .parts
            .iter()
            .map(|part| format!("{} {}", part.name, part.unpacked.likely / 1000))
            .collect();
        let (unknown, notes) = machine.take_remarks();
        parts.extend(unknown.into_iter().map(|what| format!("unknown: {what}")));
        parts.extend(notes.into_iter().map(|note| format!("note: {note}")));
        told.push(parts.join("\n"));
    }
    (told, machine.questions)
}

fn known() -> Facts {
    let mut facts = Facts::default();
    facts.tables.add("debian", "bookworm", "amd64", table(PACKAGES, &[("tool", &["big", "curl"])], MEASURED));
    facts
}

#[track_caller]
fn check(image: &str, texts: &[&str], expected: &[&str]) {
    let (told, questions) = steps(image, texts, &known());
    let expected: Vec<String> = expected
        .iter()
        .map(|text| {
            text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
        })
        .collect();
    assert_eq!(told, expected);
    assert_eq!(questions, []);
}

#[test]
fn each_package_is_a_part_and_lists_go_with_rm() {
    check(
        "debian:bookworm-slim",
        &["apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*"],
        &["library 1-1 1001
           curl 1-1 401
           logs of apt and dpkg 6
           status of dpkg 5"],
    );
}

#[test]
fn recommended_packages_come_unless_they_are_turned_off() {
    let parts = "library 1-1 1001
                 curl 1-1 401
                 ca-certificates 1-1 301
                 bundle of certificates 221
                 questions that packages may ask 40
                 status of dpkg 7
                 logs of apt and dpkg 7";
    check("debian:bookworm-slim", &["apt-get install -y curl"], &[parts]);
    let without = "library 1-1 1001
                   curl 1-1 401
                   logs of apt and dpkg 6
                   status of dpkg 5";
    let texts = [
        "apt-get -o APT::Install-Recommends=false install curl",
        "apt install -y --no-install-recommends curl",
    ];
    texts.iter().for_each(|text| check("debian:bookworm-slim", &[text], &[without]));
    let written = "printf 'APT::Install-Recommends \"0\";\\n' > /etc/apt/apt.conf.d/01norecommend && apt-get install curl";
    let (told, _) = steps("debian:bookworm-slim", &[written], &known());
    assert!(!told[0].contains("ca-certificates"), "{}", told[0]);
}

#[test]
fn full_images_keep_documentation() {
    check(
        "debian:bookworm",
        &["apt-get install --no-install-recommends curl"],
        &["library 1-1 1001
           curl 1-1 401
           translations of 2 packages, curl the first 300
           documentation of 2 packages, curl the first 222
           manuals of 2 packages, curl the first 78
           logs of apt and dpkg 6
           status of dpkg 5"],
    );
}

#[test]
fn lists_left_behind_weigh_and_are_fetched_once() {
    check(
        "debian:bookworm-slim",
        &["apt-get update", "apt-get update", "apt-get clean && rm -rf /var/lib/apt/lists/*"],
        &["lists of packages 19000", "", ""],
    );
}

#[test]
fn what_is_purged_in_its_own_step_weighs_nothing_and_later_it_does() {
    let install = "apt-get install -y --no-install-recommends curl";
    let remove = "apt-get purge -y --auto-remove curl";
    let after = "logs of apt and dpkg 5\nstatus of dpkg 1";
    check("debian:bookworm-slim", &[&format!("{install} && {remove}")], &[after]);
    let first = "library 1-1 1001
                 curl 1-1 401
                 logs of apt and dpkg 6
                 status of dpkg 5";
    check("debian:bookworm-slim", &[install, remove], &[first, after]);
}

#[test]
fn what_the_image_or_an_earlier_step_brought_does_not_come_again() {
    check(
        "debian:bookworm-slim",
        &[
            "apt-get install --no-install-recommends curl",
            "apt-get install -y --no-install-recommends curl big",
        ],
        &[
            "library 1-1 1001
             curl 1-1 401
             logs of apt and dpkg 6
             status of dpkg 5",
            "big 1-1 2001
             status of dpkg 7
             logs of apt and dpkg 7",
        ],
    );
    check("python:3.12", &["apt-get install -y --no-install-recommends curl"], &[""]);
}

#[test]
fn archives_stay_where_the_configuration_that_deletes_them_is_gone() {
    let (told, _) = steps(
        "debian:bookworm-slim",
        &[
            "rm -f /etc/apt/apt.conf.d/docker-clean; apt-get update; apt-get install --no-install-recommends curl",
        ],
        &known(),
    );
    assert!(
        told[0].contains("2 package archives 80") && told[0].contains("tables that apt builds"),
        "{}",
        told[0]
    );
}

#[test]
fn python_is_compiled_where_it_is_installed() {
    let (told, _) = steps("debian:bookworm-slim", &["apt-get install python3-thing"], &known());
    assert!(told[0].contains("compiled files of python3-thing 1-1 224"), "{}", told[0]);
    assert!(told[0].contains("compiled files of python3-minimal 1-1 112"), "{}", told[0]);
    let texts = ["apt-get install python3-thing && apt-get purge -y --auto-remove python3-thing"];
    let (told, _) = steps("debian:bookworm-slim", &texts, &known());
    assert!(!told[0].contains("compiled"), "{}", told[0]);
}

#[test]
fn a_name_that_does_not_exist_is_told_and_the_rest_weighs() {
    let (told, _) =
        steps("debian:bookworm-slim", &["apt-get install --no-install-recommends crul big"], &known());
    assert!(told[0].contains("big 1-1 2001"), "{}", told[0]);
    assert!(
        told[0].contains("unknown: Debian bookworm has no package crul: did you mean curl?"),
        "{}",
        told[0]
    );
}

#[test]
fn an_upgrade_brings_from_nothing_to_all_that_is_newer() {
    let (told, _) =
        steps("debian:bookworm-slim", &["apt-get install -d curl", "apt-get upgrade -y"], &known());
    assert_eq!(told[0], "", "only fetched, and deleted");
    assert_eq!(told[1], "", "what steps have installed is new already");
}

#[test]
fn the_table_is_asked_for_where_it_is_missing() {
    let (told, questions) = steps("debian:bookworm-slim", &["apt-get install -y curl"], &Facts::default());
    assert_eq!(told, ["unknown: the packages of Debian bookworm: their table is not here"]);
    let [Question::PackageTable { distribution, release, architecture }] = questions.as_slice() else {
        panic!("{questions:?}");
    };
    assert_eq!([distribution, release, architecture], ["debian", "bookworm", "amd64"]);
}

#[test]
fn another_release_is_estimated_by_the_nearest_table() {
    let (told, _) = steps("ubuntu:24.04", &["apt-get install -y --no-install-recommends big"], &known());
    assert!(told[0].contains("big 1-1 2001"), "{}", told[0]);
    assert!(told[0].contains("note: there is no table of the packages of Ubuntu 24.04"), "{}", told[0]);
}
