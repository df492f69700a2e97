//! Which base images are asked for, and when. The worker does the asking.

use crate::effects::rest::use_rest;
use crate::effects::worker::Line;
use crate::shared::Shared;
use crate::state::{Action, Relay};
use layercast_core::Report;
use layercast_core::facts::Question;
use layercast_core::image_ref::Platform;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{PerformanceResourceTiming, PerformanceServerTiming};
use yew::prelude::*;

/// Typing rests so long, in milliseconds, before a registry is asked: nobody wants `alp` looked up.
const REST: u32 = 600;

/// What the companion's `Server-Timing` says.
const RELAY_MARK: &str = "layercast-relay";

/// Looks once for the companion's relay.
#[hook]
pub fn use_relay(line: &Rc<Line>, send: &Callback<Action>) {
    let (line, send) = (Rc::clone(line), send.clone());
    use_effect_with((), move |()| {
        if is_served_by_companion() {
            line.ask_relay();
        } else {
            send.emit(Action::FoundRelay(Relay::Absent));
        }
    });
}

/// Asks what the report asks, each question once, and again when the user says so.
#[hook]
pub fn use_answers(line: &Rc<Line>, report: &Shared<Report>, relay: &Relay, asked_again: u32) {
    let asked = use_mut_ref(|| (0, Vec::<(String, Platform)>::new()));
    let line = Rc::clone(line);
    let dependencies = (report.clone(), relay.clone(), asked_again);
    let (report, relay) = (report.clone(), relay.clone());
    use_rest(dependencies, REST, move || {
        if relay == Relay::Unknown {
            return;
        }
        let relayed = matches!(relay, Relay::Present(_));
        let mut asked = asked.borrow_mut();
        if asked.0 != asked_again {
            *asked = (asked_again, Vec::new());
        }
        for question in &report.questions {
            let Question::Image { reference, platform, .. } = question else { continue };
            if !asked.1.iter().any(|known| known.0 == *reference && known.1 == *platform) {
                asked.1.push((reference.clone(), platform.clone()));
                line.ask_image(reference, platform, relayed);
            }
        }
    });
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
