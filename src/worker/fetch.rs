//! GET by the browser.

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/www/fetch.js")]
extern "C" {
    type Answered;

    #[wasm_bindgen(catch)]
    async fn get_text_js(address: &str, patience: u32) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch)]
    async fn get_js(address: &str, accept: &str, range: &str, patience: u32) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, getter)]
    fn status(this: &Answered) -> u16;
    #[wasm_bindgen(method, getter)]
    fn body(this: &Answered) -> Uint8Array;
    #[wasm_bindgen(method)]
    fn header(this: &Answered, name: &str) -> String;
}

/// What a server answered, whatever its status.
pub(crate) struct Answer(Answered);

/// Why nothing was answered.
pub(crate) enum Failed {
    /// It took too long.
    Slow,
    /// Nobody there, or nobody who speaks to pages: the browser's words.
    Down(String),
}

impl Answer {
    /// The HTTP status.
    pub(crate) fn status(&self) -> u16 {
        self.0.status()
    }

    /// A header that the server lets the page see; empty where there is none.
    pub(crate) fn header(&self, name: &str) -> String {
        self.0.header(name)
    }

    /// The whole body.
    pub(crate) fn body(&self) -> Vec<u8> {
        self.0.body().to_vec()
    }
}

/// Asks, and waits so many milliseconds.
pub(crate) async fn get(
    address: &str,
    accept: Option<&str>,
    range: Option<&str>,
    patience: u32,
) -> Result<Answer, Failed> {
    match get_js(address, accept.unwrap_or(""), range.unwrap_or(""), patience).await {
        Ok(answer) => Ok(Answer(answer.unchecked_into())),
        Err(error) => Err(failed(&error)),
    }
}

/// A text that lies beside this script, compressed or not; else why it cannot be had.
pub(crate) async fn get_text(address: &str, patience: u32) -> Result<String, String> {
    match get_text_js(address, patience).await {
        Ok(text) => Ok(text.as_string().unwrap_or_default()),
        Err(error) => Err(match failed(&error) {
            Failed::Slow => format!("it took longer than {} seconds", patience / 1_000),
            Failed::Down(words) => words,
        }),
    }
}

fn failed(error: &JsValue) -> Failed {
    let words = error.dyn_ref::<js_sys::Error>().map(|error| (error.name(), error.message()));
    match words {
        Some((name, _)) if name == "TimeoutError" => Failed::Slow,
        Some((_, message)) => Failed::Down(String::from(message)),
        None => Failed::Down(String::new()),
    }
}
