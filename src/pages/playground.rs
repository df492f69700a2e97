//! The playground: editor on the left, what it builds and weighs on the right.

use crate::effects::{address, answers, clipboard, settled, theme, worker};
use crate::examples;
use crate::figures::{self, Role};
use crate::marks::Ground;
use crate::panels::header::Header;
use crate::panels::headline::Headline;
use crate::panels::layers::Layers;
use crate::panels::notices::{begin, footer, rescued};
use crate::panels::problems::Problems;
use crate::panels::source::Source;
use crate::panels::stages::Stages;
use crate::remarks::{Checks, Remark, remarks};
use crate::shared::Shared;
use crate::state::{Action, State};
use crate::strings;
use crate::weights::lay;
use layercast_core::{Report, structure};
use std::rc::Rc;
use yew::prelude::*;

/// What the page starts with.
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct PlaygroundProps {
    /// The state of the first paint.
    pub initial: State,
}

/// What follows from the state, worked out once per change.
struct Derived {
    settled: Rc<str>,
    report: Shared<Report>,
    /// The same report, or an earlier one with the same graph.
    graph: Shared<Report>,
    /// What each layer of the report opens to.
    openings: Shared<Vec<AttrValue>>,
    roles: Shared<Vec<Role>>,
    remarks: Shared<Vec<Remark>>,
}

/// The page.
#[component]
pub fn Playground(props: &PlaygroundProps) -> Html {
    let state = use_reducer(|| props.initial.clone());
    let dispatcher = state.dispatcher();
    let send = use_callback((), move |action: Action, ()| dispatcher.dispatch(action));
    let Derived { settled, report, graph, openings, roles, remarks } = use_derived(&state);
    let marks = Ground {
        source: settled.clone(),
        report: report.clone(),
        remarks: remarks.clone(),
        roles: roles.clone(),
    };
    let share = clipboard::use_share(&state, &send);
    theme::use_theme(state.ui.theme);
    address::use_address(&state);
    address::use_opened_links(&send);
    let line = worker::use_worker(&send);
    worker::use_checks(&line, &settled, &state.facts);
    answers::use_relay(&line, &send);
    answers::use_answers(&line, &report, &state.ui.relay, state.ui.asked_again);
    let empty = report.stages.is_empty();
    let coming = state.checks == Checks::Coming;
    let below = match &state.checks {
        Checks::Said(told) => told.below.clone(),
        _ => AttrValue::default(),
    };
    html! {
        <>
            <Header
                graph={graph.clone()} arguments={figures::arguments(&report)} facts={state.facts.clone()}
                example={examples::name_of(&state.source)} theme={state.ui.theme} shared={state.ui.shared}
                {share} send={send.clone()}
            />
            <main class="page">
                <section class="left">
                    <Source
                        source={state.source.clone()} replaced={state.ui.replaced} jump={state.ui.jump}
                        marks={marks} send={send.clone()}
                    />
                    <Problems {remarks} checks={state.checks.clone()} send={send.clone()} />
                </section>
                <section class={classes!("right", coming.then_some("weighing"))} aria-label={strings::PROMISE.t()}>
                    { rescued(state.ui.rescued.clone(), &send) }
                    if !empty {
                        <Headline report={report.clone()} roles={roles.clone()} {coming} />
                    }
                    <div id="tabs"></div>
                    if empty {
                        { begin(state.source.trim().is_empty(), &send) }
                    } else {
                        <Stages
                            report={graph} roles={roles.clone()} drawn={state.ui.stages.clone()}
                            send={send.clone()}
                        />
                        <Layers
                            report={report} {openings} roles={roles} facts={state.facts.clone()} {coming}
                            {below} send={send.clone()}
                        />
                    }
                    <div id="panel" role="tabpanel"><form id="tab"></form></div>
                    <section id="context" class="context"></section>
                    { footer(&state.ui.relay) }
                </section>
            </main>
        </>
    }
}

#[hook]
fn use_derived(state: &State) -> Derived {
    let settled = settled::use_settled(&state.source);
    let drawn = (settled.clone(), state.facts.clone(), state.checks.steps());
    let drawn = use_memo(drawn, |(source, facts, steps)| {
        let mut report = structure(source, facts);
        let openings = lay(&mut report, steps);
        (Shared::new(report), Shared::new(openings))
    });
    let (report, openings) = (*drawn).clone();
    let graph = use_kept(report.clone(), figures::same_graph);
    let roles = use_memo(report.clone(), |report| Shared::new(figures::roles(report)));
    let roles = use_kept((*roles).clone(), PartialEq::eq);
    let said =
        use_memo((settled.clone(), report.clone(), state.checks.clone()), |(source, report, checks)| {
            Shared::new(remarks(source, report, checks))
        });
    let remarks = (*said).clone();
    Derived { settled, report, graph, openings, roles, remarks }
}

/// A value, or the earlier one as long as it is the same: who shows it has nothing to draw.
#[hook]
fn use_kept<T: 'static>(value: Shared<T>, is_same: fn(&T, &T) -> bool) -> Shared<T> {
    let kept = use_mut_ref(|| value.clone());
    if !is_same(&kept.borrow(), &value) {
        *kept.borrow_mut() = value;
    }
    kept.borrow().clone()
}
