//! `/build/…`: real builds from the page, where `serve --build` offers them. One endpoint a file.
//!
//! **Invariant:** every call shows the token, and none names a path, a flag or an output: the context is the one that
//! the command line gave.

mod cancel;
mod events;
mod start;
mod state;

mod course;
mod desk;
mod order;
mod output;

pub(crate) use desk::{Desk, Offer};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use std::sync::Arc;

/// A Dockerfile and its arguments are shorter.
const LONGEST_BODY: usize = 1 << 20;

pub(super) fn router(desk: &Arc<Desk>) -> Router {
    Router::new()
        .route("/build/", get(state::get))
        .route("/build/start", post(start::post))
        .route("/build/events", get(events::get))
        .route("/build/cancel", post(cancel::post))
        .route("/build/{*other}", get(async || refusal(StatusCode::NOT_FOUND, "There is no such call.")))
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(middleware::from_fn_with_state(Arc::clone(desk), ask_for_the_token))
        .with_state(Arc::clone(desk))
}

async fn ask_for_the_token(State(desk): State<Arc<Desk>>, request: Request, next: Next) -> Response {
    let shown = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if desk.token().opens(shown.unwrap_or_default()) {
        return next.run(request).await;
    }
    refusal(StatusCode::UNAUTHORIZED, "Open the address that `layercast serve` printed: it lets you build.")
}

fn answer(value: &Value) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (headers, value.to_string()).into_response()
}

/// A refusal is a sentence, as JSON.
fn refusal(status: StatusCode, message: &str) -> Response {
    (status, answer(&json!({ "message": message }))).into_response()
}
