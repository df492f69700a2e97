//! `GET /relay/packages/python/<project>[/<file>]`: what an index says of a distribution, reduced to a fact.
//!
//! **Invariant:** a name decides what is asked, never an address: the index is the one of pip's own configuration, and
//! a file is one that the index lists for the project.

use crate::server::Shared;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use layercast_core::facts::FailureReason;
use layercast_core::facts::python::PythonFailure;
use layercast_core::registry::RelayFailure;
use serde::Serialize;

/// What an index lists changes with every release.
const AN_HOUR: &str = "private, max-age=3600";
/// What stands behind a file's name never does.
const FOR_EVER: &str = "private, max-age=31536000, immutable";

pub(super) async fn project(State(shared): State<Shared>, Path(project): Path<String>) -> Response {
    reply(shared.registry.python_project(&project).await, AN_HOUR)
}

pub(super) async fn archive(
    State(shared): State<Shared>,
    Path((project, file)): Path<(String, String)>,
) -> Response {
    reply(shared.registry.python_archive(&project, &file).await, FOR_EVER)
}

fn reply(answer: Result<impl Serialize, PythonFailure>, keep: &'static str) -> Response {
    match answer {
        Ok(fact) => {
            let json = serde_json::to_string(&fact).expect("numbers and strings are JSON");
            ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, keep)], json)
                .into_response()
        }
        Err(PythonFailure { reason, message }) => {
            let failure = RelayFailure { reason, message, hint: String::new() };
            let json = serde_json::to_string(&failure).expect("strings are JSON");
            let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
            (status(reason), headers, json).into_response()
        }
    }
}

fn status(reason: FailureReason) -> StatusCode {
    match reason {
        FailureReason::NotFound | FailureReason::NoPlatform => StatusCode::NOT_FOUND,
        FailureReason::Denied => StatusCode::FORBIDDEN,
        FailureReason::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        FailureReason::Unreachable | FailureReason::Invalid | FailureReason::DigestMismatch => {
            StatusCode::BAD_GATEWAY
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use layercast_core::facts::python::PythonProject;

    #[test]
    fn a_fact_is_kept_and_a_failure_is_not() {
        let found = reply(Ok(PythonProject::default()), AN_HOUR);
        assert_eq!(
            (found.status(), &found.headers()["cache-control"]),
            (StatusCode::OK, &AN_HOUR.parse().unwrap())
        );
        let gone = PythonFailure { reason: FailureReason::NotFound, message: "no such project".to_owned() };
        let failed = reply(Err::<PythonProject, _>(gone), AN_HOUR);
        assert_eq!(
            (failed.status(), &failed.headers()["cache-control"]),
            (StatusCode::NOT_FOUND, &"no-store".parse().unwrap())
        );
    }
}
