//! `GET /relay/`: that there is a relay, and for which registries.

use crate::server::Shared;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use layercast_core::registry::{RELAY_VERSION, RelayIndex};

/// This machine's registries at any port.
const OWN: [&str; 3] = ["localhost:*", "127.0.0.1:*", "[::1]:*"];

pub(super) async fn get(State(shared): State<Shared>) -> Response {
    let registries = if shared.registry.is_offline() {
        Vec::new()
    } else {
        shared.listed.0.iter().cloned().chain(OWN.map(str::to_owned)).collect()
    };
    let index = RelayIndex { version: RELAY_VERSION, registries };
    let json = serde_json::to_string(&index).expect("strings and a number are JSON");
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")], json).into_response()
}
