//! Small images to ship in, of the same family as the one that builds.

use super::single_stage::SingleStage;
use crate::catalogue;
use crate::estimate::system::{Distribution, distribution_of};

/// The Alpine that is taken where the file names no release.
const ALPINE: &str = "3.24";

/// The distribution under a stage's base: what the catalogue knows of the very image goes before what its name says.
pub(super) fn distribution(stage: &SingleStage<'_>) -> Option<Distribution> {
    let named = distribution_of(stage.image)?;
    let Distribution::Debian { release, slim } = named else { return Some(named) };
    let platform = crate::image_ref::Platform::linux_amd64();
    let published = catalogue::find(stage.image, &platform).map(|entry| entry.version);
    let releases = ["trixie", "bookworm", "bullseye", "buster"];
    let is_written = releases.iter().any(|own| stage.tag().contains(own)) || stage.base_name() == "debian";
    let by_catalogue =
        releases.into_iter().find(|own| published.is_some_and(|version| version.contains(own)));
    let release = by_catalogue.filter(|_| !is_written).map_or(release, str::to_owned);
    Some(Distribution::Debian { release, slim })
}

/// The smallest image of a distribution that has a shell and a package manager.
pub(super) fn small(distribution: &Distribution) -> Option<String> {
    Some(match distribution {
        Distribution::Debian { release, .. } => format!("debian:{release}-slim"),
        Distribution::Ubuntu { release } => format!("ubuntu:{release}"),
        Distribution::Alpine { release } if release.contains('.') => format!("alpine:{release}"),
        Distribution::Alpine { .. } => format!("alpine:{ALPINE}"),
        Distribution::Rpm { .. } | Distribution::Busybox => return None,
    })
}
