//! Copying the link to what is seen.

use crate::effects::address;
use crate::permalink::Link;
use crate::state::{Action, SharedLink};
use gloo::timers::future::sleep;
use std::time::Duration;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::Callback;

/// The word of success stays so long.
const SHOWN: Duration = Duration::from_secs(3);

/// Copies the link and says what became of it.
pub fn share(link: &Link, send: Callback<Action>) {
    let link = link.clone();
    spawn_local(async move {
        let outcome = match address::write(&link).await {
            None => SharedLink::TooLong,
            Some(address) => copy(&address).await,
        };
        send.emit(Action::Shared(Some(outcome)));
        sleep(SHOWN).await;
        send.emit(Action::Shared(None));
    });
}

/// Browsers keep the clipboard from pages that are not served safely.
async fn copy(text: &str) -> SharedLink {
    let Some(window) = web_sys::window().filter(web_sys::Window::is_secure_context) else {
        return SharedLink::InAddressBar;
    };
    let written = JsFuture::from(window.navigator().clipboard().write_text(text)).await;
    if written.is_ok() { SharedLink::Copied } else { SharedLink::InAddressBar }
}
