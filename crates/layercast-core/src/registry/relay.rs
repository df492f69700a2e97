//! What the page and the companion's relay say to each other besides the registry's own words.

use crate::facts::FailureReason;
use serde::{Deserialize, Serialize};

/// The version of the relay's contract.
pub const RELAY_VERSION: u32 = 1;

/// What `GET /relay/` answers, so that a page learns that a relay exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelayIndex {
    /// [`RELAY_VERSION`].
    pub version: u32,
    /// The registries it relays to; `localhost:*` stands for any port.
    pub registries: Vec<String>,
}

/// Why the relay has no content: the body of its replies with a status of 400 or more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelayFailure {
    /// The kind.
    pub reason: FailureReason,
    /// One sentence, without a full stop.
    pub message: String,
    /// What to do next; empty where there is nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
}
