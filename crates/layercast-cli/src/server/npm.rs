//! `GET /packages/npm?name=&version=&wanted=`: what an npm registry says of a package, reduced as the core asks for it.
//!
//! **Invariant:** a name, a version and a kind of document are all that is taken; the registry is the one that npm's
//! configuration on this machine names.

use crate::server::Shared;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use layercast_core::facts::NpmWanted;
use serde::Deserialize;

/// The core's question: [`layercast_core::facts::Question::NpmPackage`].
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    name: String,
    #[serde(default)]
    version: String,
    wanted: NpmWanted,
}

pub(super) async fn get(State(shared): State<Shared>, Query(asked): Query<Asked>) -> Response {
    let answer = shared.registry.npm_answer(&asked.name, &asked.version, asked.wanted).await;
    let json = serde_json::to_string(&answer).expect("texts and numbers are JSON");
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")], json).into_response()
}
