//! One step of the image: its text, both sizes or fields for them, and how they are known.

use crate::bytes::{self, Bytes};
use crate::pins;
use crate::state::Action;
use crate::strings;
use layercast_core::estimate::Estimate;
use layercast_core::facts::Pin;
use yew::prelude::*;

/// All that a row shows, and no more: a key changes one step of many, and only that one is drawn again.
#[derive(Clone, PartialEq, Properties)]
pub struct RowProps {
    /// The place of its instruction.
    pub instruction: usize,
    pub text: String,
    pub stage: String,
    /// The first and the last line of its instruction.
    pub lines: (usize, usize),
    pub unpacked: Option<Estimate>,
    pub download: Option<Estimate>,
    pub basis: String,
    /// Something of it is in no sum.
    pub is_unknown: bool,
    /// A part of it is not known.
    pub is_partial: bool,
    /// The sizes that were typed for it.
    pub pin: Option<Pin>,
    /// True until steps are weighed for the first time.
    pub coming: bool,
    /// What it opens to, as HTML.
    pub opening: AttrValue,
    pub send: Callback<Action>,
}

/// A step in a table of them.
#[component]
pub fn Row(props: &RowProps) -> Html {
    let RowProps { text, stage, send, .. } = props;
    let (line, last) = props.lines;
    let jump = send.reform(move |_: MouseEvent| Action::JumpedTo(line));
    let opens = if props.is_partial { strings::OPENING_ALL.t() } else { strings::OPENING.t() };
    html! {
        <>
            <tr
                key={props.instruction} class={classes!(props.is_unknown.then_some("unknown"), props.pin.is_some().then_some("pinned"))}
                data-lines={format!("{line}-{last}")}
            >
                <td class="step">
                    <button type="button" onclick={jump} title={format!("{} · {text}", strings::line(line))}>{ text.clone() }</button>
                    <small>{ stage.clone() }</small>
                </td>
                <td class="number">{ size(props, strings::UNPACKED.t(), props.unpacked.as_ref(), false) }</td>
                <td class="number">{ size(props, strings::DOWNLOAD.t(), props.download.as_ref(), true) }</td>
                <td class="basis">
                    { &props.basis }
                    if props.pin.is_some() {
                        { pinning(&unpinned(props), false, html! {
                            <button class="unpin" type="button" data-do="unpin" title={strings::UNPIN.t()} aria-label={strings::UNPIN.t()}>{ "×" }</button>
                        }) }
                    }
                </td>
            </tr>
            if !props.opening.is_empty() {
                <tr class="opening"><td colspan="4"><details>
                    <summary>{ opens }</summary>
                    { Html::from_html_unchecked(props.opening.clone()) }
                </details></td></tr>
            }
        </>
    }
}

fn size(props: &RowProps, name: &str, size: Option<&Estimate>, is_download: bool) -> Html {
    match size {
        None if props.coming => html! { "…" },
        None => {
            let field = html! {
                <input
                    class="size-field" type="text" placeholder={strings::PIN_HINT.t()} autocomplete="off"
                    aria-label={strings::pin_label(name, &props.text)}
                />
            };
            pinning(&props.pin.clone().unwrap_or_else(|| unpinned(props)), is_download, field)
        }
        Some(size) => html! {
            <>
                { if props.is_partial { "≥\u{a0}" } else { "" } }{ Bytes(size.likely).to_string() }
                <small>{ bytes::range(size) }</small>
            </>
        },
    }
}

/// No size typed for this step.
fn unpinned(props: &RowProps) -> Pin {
    Pin { stage: props.stage.clone(), instruction: props.text.clone(), unpacked: None, download: None }
}

/// What pins a size, or takes the pin out. The script of the tabs says so to the page: `www/tabs/src/actions.js`.
fn pinning(pin: &Pin, is_download: bool, by: Html) -> Html {
    let (before, behind) = pins::around(pin, is_download);
    html! { <span class="pin" data-before={before} data-behind={behind}>{ by }</span> }
}
