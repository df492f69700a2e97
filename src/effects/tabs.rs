//! The tabs beside the image, fetched when the worker listens: scripts that speak to the worker. The page itself
//! holds nothing of them but what a link says of them.

use crate::pins;
use crate::state::Action;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use yew::Callback;

#[wasm_bindgen(module = "/www/tabs/loader.js")]
extern "C" {
    fn connect(worker: &web_sys::Worker, act: JsValue);
    /// Shows what a link says.
    pub fn show(view: &str);
}

/// Joins tabs and worker. Called again for a worker that is started again: they tell it all once more.
pub fn join(worker: &web_sys::Worker, send: &Callback<Action>) {
    let send = send.clone();
    let act = Closure::<dyn Fn(String, String) -> bool>::new(move |verb: String, value: String| {
        let action = action(&verb, &value);
        let is_taken = action.is_some();
        action.into_iter().for_each(|action| send.emit(action));
        is_taken
    });
    connect(worker, act.into_js_value());
}

/// What the scripts ask for; an unknown verb is a view. None where a size cannot be read: the script tells.
fn action(verb: &str, value: &str) -> Option<Action> {
    let text = Rc::from(value);
    Some(match verb {
        "took" => Action::Took(text),
        "edit" => Action::Edited(text),
        "jump" => Action::JumpedTo(value.parse().unwrap_or(1)),
        "stages" => Action::DrewStages(text),
        "target" => Action::ChoseTarget((!value.is_empty()).then(|| value.to_owned())),
        "pin" => Action::Pinned(pins::from_text(value)?),
        _ => Action::Viewed(text),
    })
}
