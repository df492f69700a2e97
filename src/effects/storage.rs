//! What stays in this browser between visits: the text, the colours, and whether the page broke.
//!
//! Storage may be full or forbidden; then the page goes on without it.

use crate::effects::rest::Rest;
use crate::state::Theme;
use gloo::events::EventListener;
use std::cell::Cell;
use std::rc::Rc;
use web_sys::Storage;

const TEXT: &str = "layercast.text";
const LINK: &str = "layercast.link";
const THEME: &str = "layercast.theme";
const CRASHED: &str = "layercast.crashed";

/// In milliseconds: so long typing rests before the text is kept. To keep it takes a browser as long as all of its
/// analysis.
const REST: u32 = 150;

thread_local! {
    /// The text that is not kept yet.
    static TYPED: Cell<Option<Rc<str>>> = const { Cell::new(None) };
    static RESTED: Rest = Rest::default();
}

/// The text of the last visit.
pub fn text() -> Option<String> {
    get(TEXT)
}

/// Keeps the text once typing rests. Called before it is analysed, so that a fault of ours cannot lose it.
pub fn keep_text(text: Rc<str>) {
    TYPED.set(Some(text));
    RESTED.with(|rested| rested.after(REST, Box::new(keep_typed)));
}

/// From now on leaving the page loses nothing either. The editor hands over a long text only as the page goes, maybe
/// after we heard of that: it is out of sight a moment later.
pub fn keep_at_leaving() {
    let Some(window) = web_sys::window() else { return };
    for leaving in ["pagehide", "visibilitychange"] {
        EventListener::new(&window, leaving, |_| keep_typed()).forget();
    }
}

fn keep_typed() {
    if let Some(text) = TYPED.take() {
        set(TEXT, &text);
    }
}

/// The fragment that the page last wrote into the address bar.
pub fn link() -> String {
    get(LINK).unwrap_or_default()
}

/// Keeps the fragment that stands in the address bar.
pub fn keep_link(fragment: &str) {
    set(LINK, fragment);
}

/// The colours chosen.
pub fn theme() -> Theme {
    match get(THEME).as_deref() {
        Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        _ => Theme::System,
    }
}

/// Keeps the colours.
pub fn keep_theme(theme: Theme) {
    let word = match theme {
        Theme::System => "system",
        Theme::Light => "light",
        Theme::Dark => "dark",
    };
    set(THEME, word);
}

/// Notes that the page broke over the text typed last, and keeps that.
pub fn keep_crashed() {
    keep_typed();
    set(CRASHED, "yes");
}

/// True once after the page broke.
pub fn take_crashed() -> bool {
    let crashed = get(CRASHED).is_some();
    if let (true, Some(storage)) = (crashed, storage()) {
        let _ = storage.remove_item(CRASHED);
    }
    crashed
}

fn get(key: &str) -> Option<String> {
    storage()?.get_item(key).ok()?
}

fn set(key: &str, value: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(key, value);
    }
}

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}
