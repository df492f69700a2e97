//! `POST /build/cancel`: ends the running build, whoever started it.

use super::{Desk, answer, refusal};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;
use std::sync::Arc;

pub(super) async fn post(State(desk): State<Arc<Desk>>) -> Response {
    if desk.cancel() {
        return answer(&json!({}));
    }
    refusal(StatusCode::CONFLICT, "No build is running.")
}
