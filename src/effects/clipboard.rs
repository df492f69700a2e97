//! Copying the link to what is seen.

use crate::effects::address;
use crate::permalink::Link;
use crate::state::{Action, SharedLink, State};
use gloo::timers::future::sleep;
use std::time::Duration;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::prelude::*;

/// The word of success stays so long.
const SHOWN: Duration = Duration::from_secs(3);

/// What shares the state as it is then; the same from key to key, so that nothing is drawn for it.
#[hook]
pub fn use_share(state: &State, send: &Callback<Action>) -> Callback<()> {
    let now = use_mut_ref(|| state.clone());
    now.borrow_mut().clone_from(state);
    use_callback(send.clone(), move |(), send| share(now.borrow().link(), send.clone()))
}

/// Copies the link and says what became of it.
fn share(link: Link, send: Callback<Action>) {
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
