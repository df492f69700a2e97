//! The reducer: events in, state out, as text that reads like a document.

use expect_test::{Expect, expect};
use layercast::permalink::Link;
use layercast::remarks::Told;
use layercast::shared::Shared;
use layercast::state::{Action, Relay, State, Theme, reduce};
use layercast::weights::Step;
use layercast_core::estimate::{Basis, Estimate};
use layercast_core::facts::{FailureReason, ImageFact, ImageFailure, ImageLayer, Pin};
use layercast_core::image_ref::Platform;
use std::collections::BTreeMap;

#[track_caller]
fn check(actions: impl IntoIterator<Item = Action>, expected: &Expect) {
    let state = actions.into_iter().fold(State::new("FROM alpine\n"), reduce);
    expected.assert_eq(&written(&state));
}

/// The state, what is empty or as at first left out.
fn written(state: &State) -> String {
    let mut lines = vec![format!("source: {:?}", state.source)];
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            lines.push(format!("{name}: {value}"));
        }
    };
    let build = &state.facts.build;
    line("target", build.target.clone().unwrap_or_default());
    line("platform", build.platform.as_ref().map(Platform::to_string).unwrap_or_default());
    let arguments: Vec<String> =
        build.build_args.iter().map(|(name, value)| format!("{name}={value}")).collect();
    line("arguments", arguments.join(" "));
    let images: Vec<String> =
        state.facts.images.iter().map(|image| format!("{} {}", image.reference, image.digest)).collect();
    line("images", images.join(", "));
    let failures = state.facts.image_failures.iter();
    line("failures", failures.map(|failure| failure.message.clone()).collect::<Vec<_>>().join(", "));
    let pin = |pin: &Pin| format!("{} {} {:?}/{:?}", pin.stage, pin.instruction, pin.unpacked, pin.download);
    line("pins", state.facts.pins.iter().map(pin).collect::<Vec<_>>().join(", "));
    let ui = &state.ui;
    line("replaced", if ui.replaced > 0 { ui.replaced.to_string() } else { String::new() });
    line("jumped", if ui.jump.0 > 0 { format!("{:?}", ui.jump) } else { String::new() });
    line("view", ui.view.to_string());
    line("theme", if ui.theme == Theme::System { String::new() } else { format!("{:?}", ui.theme) });
    line("relay", if ui.relay == Relay::Unknown { String::new() } else { format!("{:?}", ui.relay) });
    lines.join("\n") + "\n"
}

fn fact(reference: &str, digest: &str) -> ImageFact {
    let layer = ImageLayer { digest: String::new(), download: 1, unpacked: None, tar: None };
    ImageFact {
        reference: reference.to_owned(),
        platform: Platform::linux_amd64(),
        digest: digest.to_owned(),
        as_of: String::new(),
        source: String::new(),
        config: Default::default(),
        layers: vec![layer],
    }
}

fn failure(reference: &str) -> ImageFailure {
    ImageFailure {
        reference: reference.to_owned(),
        platform: Platform::linux_amd64(),
        reason: FailureReason::RateLimited,
        message: "docker.io was asked too often".to_owned(),
        hint: String::new(),
    }
}

fn pin(unpacked: Option<u64>, download: Option<u64>) -> Action {
    let (stage, instruction) = ("build".to_owned(), "RUN make".to_owned());
    Action::Pinned(Pin { stage, instruction, unpacked, download })
}

#[test]
fn typing_replaces_the_text_and_nothing_else() {
    let actions = [Action::ChoseTarget(Some("a".into())), Action::Typed("FROM b AS a\r\nRUN c\r".into())];
    check(
        actions,
        &expect![[r#"
        source: "FROM b AS a\nRUN c\n"
        target: a
    "#]],
    );
}

#[test]
fn another_text_leaves_the_choices_for_the_old_one_behind() {
    let actions = [
        Action::ChoseTarget(Some("a".into())),
        Action::ChosePlatform(Platform::parse("linux/arm64").ok()),
        Action::GaveArgument("VERSION".into(), Some("1".into())),
        pin(Some(5), None),
        Action::Answered(fact("docker.io/library/alpine:latest", "sha256:1")),
        Action::Took("FROM scratch\n".into()),
    ];
    check(
        actions,
        &expect![[r#"
        source: "FROM scratch\n"
        platform: linux/arm64
        images: docker.io/library/alpine:latest sha256:1
        replaced: 1
    "#]],
    );
}

#[test]
fn a_link_brings_its_options() {
    let link = Link {
        source: "FROM x AS y\n".to_owned(),
        target: Some("y".to_owned()),
        platform: None,
        args: BTreeMap::from([("A".to_owned(), "b=c".to_owned())]),
        view: "cache?change=line".to_owned(),
    };
    check(
        [Action::Opened(link.clone())],
        &expect![[r#"
        source: "FROM x AS y\n"
        target: y
        arguments: A=b=c
        replaced: 1
        view: cache?change=line
    "#]],
    );
    assert_eq!(reduce(State::new(""), Action::Opened(link.clone())).link(), link);
}

#[test]
fn a_fix_leaves_what_was_chosen_as_it_is() {
    let chosen = [Action::ChoseTarget(Some("a".into())), pin(Some(5), None), Action::Viewed("checks".into())];
    check(
        chosen.into_iter().chain([Action::Edited("FROM scratch\r\n".into())]),
        &expect![[r#"
        source: "FROM scratch\n"
        target: a
        pins: build RUN make Some(5)/None
        replaced: 1
        view: checks
    "#]],
    );
}

#[test]
fn weights_that_are_as_before_stay_the_same_piece_of_memory() {
    let step = |bytes| Step {
        text: "RUN a".to_owned(),
        unpacked: Some(Estimate::exact(bytes, Basis::Definition)),
        download: None,
        basis: String::new(),
        unknown: Vec::new(),
        opening: "".into(),
    };
    let told = |of: &str, bytes| {
        Action::Checked(Told { of: of.into(), steps: Shared::new(vec![step(bytes)]), ..Told::default() })
    };
    let first = reduce(State::new("FROM a"), told("FROM a", 1));
    let (steps, second) = (first.checks.steps(), reduce(first, told("FROM ab", 1)));
    assert!(second.checks.steps() == steps);
    assert!(reduce(second, told("FROM ab", 2)).checks.steps() != steps);
}

#[test]
fn an_answer_replaces_the_failure_before_it() {
    let actions = [
        Action::Failed(failure("docker.io/library/alpine:latest")),
        Action::Failed(failure("docker.io/library/debian:12")),
        Action::Answered(fact("docker.io/library/alpine:latest", "sha256:1")),
    ];
    check(
        actions,
        &expect![[r#"
        source: "FROM alpine\n"
        images: docker.io/library/alpine:latest sha256:1
        failures: docker.io was asked too often
    "#]],
    );
}

#[test]
fn a_failure_leaves_what_was_known() {
    let actions = [Action::Answered(fact("a", "sha256:1")), Action::Failed(failure("a"))];
    check(
        actions,
        &expect![[r#"
        source: "FROM alpine\n"
        images: a sha256:1
        failures: docker.io was asked too often
    "#]],
    );
}

#[test]
fn an_answer_nobody_waits_for_any_more_is_kept() {
    let actions = [Action::Typed("".into()), Action::Answered(fact("a", "sha256:1"))];
    check(
        actions,
        &expect![[r#"
        source: ""
        images: a sha256:1
    "#]],
    );
}

#[test]
fn what_is_pinned_takes_the_place_of_what_was() {
    check(
        [pin(Some(5), None), pin(Some(6), Some(2))],
        &expect![[r#"
        source: "FROM alpine\n"
        pins: build RUN make Some(6)/Some(2)
    "#]],
    );
    check(
        [pin(Some(5), Some(2)), pin(None, None)],
        &expect![[r#"
        source: "FROM alpine\n"
    "#]],
    );
}

#[test]
fn an_argument_is_taken_back() {
    let give = |value: Option<&str>| Action::GaveArgument("A".into(), value.map(str::to_owned));
    check(
        [give(Some("1")), give(Some("2"))],
        &expect![[r#"
        source: "FROM alpine\n"
        arguments: A=2
    "#]],
    );
    check(
        [give(Some("1")), give(None)],
        &expect![[r#"
        source: "FROM alpine\n"
    "#]],
    );
}

#[test]
fn the_same_line_can_be_jumped_to_twice() {
    check(
        [Action::JumpedTo(7), Action::JumpedTo(7), Action::ChoseTheme(Theme::Dark)],
        &expect![[r#"
        source: "FROM alpine\n"
        jumped: (2, 7)
        theme: Dark
    "#]],
    );
}

#[test]
fn what_of_the_graph_is_drawn_changes_no_fact() {
    let before = State::new("FROM alpine\n");
    let after = reduce(before.clone(), Action::DrewStages("built final".into()));
    assert!(after.facts == before.facts, "the report would be worked out again");
    assert_eq!(&*reduce(after, Action::Typed("FROM b".into())).ui.stages, "built final", "typing leaves it");
}
