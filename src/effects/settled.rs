//! Large texts are analysed when typing rests, small ones at every key.

use gloo::timers::callback::Timeout;
use std::rc::Rc;
use yew::prelude::*;

/// In bytes: what is analysed and drawn well within a frame, about two thousand lines.
const LARGE: usize = 50_000;
/// In milliseconds.
const REST: u32 = 150;

/// The text to analyse: the text itself, or for a large one, how it was when typing last rested.
#[hook]
pub fn use_settled(source: &Rc<str>) -> Rc<str> {
    let settled = use_state(|| Rc::<str>::from(""));
    let later = settled.clone();
    use_effect_with(source.clone(), move |source| {
        let source = source.clone();
        let timer = (source.len() > LARGE).then(|| Timeout::new(REST, move || later.set(source)));
        move || drop(timer)
    });
    if source.len() > LARGE { Rc::clone(&settled) } else { source.clone() }
}
