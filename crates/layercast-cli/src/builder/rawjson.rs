//! Decoding what `docker buildx build --progress=rawjson` prints: one status of BuildKit's a line.

use super::event::{Event, Log, Status, Vertex, Warning};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, Utc};
use serde_json::Value;

/// The news in a line; none where the line is no status: words for people.
pub(super) fn decode(line: &str) -> Option<Vec<Event>> {
    let status: Value = serde_json::from_str(line).ok().filter(Value::is_object)?;
    let all = |key: &str| status[key].as_array().cloned().unwrap_or_default();
    let vertexes = all("vertexes").into_iter().map(|it| Event::Vertex(vertex(&it)));
    let statuses = all("statuses").into_iter().map(|it| Event::Status(progress(&it)));
    let logs = all("logs").into_iter().map(|it| Event::Log(log(&it)));
    let warnings = all("warnings").into_iter().map(|it| Event::Warning(warning(&it)));
    Some(vertexes.chain(statuses).chain(logs).chain(warnings).collect())
}

fn vertex(it: &Value) -> Vertex {
    let inputs = it["inputs"].as_array().into_iter().flatten();
    Vertex {
        digest: text(&it["digest"]),
        inputs: inputs.map(text).collect(),
        name: text(&it["name"]),
        started: time(&it["started"]),
        completed: time(&it["completed"]),
        cached: it["cached"] == true,
        error: it["error"].as_str().filter(|error| !error.is_empty()).map(str::to_owned),
    }
}

fn progress(it: &Value) -> Status {
    Status {
        vertex: text(&it["vertex"]),
        id: text(&it["id"]),
        current: it["current"].as_u64().unwrap_or(0),
        total: it["total"].as_u64().unwrap_or(0),
        completed: time(&it["completed"]).is_some(),
    }
}

fn log(it: &Value) -> Log {
    Log { vertex: text(&it["vertex"]), is_error: it["stream"] == 2, bytes: bytes(&it["data"]) }
}

fn warning(it: &Value) -> Warning {
    let line = it["range"][0]["start"]["line"].as_u64();
    Warning {
        short: String::from_utf8_lossy(&bytes(&it["short"])).into_owned(),
        line: line.and_then(|line| usize::try_from(line).ok()).filter(|line| *line > 0),
    }
}

fn text(it: &Value) -> String {
    it.as_str().unwrap_or_default().to_owned()
}

fn time(it: &Value) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(it.as_str()?).ok().map(|time| time.to_utc())
}

/// Bytes are written in base64.
fn bytes(it: &Value) -> Vec<u8> {
    it.as_str().and_then(|text| BASE64_STANDARD.decode(text).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(line: &str, expected: Expect) {
        let got = match decode(line) {
            Some(events) => events.iter().map(|event| format!("{event:?}\n")).collect(),
            None => "words".to_owned(),
        };
        expected.assert_eq(&got);
    }

    #[test]
    fn a_line_holds_any_number_of_news() {
        check(
            r#"{"vertexes":[{"digest":"sha256:aa","inputs":["sha256:bb"],"name":"[a 2/4] WORKDIR /x","started":"2026-11-26T03:58:45.5Z","completed":"2026-11-26T03:58:47Z","cached":true}]}"#,
            expect![[r#"
                Vertex(Vertex { digest: "sha256:aa", inputs: ["sha256:bb"], name: "[a 2/4] WORKDIR /x", started: Some(2026-11-26T03:58:45.500Z), completed: Some(2026-11-26T03:58:47Z), cached: true, error: None })
            "#]],
        );
        check(
            r#"{"statuses":[{"id":"transferring context:","vertex":"sha256:aa","current":30,"total":324}],"logs":[{"vertex":"sha256:aa","stream":2,"data":"ZXJyCg=="}]}"#,
            expect![[r#"
                Status(Status { vertex: "sha256:aa", id: "transferring context:", current: 30, total: 324, completed: false })
                Log(Log { vertex: "sha256:aa", is_error: true, bytes: [101, 114, 114, 10] })
            "#]],
        );
        check(
            r#"{"warnings":[{"vertex":"sha256:aa","level":1,"short":"U3RhZ2VOYW1lQ2FzaW5n","range":[{"start":{"line":3},"end":{"line":3}}]}]}"#,
            expect![[r#"
                Warning(Warning { short: "StageNameCasing", line: Some(3) })
            "#]],
        );
        check("{}", expect![""]);
    }

    #[test]
    fn what_is_no_status_is_words() {
        check("ERROR: failed to solve: no such stage", expect!["words"]);
        check("[1, 2]", expect!["words"]);
        check(
            r#"{"vertexes": 7, "logs": [null]}"#,
            expect![[r#"
            Log(Log { vertex: "", is_error: false, bytes: [] })
        "#]],
        );
    }
}
