//! The image step by step: what each adds, how that is known, and a field where it is not.

use crate::bytes::{self, Bytes};
use crate::figures::{self, DRAWN, Role};
use crate::shared::Shared;
use crate::state::{Action, Pointed};
use crate::strings;
use crate::widgets::share_bar::{Share, share_bar};
use crate::widgets::size_field::SizeField;
use layercast_core::estimate::Estimate;
use layercast_core::facts::Pin;
use layercast_core::report::Layer;
use layercast_core::{Facts, Report};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub struct LayersProps {
    pub report: Shared<Report>,
    pub roles: Shared<Vec<Role>>,
    pub facts: Shared<Facts>,
    pub send: Callback<Action>,
}

/// The layers of the image, and those left behind.
#[component]
pub fn Layers(props: &LayersProps) -> Html {
    let LayersProps { report, roles, facts, send } = props;
    let Some(target) = report.target() else { return html! {} };
    let shipped: Vec<&Layer> =
        target.size.layers.iter().filter_map(|place| report.layers.get(*place)).collect();
    let behind: Vec<&Layer> =
        report.layers.iter().filter(|layer| roles.get(layer.stage) == Some(&Role::LeftBehind)).collect();
    let rows = |layers: &[&Layer]| {
        layers.iter().take(DRAWN).map(|layer| row(report, facts, layer, send)).collect::<Html>()
    };
    let more = |layers: &[&Layer]| {
        let more = layers.len().saturating_sub(DRAWN);
        (more > 0).then(|| html! { <p class="soft">{ strings::more(more) }</p> })
    };
    html! {
        <section class="layers" id="layers">
            <h2>{ strings::LAYERS }<small>{ strings::LAYERS_SHIPPED }</small></h2>
            if shipped.is_empty() {
                <p class="soft">{ strings::LAYERS_NONE }</p>
            } else {
                { stack(report, &shipped) }
                { table(rows(&shipped)) }
                { more(&shipped) }
            }
            if !behind.is_empty() {
                <details class="behind">
                    <summary>{ strings::layers_behind(behind.len()) }</summary>
                    { table(rows(&behind)) }
                    { more(&behind) }
                </details>
            }
        </section>
    }
}

fn table(rows: Html) -> Html {
    html! {
        <table>
            <thead><tr>
                <th scope="col">{ strings::STEP }</th>
                <th scope="col" class="number">{ strings::UNPACKED }</th>
                <th scope="col" class="number">{ strings::DOWNLOAD }</th>
                <th scope="col" class="basis">{ strings::BASIS }</th>
            </tr></thead>
            <tbody>{ rows }</tbody>
        </table>
    }
}

/// The layers on top of each other, laid down; what is unknown has a piece of no true length, and looks so.
fn stack(report: &Report, layers: &[&Layer]) -> Html {
    let known: u64 = layers.iter().filter_map(|layer| layer.unpacked.as_ref()).map(|size| size.likely).sum();
    let share = |layer: &&Layer| {
        let text = words(report, layer);
        let (size, class, title) = match &layer.unpacked {
            Some(size) if figures::is_base(report, layer) => (size.likely, "share share-base", Some(size)),
            Some(size) if text.starts_with("RUN") => (size.likely, "share share-run", Some(size)),
            Some(size) => (size.likely, "share share-copy", Some(size)),
            None => (known / 24, "share share-unknown", None),
        };
        let title = title.map_or("?".to_owned(), |size| Bytes(size.likely).to_string());
        let short = if figures::is_base(report, layer) {
            report.stages.get(layer.stage).map_or("", |stage| stage.base.as_str())
        } else {
            text.split_once(' ').map_or("", |(_, rest)| rest)
        };
        let short: Vec<&str> = short.split(' ').filter(|word| !word.starts_with("--")).collect();
        let short = short.join(" ");
        Share { size, text: short.into(), title: format!("{text} · {title}").into(), class }
    };
    let shares: Vec<Share> = layers.iter().take(DRAWN).map(share).collect();
    share_bar("share-bar", strings::LAYERS_SHIPPED, &shares)
}

fn words<'a>(report: &'a Report, layer: &Layer) -> &'a str {
    report.instructions.get(layer.instruction).map_or("", |instruction| instruction.text.as_str())
}

/// One step: its text, both sizes or fields for them, and how they are known.
fn row(report: &Report, facts: &Facts, layer: &Layer, send: &Callback<Action>) -> Html {
    let stage = report.stages.get(layer.stage).map_or("", |stage| stage.display_name.as_str());
    let text = words(report, layer);
    let pinned = facts.pins.iter().any(|pin| pin.stage == stage && pin.instruction == text);
    let (line, instruction) = (layer.line, layer.instruction);
    let jump = send.reform(move |_: MouseEvent| Action::JumpedTo(line));
    let point =
        send.reform(move |on: bool| Action::PointedAt(on.then_some(Pointed::Instruction(instruction))));
    let pin = Pin { stage: stage.to_owned(), instruction: text.to_owned(), unpacked: None, download: None };
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
    html! {
        <tr
            key={layer.instruction} class={classes!(layer.is_unknown().then_some("unknown"), pinned.then_some("pinned"))}
            onmouseenter={point.reform(|_: MouseEvent| true)} onmouseleave={point.reform(|_: MouseEvent| false)}
        >
            <td class="step">
                <button type="button" onclick={jump} title={format!("{} · {text}", strings::line(line))}>{ text.to_owned() }</button>
                <small>{ stage.to_owned() }</small>
            </td>
            <td class="number">{ size_cell(strings::UNPACKED, text, layer.unpacked.as_ref(), unpacked) }</td>
            <td class="number">{ size_cell(strings::DOWNLOAD, text, layer.download.as_ref(), download) }</td>
            <td class="basis">
                { &layer.basis }
                if pinned {
                    <button class="unpin" type="button" onclick={unpin} title={strings::UNPIN} aria-label={strings::UNPIN}>{ "×" }</button>
                }
            </td>
        </tr>
    }
}

fn size_cell(which: &str, text: &str, size: Option<&Estimate>, onsize: Callback<u64>) -> Html {
    match size {
        Some(size) => html! {
            <>{ Bytes(size.likely).to_string() }<small>{ bytes::range(size) }</small></>
        },
        None => html! { <SizeField label={strings::pin_label(which, text)} {onsize} /> },
    }
}
