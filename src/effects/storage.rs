//! What stays in this browser between visits: the text, the colours, and whether the page broke.
//!
//! Storage may be full or forbidden; then the page goes on without it.

use crate::state::Theme;
use web_sys::Storage;

const TEXT: &str = "layercast.text";
const LINK: &str = "layercast.link";
const THEME: &str = "layercast.theme";
const CRASHED: &str = "layercast.crashed";

/// The text of the last visit.
pub fn text() -> Option<String> {
    get(TEXT)
}

/// Keeps the text. Called before it is analysed, so that a fault of ours cannot lose it.
pub fn keep_text(text: &str) {
    set(TEXT, text);
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

/// Notes that the page broke over the text kept.
pub fn keep_crashed() {
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
