//! One step of the image: its text, both sizes or fields for them, and how they are known.

use crate::bytes::{self, Bytes};
use crate::state::Action;
use crate::strings;
use crate::widgets::size_field::SizeField;
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
    pub is_pinned: bool,
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
    let pin = Pin { stage: stage.clone(), instruction: text.clone(), unpacked: None, download: None };
    let unpin = {
        let pin = pin.clone();
        send.reform(move |_: MouseEvent| Action::Pinned(pin.clone()))
    };
    let set = |which: fn(Pin, u64) -> Pin| {
        let pin = pin.clone();
        send.reform(move |size| Action::Pinned(which(pin.clone(), size)))
    };
    let unpacked = set(|pin, size| Pin { unpacked: Some(size), ..pin });
    let download = set(|pin, size| Pin { download: Some(size), ..pin });
    let opens = if props.is_partial { strings::OPENING_ALL.t() } else { strings::OPENING.t() };
    html! {
        <>
            <tr
                key={props.instruction} class={classes!(props.is_unknown.then_some("unknown"), props.is_pinned.then_some("pinned"))}
                data-lines={format!("{line}-{last}")}
            >
                <td class="step">
                    <button type="button" onclick={jump} title={format!("{} · {text}", strings::line(line))}>{ text.clone() }</button>
                    <small>{ stage.clone() }</small>
                </td>
                <td class="number">{ size(props, strings::UNPACKED.t(), props.unpacked.as_ref(), unpacked) }</td>
                <td class="number">{ size(props, strings::DOWNLOAD.t(), props.download.as_ref(), download) }</td>
                <td class="basis">
                    { &props.basis }
                    if props.is_pinned {
                        <button class="unpin" type="button" onclick={unpin} title={strings::UNPIN.t()} aria-label={strings::UNPIN.t()}>{ "×" }</button>
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

fn size(props: &RowProps, which: &str, size: Option<&Estimate>, onsize: Callback<u64>) -> Html {
    match size {
        None if props.coming => html! { "…" },
        None => html! { <SizeField label={strings::pin_label(which, &props.text)} {onsize} /> },
        Some(size) => html! {
            <>
                { if props.is_partial { "≥\u{a0}" } else { "" } }{ Bytes(size.likely).to_string() }
                <small>{ bytes::range(size) }</small>
            </>
        },
    }
}
