//! Deflating and inflating by the browser.

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/www/deflate.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = deflate)]
    async fn deflate_js(bytes: &[u8]) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = inflate)]
    async fn inflate_js(bytes: &[u8]) -> Result<JsValue, JsValue>;
}

/// The bytes, deflated; none where the browser cannot.
pub async fn deflate(bytes: &[u8]) -> Option<Vec<u8>> {
    let packed = deflate_js(bytes).await.ok()?;
    Some(Uint8Array::new(&packed).to_vec())
}

/// What was deflated; none where it is broken.
pub async fn inflate(bytes: &[u8]) -> Option<Vec<u8>> {
    let bytes = inflate_js(bytes).await.ok()?;
    Some(Uint8Array::new(&bytes).to_vec())
}
