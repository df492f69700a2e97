//! BuildKit's news of a build, in the words of all builders here.
//! <https://pkg.go.dev/github.com/moby/buildkit/api/services/control#StatusResponse>

use crate::builder::event::{Event, Log, Status, Vertex, Warning};
use bollard_buildkit_proto::moby::buildkit::v1 as buildkit;
use chrono::{DateTime, Utc};

/// What a message says, as events.
pub(super) fn events(status: buildkit::StatusResponse) -> Vec<Event> {
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
    use expect_test::expect;

    #[test]
    fn a_message_is_several_events() {
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
        expect![[r#"
            [
                Vertex(
                    Vertex {
                        digest: "sha256:aa",
                        inputs: [],
                        name: "[2/2] RUN make",
                        started: Some(
                            2027-01-15T08:00:00Z,
                        ),
                        completed: None,
                        cached: false,
                        error: None,
                    },
                ),
                Log(
                    Log {
                        vertex: "",
                        is_error: true,
                        bytes: [
                            101,
                            114,
                            114,
                            10,
                        ],
                    },
                ),
            ]
        "#]]
        .assert_debug_eq(&events(status));
    }
}
