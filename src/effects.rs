//! The only input and output of the page: worker, storage, address bar, clipboard, editor, clock.
//!
//! **Invariant:** nothing outside this module and the worker (`src/worker/`) names `web_sys`, `js_sys` or `gloo`.

pub mod address;
pub mod answers;
pub mod clipboard;
pub mod deflate;
pub mod editor;
pub mod field;
pub mod panic;
pub mod rest;
pub mod settled;
pub mod storage;
pub mod tabs;
pub mod theme;
pub mod worker;

use crate::examples;
use crate::pages::playground::{Playground, PlaygroundProps};
use crate::permalink::Link;
use crate::state::{Action, State, reduce};
use wasm_bindgen_futures::spawn_local;

/// Mounts the page where index.html has its skeleton.
pub fn start() {
    panic::show_and_keep();
    storage::keep_at_leaving();
    spawn_local(async {
        address::learn_language().await;
        mount(initial().await);
    });
}

fn mount(initial: State) {
    let props = PlaygroundProps { initial };
    let root = web_sys::window().and_then(|window| window.document()?.get_element_by_id("app"));
    match root {
        Some(root) => yew::Renderer::<Playground>::with_root_and_props(root, props).render(),
        None => yew::Renderer::<Playground>::with_props(props).render(),
    };
}

/// A shared link wins over the text of the last visit, and that over the first example. A link of our own
/// gives way to the text kept under it, which may be some keys ahead.
async fn initial() -> State {
    let fragment = address::fragment();
    let kept = storage::text();
    let ours = !fragment.is_empty() && storage::link() == fragment;
    let crashed = storage::take_crashed();
    let mut state = State::new(examples::ALL[0].source);
    if let (Some(link), false) = (address::open(&fragment).await, crashed && ours) {
        tabs::show(&link.view);
        state = reduce(state, Action::Opened(link));
    }
    match kept {
        Some(text) if crashed => state.ui.rescued = Some(text.into()),
        Some(text) if ours || fragment.is_empty() => state = reduce(state, Action::Typed(text.into())),
        _ => {}
    }
    if let Some(asked) = address::asked().await.filter(|_| fragment.is_empty()) {
        tabs::show(&asked.view);
        let source = if asked.source.is_empty() { state.source.to_string() } else { asked.source };
        state = reduce(state, Action::Opened(Link { source, ..asked }));
    }
    state.ui.theme = storage::theme();
    state
}
