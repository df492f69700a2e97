//! Typing and choosing change what is shown.

use crate::page::Page;
use wasm_bindgen_test::wasm_bindgen_test;

const TWO: &str = "FROM alpine:3.22 AS builder\nFROM busybox AS final\nCOPY --from=builder /a /a\n";

#[wasm_bindgen_test]
async fn a_stage_appears_as_it_is_typed() {
    let page = Page::open("FROM alpine:3.22 AS one\n").await;
    page.type_text("FROM alpine:3.22 AS one\nFROM one AS two\n").await;
    assert!(page.find("[data-testid=stage-two]").is_some());
    page.type_text("FRO").await;
    assert!(page.find(".problems-error").is_some());
}

#[wasm_bindgen_test]
async fn another_target_dims_what_it_does_not_need() {
    let page = Page::open(TWO).await;
    page.choose("[data-testid=target]", "builder").await;
    assert!(page.attribute("[data-testid=stage-final]", "class").contains("skipped"));
    page.choose("[data-testid=target]", "").await;
    assert!(!page.attribute("[data-testid=stage-final]", "class").contains("skipped"));
}

#[wasm_bindgen_test]
async fn noise_and_long_lines_do_no_harm() {
    let page = Page::open("").await;
    let noise: String = (0..20_000_u32).map(|at| char::from_u32(at * 7 % 0x3000).unwrap_or('x')).collect();
    for text in [noise.as_str(), "\u{0}\u{feff}FROM", &"x".repeat(300_000), "FROM a\nRUN <<EOF\n"] {
        page.type_text(text).await;
    }
    page.type_text("FROM alpine:3.22 AS well\n").await;
    assert!(page.find("[data-testid=stage-well]").is_some());
}
