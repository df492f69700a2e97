//! What is built: the graph of the stages, and why some are not built.

use crate::figures::{self, DRAWN, Role, chain_ends};
use crate::panels::stages_graph::graph;
use crate::shared::Shared;
use crate::state::Action;
use crate::strings;
use layercast_core::Report;
use layercast_core::layout::{Measures, layout_some};
use layercast_core::report::Skipped;
use std::rc::Rc;
use yew::prelude::*;

/// Of more stages, those that are not built are left out until they are asked for.
const MANY: usize = 30;
/// So many reasons are given in words.
const REASONS: usize = 12;

#[derive(Clone, PartialEq, Properties)]
pub struct StagesProps {
    pub report: Shared<Report>,
    pub roles: Shared<Vec<Role>>,
    /// Words with blanks between. `all`, or `built` without what is not, or neither: that depends on how many there
    /// are. Then the chains that are drawn as one, by the names of their last stages.
    pub drawn: Rc<str>,
    pub send: Callback<Action>,
}

/// The stages of the file under the target in effect.
#[component]
pub fn Stages(props: &StagesProps) -> Html {
    let StagesProps { report, roles, drawn, .. } = props;
    let skipped = report.target().map(|target| target.skipped.as_slice()).unwrap_or_default();
    let all = match drawn.split(' ').next() {
        _ if skipped.is_empty() => true,
        Some("all") => true,
        Some("built") => false,
        _ => report.stages.len() <= MANY,
    };
    let count = report.stages.len() - if all { 0 } else { skipped.len() };
    let drawn = use_memo((report.clone(), all, drawn.clone()), |(report, all, drawn)| {
        let ends = chain_ends(report);
        let home = |stage: usize| {
            let end = ends[stage];
            let is_folded = drawn.split(' ').skip(1).any(|name| name == report.stages[end].display_name);
            let is_drawn = *all || roles.get(stage) != Some(&Role::Skipped);
            is_drawn.then_some(if is_folded { end } else { stage })
        };
        let homes: Vec<Option<usize>> = (0..ends.len()).map(home).collect();
        (count <= DRAWN).then(|| (layout_some(report, &Measures::default(), &homes), homes, ends))
    });
    html! {
        <section class="stages">
            <h2>{ strings::STAGES.t() }<small>{ strings::STAGES_HINT.t() }</small></h2>
            if let Some((drawn, homes, ends)) = &*drawn {
                { graph(props, drawn, homes, ends, all) }
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
