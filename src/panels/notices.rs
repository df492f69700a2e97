//! What is said beside the figures: where to begin, what was rescued, where numbers come from.

use crate::examples::{self, Example};
use crate::state::{Action, Relay};
use crate::strings;
use std::rc::Rc;
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub struct BeginProps {
    /// True where there is no text at all.
    pub blank: bool,
    pub send: Callback<Action>,
}

/// Nothing to show yet: the examples, each with what it teaches.
#[component]
pub fn Begin(props: &BeginProps) -> Html {
    let card = |example: &'static Example| {
        let onclick = props.send.reform(|_| Action::Took(example.source.into()));
        html! {
            <li><button class="card" type="button" {onclick}>
                <b>{ example.title }</b><span>{ example.lesson() }</span>
            </button></li>
        }
    };
    html! {
        <section class="begin">
            <h2>{ if props.blank { strings::EMPTY_TITLE } else { strings::NO_STAGE } }</h2>
            <ul class="cards">{ for examples::ALL.iter().map(card) }</ul>
        </section>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub struct RescuedProps {
    pub text: Option<Rc<str>>,
    pub send: Callback<Action>,
}

/// The text over which the page broke on the last visit.
#[component]
pub fn Rescued(props: &RescuedProps) -> Html {
    let Some(text) = props.text.clone() else { return html! {} };
    let onclick = props.send.reform(move |_| Action::Took(text.clone()));
    html! {
        <p class="notice" role="alert">
            { strings::RESCUED }
            <button class="button small" type="button" {onclick}>{ strings::RESTORE }</button>
        </p>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub struct FooterProps {
    pub relay: Relay,
}

/// Where the sizes of base images come from, and that nothing leaves.
#[component]
pub fn Footer(props: &FooterProps) -> Html {
    let origin = match &props.relay {
        Relay::Unknown => None,
        Relay::Absent => Some(strings::RELAY_ABSENT),
        Relay::Present(registries) if registries.is_empty() => Some(strings::RELAY_OFFLINE),
        Relay::Present(_) => Some(strings::RELAY_PRESENT),
    };
    html! {
        <footer class="foot">
            <p>{ origin }</p>
            <p>{ strings::PRIVATE }</p>
        </footer>
    }
}
