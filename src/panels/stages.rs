//! What is built: the graph of the stages, and why some are not built.

use crate::figures::{self, DRAWN, Role};
use crate::panels::stages_graph::graph;
use crate::shared::Shared;
use crate::state::Action;
use crate::strings;
use layercast_core::Report;
use layercast_core::layout::{Measures, layout_some};
use layercast_core::report::Skipped;
use yew::prelude::*;

/// Of more stages, those that are not built are left out until they are asked for.
const MANY: usize = 30;
/// So many reasons are given in words.
const REASONS: usize = 12;

#[derive(Clone, PartialEq, Properties)]
pub struct StagesProps {
    pub report: Shared<Report>,
    pub roles: Shared<Vec<Role>>,
    /// Whether stages that are not built are drawn; none: where there are few stages.
    pub all: Option<bool>,
    pub send: Callback<Action>,
}

/// The stages of the file under the target in effect.
#[component]
pub fn Stages(props: &StagesProps) -> Html {
    let StagesProps { report, roles, all, send } = props;
    let skipped = report.target().map(|target| target.skipped.as_slice()).unwrap_or_default();
    let all = skipped.is_empty() || all.unwrap_or(report.stages.len() <= MANY);
    let count = report.stages.len() - if all { 0 } else { skipped.len() };
    let drawn = use_memo((report.clone(), all), |(report, all)| {
        let is_drawn = |stage: usize| *all || roles.get(stage) != Some(&Role::Skipped);
        (count <= DRAWN).then(|| layout_some(report, &Measures::default(), &is_drawn))
    });
    html! {
        <section class="stages">
            <h2>{ strings::STAGES.t() }<small>{ strings::STAGES_HINT.t() }</small></h2>
            if let Some(drawn) = &*drawn {
                { graph(report, drawn, roles, all, send) }
            } else {
                <p class="soft">{ strings::too_many_stages(count) }</p>
            }
            <ul class="reasons">
                { for skipped.iter().take(REASONS).map(|skipped| reason(report, skipped)) }
                if skipped.len() > REASONS {
                    <li>{ strings::more(skipped.len() - REASONS) }</li>
                }
            </ul>
        </section>
    }
}

fn reason(report: &Report, skipped: &Skipped) -> Html {
    let name = report.stages.get(skipped.stage).map_or("", |stage| stage.display_name.as_str());
    html! { <li><b>{ name.to_owned() }</b>{ " " }{ why(report, skipped) }</li> }
}

/// Why a stage is not built, after its name.
pub fn why(report: &Report, skipped: &Skipped) -> String {
    let name = |stage: &usize| report.stages.get(*stage).map_or("", |stage| stage.display_name.as_str());
    let users: Vec<&str> = skipped.used_by.iter().map(name).collect();
    strings::skipped(&users)
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
