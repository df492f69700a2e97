//! What a daemon says while it builds: JSON, one object a line, with BuildKit's status inside in its binary form.
//! <https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Image/operation/ImageBuild>

use crate::builder::event::{Event, Log, Status, Vertex, Warning};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bollard_buildkit_proto::moby::buildkit::v1 as buildkit;
use chrono::{DateTime, Utc};
use prost::Message;
use serde_json::Value;

/// One line.
#[derive(Debug, PartialEq)]
pub(super) enum Said {
    /// News of steps.
    News(Vec<Event>),
    /// The image that was made, by the digest of its configuration.
    Image(String),
    /// The build ended with this.
    Failed(String),
    /// Words that nobody needs.
    Words,
    /// What no daemon says.
    Nonsense,
}

/// The sense of a line.
pub(super) fn decode(line: &[u8]) -> Said {
    let Some(it) = serde_json::from_slice::<Value>(line).ok().filter(Value::is_object) else {
        return Said::Nonsense;
    };
    if let Some(message) = it["errorDetail"]["message"].as_str().or_else(|| it["error"].as_str()) {
        return Said::Failed(message.to_owned());
    }
    match it["id"].as_str() {
        Some("moby.buildkit.trace") => {
            let bytes = it["aux"].as_str().and_then(|text| BASE64_STANDARD.decode(text).ok());
            let status = bytes.and_then(|bytes| buildkit::StatusResponse::decode(bytes.as_slice()).ok());
            status.map_or(Said::Nonsense, |status| Said::News(news(status)))
        }
        Some("moby.image.id") => {
            it["aux"]["ID"].as_str().map_or(Said::Nonsense, |id| Said::Image(id.to_owned()))
        }
        _ => Said::Words,
    }
}

fn news(status: buildkit::StatusResponse) -> Vec<Event> {
    let vertexes = status.vertexes.into_iter().map(|it| Event::Vertex(vertex(it)));
    let statuses = status.statuses.into_iter().map(|it| Event::Status(progress(it)));
    let logs = status
        .logs
        .into_iter()
        .map(|it| Event::Log(Log { vertex: it.vertex, is_error: it.stream == 2, bytes: it.msg }));
    let warnings = status.warnings.into_iter().map(|it| Event::Warning(warning(&it)));
    vertexes.chain(statuses).chain(logs).chain(warnings).collect()
}

fn vertex(it: buildkit::Vertex) -> Vertex {
    Vertex {
        digest: it.digest,
        inputs: it.inputs,
        name: it.name,
        started: it.started.and_then(|it| time(it.seconds, it.nanos)),
        completed: it.completed.and_then(|it| time(it.seconds, it.nanos)),
        cached: it.cached,
        error: Some(it.error).filter(|error| !error.is_empty()),
    }
}

fn progress(it: buildkit::VertexStatus) -> Status {
    Status {
        vertex: it.vertex,
        id: it.id,
        current: it.current.try_into().unwrap_or(0),
        total: it.total.try_into().unwrap_or(0),
        completed: it.completed.is_some(),
    }
}

fn warning(it: &buildkit::VertexWarning) -> Warning {
    let line = it.ranges.first().and_then(|range| range.start.as_ref()).map(|start| start.line);
    Warning {
        short: String::from_utf8_lossy(&it.short).into_owned(),
        line: line.and_then(|line| usize::try_from(line).ok()).filter(|line| *line > 0),
    }
}

fn time(seconds: i64, nanos: i32) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(seconds, nanos.try_into().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bollard_buildkit_proto::google::protobuf::Timestamp;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(line: &str, expected: Expect) {
        expected.assert_eq(&format!("{:?}", decode(line.as_bytes())));
    }

    #[test]
    fn steps_come_in_a_binary_form() {
        let status = buildkit::StatusResponse {
            vertexes: vec![buildkit::Vertex {
                digest: "sha256:aa".to_owned(),
                name: "[2/2] RUN make".to_owned(),
                started: Some(Timestamp { seconds: 1_800_000_000, nanos: 0 }),
                ..Default::default()
            }],
            logs: vec![buildkit::VertexLog { stream: 2, msg: b"err\n".to_vec(), ..Default::default() }],
            ..Default::default()
        };
        let aux = BASE64_STANDARD.encode(status.encode_to_vec());
        check(
            &format!(r#"{{"id":"moby.buildkit.trace","aux":"{aux}"}}"#),
            expect![[
                r#"News([Vertex(Vertex { digest: "sha256:aa", inputs: [], name: "[2/2] RUN make", started: Some(2027-01-15T08:00:00Z), completed: None, cached: false, error: None }), Log(Log { vertex: "", is_error: true, bytes: [101, 114, 114, 10] })])"#
            ]],
        );
    }

    #[test]
    fn the_end_is_an_image_or_a_reason() {
        check(r#"{"id":"moby.image.id","aux":{"ID":"sha256:aa"}}"#, expect![[r#"Image("sha256:aa")"#]]);
        check(
            r#"{"errorDetail":{"message":"no room"},"error":"no room"}"#,
            expect![[r#"Failed("no room")"#]],
        );
        check(r#"{"stream":"Step 1/2"}"#, expect!["Words"]);
    }

    #[test]
    fn nonsense_is_known_as_such() {
        check("<html>", expect!["Nonsense"]);
        check(r#"{"id":"moby.buildkit.trace","aux":"?"}"#, expect!["Nonsense"]);
        check(r#"{"id":"moby.image.id","aux":7}"#, expect!["Nonsense"]);
        check("[]", expect!["Nonsense"]);
    }
}
