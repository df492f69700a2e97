//! The tab in front: drawn when the page's script asks for it, and again whenever more is known.

use crate::{tell, weighing};
use js_sys::Array;
use layercast::tabs::{self, Fields};
use std::cell::RefCell;
use wasm_bindgen::JsCast;

thread_local! {
    /// Its name, and the fields of its form.
    static IN_FRONT: RefCell<Option<(String, Fields)>> = RefCell::default();
}

/// Takes in `tab`, its name and its fields as pairs; without a name, none is in front.
pub(crate) fn hear(message: &Array) {
    let field = |pair: wasm_bindgen::JsValue| {
        let pair = pair.dyn_ref::<Array>()?.clone();
        Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
    };
    let fields = message.get(2);
    let fields = fields.dyn_ref::<Array>().map(|all| all.iter().filter_map(field).collect());
    let shown = message.get(1).as_string().map(|name| (name, Fields(fields.unwrap_or_default())));
    IN_FRONT.with_borrow_mut(|in_front| *in_front = shown);
    draw();
}

/// Draws it from what is known now.
pub(crate) fn draw() {
    let Some((name, fields)) = IN_FRONT.with_borrow(Clone::clone) else { return };
    let drawn = weighing::with(|desk| tabs::draw(&name, desk.to_draw_from()?, &fields));
    if let Some(html) = drawn {
        tell(&Array::of3(&"tab".into(), &name.into(), &html.into()));
    }
}
