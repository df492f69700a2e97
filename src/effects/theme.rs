//! The chosen colours, told to the style sheet and kept.

use crate::effects::storage;
use crate::state::Theme;
use yew::prelude::*;

/// Sets `data-theme` on the document; without one the system's choice holds.
#[hook]
pub fn use_theme(theme: Theme) {
    use_effect_with(theme, move |theme| {
        let root = web_sys::window().and_then(|window| window.document()?.document_element());
        if let Some(root) = root {
            let _ = match theme {
                Theme::System => root.remove_attribute("data-theme"),
                Theme::Light => root.set_attribute("data-theme", "light"),
                Theme::Dark => root.set_attribute("data-theme", "dark"),
            };
        }
        storage::keep_theme(*theme);
    });
}
