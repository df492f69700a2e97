//! The news of a build as JSON, one object a piece: the form is documented in docs/command-line.md.

use super::{News, Step};
use serde_json::{Value, json};

/// The object for `news`. Every one that is about a step names it in the same words.
pub(crate) fn event(news: &News) -> Value {
    match news {
        News::Began(step) => of_step("began", step, json!({})),
        News::Ended(step) => {
            let seconds = step.time.map(|time| time.as_seconds_f64());
            let (cached, error, transferred) = (step.cached, &step.error, step.transferred);
            of_step(
                "ended",
                step,
                json!({"seconds": seconds, "cached": cached, "error": error, "transferred": transferred}),
            )
        }
        News::Progressed { step, status } => {
            let total = Some(status.total).filter(|total| *total > 0);
            let (work, completed) = (&status.id, status.completed);
            let more =
                json!({"work": work, "current": status.current, "total": total, "completed": completed});
            of_step("progress", step, more)
        }
        News::Printed { step, line, is_error } => {
            let stream = if *is_error { "stderr" } else { "stdout" };
            of_step("log", step, json!({"stream": stream, "text": line}))
        }
        News::Warned(warning) => {
            json!({"event": "warning", "line": warning.line, "message": warning.short})
        }
    }
}

fn of_step(name: &str, step: &Step, mut more: Value) -> Value {
    let line = step.place.map(|place| place.line);
    more["event"] = name.into();
    more["line"] = line.into();
    more["step"] = step.name.as_str().into();
    more["vertex"] = step.vertex.as_str().into();
    more["platform"] = step.platform().into();
    more
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::{Place, Status, Warning};
    use chrono::TimeDelta;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(news: &News, expected: Expect) {
        expected.assert_eq(&event(news).to_string());
    }

    fn step() -> Step {
        Step {
            vertex: "sha256:aa".to_owned(),
            place: Some(Place { instruction: 3, line: 4 }),
            name: "[linux/arm64 build 2/4] RUN make".to_owned(),
            time: Some(TimeDelta::milliseconds(1500)),
            cached: false,
            error: None,
            transferred: 7,
        }
    }

    #[test]
    fn every_event_of_a_step_names_it() {
        check(
            &News::Began(step()),
            expect![[
                r#"{"event":"began","line":4,"platform":"linux/arm64","step":"[linux/arm64 build 2/4] RUN make","vertex":"sha256:aa"}"#
            ]],
        );
        check(
            &News::Ended(step()),
            expect![[
                r#"{"cached":false,"error":null,"event":"ended","line":4,"platform":"linux/arm64","seconds":1.5,"step":"[linux/arm64 build 2/4] RUN make","transferred":7,"vertex":"sha256:aa"}"#
            ]],
        );
        check(
            &News::Printed { step: step(), line: "cc".to_owned(), is_error: true },
            expect![[
                r#"{"event":"log","line":4,"platform":"linux/arm64","step":"[linux/arm64 build 2/4] RUN make","stream":"stderr","text":"cc","vertex":"sha256:aa"}"#
            ]],
        );
        let status = Status { id: "sha256:bb".to_owned(), current: 3, total: 0, ..Status::default() };
        check(
            &News::Progressed { step: step(), status },
            expect![[
                r#"{"completed":false,"current":3,"event":"progress","line":4,"platform":"linux/arm64","step":"[linux/arm64 build 2/4] RUN make","total":null,"vertex":"sha256:aa","work":"sha256:bb"}"#
            ]],
        );
        check(
            &News::Warned(Warning { short: "StageNameCasing".to_owned(), line: None }),
            expect![[r#"{"event":"warning","line":null,"message":"StageNameCasing"}"#]],
        );
    }
}
