//! What is wrong with the Dockerfile, and where.

use crate::marks::severity;
use crate::remarks::{Checks, Remark};
use crate::shared::Shared;
use crate::state::Action;
use crate::strings;
use layercast_core::diagnostic::Severity;
use yew::prelude::*;

/// So many are listed; all are counted.
const LISTED: usize = 100;

#[derive(Clone, PartialEq, Properties)]
pub struct ProblemsProps {
    pub remarks: Shared<Vec<Remark>>,
    pub checks: Checks,
    pub send: Callback<Action>,
}

/// The list below the editor.
#[component]
pub fn Problems(props: &ProblemsProps) -> Html {
    let problems = &props.remarks;
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    let class = match (errors, problems.len()) {
        (0, 0) => "problems problems-none",
        (0, _) => "problems problems-warning",
        _ => "problems problems-error",
    };
    let heading = match props.checks {
        // Not yet a clean bill, or none at all.
        Checks::Gone if problems.is_empty() => strings::NO_ERRORS.t().to_owned(),
        Checks::Coming if problems.is_empty() => strings::CHECKING.t().to_owned(),
        _ => strings::problems(errors, problems.len() - errors),
    };
    let entry = |problem: &Remark| entry(problem, &props.send);
    html! {
        <section {class} aria-label={strings::PROBLEMS.t()} data-testid="problems">
            <h2><span role="status">{ heading }</span></h2>
            if !problems.is_empty() {
                <ul>{ for problems.iter().take(LISTED).map(entry) }</ul>
            }
            if problems.len() > LISTED {
                <p class="soft">{ strings::more(problems.len() - LISTED) }</p>
            }
            if props.checks == Checks::Gone {
                <p class="soft">{ strings::CHECKS_GONE.t() }</p>
            }
        </section>
    }
}

fn entry(problem: &Remark, send: &Callback<Action>) -> Html {
    let line = problem.line;
    let onclick = send.reform(move |_| Action::JumpedTo(line));
    // Registries can be asked again; the Dockerfile is asked at every key.
    let answered = ["image-", "registry-", "digest-"].iter().any(|about| problem.rule.starts_with(about));
    let again = answered.then(|| send.reform(|_| Action::AskedAgain));
    html! {
        <li class={severity(problem.severity)}>
            <button class="problem" type="button" {onclick}>
                <span class="problem-line">{ strings::line(line) }</span>
                <span class="problem-text">
                    { &problem.message }
                    { for problem.notes.iter().map(|note| html! { <small>{ note }</small> }) }
                </span>
            </button>
            if let Some(onclick) = again {
                <button class="button small" type="button" {onclick}>{ strings::TRY_AGAIN.t() }</button>
            }
        </li>
    }
}
