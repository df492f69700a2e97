//! Views rendered to HTML, natively: what a reader of the page is told.

use expect_test::{Expect, expect};
use layercast::figures;
use layercast::panels::headline::{Headline, HeadlineProps};
use layercast::panels::problems::{Problems, ProblemsProps};
use layercast::panels::stages::{Stages, StagesProps};
use layercast::remarks::{Checks, Remark, Told, remarks};
use layercast::shared::Shared;
use layercast_core::facts::{ImageFact, ImageLayer, Pin};
use layercast_core::image_ref::Platform;
use layercast_core::{Facts, analyse, structure};
use yew::prelude::*;
use yew::{LocalServerRenderer, html::BaseComponent};

pub const TWO_STAGES: &str = "\
FROM golang:test AS build
RUN frobnicate -o /out/server .
FROM build AS tests
RUN frobnicate --test
FROM alpine:test
COPY --from=build /out/server /server
";

pub fn facts() -> Facts {
    let image = |name: &str, download, unpacked| ImageFact {
        reference: format!("docker.io/library/{name}:test"),
        platform: Platform::linux_amd64(),
        digest: String::new(),
        as_of: "2026-11-20".to_owned(),
        source: "a test".to_owned(),
        config: Default::default(),
        layers: vec![ImageLayer { digest: String::new(), download, unpacked: Some(unpacked), tar: None }],
    };
    let mut facts = Facts::default();
    facts.add_image(image("golang", 70_000_000, 215_000_000));
    facts.add_image(image("alpine", 3_790_000, 8_300_000));
    facts
}

pub fn pinned() -> Facts {
    let pin = |stage: &str, instruction: &str, unpacked, download| Pin {
        stage: stage.to_owned(),
        instruction: instruction.to_owned(),
        unpacked: Some(unpacked),
        download: Some(download),
    };
    let pins = vec![pin("stage-2", "COPY --from=build /out/server /server", 9_000_000, 4_000_000)];
    Facts { pins, ..facts() }
}

pub async fn rendered<C: BaseComponent>(props: C::Properties) -> String
where
    C::Properties: Clone,
{
    let html = LocalServerRenderer::<C>::with_props(props).hydratable(false).render().await;
    one_tag_a_line(&html)
}

/// Each tag on a line of its own, with its attributes in order: Yew writes them in none.
fn one_tag_a_line(html: &str) -> String {
    let mut lines = String::new();
    let mut depth = 0_usize;
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        push(&mut lines, depth, rest[..start].trim());
        let end = rest[start..].find('>').map_or(rest.len(), |end| start + end + 1);
        let tag = &rest[start..end];
        depth -= usize::from(tag.starts_with("</"));
        push(&mut lines, depth, &sorted(tag));
        let empty = ["<input", "<br"].iter().any(|name| tag.starts_with(name));
        depth += usize::from(!tag.starts_with("</") && !tag.ends_with("/>") && !empty);
        rest = &rest[end..];
    }
    push(&mut lines, depth, rest.trim());
    lines
}

fn push(lines: &mut String, depth: usize, text: &str) {
    if !text.is_empty() {
        lines.push_str(&"  ".repeat(depth));
        lines.push_str(text);
        lines.push('\n');
    }
}

fn sorted(tag: &str) -> String {
    let inside = tag.trim_start_matches('<').trim_end_matches('>').trim_end_matches('/');
    let Some((name, attributes)) = inside.split_once(' ') else { return tag.to_owned() };
    let mut attributes: Vec<&str> = attributes.split_inclusive("\" ").map(str::trim).collect();
    attributes.sort_unstable();
    format!("<{name} {}>", attributes.join(" "))
}

async fn headline(source: &str, facts: &Facts, expected: Expect) {
    let report = Shared::new(analyse(source, facts));
    let roles = Shared::new(figures::roles(&report));
    expected.assert_eq(&rendered::<Headline>(HeadlineProps { report, roles, coming: false }).await);
}

/// The text alone, tags left out: for views whose words matter more than their boxes.
pub fn words(html: &str) -> String {
    let lines = html.lines().map(str::trim).filter(|line| !line.starts_with('<'));
    lines.map(|line| format!("{line}\n")).collect()
}

#[tokio::test(flavor = "current_thread")]
async fn a_sum_with_an_unknown_step_is_a_lower_bound() {
    headline(
        TWO_STAGES,
        &facts(),
        expect![[r##"
        <section class="headline">
          <div class="figures">
            <div class="figure figure-unpacked" data-bytes="8300000" data-testid="unpacked">
              <p class="figure-name">
                unpacked
              </p>
              <p class="figure-number">
                <span aria-label="at least" class="figure-least">
                  ≥
                </span>
                8.30
                <span class="figure-unit">
                  MB
                </span>
              </p>
              <p class="figure-note">
              </p>
              <p class="figure-note">
                what docker images shows
              </p>
            </div>
            <div class="figure figure-download" data-bytes="3790000" data-testid="download">
              <p class="figure-name">
                download
              </p>
              <p class="figure-number">
                <span aria-label="at least" class="figure-least">
                  ≥
                </span>
                3.79
                <span class="figure-unit">
                  MB
                </span>
              </p>
              <p class="figure-note">
              </p>
              <p class="figure-note">
                what a pull moves
              </p>
            </div>
            <div class="figure figure-behind" data-bytes="215000000" data-testid="behind">
              <p class="figure-name">
                stays behind
              </p>
              <p class="figure-number">
                <span aria-label="at least" class="figure-least">
                  ≥
                </span>
                215
                <span class="figure-unit">
                  MB
                </span>
              </p>
              <p class="figure-note">
              </p>
              <p class="figure-note">
                needed to build, never shipped
              </p>
            </div>
          </div>
          <p class="unknown-note">
            <a href="#layers">
              + 1 step unknown
            </a>
            and not in these sums. Type a size where you know it.
          </p>
          <div aria-label="8.30 MB ships, 215 MB stays behind" class="share-bar against" role="img">
            <div class="share share-ships" style="flex-grow:37" title="8.30 MB ships">
            </div>
            <div class="share share-behind" style="flex-grow:962" title="215 MB stays behind">
              <span>
                215 MB stays behind
              </span>
            </div>
          </div>
        </section>
    "##]],
    )
    .await;
}

#[tokio::test(flavor = "current_thread")]
async fn a_sum_of_known_steps_is_what_it_is() {
    headline(
        TWO_STAGES,
        &pinned(),
        expect![[r#"
            <section class="headline">
              <div class="figures">
                <div class="figure figure-unpacked" data-bytes="17300000" data-testid="unpacked">
                  <p class="figure-name">
                    unpacked
                  </p>
                  <p class="figure-number">
                    17.3
                    <span class="figure-unit">
                      MB
                    </span>
                  </p>
                  <p class="figure-note">
                  </p>
                  <p class="figure-note">
                    what docker images shows
                  </p>
                </div>
                <div class="figure figure-download" data-bytes="7790000" data-testid="download">
                  <p class="figure-name">
                    download
                  </p>
                  <p class="figure-number">
                    7.79
                    <span class="figure-unit">
                      MB
                    </span>
                  </p>
                  <p class="figure-note">
                  </p>
                  <p class="figure-note">
                    what a pull moves
                  </p>
                </div>
                <div class="figure figure-behind" data-bytes="215000000" data-testid="behind">
                  <p class="figure-name">
                    stays behind
                  </p>
                  <p class="figure-number">
                    <span aria-label="at least" class="figure-least">
                      ≥
                    </span>
                    215
                    <span class="figure-unit">
                      MB
                    </span>
                  </p>
                  <p class="figure-note">
                  </p>
                  <p class="figure-note">
                    needed to build, never shipped
                  </p>
                </div>
              </div>
              <div aria-label="17.3 MB ships, 215 MB stays behind" class="share-bar against" role="img">
                <div class="share share-ships" style="flex-grow:74" title="17.3 MB ships">
                </div>
                <div class="share share-behind" style="flex-grow:925" title="215 MB stays behind">
                  <span>
                    215 MB stays behind
                  </span>
                </div>
              </div>
            </section>
        "#]],
    )
    .await;
}

#[tokio::test(flavor = "current_thread")]
async fn an_unknown_image_has_no_bytes() {
    headline(
        "FROM registry.example/none:1\n",
        &facts(),
        expect![[r##"
        <section class="headline">
          <div class="figures">
            <div class="figure figure-unpacked" data-testid="unpacked">
              <p class="figure-name">
                unpacked
              </p>
              <p class="figure-number">
                <span class="figure-unknown">
                  ?
                </span>
              </p>
              <p class="figure-note">
                not known yet
              </p>
              <p class="figure-note">
                what docker images shows
              </p>
            </div>
            <div class="figure figure-download" data-testid="download">
              <p class="figure-name">
                download
              </p>
              <p class="figure-number">
                <span class="figure-unknown">
                  ?
                </span>
              </p>
              <p class="figure-note">
                not known yet
              </p>
              <p class="figure-note">
                what a pull moves
              </p>
            </div>
          </div>
          <p class="unknown-note">
            <a href="#layers">
              + 1 step unknown
            </a>
            and not in these sums. Type a size where you know it.
          </p>
        </section>
    "##]],
    )
    .await;
}

#[tokio::test(flavor = "current_thread")]
async fn the_stages_are_told_in_words() {
    let report = Shared::new(analyse(TWO_STAGES, &facts()));
    let roles = Shared::new(figures::roles(&report));
    let props = StagesProps { report, roles, drawn: "".into(), send: Callback::noop() };
    expect![[r#"
        Stages
        Click a stage to make it the target.
        /out/server
        docker.io/library/golang:test
        golang:test
        215 MB
        docker.io/library/alpine:test
        alpine:test
        8.30 MB
        build, from golang:test. Make it the target
        build
        ≥ 215 MB
        1 step ·
        left behind
        tests, from build, is not built: nothing uses it. Make it the target
        tests
        ≥ 215 MB
        1 step ·
        not built
        stage-2, from alpine:test. Make it the target
        stage-2
        ≥ 8.30 MB
        1 step ·
        ships
        FROM: starts from it
        COPY --from: takes files
        tests
        is not built: nothing uses it.
    "#]]
    .assert_eq(&words(&rendered::<Stages>(props).await));
}

#[tokio::test(flavor = "current_thread")]
async fn a_chain_of_stages_is_drawn_as_one() {
    let source =
        "FROM alpine:test AS base\nRUN a\nFROM base AS deps\nRUN b\nRUN c\nFROM deps AS final\nRUN d\n";
    let report = Shared::new(analyse(source, &facts()));
    let roles = Shared::new(figures::roles(&report));
    let drawn = |drawn: &str| StagesProps {
        report: report.clone(),
        roles: roles.clone(),
        drawn: drawn.into(),
        send: Callback::noop(),
    };
    let html = rendered::<Stages>(drawn(" other final")).await;
    expect![[r#"
        Stages
        Click a stage to make it the target.
        docker.io/library/alpine:test
        alpine:test
        8.30 MB
        base … final, from alpine:test. Make it the target
        base … final
        3 stages · ≥ 8.30 MB
        4 steps ·
        ships
        FROM: starts from it
    "#]]
    .assert_eq(&words(&html));
    assert!(html.contains("data-lines=\"1-2 3-5 6-7\""), "{html}");
    let html = rendered::<Stages>(drawn("")).await;
    assert_eq!(html.matches("data-end=\"2\"").count(), 3, "{html}");
}

#[tokio::test(flavor = "current_thread")]
async fn a_skipped_stage_is_marked_and_the_target_pressed() {
    let report = Shared::new(analyse(TWO_STAGES, &facts()));
    let roles = Shared::new(figures::roles(&report));
    let props = StagesProps { report, roles, drawn: "".into(), send: Callback::noop() };
    let html = rendered::<Stages>(props).await;
    let nodes = html.lines().map(str::trim).filter(|line| line.contains("data-testid"));
    expect![[r#"
        <g aria-pressed="false" class="node stage behind" data-end="0" data-lines="1-2" data-node="0" data-testid="stage-build" role="button" style="transform:translate(244px,52px)" tabindex="0">
        <g aria-pressed="false" class="node stage skipped" data-end="1" data-lines="3-4" data-node="1" data-testid="stage-tests" role="button" style="transform:translate(522px,22px)" tabindex="0">
        <g aria-pressed="true" class="node stage ships" data-end="2" data-lines="5-6" data-node="2" data-testid="stage-stage-2" role="button" style="transform:translate(522px,120px)" tabindex="0">
    "#]].assert_eq(&nodes.map(|line| format!("{line}\n")).collect::<String>());
}

/// The list below the editor, with what the checks said.
fn problems(source: &str, checks: Checks) -> ProblemsProps {
    let remarks = Shared::new(remarks(source, &structure(source, &facts()), &checks));
    ProblemsProps { remarks, checks, send: Callback::noop() }
}

fn said(remarks: Vec<Remark>) -> Checks {
    Checks::Said(Told { of: TWO_STAGES.into(), remarks: Shared::new(remarks), ..Told::default() })
}

#[tokio::test(flavor = "current_thread")]
async fn a_problem_names_its_line_and_what_helps() {
    let props = problems("FROM alpine AS a\nFRO b\n", said(Vec::new()));
    expect![[r#"
        <section aria-label="Problems" class="problems problems-error" data-testid="problems">
          <h2>
            <span role="status">
              1 error
            </span>
          </h2>
          <ul>
            <li class="error">
              <button class="problem" type="button">
                <span class="problem-line">
                  line 2
                </span>
                <span class="problem-text">
                  `FRO` is no instruction
                  <small>
                    Did you mean `FROM`?
                  </small>
                </span>
              </button>
            </li>
          </ul>
        </section>
    "#]]
    .assert_eq(&rendered::<Problems>(props).await);
}

#[tokio::test(flavor = "current_thread")]
async fn a_sound_file_has_no_problems() {
    let props = problems(TWO_STAGES, said(Vec::new()));
    expect![[r#"
        <section aria-label="Problems" class="problems problems-none" data-testid="problems">
          <h2>
            <span role="status">
              No problems
            </span>
          </h2>
        </section>
    "#]]
    .assert_eq(&rendered::<Problems>(props).await);
}

#[tokio::test(flavor = "current_thread")]
async fn what_the_checks_say_joins_what_stops_the_build() {
    let source = "FROM alpine:3.22 AS Build\nFROM busybox:1.37 AS build\nRUN --mont=x true\n";
    let found = analyse(source, &facts()).checked();
    let remarks = Shared::new(found.iter().map(Remark::from).collect());
    let checks = Checks::Said(Told { of: source.into(), remarks, ..Told::default() });
    let html = rendered::<Problems>(problems(source, checks)).await;
    expect![[r#"
        1 error, 2 remarks
        line 3
        RUN has no flag `--mont`
        Did you mean `--mount`?
        line 1
        `Build` becomes `build`
        line 2
        a stage above is called `build` too
    "#]]
    .assert_eq(&words(&html));
}

#[tokio::test(flavor = "current_thread")]
async fn checks_that_are_not_there_are_no_clean_bill() {
    let html = rendered::<Problems>(problems(TWO_STAGES, Checks::Coming)).await;
    expect![[r#"
        Checking
    "#]]
    .assert_eq(&words(&html));
    let html = rendered::<Problems>(problems(TWO_STAGES, Checks::Gone)).await;
    expect![[r#"
        No errors
        The checks could not be loaded: only what stops the build is listed.
    "#]]
    .assert_eq(&words(&html));
}
