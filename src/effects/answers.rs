//! Answers to the report's questions about base images: through the companion's relay, or straight from a
//! registry that lets pages read.

use crate::effects::fetch;
use crate::shared::Shared;
use crate::state::{Action, Relay};
use gloo::timers::callback::Timeout;
use layercast_core::Report;
use layercast_core::facts::{ImageFact, ImageFailure, Question};
use layercast_core::image_ref::{ImageRef, Platform};
use layercast_core::registry::{RELAY_VERSION, RegistryError, RelayIndex, Reply, Request, Resolution};
use layercast_core::registry::{endpoint, known};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise, spawn_local};
use web_sys::{PerformanceResourceTiming, PerformanceServerTiming};
use yew::prelude::*;

/// Typing rests so long, in milliseconds, before a registry is asked: nobody wants `alp` looked up.
const REST: u32 = 600;
/// A little more patience than the relay has itself, so that its sentence arrives.
const PATIENCE: u32 = 12_000;

/// What the companion's `Server-Timing` says.
const RELAY_MARK: &str = "layercast-relay";

/// Looks once for the companion's relay.
#[hook]
pub fn use_relay(send: &Callback<Action>) {
    let send = send.clone();
    use_effect_with((), move |()| {
        spawn_local(async move { send.emit(Action::FoundRelay(find_relay().await)) });
    });
}

/// Asks what the report asks, each question once, and again when the user says so.
#[hook]
pub fn use_answers(report: &Shared<Report>, relay: &Relay, asked_again: u32, send: &Callback<Action>) {
    let asked = use_mut_ref(|| (0, Vec::<(ImageRef, Platform)>::new()));
    let send = send.clone();
    let dependencies = (report.clone(), relay.clone(), asked_again);
    use_effect_with(dependencies, move |(report, relay, asked_again)| {
        let (report, relay, asked_again) = (report.clone(), relay.clone(), *asked_again);
        let timer = Timeout::new(REST, move || {
            let mut asked = asked.borrow_mut();
            if asked.0 != asked_again {
                *asked = (asked_again, Vec::new());
            }
            for (image, platform) in questions(&report, &relay) {
                let question = (image.clone(), platform.clone());
                if !asked.1.contains(&question) {
                    asked.1.push(question);
                    spawn_local(answer(image, platform, matches!(relay, Relay::Present(_)), send.clone()));
                }
            }
        });
        move || drop(timer)
    });
}

/// The questions that somebody can answer from here.
fn questions(report: &Report, relay: &Relay) -> Vec<(ImageRef, Platform)> {
    let image = |question: &Question| match question {
        Question::Image { reference, platform, .. } => {
            let image = ImageRef::parse(reference).ok()?;
            within_reach(&image, relay).then(|| (image, platform.clone()))
        }
        Question::Step { .. } => None,
    };
    report.questions.iter().filter_map(image).collect()
}

fn within_reach(image: &ImageRef, relay: &Relay) -> bool {
    match relay {
        Relay::Unknown => false,
        Relay::Present(_) => true,
        // This machine's registries may be set up for pages; a host that was only typed is not called.
        Relay::Absent => {
            endpoint(&image.registry).is_loopback()
                || known(&image.registry).is_some_and(|known| known.page_may_call)
        }
    }
}

async fn answer(image: ImageRef, platform: Platform, relayed: bool, send: Callback<Action>) {
    send.emit(match resolve(&image, &platform, relayed).await {
        Ok(fact) => Action::Answered(fact),
        Err(failure) => Action::Failed(*failure),
    });
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
        // Without the slash: the page may be served below a path.
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

/// The companion marks what it serves. Any other host is not even asked: that would be an error in its console.
fn is_served_by_companion() -> bool {
    let performance = web_sys::window().and_then(|window| window.performance());
    let loads = performance.map(|performance| performance.get_entries_by_type("navigation"));
    let marks = loads
        .into_iter()
        .flatten()
        .flat_map(|load| load.unchecked_into::<PerformanceResourceTiming>().server_timing().to_vec());
    marks.map(|mark| mark.unchecked_into::<PerformanceServerTiming>().name()).any(|name| name == RELAY_MARK)
}

async fn find_relay() -> Relay {
    if !is_served_by_companion() {
        return Relay::Absent;
    }
    let index = match fetch::get("relay/", None, None, PATIENCE).await {
        Ok(answer) if answer.status() == 200 => serde_json::from_slice::<RelayIndex>(&answer.body()).ok(),
        _ => None,
    };
    match index {
        Some(index) if index.version == RELAY_VERSION => Relay::Present(index.registries),
        _ => Relay::Absent,
    }
}

/// `YYYY-MM-DD`.
fn today() -> String {
    let now = String::from(js_sys::Date::new_0().to_iso_string());
    now.get(..10).unwrap_or("").to_owned()
}
