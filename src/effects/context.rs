//! The panel of the build context, fetched when the worker listens: a script that reads folders and hands what it
//! lists to the worker. The page itself holds nothing of it.

use crate::state::Action;
use wasm_bindgen::prelude::*;
use yew::Callback;

/// The element that the panel is drawn into.
pub const HOST: &str = "context";

#[wasm_bindgen(module = "/www/context/loader.js")]
extern "C" {
    fn connect(worker: &web_sys::Worker, took: JsValue);
}

/// Joins panel and worker. Called again for a worker that is started again: the panel tells it all once more.
pub fn join(worker: &web_sys::Worker, send: &Callback<Action>) {
    let send = send.clone();
    let took = Closure::<dyn Fn(String)>::new(move |text: String| send.emit(Action::Took(text.into())));
    connect(worker, took.into_js_value());
}
