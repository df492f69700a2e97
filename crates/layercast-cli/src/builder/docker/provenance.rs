//! What the daemon's BuildKit remembers of a build: by which steps its image came about, and of which lines each is.
//! <https://pkg.go.dev/github.com/moby/buildkit/api/services/control#ControlClient>

use super::calls::Calls;
use super::endpoint::Endpoint;
use bollard_buildkit_proto::moby::buildkit::v1::{
    BuildHistoryRecord, BuildHistoryRequest, BuildResultInfo, Descriptor,
};
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;

/// So many builds are looked through for ours, the last ones first: others may have ended since.
const LOOKED_THROUGH: i32 = 16;
/// So long the daemon may take: the build is over, and what it tells is worth little more than it costs.
const PATIENCE: Duration = Duration::from_secs(2);
/// How accounts of builds are marked.
const KIND: (&str, &str) = ("in-toto.io/predicate-type", "https://slsa.dev/provenance/");

impl Endpoint {
    /// The account that BuildKit gives of how the image came about; none where it keeps none.
    pub(super) async fn provenance(&self, image: &str) -> Option<Value> {
        let account = async {
            let calls = self.calls().await?;
            let account = account(&find(&calls, image).await?)?.digest.clone();
            calls.document(account).await
        };
        timeout(PATIENCE, account).await.ok()?
    }
}

/// The last build that made the image.
async fn find(calls: &Calls, image: &str) -> Option<BuildHistoryRecord> {
    let request =
        BuildHistoryRequest { early_exit: true, limit: LOOKED_THROUGH, ..BuildHistoryRequest::default() };
    let mut events = calls.control().listen_build_history(request).await.ok()?.into_inner();
    while let Some(event) = events.message().await.ok()? {
        if let Some(record) = event.record.filter(|record| made(record, image)) {
            return Some(record);
        }
    }
    None
}

/// Whether a build made the image: daemons name it in two places, by their age.
fn made(record: &BuildHistoryRecord, image: &str) -> bool {
    let images = |result: &BuildResultInfo| {
        let all = result.result_deprecated.iter().chain(result.results.values());
        all.map(|it| &it.digest).any(|digest| digest == image)
    };
    record.result.iter().any(images)
}

/// The account among what a build left beside its image.
fn account(record: &BuildHistoryRecord) -> Option<&Descriptor> {
    let is_account =
        |it: &&Descriptor| it.annotations.get(KIND.0).is_some_and(|kind| kind.starts_with(KIND.1));
    record.result.iter().flat_map(|result| &result.attestations).find(is_account)
}
