//! The graph without a mouse.

use crate::page::Page;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn enter_and_space_on_a_stage_make_it_the_target() {
    let page = Page::open("FROM alpine:3.22 AS a\nFROM busybox AS b\n").await;
    assert_eq!(page.attribute("[data-testid=stage-a]", "tabindex"), "0");
    page.press("[data-testid=stage-a]", "Enter").await;
    assert_eq!(page.attribute("[data-testid=stage-a]", "aria-pressed"), "true");
    page.press("[data-testid=stage-b]", " ").await;
    assert_eq!(page.attribute("[data-testid=stage-a]", "aria-pressed"), "false");
    assert_eq!(page.attribute("[data-testid=stage-b]", "aria-pressed"), "true");
}
