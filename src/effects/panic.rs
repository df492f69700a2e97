//! A fault of ours shows a sentence and loses no text.
//!
//! The page's standard library stops at a panic without a word (docs/decisions/0042): the browser tells of it as
//! an error of the program, and that is what is listened for.

use crate::effects::storage;
use crate::strings;
use wasm_bindgen::prelude::*;
use web_sys::Event;

/// From now on a panic is told in the page. The console has the browser's own words on it.
pub fn show_and_keep() {
    let Some(window) = web_sys::window() else { return };
    for (kind, field) in [("error", "error"), ("unhandledrejection", "reason")] {
        let told = Closure::<dyn Fn(Event)>::new(move |event: Event| {
            let thrown = js_sys::Reflect::get(&event, &JsValue::from_str(field)).unwrap_or_default();
            if thrown.has_type::<js_sys::WebAssembly::RuntimeError>() {
                tell();
            }
        });
        let listened = window.add_event_listener_with_callback(kind, told.as_ref().unchecked_ref());
        debug_assert!(listened.is_ok(), "a window can be listened to");
        told.forget();
    }
}

fn tell() {
    storage::keep_crashed();
    let place = web_sys::window().and_then(|window| window.document()?.get_element_by_id("broken"));
    if let Some(place) = place {
        place.set_text_content(Some(strings::PANICKED.t()));
        let _ = place.remove_attribute("hidden");
    }
}
