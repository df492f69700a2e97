//! What is built: the graph of the stages, why some are not built, and the same as a list.

use crate::figures::{self, DRAWN, Role};
use crate::panels::stages_graph::{Lit, graph};
use crate::shared::Shared;
use crate::state::{Action, Pointed};
use crate::strings;
use layercast_core::Report;
use layercast_core::layout::{Measures, layout};
use layercast_core::report::Skipped;
use yew::prelude::*;

/// So many reasons are given in words.
const REASONS: usize = 12;

#[derive(Clone, PartialEq, Properties)]
pub struct StagesProps {
    pub report: Shared<Report>,
    pub roles: Shared<Vec<Role>>,
    pub cursor: usize,
    pub pointed: Option<Pointed>,
    pub send: Callback<Action>,
}

/// The stages of the file under the target in effect.
#[component]
pub fn Stages(props: &StagesProps) -> Html {
    let StagesProps { report, roles, cursor, pointed, send } = props;
    let few = report.stages.len() <= DRAWN;
    let drawn = use_memo(report.clone(), |report| few.then(|| layout(report, &Measures::default())));
    let lit = Lit { cursor: *cursor, pointed: pointed.as_ref() };
    let skipped = report.target().map(|target| target.skipped.as_slice()).unwrap_or_default();
    html! {
        <section class="stages">
            <h2>{ strings::STAGES.t() }<small>{ strings::STAGES_HINT.t() }</small></h2>
            if let Some(drawn) = &*drawn {
                { graph(report, drawn, roles, lit, send) }
            } else {
                <p class="soft">{ strings::too_many_stages(report.stages.len()) }</p>
            }
            <ul class="reasons">
                { for skipped.iter().take(REASONS).map(|skipped| reason(report, skipped)) }
                if skipped.len() > REASONS {
                    <li>{ strings::more(skipped.len() - REASONS) }</li>
                }
            </ul>
            <details class="as-list">
                <summary>{ strings::STAGES_LIST.t() }</summary>
                <ul>{ for report.stages.iter().take(DRAWN).map(|stage| entry(report, roles, stage.index)) }</ul>
            </details>
        </section>
    }
}

fn reason(report: &Report, skipped: &Skipped) -> Html {
    let name = |stage: &usize| report.stages.get(*stage).map_or("", |stage| stage.display_name.as_str());
    let users: Vec<&str> = skipped.used_by.iter().map(name).collect();
    html! { <li><b>{ name(&skipped.stage) }</b>{ " " }{ strings::skipped(&users) }</li> }
}

fn entry(report: &Report, roles: &[Role], stage: usize) -> Html {
    let Some(stage) = report.stages.get(stage) else { return html! {} };
    let steps = strings::steps(stage.instructions.len());
    let words =
        strings::stage_entry(&stage.base, &steps, &size(report, stage.index), role_word(roles, stage.index));
    html! { <li><b>{ &stage.display_name }</b>{ " " }{ words }</li> }
}

/// `≥ 246 MB`, or `?` where nothing is known.
pub fn size(report: &Report, stage: usize) -> String {
    let weight = figures::weigh(figures::layers_of(report, stage));
    strings::size(&weight)
}

/// What becomes of a stage, in a word.
pub fn role_word(roles: &[Role], stage: usize) -> &'static str {
    match roles.get(stage) {
        Some(Role::Ships) => strings::SHIPS.t(),
        Some(Role::Inside) => strings::INSIDE.t(),
        Some(Role::LeftBehind) => strings::LEFT_BEHIND.t(),
        Some(Role::Skipped) | None => strings::SKIPPED.t(),
    }
}
