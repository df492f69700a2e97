//! The image step by step: what each adds, how that is known, and a field where it is not.

use crate::bytes::Bytes;
use crate::figures::{self, DRAWN, Role};
use crate::known::Known;
use crate::panels::layers_row::Row;
use crate::shared::Shared;
use crate::state::Action;
use crate::strings;
use crate::widgets::share_bar::{Share, share_bar};
use layercast_core::Report;
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

fn row(props: &LayersProps, place: usize) -> Option<Html> {
    let LayersProps { report, facts, coming, send, .. } = props;
    let layer = report.layers.get(place)?;
    let stage = report.stages.get(layer.stage).map_or("", |stage| stage.display_name.as_str());
    let text = words(report, layer);
    let pin = facts.pins.iter().find(|pin| pin.stage == stage && pin.instruction == text).cloned();
    let line = layer.line;
    let last = report.instructions.get(layer.instruction).map_or(line, |instruction| instruction.end_line);
    Some(html! {
        <Row
            instruction={layer.instruction} text={text.to_owned()} stage={stage.to_owned()} lines={(line, last)}
            unpacked={layer.unpacked.clone()} download={layer.download.clone()} basis={layer.basis.clone()}
            is_unknown={layer.is_unknown()} is_partial={!layer.unknown.is_empty()} {pin} {coming}
            opening={props.openings.get(place).cloned().unwrap_or_default()} {send}
        />
    })
}
