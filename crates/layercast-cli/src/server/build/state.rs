//! `GET /build/`: that a build is offered, and of what.

use super::{Desk, answer};
use axum::extract::State;
use axum::response::Response;
use serde_json::json;
use std::sync::Arc;

/// The version of what `/build/` says.
const VERSION: u32 = 1;

pub(super) async fn get(State(desk): State<Arc<Desk>>) -> Response {
    let offer = desk.offer();
    answer(&json!({
        "version": VERSION,
        "context": offer.context_name(),
        "file": offer.file.to_string_lossy(),
        "text": offer.text(),
    }))
}
