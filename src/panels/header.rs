//! The bar at the top: name, build options, examples, sharing, colours.

use crate::examples;
use crate::figures::Argument;
use crate::known::Known;
use crate::panels::picks::{arguments_pick, platform_pick, target_pick};
use crate::shared::Shared;
use crate::state::{Action, SharedLink, Theme};
use crate::strings;
use crate::widgets::choice::{Choice, Select};
use layercast_core::Report;
use yew::prelude::*;

/// What the bar shows, and no more: few keys change it.
#[derive(Clone, PartialEq, Properties)]
pub struct HeaderProps {
    /// A report with the stages of the text.
    pub graph: Shared<Report>,
    /// Every ARG of the text.
    pub arguments: Vec<Argument>,
    pub facts: Shared<Known>,
    /// The name of the example that the text is; empty for another text.
    pub example: &'static str,
    pub theme: Theme,
    /// What became of the last wish to share.
    pub shared: Option<SharedLink>,
    pub share: Callback<()>,
    pub send: Callback<Action>,
}

/// The bar at the top.
#[component]
pub fn Header(props: &HeaderProps) -> Html {
    let HeaderProps { graph, arguments, facts, example, theme, send, .. } = props;
    let build = &facts.build;
    html! {
        <header class="bar">
            <h1 class="name" title={strings::PROMISE.t()}>{ strings::NAME_HEAD }<span>{ strings::NAME_TAIL }</span></h1>
            { target_pick(graph, build.target.as_deref(), send) }
            { platform_pick(build.platform.as_ref(), send) }
            { arguments_pick(arguments, &build.build_args, send) }
            <span class="spring"></span>
            { examples(example, send) }
            { share(props) }
            { theme_switch(*theme, send) }
        </header>
    }
}

fn examples(open: &'static str, send: &Callback<Action>) -> Html {
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
            label={strings::EXAMPLE.t()} title={strings::EXAMPLES.t()} testid="examples" chosen={open}
            choices={std::iter::once(none).chain(examples::ALL.iter().map(choice)).collect::<Vec<_>>()} {onchoose}
        />
    }
}

fn share(props: &HeaderProps) -> Html {
    let onclick = props.share.reform(|_: MouseEvent| ());
    let outcome = props.shared.map(|shared| match shared {
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
