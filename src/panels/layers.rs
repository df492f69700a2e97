//! The image step by step: what each adds, how that is known, and a field where it is not.

use crate::bytes::{self, Bytes};
use crate::figures::{self, DRAWN, Role};
use crate::known::Known;
use crate::pins;
use crate::shared::Shared;
use crate::state::Action;
use crate::strings;
use crate::widgets::share_bar::{Share, share_bar};
use layercast_core::Report;
use layercast_core::estimate::Estimate;
use layercast_core::facts::Pin;
use layercast_core::report::Layer;
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub struct LayersProps {
    pub report: Shared<Report>,
    /// What each layer of the report opens to, as HTML.
    pub openings: Shared<Vec<AttrValue>>,
    pub roles: Shared<Vec<Role>>,
    pub facts: Shared<Known>,
    /// True until steps are weighed for the first time.
    pub coming: bool,
    /// What stands below the layers, as HTML ([`crate::summary`]).
    pub below: AttrValue,
    pub send: Callback<Action>,
}

/// The layers of the image, and those left behind.
#[component]
pub fn Layers(props: &LayersProps) -> Html {
    let LayersProps { report, roles, below, .. } = props;
    let Some(target) = report.target() else { return html! {} };
    let shipped = &target.size.layers;
    let behind: Vec<usize> = (0..report.layers.len())
        .filter(|place| roles.get(report.layers[*place].stage) == Some(&Role::LeftBehind))
        .collect();
    let rows =
        |layers: &[usize]| layers.iter().take(DRAWN).filter_map(|place| row(props, *place)).collect::<Html>();
    let more = |layers: &[usize]| {
        let more = layers.len().saturating_sub(DRAWN);
        (more > 0).then(|| html! { <p class="soft">{ strings::more(more) }</p> })
    };
    html! {
        <section class="layers" id="layers">
            <h2>{ strings::LAYERS.t() }<small>{ strings::LAYERS_SHIPPED.t() }</small></h2>
            if shipped.is_empty() {
                <p class="soft">{ strings::LAYERS_NONE.t() }</p>
            } else {
                { stack(report, shipped) }
                { table(rows(shipped)) }
                { more(shipped) }
            }
            <div class="below">{ Html::from_html_unchecked(below.clone()) }</div>
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
                <th scope="col">{ strings::STEP.t() }</th>
                <th scope="col" class="number">{ strings::UNPACKED.t() }</th>
                <th scope="col" class="number">{ strings::DOWNLOAD.t() }</th>
                <th scope="col" class="basis">{ strings::BASIS.t() }</th>
            </tr></thead>
            <tbody>{ rows }</tbody>
        </table>
    }
}

/// The layers on top of each other, laid down; what is unknown has a piece of no true length, and looks so.
fn stack(report: &Report, layers: &[usize]) -> Html {
    let layers: Vec<&Layer> = layers.iter().filter_map(|place| report.layers.get(*place)).collect();
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
    share_bar("share-bar", strings::LAYERS_SHIPPED.t(), &shares)
}

fn words<'a>(report: &'a Report, layer: &Layer) -> &'a str {
    report.instructions.get(layer.instruction).map_or("", |instruction| instruction.text.as_str())
}

/// One step: its text, both sizes or fields for them, and how they are known.
fn row(props: &LayersProps, place: usize) -> Option<Html> {
    let LayersProps { report, facts, coming, send, .. } = props;
    let layer = report.layers.get(place)?;
    let stage = report.stages.get(layer.stage).map_or("", |stage| stage.display_name.as_str());
    let text = words(report, layer);
    let known = facts.pins.iter().find(|pin| pin.stage == stage && pin.instruction == text);
    let line = layer.line;
    let last = report.instructions.get(layer.instruction).map_or(line, |instruction| instruction.end_line);
    let jump = send.reform(move |_: MouseEvent| Action::JumpedTo(line));
    let pin = Pin { stage: stage.to_owned(), instruction: text.to_owned(), unpacked: None, download: None };
    let size = |name, size: &Option<Estimate>, is_download| match size {
        None if *coming => html! { "…" },
        None => {
            let field = html! {
                <input
                    class="size-field" type="text" placeholder={strings::PIN_HINT.t()} autocomplete="off"
                    aria-label={strings::pin_label(name, text)}
                />
            };
            pinning(known.unwrap_or(&pin), is_download, field)
        }
        Some(size) => html! {
            <>
                { if layer.unknown.is_empty() { "" } else { "≥\u{a0}" } }{ Bytes(size.likely).to_string() }
                <small>{ bytes::range(size) }</small>
            </>
        },
    };
    let opening = props.openings.get(place).filter(|opening| !opening.is_empty());
    let opens = if layer.unknown.is_empty() { strings::OPENING.t() } else { strings::OPENING_ALL.t() };
    Some(html! {
        <>
            <tr
                key={layer.instruction} class={classes!(layer.is_unknown().then_some("unknown"), known.is_some().then_some("pinned"))}
                data-lines={format!("{line}-{last}")}
            >
                <td class="step">
                    <button type="button" onclick={jump} title={format!("{} · {text}", strings::line(line))}>{ text.to_owned() }</button>
                    <small>{ stage.to_owned() }</small>
                </td>
                <td class="number">{ size(strings::UNPACKED.t(), &layer.unpacked, false) }</td>
                <td class="number">{ size(strings::DOWNLOAD.t(), &layer.download, true) }</td>
                <td class="basis">
                    { &layer.basis }
                    if known.is_some() {
                        { pinning(&pin, false, html! {
                            <button class="unpin" type="button" data-do="unpin" title={strings::UNPIN.t()} aria-label={strings::UNPIN.t()}>{ "×" }</button>
                        }) }
                    }
                </td>
            </tr>
            if let Some(opening) = opening {
                <tr class="opening"><td colspan="4"><details>
                    <summary>{ opens }</summary>
                    { Html::from_html_unchecked(opening.clone()) }
                </details></td></tr>
            }
        </>
    })
}

/// What pins a size, or takes the pin out. The script of the tabs says so to the page: `www/tabs/src/actions.js`.
fn pinning(pin: &Pin, is_download: bool, by: Html) -> Html {
    let (before, behind) = pins::around(pin, is_download);
    html! { <span class="pin" data-before={before} data-behind={behind}>{ by }</span> }
}
