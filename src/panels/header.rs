//! The bar at the top: name, build options, examples, sharing, colours.

use crate::effects::clipboard;
use crate::examples;
use crate::figures;
use crate::panels::picks::{Arguments, platform_pick, target_pick};
use crate::state::{Action, SharedLink, State, Theme};
use crate::strings;
use crate::widgets::choice::{Choice, Select};
use layercast_core::Report;
use yew::prelude::*;

/// The bar at the top.
pub fn header(state: &State, report: &Report, send: &Callback<Action>) -> Html {
    let build = &state.facts.build;
    html! {
        <header class="bar">
            <h1 class="name" title={strings::PROMISE.t()}>{ strings::NAME_HEAD }<span>{ strings::NAME_TAIL }</span></h1>
            { target_pick(report, build.target.as_deref(), send) }
            { platform_pick(build.platform.as_ref(), send) }
            <Arguments arguments={figures::arguments(report)} given={build.build_args.clone()} {send} />
            <span class="spring"></span>
            { examples(&state.source, send) }
            { share(state, send) }
            { theme_switch(state.ui.theme, send) }
        </header>
    }
}

fn examples(source: &str, send: &Callback<Action>) -> Html {
    let open = examples::ALL.iter().find(|example| example.source == source);
    let choice =
        |example: &examples::Example| Choice { value: example.name.into(), text: example.title.into() };
    let none = Choice { value: "".into(), text: strings::EXAMPLE_NONE.t().into() };
    let send = send.clone();
    let onchoose = move |name: String| {
        if let Some(example) = examples::find(&name) {
            send.emit(Action::Took(example.source.into()));
        }
    };
    html! {
        <Select
            label={strings::EXAMPLE.t()} title={strings::EXAMPLES.t()} testid="examples"
            chosen={open.map_or("", |example| example.name)}
            choices={std::iter::once(none).chain(examples::ALL.iter().map(choice)).collect::<Vec<_>>()} {onchoose}
        />
    }
}

fn share(state: &State, send: &Callback<Action>) -> Html {
    let (link, send) = (state.link(), send.clone());
    let onclick = move |_| clipboard::share(&link, send.clone());
    let outcome = state.ui.shared.map(|shared| match shared {
        SharedLink::Copied => strings::SHARE_COPIED.t(),
        SharedLink::InAddressBar => strings::SHARE_IN_BAR.t(),
        SharedLink::TooLong => strings::SHARE_TOO_LONG.t(),
    });
    html! {
        <button class="button" type="button" title={strings::SHARE_TITLE.t()} data-testid="share" {onclick}>
            <span role="status">{ outcome.unwrap_or(strings::SHARE.t()) }</span>
        </button>
    }
}

fn theme_switch(theme: Theme, send: &Callback<Action>) -> Html {
    let (sign, word, next) = match theme {
        Theme::System => ("◐", strings::THEME_SYSTEM.t(), Theme::Light),
        Theme::Light => ("☀", strings::THEME_LIGHT.t(), Theme::Dark),
        Theme::Dark => ("☾", strings::THEME_DARK.t(), Theme::System),
    };
    let onclick = send.reform(move |_| Action::ChoseTheme(next));
    html! {
        <button class="button" type="button" title={strings::THEME_TITLE.t()} data-testid="theme" {onclick}>
            <span aria-hidden="true">{ sign }</span><span class="theme-word">{ word }</span>
        </button>
    }
}
