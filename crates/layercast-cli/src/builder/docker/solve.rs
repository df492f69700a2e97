//! A build by BuildKit's own call, as buildx makes it: what is asked, what is heard meanwhile, what comes of it.
//! <https://pkg.go.dev/github.com/moby/buildkit/api/services/control#ControlClient>

use super::asked::Asked;
use super::calls::Calls;
use super::status;
use crate::builder::event::Event;
use crate::builder::output::Output;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bollard_buildkit_proto::moby::buildkit::v1::{
    CacheOptions, CacheOptionsEntry, Exporter, SolveRequest, StatusRequest,
};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::time::timeout;
use tonic::Status;

/// What makes an image of the daemon's own, however it keeps them.
const DAEMON_S_OWN: &str = "moby";
/// What BuildKit says of an image where it is a document with a digest.
const DESCRIPTOR: &str = "containerimage.descriptor";
/// Once a build is over, its last news may keep still so long.
const PATIENCE: Duration = Duration::from_secs(1);

impl Asked {
    /// The request: `id` is the build's own, `session` that of the connection for files. With `attests`, BuildKit's
    /// account of the build lies beside the image, as buildx has it where it can.
    pub(super) fn request(&self, id: &str, session: &str, attests: bool) -> SolveRequest {
        let mut attributes: HashMap<String, String> = self.attributes.clone().into_iter().collect();
        if attests {
            attributes.insert("attest:provenance".to_owned(), "mode=min,inline-only=true".to_owned());
        }
        let exporter = self.exporter();
        let is_host = self.attributes.get("force-network-mode").is_some_and(|mode| mode == "host");
        let inline = CacheOptionsEntry { r#type: "inline".to_owned(), ..CacheOptionsEntry::default() };
        let is_inline = self.is_on("build-arg:BUILDKIT_INLINE_CACHE");
        let exports = is_inline.then_some(inline).into_iter().collect();
        SolveRequest {
            r#ref: id.to_owned(),
            session: session.to_owned(),
            frontend: "dockerfile.v0".to_owned(),
            frontend_attrs: attributes,
            cache: Some(CacheOptions { exports, ..CacheOptions::default() }),
            entitlements: is_host.then(|| "network.host".to_owned()).into_iter().collect(),
            // Older ones read these two.
            exporter_deprecated: exporter.r#type.clone(),
            exporter_attrs_deprecated: exporter.attrs.clone(),
            exporters: vec![exporter],
            ..SolveRequest::default()
        }
    }

    /// Who makes what of the result.
    fn exporter(&self) -> Exporter {
        let Output { kind, destination, attributes } = &self.output;
        let kind = if destination.is_none() { DAEMON_S_OWN } else { kind };
        let mut attrs: HashMap<String, String> = attributes.clone().into_iter().collect();
        if !self.names.is_empty() && !["local", "tar"].contains(&kind) {
            attrs.insert("name".to_owned(), self.names.join(","));
        }
        Exporter { r#type: kind.to_owned(), attrs }
    }
}

impl Calls {
    /// Builds, and hands over what is heard while it does. What came of it is what buildx writes of a build.
    pub(super) async fn solve(
        &self,
        request: SolveRequest,
        on_event: &mut impl FnMut(Event),
    ) -> Result<Map<String, Value>, Status> {
        let n_heard = AtomicU64::new(0);
        let heard = self.hear(request.r#ref.clone(), |event| {
            n_heard.fetch_add(1, Relaxed);
            on_event(event);
        });
        tokio::pin!(heard);
        let mut control = self.control();
        let solved = control.solve(request);
        tokio::pin!(solved);
        let mut is_heard_out = false;
        let solved = loop {
            tokio::select! {
                solved = &mut solved => break solved,
                () = &mut heard, if !is_heard_out => is_heard_out = true,
            }
        };
        // A step that printed much is over long before the last of it has come.
        while !is_heard_out {
            let before = n_heard.load(Relaxed);
            is_heard_out = timeout(PATIENCE, &mut heard).await.is_ok() || n_heard.load(Relaxed) == before;
        }
        Ok(solved?.into_inner().exporter_response.into_iter().map(said).collect())
    }

    /// Hears of the build until it is over. Why it ends early is told by the build itself.
    async fn hear(&self, id: String, mut on_event: impl FnMut(Event)) {
        let Ok(news) = self.control().status(StatusRequest { r#ref: id }).await else { return };
        let mut news = news.into_inner();
        while let Ok(Some(message)) = news.message().await {
            status::events(message).into_iter().for_each(&mut on_event);
        }
    }
}

/// One thing that BuildKit says of a result.
fn said((name, text): (String, String)) -> (String, Value) {
    let document = || {
        let bytes = BASE64_STANDARD.decode(&text).ok().filter(|_| name == DESCRIPTOR)?;
        serde_json::from_slice(&bytes).ok()
    };
    let value = document().unwrap_or(Value::String(text));
    (name, value)
}
