//! What the daemon's BuildKit remembers of a build: by which steps its image came about, and of which lines each is.
//! <https://pkg.go.dev/github.com/moby/buildkit/api/services/control#ControlClient>

use super::calls::Calls;
use bollard_buildkit_proto::moby::buildkit::v1::{
    BuildHistoryRecord, BuildHistoryRequest, BuildResultInfo, Descriptor,
};
use serde_json::{Map, Value};
use std::time::Duration;
use tokio::time::timeout;

/// So long the daemon may take: the build is over, and what it tells is worth little more than it costs.
const PATIENCE: Duration = Duration::from_secs(2);
/// How accounts of builds are marked.
const KIND: (&str, &str) = ("in-toto.io/predicate-type", "https://slsa.dev/provenance/");

impl Calls {
    /// The accounts that BuildKit gives of a build, by the names that buildx has for them; none where it keeps none.
    pub(super) async fn provenance(&self, id: &str) -> Map<String, Value> {
        let told = async {
            let mut told = Map::new();
            let record = self.record(id).await?;
            for (name, account) in accounts(&record) {
                told.insert(name, self.document(account.digest.clone()).await?);
            }
            Some(told)
        };
        timeout(PATIENCE, told).await.ok().flatten().unwrap_or_default()
    }

    async fn record(&self, id: &str) -> Option<BuildHistoryRecord> {
        let request =
            BuildHistoryRequest { r#ref: id.to_owned(), early_exit: true, ..BuildHistoryRequest::default() };
        let mut events = self.control().listen_build_history(request).await.ok()?.into_inner();
        while let Some(event) = events.message().await.ok()? {
            if let Some(record) = event.record.filter(|record| record.r#ref == id) {
                return Some(record);
            }
        }
        None
    }
}

/// The accounts among what a build left beside its images: there is one for each platform.
fn accounts(record: &BuildHistoryRecord) -> impl Iterator<Item = (String, &Descriptor)> {
    const NAME: &str = "buildx.build.provenance";
    let whole = record.result.iter().filter_map(|result| Some((NAME.to_owned(), account(result)?)));
    let each = record.results.iter();
    whole.chain(each.filter_map(|(platform, it)| Some((format!("{NAME}/{platform}"), account(it)?))))
}

fn account(result: &BuildResultInfo) -> Option<&Descriptor> {
    let is_account =
        |it: &&Descriptor| it.annotations.get(KIND.0).is_some_and(|kind| kind.starts_with(KIND.1));
    result.attestations.iter().find(is_account)
}
