//! The options of the build: target, platform, build arguments.

use crate::effects::field;
use crate::figures::{self, Argument, DRAWN, PLATFORMS};
use crate::state::Action;
use crate::strings;
use crate::widgets::choice::{Choice, Select};
use layercast_core::Report;
use layercast_core::image_ref::Platform;
use std::collections::BTreeMap;
use yew::prelude::*;

/// Which stage the build is for. One that does not exist stays in the list: the report says what is wrong.
pub fn target_pick(report: &Report, chosen: Option<&str>, send: &Callback<Action>) -> Html {
    let last = report.stages.last().map_or(strings::NO_TARGET.t().to_owned(), |stage| {
        format!("{} · {}", strings::LAST_STAGE.t(), stage.display_name)
    });
    let mut choices = vec![Choice { value: "".into(), text: last.into() }];
    choices.extend(report.stages.iter().take(DRAWN).map(|stage| Choice {
        value: figures::target_name(report, stage.index).into(),
        text: stage.display_name.clone().into(),
    }));
    let chosen = chosen.unwrap_or_default().to_owned();
    if choices.iter().all(|choice| choice.value != chosen) {
        choices.push(Choice { value: chosen.clone().into(), text: format!("{chosen} ?").into() });
    }
    let onchoose =
        send.reform(|name: String| Action::ChoseTarget(Some(name).filter(|name| !name.is_empty())));
    html! {
        <Select label={strings::TARGET.t()} title={strings::TARGET.t()} testid="target" {choices} {chosen} {onchoose} />
    }
}

/// What the image is built for.
pub fn platform_pick(chosen: Option<&Platform>, send: &Callback<Action>) -> Html {
    let chosen = chosen.map_or(PLATFORMS[0].to_owned(), Platform::to_string);
    let choice = |name: &str| Choice { value: name.to_owned().into(), text: name.to_owned().into() };
    let mut choices: Vec<Choice> = PLATFORMS.iter().map(|name| choice(name)).collect();
    if !PLATFORMS.contains(&chosen.as_str()) {
        choices.push(choice(&chosen));
    }
    let onchoose = send.reform(|name: String| {
        Action::ChosePlatform(
            Platform::parse(&name).ok().filter(|platform| *platform != Platform::linux_amd64()),
        )
    });
    html! {
        <Select label={strings::PLATFORM.t()} title={strings::PLATFORM.t()} testid="platform" {choices} {chosen} {onchoose} />
    }
}

/// The build arguments: every ARG of the file, and what else was given.
pub fn arguments_pick(
    arguments: &[Argument],
    given: &BTreeMap<String, String>,
    send: &Callback<Action>,
) -> Html {
    let mut arguments = arguments.to_vec();
    for name in given.keys() {
        if arguments.iter().all(|argument| argument.name != *name) {
            arguments.push(Argument { name: name.clone(), default: String::new() });
        }
    }
    let row = |argument: &Argument| argument_row(argument, given.get(&argument.name), send);
    html! {
        <details class="menu" data-testid="arguments">
            <summary class="button">
                { strings::ARGUMENTS.t() }
                if !given.is_empty() {
                    <span class="count">{ given.len() }</span>
                }
            </summary>
            <div class="menu-body">
                <h2>{ strings::ARGUMENTS_TITLE.t() }</h2>
                if arguments.is_empty() {
                    <p class="soft">{ strings::ARGUMENTS_NONE.t() }</p>
                }
                { for arguments.iter().map(row) }
                { new_argument(send) }
            </div>
        </details>
    }
}

fn argument_row(argument: &Argument, given: Option<&String>, send: &Callback<Action>) -> Html {
    let Argument { name, default } = argument.clone();
    let id = format!("argument-{name}");
    let oninput = {
        let name = name.clone();
        send.reform(move |event: InputEvent| {
            let value = field::value(&event);
            Action::GaveArgument(name.clone(), Some(value).filter(|value| !value.is_empty()))
        })
    };
    let placeholder = if default.is_empty() { strings::ARGUMENT_NO_DEFAULT.t().to_owned() } else { default };
    html! {
        <div class="argument" key={name.clone()}>
            <label for={id.clone()}>{ name }</label>
            <input {id} type="text" {placeholder} value={given.cloned().unwrap_or_default()} {oninput} autocomplete="off" />
        </div>
    }
}

/// An argument that the file does not declare: `NAME=value`, taken when it is whole.
fn new_argument(send: &Callback<Action>) -> Html {
    let send = send.clone();
    let onchange = move |event: Event| {
        if let Some((name, value)) = figures::read_argument(&field::value(&event)) {
            send.emit(Action::GaveArgument(name, Some(value)));
        }
    };
    let placeholder = format!("{}={}", strings::ARGUMENT_NAME.t(), strings::ARGUMENT_VALUE.t());
    html! {
        <div class="argument">
            <label for="argument-new">{ strings::ARGUMENT_ADD.t() }</label>
            <input id="argument-new" type="text" {placeholder} {onchange} autocomplete="off" />
        </div>
    }
}
