//! `POST /build/start`: builds the Dockerfile in the body, in the one context.

use super::order::Order;
use super::{Desk, answer, refusal};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::sync::Arc;

pub(super) async fn post(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: Bytes) -> Response {
    // A form of a foreign page can have other types alone.
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind != "application/json" {
        return refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, "A build is ordered in application/json.");
    }
    let order = match Order::read(&body) {
        Ok(order) => order,
        Err(why) => return refusal(StatusCode::BAD_REQUEST, &why),
    };
    match desk.start(order) {
        Ok(id) => (StatusCode::ACCEPTED, answer(&json!({ "id": id }))).into_response(),
        Err(running) => refusal(
            StatusCode::CONFLICT,
            &format!("One build at a time: {running} is still being built. Cancel it, or wait."),
        ),
    }
}
