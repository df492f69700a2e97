//! Tables of packages, which lie beside the page: fetched when a step needs one.

use crate::{fetch, weighing};
use layercast::strings;
use layercast_core::facts::Question;
use layercast_core::package_table::Table;
use std::collections::HashMap;
use wasm_bindgen_futures::spawn_local;

/// In milliseconds: a table has about a megabyte and a half.
const PATIENCE: u32 = 60_000;

/// What became of the tables that were asked for: why they did not come; none while they are on their way.
#[derive(Default)]
pub(crate) struct State(HashMap<Question, Option<String>>);

impl State {
    /// What is to be said of a question: that its table is on its way, or did not come.
    pub(crate) fn word(&self, question: &Question) -> Option<String> {
        let name = name(question)?;
        Some(match self.0.get(question) {
            Some(Some(why)) => strings::table_gone(&name, why),
            _ => strings::table_coming(&name),
        })
    }
}

/// Fetches a table, then weighs again.
pub(crate) fn load(question: Question) {
    weighing::with(|desk| desk.tables.0.insert(question.clone(), None));
    spawn_local(async move {
        let loaded = fetched(&question).await;
        weighing::with(|desk| match (loaded, &question) {
            (Ok(table), Question::PackageTable { distribution, release, architecture }) => {
                desk.tables.0.remove(&question);
                desk.facts.tables.add(distribution, release, architecture, table);
            }
            (loaded, _) => {
                desk.tables.0.insert(question, loaded.err());
            }
        });
        weighing::again();
    });
}

async fn fetched(question: &Question) -> Result<Table, String> {
    let Question::PackageTable { distribution, release, architecture } = question else {
        return Err(String::new());
    };
    // Without a slash in front: the page may be served below a path, and this script lies beside it.
    let address = format!("tables/{distribution}-{release}-{architecture}.gz");
    let text = fetch::get_text(&address, PATIENCE).await?;
    Table::parse(text).map_err(|error| error.to_string())
}

/// `debian bookworm for amd64`.
fn name(question: &Question) -> Option<String> {
    let Question::PackageTable { distribution, release, architecture } = question else { return None };
    Some(format!("{distribution} {release} for {architecture}"))
}
