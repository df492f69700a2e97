//! What registries of packages say, by the companion: it asks them, this page may not.

use crate::{fetch, weighing};
use gloo::timers::future::sleep;
use layercast_core::Facts;
use layercast_core::facts::Question;
use std::time::Duration;
use wasm_bindgen_futures::spawn_local;

/// Typing rests so long before a registry is asked: nobody wants `dja` looked up.
const REST: Duration = Duration::from_millis(600);
/// So many questions go at once.
const HANDFUL: usize = 32;
/// In milliseconds: the companion may ask several registries for one answer.
const PATIENCE: u32 = 60_000;

/// True for what registries of packages are asked.
pub(crate) fn is_asked_of_them(question: &Question) -> bool {
    matches!(
        question,
        Question::PythonProject { .. } | Question::PythonArchive { .. } | Question::NpmPackage { .. }
    )
}

/// Asks the companion when typing rests, then weighs again.
pub(crate) fn ask(questions: Vec<Question>) {
    spawn_local(async move {
        loop {
            let revision = weighing::with(|desk| desk.revision);
            sleep(REST).await;
            if weighing::with(|desk| desk.revision == revision) {
                break;
            }
        }
        let questions = weighing::still_open(questions);
        if questions.is_empty() {
            return;
        }
        weighing::with(|desk| desk.n_asking += 1);
        weighing::again();
        for some in questions.chunks(HANDFUL) {
            if let Some(facts) = answered(some).await {
                weighing::with(|desk| take(&mut desk.facts, facts));
            }
        }
        weighing::with(|desk| desk.n_asking -= 1);
        weighing::again();
    });
}

async fn answered(questions: &[Question]) -> Option<Facts> {
    let ask = serde_json::to_string(questions).ok()?;
    let address = format!("relay/packages?ask={}", String::from(js_sys::encode_uri_component(&ask)));
    let answer = fetch::get(&address, None, None, PATIENCE).await.ok()?;
    serde_json::from_slice(&answer.body()).ok().filter(|_| answer.status() == 200)
}

/// What is new joins what is known.
fn take(known: &mut Facts, new: Facts) {
    known.python.projects.extend(new.python.projects);
    known.python.archives.extend(new.python.archives);
    known.python.failures.extend(new.python.failures);
    known.npm.manifests.extend(new.npm.manifests);
    known.npm.packages.extend(new.npm.packages);
    known.npm.tarballs.extend(new.npm.tarballs);
    if !new.npm.source.is_empty() {
        (known.npm.source, known.npm.as_of) = (new.npm.source, new.npm.as_of);
    }
}
