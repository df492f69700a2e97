//! Pushing an image: the daemon does, and says how far it has come.
//! <https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Image/operation/ImagePush>

use super::Docker;
use super::connection::Reply;
use crate::answers::sign_in;
use crate::builder::BuildError;
use crate::builder::event::{Event, Status, Vertex};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE;
use chrono::Utc;
use http_body_util::BodyExt;
use hyper::Method;
use layercast_core::image_ref::ImageRef;
use serde_json::{Value, json};

/// The longest line that a daemon says.
const LONGEST_LINE: usize = 1 << 20;

impl Docker {
    /// Pushes an image by one of its names, as a step of the build. Gives the digest that the registry has it by.
    pub(super) async fn push(
        &self,
        version: &str,
        name: &str,
        on_event: &mut impl FnMut(Event),
    ) -> Result<Option<String>, BuildError> {
        let title = format!("pushing {name} with docker");
        let mut step = Vertex { digest: title.clone(), name: title, ..Vertex::default() };
        step.started = Some(Utc::now());
        on_event(Event::Vertex(step.clone()));
        let pushed = self.push_as(version, name, &step.digest, on_event).await;
        step.completed = Some(Utc::now());
        step.error = pushed.as_ref().err().map(ToString::to_string);
        on_event(Event::Vertex(step));
        pushed
    }

    async fn push_as(
        &self,
        version: &str,
        name: &str,
        step: &str,
        on_event: &mut impl FnMut(Event),
    ) -> Result<Option<String>, BuildError> {
        let refused = |message: &str| BuildError::Builder { message: message.to_owned() };
        let image = ImageRef::parse(name).map_err(|error| refused(&format!("{name}: {error}")))?;
        let repository = format!("{}/{}", image.registry, image.repository);
        let tag = image.tag.as_deref().unwrap_or("latest");
        let request = hyper::Request::builder()
            .method(Method::POST)
            .uri(format!("/v{version}/images/{repository}/push?tag={tag}"))
            .header("X-Registry-Auth", sign_in_at(&image.registry).await);
        let reply = self.endpoint.send(request).await?;
        if !reply.response.status().is_success() {
            return Err(self.endpoint.refusal(reply).await);
        }
        let Reply { response, open: _open } = reply;
        let mut body = response.into_body();
        let (mut line, mut digest) = (Vec::new(), None);
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| self.endpoint.lost())?;
            for part in
                frame.data_ref().into_iter().flat_map(|bytes| bytes.split_inclusive(|it| *it == b'\n'))
            {
                line.extend_from_slice(part);
                if line.len() > LONGEST_LINE {
                    return Err(self.nonsense());
                }
                if !part.ends_with(b"\n") {
                    continue;
                }
                match said(&std::mem::take(&mut line), step) {
                    Said::Progress(status) => on_event(Event::Status(status)),
                    Said::Pushed(pushed) => digest = Some(pushed),
                    Said::Failed(message) => return Err(refused(&message)),
                    Said::Words => {}
                }
            }
        }
        Ok(digest)
    }
}

/// The user's sign-in, as Docker's API takes it.
async fn sign_in_at(registry: &str) -> String {
    let (user, secret) = sign_in(registry).await;
    let sign_in = match (user.is_empty(), secret.is_empty()) {
        (_, true) => json!({}),
        (true, false) => json!({ "identitytoken": secret, "serveraddress": registry }),
        (false, false) => json!({ "username": user, "password": secret, "serveraddress": registry }),
    };
    BASE64_URL_SAFE.encode(sign_in.to_string())
}

/// One line.
#[derive(Debug, PartialEq)]
enum Said {
    /// How far a layer has come.
    Progress(Status),
    /// The digest of what is there now.
    Pushed(String),
    /// It ended with this.
    Failed(String),
    /// Words that nobody needs.
    Words,
}

fn said(line: &[u8], step: &str) -> Said {
    let it: Value = serde_json::from_slice(line).unwrap_or_default();
    if let Some(message) = it["errorDetail"]["message"].as_str().or_else(|| it["error"].as_str()) {
        return Said::Failed(message.to_owned());
    }
    if let Some(digest) = it["aux"]["Digest"].as_str() {
        return Said::Pushed(digest.to_owned());
    }
    let bytes = |name: &str| it["progressDetail"][name].as_u64().unwrap_or(0);
    let is_done = it["status"] == "Pushed";
    match it["id"].as_str() {
        Some(layer) if is_done || bytes("total") > 0 => Said::Progress(Status {
            vertex: step.to_owned(),
            id: format!("pushing layer {layer}"),
            current: bytes("current"),
            total: bytes("total"),
            completed: is_done,
        }),
        _ => Said::Words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(line: &str, expected: Expect) {
        expected.assert_eq(&format!("{:?}", said(line.as_bytes(), "step")));
    }

    #[test]
    fn what_a_daemon_says_while_it_pushes() {
        check(r#"{"status":"The push refers to repository [a.example/x]"}"#, expect!["Words"]);
        check(
            r#"{"status":"Pushing","progressDetail":{"current":512,"total":1024},"progress":"[=> ]","id":"aa"}"#,
            expect![[
                r#"Progress(Status { vertex: "step", id: "pushing layer aa", current: 512, total: 1024, completed: false })"#
            ]],
        );
        check(
            r#"{"status":"Pushed","progressDetail":{},"id":"aa"}"#,
            expect![[
                r#"Progress(Status { vertex: "step", id: "pushing layer aa", current: 0, total: 0, completed: true })"#
            ]],
        );
        check(r#"{"status":"Layer already exists","progressDetail":{},"id":"bb"}"#, expect!["Words"]);
        check(
            r#"{"progressDetail":{},"aux":{"Tag":"1","Digest":"sha256:cc","Size":528}}"#,
            expect![[r#"Pushed("sha256:cc")"#]],
        );
        check(r#"{"errorDetail":{"message":"denied"},"error":"denied"}"#, expect![[r#"Failed("denied")"#]]);
        check("<html>", expect!["Words"]);
    }
}
