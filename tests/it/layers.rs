//! The panel of the layers, rendered to HTML natively.

use crate::views::{TWO_STAGES, facts, pinned, rendered, words};
use expect_test::expect;
use layercast::figures;
use layercast::opening::opening;
use layercast::panels::headline::{Headline, HeadlineProps};
use layercast::panels::layers::{Layers, LayersProps};
use layercast::shared::Shared;
use layercast_core::{Report, analyse, structure};
use yew::prelude::*;

fn layers(report: Report, openings: Vec<AttrValue>) -> LayersProps {
    let report = Shared::new(report);
    let roles = Shared::new(figures::roles(&report));
    LayersProps {
        report,
        openings: Shared::new(openings),
        roles,
        facts: Shared::new(pinned().into()),
        coming: false,
        below: "".into(),
        send: Callback::noop(),
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_layer_opens_to_what_is_in_it() {
    let report = analyse("FROM scratch\nCOPY <<a /a\nhello\na\nRUN /never/heard-of\n", &facts());
    let openings = report.layers.iter().map(|layer| opening(layer).into()).collect();
    let props = LayersProps { below: "Loading".into(), ..layers(report, openings) };
    expect![[r#"
        <section class="layers" id="layers">
          <h2>
            Layers
            <small>
              In the image
            </small>
          </h2>
          <div aria-label="In the image" class="share-bar" role="img">
            <div class="share share-copy" style="flex-grow:1000" title="COPY &lt;&lt;a /a hello · 6 B">
              <span>
                &lt;&lt;a /a hello
              </span>
            </div>
            <div class="share share-unknown" style="flex-grow:0" title="RUN /never/heard-of · ?">
            </div>
          </div>
          <table>
            <thead>
              <tr>
                <th scope="col">
                  step
                </th>
                <th class="number" scope="col">
                  unpacked
                </th>
                <th class="number" scope="col">
                  download
                </th>
                <th class="basis" scope="col">
                  how it is known
                </th>
              </tr>
            </thead>
            <tbody>
              <tr data-lines="2-4">
                <td class="step">
                  <button title="line 2 · COPY &lt;&lt;a /a hello" type="button">
                    COPY &lt;&lt;a /a hello
                  </button>
                  <small>
                    stage-0
                  </small>
                </td>
                <td class="number">
                  6 B
                  <small>
                  </small>
                </td>
                <td class="number">
                  94 B
                  <small>
                    54–473 B
                  </small>
                </td>
                <td class="basis">
                  the length of 1 file
                </td>
              </tr>
              <tr class="opening">
                <td colspan="4">
                  <details>
                    <summary>
                      What is in it
                    </summary>
                    <table class=parts>
                      <thead>
                        <tr>
                          <th scope=col>
                            part
                            <th scope=col class=number>
                              unpacked
                              <th scope=col class=number>
                                download
                                <th scope=col class=basis>
                                  how it is known
                                  <tbody>
                                    <tr>
                                      <td class=part>
                                        /a
                                        <td class=number>
                                          6 B
                                          <td class=number>
                                            2 B
                                            <small>
                                              0–5 B
                                            </small>
                                            <td class=basis>
                                              the length of 1 file
                                            </table>
                                          </details>
                                        </td>
                                      </tr>
                                      <tr class="unknown" data-lines="5-5">
                                        <td class="step">
                                          <button title="line 5 · RUN /never/heard-of" type="button">
                                            RUN /never/heard-of
                                          </button>
                                          <small>
                                            stage-0
                                          </small>
                                        </td>
                                        <td class="number">
                                          <span class="pin" data-before="stage-0	RUN /never/heard-of	" data-behind="	">
                                            <input aria-label="unpacked size of RUN /never/heard-of, such as 58 MB" autocomplete="off" class="size-field" placeholder="size?" type="text">
                                          </span>
                                        </td>
                                        <td class="number">
                                          <span class="pin" data-before="stage-0	RUN /never/heard-of		" data-behind="">
                                            <input aria-label="download size of RUN /never/heard-of, such as 58 MB" autocomplete="off" class="size-field" placeholder="size?" type="text">
                                          </span>
                                        </td>
                                        <td class="basis">
                                          unknown: what heard-of writes. Pin it, or build once
                                        </td>
                                      </tr>
                                      <tr class="opening">
                                        <td colspan="4">
                                          <details>
                                            <summary>
                                              What is in it, and what is not known
                                            </summary>
                                            <p class=open>
                                              <b>
                                                Not known, and not in the sums
                                              </b>
                                            </p>
                                            <ul class=open>
                                              <li>
                                                what heard-of writes
                                              </ul>
                                            </details>
                                          </td>
                                        </tr>
                                      </tbody>
                                    </table>
                                    <div class="below">
                                      Loading
                                    </div>
                                  </section>
    "#]].assert_eq(&rendered::<Layers>(props).await);
}

#[tokio::test(flavor = "current_thread")]
async fn until_steps_are_weighed_no_size_is_asked_for() {
    let props = LayersProps { coming: true, ..layers(structure(TWO_STAGES, &facts()), Vec::new()) };
    let html = rendered::<Layers>(props).await;
    assert!(!html.contains("<input"), "{html}");
    let report = Shared::new(structure(TWO_STAGES, &facts()));
    let roles = Shared::new(figures::roles(&report));
    let html = rendered::<Headline>(HeadlineProps { report, roles, coming: true }).await;
    assert!(words(&html).contains("Weighing the steps\n"), "{html}");
}

#[tokio::test(flavor = "current_thread")]
async fn the_layers_say_how_they_are_known() {
    let props = layers(analyse(TWO_STAGES, &pinned()), Vec::new());
    expect![[r#"
        Layers
        In the image
        alpine:test
        /out/server /server
        step
        unpacked
        download
        how it is known
        FROM alpine:test
        stage-2
        8.30 MB
        3.79 MB
        manifest from a test, 2026-11-20
        COPY --from=build /out/server /server
        stage-2
        9 MB
        4 MB
        pinned by you
        ×
        Left behind: 2 layers
        step
        unpacked
        download
        how it is known
        FROM golang:test AS build
        build
        215 MB
        70 MB
        manifest from a test, 2026-11-20
        RUN frobnicate -o /out/server .
        build
        unknown: what frobnicate writes. Pin it, or build once
    "#]]
    .assert_eq(&words(&rendered::<Layers>(props).await));
}
