//! `GET /relay/packages?ask=[…]`: what registries of packages say, as a piece of the facts.
//!
//! **Invariant:** nobody is asked but the registries that pip's and npm's own configurations name, and of those only
//! what a question can hold: names and versions.

use crate::server::Shared;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use layercast_core::Facts;
use layercast_core::facts::Question;
use serde::Deserialize;

/// So many questions may be asked at once.
const MOST: usize = 64;

/// Questions in the core's own words, as JSON.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    ask: String,
}

pub(super) async fn get(State(shared): State<Shared>, Query(Asked { ask }): Query<Asked>) -> Response {
    let questions = match read(&ask) {
        Ok(questions) => questions,
        Err(why) => return (StatusCode::BAD_REQUEST, format!("{why}\n")).into_response(),
    };
    let mut facts = Facts::default();
    shared.registry.answer_packages(&questions, &mut facts).await;
    let json = serde_json::to_string(&facts).expect("facts are JSON");
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")], json).into_response()
}

fn read(ask: &str) -> Result<Vec<Question>, String> {
    let questions: Vec<Question> =
        serde_json::from_str(ask).map_err(|error| format!("These are no questions: {error}."))?;
    if questions.len() > MOST {
        return Err(format!("{} questions are more than {MOST}.", questions.len()));
    }
    Ok(questions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_read_in_the_core_s_own_words() {
        let question = Question::PythonProject { name: "flask".to_owned() };
        let json = serde_json::to_string(&[&question]).unwrap();
        assert_eq!(read(&json), Ok(vec![question]));
        assert!(read("[{\"kind\":\"nothing\"}]").is_err());
        assert!(read("").is_err());
        let many = format!("[{}]", vec![json.trim_matches(['[', ']']); MOST + 1].join(","));
        assert_eq!(read(&many), Err("65 questions are more than 64.".to_owned()));
    }
}
