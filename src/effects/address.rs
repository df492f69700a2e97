//! The state in the address bar, and links opened while the page is open.

use crate::effects::rest::use_rest;
use crate::effects::{deflate, storage, tabs};
use crate::language;
use crate::permalink::{self, Link};
use crate::state::{Action, State};
use gloo::events::EventListener;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// Typing rests so long, in milliseconds, before the address follows: browsers ration its changes.
const REST: u32 = 500;

/// What stands behind `#`, without it.
pub fn fragment() -> String {
    let hash = web_sys::window().and_then(|window| window.location().hash().ok()).unwrap_or_default();
    hash.trim_start_matches('#').to_owned()
}

/// What a fragment holds; none where it is no link of ours, or a broken one.
pub async fn open(fragment: &str) -> Option<Link> {
    let json = deflate::inflate(&permalink::from_fragment(fragment)?).await?;
    permalink::from_json(&json)
}

#[wasm_bindgen(module = "/www/start.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = asked)]
    async fn asked_js() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = words)]
    async fn words_js() -> Result<JsValue, JsValue>;
}

/// What the address asks for before `#`; none where it asks for nothing. Without a text, of whatever text there is.
pub async fn asked() -> Option<Link> {
    permalink::from_json(asked_js().await.ok()?.as_string()?.as_bytes())
}

/// Learns the visitor's language, where the page speaks it.
pub async fn learn_language() {
    if let Some(words) = words_js().await.ok().and_then(|words| words.as_string()) {
        language::learn(&words);
    }
}

/// Writes the state into the address bar when it rests.
#[hook]
pub fn use_address(state: &State) {
    let dependencies = (state.source.clone(), state.facts.build.clone(), state.ui.view.clone());
    let state = state.clone();
    use_rest(dependencies, REST, move || {
        spawn_local(async move {
            write(&state.link()).await;
        });
    });
}

/// Opens the links that are pasted over the page's own.
#[hook]
pub fn use_opened_links(send: &Callback<Action>) {
    let send = send.clone();
    use_effect_with((), move |()| {
        let listener = web_sys::window().map(|window| {
            EventListener::new(&window, "hashchange", move |_| {
                let send = send.clone();
                spawn_local(async move {
                    if let Some(link) = open(&fragment()).await {
                        tabs::show(&link.view);
                        send.emit(Action::Opened(link));
                    }
                });
            })
        });
        move || drop(listener)
    });
}

/// Puts a link into the address bar; without a history entry, as nobody wants to go back by single letters.
/// A text too long for a link leaves none. Returns the whole address.
pub async fn write(link: &Link) -> Option<String> {
    let fragment = match permalink::to_json(link) {
        Some(json) => deflate::deflate(&json).await.and_then(|packed| permalink::to_fragment(&packed)),
        None => None,
    };
    let window = web_sys::window()?;
    let location = window.location();
    let path = format!("{}{}", location.pathname().ok()?, location.search().ok()?);
    let address = fragment.as_ref().map_or_else(|| path.clone(), |fragment| format!("{path}#{fragment}"));
    window.history().ok()?.replace_state_with_url(&JsValue::NULL, "", Some(&address)).ok()?;
    storage::keep_link(fragment.as_deref().unwrap_or(""));
    fragment.and_then(|_| location.href().ok())
}
