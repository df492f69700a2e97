//! The bar at the top: name, build options, examples, sharing, colours.

use crate::effects::clipboard;
use crate::examples;
use crate::panels::picks::{ArgumentsPick, PlatformPick, TargetPick};
use crate::shared::Shared;
use crate::state::{Action, SharedLink, State, Theme};
use crate::strings;
use crate::widgets::choice::{Choice, Select};
use layercast_core::Report;
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub struct HeaderProps {
    pub state: State,
    pub report: Shared<Report>,
    pub send: Callback<Action>,
}

/// The bar at the top.
#[component]
pub fn Header(props: &HeaderProps) -> Html {
    let HeaderProps { state, report, send } = props;
    let build = &state.facts.build;
    html! {
        <header class="bar">
            <h1 class="name" title={strings::PROMISE}>{ strings::NAME_HEAD }<span>{ strings::NAME_TAIL }</span></h1>
            <TargetPick report={report.clone()} chosen={build.target.clone()} send={send.clone()} />
            <PlatformPick chosen={build.platform.clone()} send={send.clone()} />
            <ArgumentsPick report={report.clone()} given={build.build_args.clone()} send={send.clone()} />
            <span class="spring"></span>
            <Examples source={state.source.to_string()} send={send.clone()} />
            <Share state={state.clone()} send={send.clone()} />
            <ThemeSwitch theme={state.ui.theme} send={send.clone()} />
        </header>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct ExamplesProps {
    source: String,
    send: Callback<Action>,
}

#[component]
fn Examples(props: &ExamplesProps) -> Html {
    let open = examples::ALL.iter().find(|example| example.source == props.source);
    let choice =
        |example: &examples::Example| Choice { value: example.name.into(), text: example.title.into() };
    let none = Choice { value: "".into(), text: strings::EXAMPLE_NONE.into() };
    let send = props.send.clone();
    let onchoose = move |name: String| {
        if let Some(example) = examples::find(&name) {
            send.emit(Action::Took(example.source.into()));
        }
    };
    html! {
        <Select
            label={strings::EXAMPLE} title={strings::EXAMPLES} testid="examples" chosen={open.map_or("", |example| example.name)}
            choices={std::iter::once(none).chain(examples::ALL.iter().map(choice)).collect::<Vec<_>>()} {onchoose}
        />
    }
}

#[derive(Clone, PartialEq, Properties)]
struct ShareProps {
    state: State,
    send: Callback<Action>,
}

#[component]
fn Share(props: &ShareProps) -> Html {
    let (state, send) = (props.state.clone(), props.send.clone());
    let onclick = move |_| clipboard::share(&state.link(), send.clone());
    let outcome = props.state.ui.shared.map(|shared| match shared {
        SharedLink::Copied => strings::SHARE_COPIED,
        SharedLink::InAddressBar => strings::SHARE_IN_BAR,
        SharedLink::TooLong => strings::SHARE_TOO_LONG,
    });
    html! {
        <button class="button" type="button" title={strings::SHARE_TITLE} data-testid="share" {onclick}>
            <span role="status">{ outcome.unwrap_or(strings::SHARE) }</span>
        </button>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct ThemeSwitchProps {
    theme: Theme,
    send: Callback<Action>,
}

#[component]
fn ThemeSwitch(props: &ThemeSwitchProps) -> Html {
    let (sign, word, next) = match props.theme {
        Theme::System => ("◐", strings::THEME_SYSTEM, Theme::Light),
        Theme::Light => ("☀", strings::THEME_LIGHT, Theme::Dark),
        Theme::Dark => ("☾", strings::THEME_DARK, Theme::System),
    };
    let onclick = props.send.reform(move |_| Action::ChoseTheme(next));
    html! {
        <button class="button" type="button" title={strings::THEME_TITLE} data-testid="theme" {onclick}>
            <span aria-hidden="true">{ sign }</span><span class="theme-word">{ word }</span>
        </button>
    }
}
