//! The worker: it holds the checks and asks registries, beside the page, so that the page itself stays light.
//!
//! **Invariant:** it keeps nothing between two messages, and never speaks of what it was not asked.

mod fetch;
mod registries;

use layercast::messages::{Reply, Request};
use layercast::remarks::Remark;
use layercast_core::Facts;
use layercast_core::facts::FailureReason;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

fn main() {
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| {
        if let Some(text) = event.data().as_string() {
            spawn_local(answer(text));
        }
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    // Messages from before this line are lost: the page waits for this one.
    say(&Reply::Ready);
}

async fn answer(text: String) {
    match Request::from_text(&text) {
        Some(Request::Check { source, facts }) => {
            say(&Reply::Remarks(remarks(&source, facts.into_owned())));
        }
        Some(Request::Image { reference, platform, relayed }) => {
            if let Some(reply) = registries::image(&reference, &platform, relayed).await {
                say(&reply);
            }
        }
        Some(Request::Relay) => say(&registries::relay().await.map_or(Reply::NoRelay, Reply::Relay)),
        None => {}
    }
}

/// What the checks say. Failures of registries are the page's own to tell, but for the one that a check knows.
fn remarks(source: &str, mut facts: Facts) -> Vec<Remark> {
    facts.image_failures.retain(|failure| failure.reason == FailureReason::NoPlatform);
    let found = layercast_core::check(source, &facts);
    found.iter().filter(|diagnostic| !diagnostic.silenced).map(Remark::from).collect()
}

fn say(reply: &Reply) {
    let _ = scope().post_message(&JsValue::from_str(&reply.to_text()));
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}
