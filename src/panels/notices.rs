//! What is said beside the figures: where to begin, what was rescued, where numbers come from.

use crate::examples::{self, Example};
use crate::state::{Action, Relay};
use crate::strings;
use std::rc::Rc;
use yew::prelude::*;

/// Nothing to show yet: the examples, each with what it teaches.
pub fn begin(blank: bool, send: &Callback<Action>) -> Html {
    let card = |example: &'static Example| {
        let onclick = send.reform(|_| Action::Took(example.source.into()));
        html! {
            <li><button class="card" type="button" {onclick}>
                <b>{ example.title }</b><span>{ example.lesson() }</span>
            </button></li>
        }
    };
    html! {
        <section class="begin">
            <h2>{ if blank { strings::EMPTY_TITLE.t() } else { strings::NO_STAGE.t() } }</h2>
            <ul class="cards">{ for examples::ALL.iter().map(card) }</ul>
        </section>
    }
}

/// The text over which the page broke on the last visit.
pub fn rescued(text: Option<Rc<str>>, send: &Callback<Action>) -> Html {
    let Some(text) = text else { return html! {} };
    let onclick = send.reform(move |_| Action::Took(text.clone()));
    html! {
        <p class="notice" role="alert">
            { strings::RESCUED.t() }
            <button class="button small" type="button" {onclick}>{ strings::RESTORE.t() }</button>
        </p>
    }
}

/// Where the sizes of base images come from, and that nothing leaves.
pub fn footer(relay: &Relay) -> Html {
    let origin = match relay {
        Relay::Unknown => None,
        Relay::Absent => Some(strings::RELAY_ABSENT.t()),
        Relay::Present(registries) if registries.is_empty() => Some(strings::RELAY_OFFLINE.t()),
        Relay::Present(_) => Some(strings::RELAY_PRESENT.t()),
    };
    html! {
        <footer class="foot">
            <p>{ origin }</p>
            <p>{ strings::PRIVATE.t() }</p>
        </footer>
    }
}
