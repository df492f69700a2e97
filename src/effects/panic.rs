//! A fault of ours shows a sentence and loses no text.

use crate::effects::storage;
use crate::strings;
use std::panic;
use wasm_bindgen::JsValue;

/// From now on a panic is told in the page, with what the console needs for a report.
pub fn show_and_keep() {
    panic::set_hook(Box::new(|info| {
        storage::keep_crashed();
        web_sys::console::error_1(&JsValue::from_str(&info.to_string()));
        let place = web_sys::window().and_then(|window| window.document()?.get_element_by_id("broken"));
        if let Some(place) = place {
            place.set_text_content(Some(strings::PANICKED));
            let _ = place.remove_attribute("hidden");
        }
    }));
}
