//! What registries say of base images: through the companion's relay, or straight from a registry that lets
//! pages read.

use crate::fetch;
use layercast::messages::Reply as Said;
use layercast_core::facts::{ImageFact, ImageFailure};
use layercast_core::image_ref::{ImageRef, Platform};
use layercast_core::registry::{RELAY_VERSION, RegistryError, RelayIndex, Reply, Request, Resolution};
use layercast_core::registry::{endpoint, known};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

/// A little more patience than the relay has itself, so that its sentence arrives.
const PATIENCE: u32 = 12_000;

/// What is said of an image; nothing where nobody can be asked from here.
pub(crate) async fn image(reference: &str, platform: &Platform, relayed: bool) -> Option<Said> {
    let image = ImageRef::parse(reference).ok()?;
    if !relayed && !is_within_reach(&image) {
        return None;
    }
    Some(match resolve(&image, platform, relayed).await {
        Ok(fact) => Said::Image(fact),
        Err(failure) => Said::Failure(*failure),
    })
}

/// The registries that the relay reaches; none where there is no relay.
pub(crate) async fn relay() -> Option<Vec<String>> {
    let answer = fetch::get("relay/", None, None, PATIENCE).await.ok()?;
    let index: RelayIndex = serde_json::from_slice(&answer.body()).ok().filter(|_| answer.status() == 200)?;
    (index.version == RELAY_VERSION).then_some(index.registries)
}

/// This machine's registries may be set up for pages; a host that was only typed is not called.
fn is_within_reach(image: &ImageRef) -> bool {
    endpoint(&image.registry).is_loopback() || known(&image.registry).is_some_and(|known| known.page_may_call)
}

async fn resolve(
    image: &ImageRef,
    platform: &Platform,
    relayed: bool,
) -> Result<ImageFact, Box<ImageFailure>> {
    let mut resolution = Resolution::new(image, platform);
    loop {
        let requests = resolution.next_requests();
        if requests.is_empty() || resolution.is_done() {
            break;
        }
        for (request, reply) in ask_all(image, requests, relayed).await {
            resolution.answer(&request, reply);
        }
    }
    resolution.finish(&image.registry, &today())
}

/// Asks everything at once.
async fn ask_all(image: &ImageRef, requests: Vec<Request>, relayed: bool) -> Vec<(Request, Reply)> {
    let replies = Rc::new(RefCell::new(Vec::new()));
    let promises: js_sys::Array = requests
        .into_iter()
        .map(|request| {
            let (replies, image) = (Rc::clone(&replies), image.clone());
            future_to_promise(async move {
                let reply = ask(&image, &request, relayed).await;
                replies.borrow_mut().push((request, reply));
                Ok(JsValue::UNDEFINED)
            })
        })
        .collect();
    // Each promise is kept: what goes wrong is a reply too.
    let _ = JsFuture::from(js_sys::Promise::all(&promises)).await;
    replies.take()
}

async fn ask(image: &ImageRef, request: &Request, relayed: bool) -> Reply {
    let (address, range) = if relayed {
        // Without the slash: the page may be served below a path, and this script lies beside it.
        (request.relay_path(image).trim_start_matches('/').to_owned(), None)
    } else {
        let origin = endpoint(&image.registry).origin();
        (format!("{origin}{}", request.path(&image.repository)), request.range())
    };
    match fetch::get(&address, request.accept(), range.as_deref(), PATIENCE).await {
        Ok(answer) => {
            let header = |name: &str| answer.header(name);
            let read = if relayed { Reply::from_relay } else { Reply::from_registry };
            read(answer.status(), header, answer.body())
        }
        Err(fetch::Failed::Slow) => {
            Reply::Failed(RegistryError::Slow { seconds: u64::from(PATIENCE / 1_000) })
        }
        Err(fetch::Failed::Down(detail)) => Reply::Failed(RegistryError::Down { detail }),
    }
}

/// `YYYY-MM-DD`.
fn today() -> String {
    let now = String::from(js_sys::Date::new_0().to_iso_string());
    now.get(..10).unwrap_or("").to_owned()
}
