//! What stands in a field, and setting it where an attribute would not.

use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

/// The text of an input or a text area, the chosen value of a select.
pub fn value(event: &impl AsRef<Event>) -> String {
    let Some(target) = event.as_ref().target() else { return String::new() };
    if let Some(input) = target.dyn_ref::<HtmlInputElement>() {
        input.value()
    } else if let Some(select) = target.dyn_ref::<HtmlSelectElement>() {
        select.value()
    } else {
        target.dyn_ref::<HtmlTextAreaElement>().map(HtmlTextAreaElement::value).unwrap_or_default()
    }
}

/// Keeps a select at the chosen value: the attribute of its options has no effect once somebody has chosen by
/// hand. `choices` only says when to look again.
#[hook]
pub fn use_chosen<C: Clone + PartialEq + 'static>(select: &NodeRef, chosen: &AttrValue, choices: &C) {
    let select = select.clone();
    use_effect_with((chosen.clone(), choices.clone()), move |(chosen, _)| {
        if let Some(select) = select.cast::<HtmlSelectElement>() {
            select.set_value(chosen);
        }
    });
}
