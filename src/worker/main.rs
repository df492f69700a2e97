//! The worker: it analyses whole, and asks registries, beside the page, so that the page itself stays light.
//!
//! **Invariant:** it keeps what it learnt from outside and nothing of the page's own, but for the last text: of that
//! it speaks again when it has learnt more.

mod context;
mod fetch;
mod packages;
mod registries;
mod tables;
mod tabs;
mod weighing;

use layercast::messages::{Reply, Request};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

fn main() {
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| match event.data() {
        // The page speaks in text, the scripts of tabs and of the build context in lists.
        data if data.is_string() => spawn_local(answer(data.as_string().unwrap_or_default())),
        data => context::hear(&data),
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    // Messages from before this line are lost: the page waits for this one.
    say(&Reply::Ready);
}

async fn answer(text: String) {
    match Request::from_text(&text) {
        Some(Request::Check { revision, source, build, images, image_failures, pins }) => {
            weighing::with(|desk| {
                desk.facts.build = build.into_owned();
                desk.facts.images = images.into_owned();
                desk.facts.image_failures = image_failures.into_owned();
                desk.facts.pins = pins.into_owned();
            });
            weighing::take(revision, source.into_owned());
        }
        Some(Request::Image { reference, platform, relayed }) => {
            if let Some(reply) = registries::image(&reference, &platform, relayed).await {
                say(&reply);
            }
        }
        Some(Request::Relay) => match registries::relay().await {
            Some(registries) => {
                // None are listed where the companion is offline.
                weighing::found_companion(!registries.is_empty());
                say(&Reply::Relay(registries));
            }
            None => say(&Reply::NoRelay),
        },
        None => {}
    }
}

fn say(reply: &Reply) {
    tell(&JsValue::from_str(&reply.to_text()));
}

fn tell(message: &JsValue) {
    let _ = scope().post_message(message);
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}
