//! What is there when the page has come.

use crate::page::Page;
use layercast::examples;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn the_text_its_stages_and_its_size_are_there_at_once() {
    let page = Page::open("FROM alpine:3.22 AS base\nFROM base AS last\n").await;
    assert!(page.find("[data-testid=stage-base]").is_some());
    assert!(page.attribute("[data-testid=stage-last]", "class").contains("ships"));
    assert!(page.attribute("[data-testid=unpacked]", "data-bytes").parse::<u64>().is_ok_and(|size| size > 0));
    // The worker is not served here: the checks are on their way, or given up.
    assert_eq!(page.text("[data-testid=problems] h2"), "Checking");
}

#[wasm_bindgen_test]
async fn every_example_draws_stages_and_has_no_error() {
    for example in examples::ALL {
        let page = Page::open(example.source).await;
        assert!(page.find(".stage.ships").is_some(), "{}", example.name);
        assert!(page.find(".problems-error").is_none(), "{}: {}", example.name, page.text(".problems"));
    }
}

#[wasm_bindgen_test]
async fn without_a_text_the_examples_are_offered() {
    let page = Page::open("").await;
    assert!(page.find(".card").is_some());
    assert!(page.find(".graph").is_none());
}
