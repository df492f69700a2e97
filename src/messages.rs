//! What the page and its worker say to each other, each message a JSON text.
//!
//! **Invariant:** the worker keeps nothing between two messages: one that is started again answers as the first.

use crate::remarks::Remark;
use layercast_core::Facts;
use layercast_core::facts::{ImageFact, ImageFailure};
use layercast_core::image_ref::Platform;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What the page asks.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request<'a> {
    /// What the checks say of a text.
    Check {
        /// The Dockerfile.
        source: Cow<'a, str>,
        /// What is known from outside.
        facts: Cow<'a, Facts>,
    },
    /// What an image weighs. No reply where nobody can be asked from here.
    Image {
        /// The normalised reference.
        reference: Cow<'a, str>,
        /// The platform.
        platform: Cow<'a, Platform>,
        /// Through the companion's relay, or straight.
        relayed: bool,
    },
    /// Whether the companion's relay answers here.
    Relay,
}

/// What the worker says. Where every field is at rest, it has just come and listens.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Reply {
    /// What the checks say of the text that was asked about last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remarks: Option<Vec<Remark>>,
    /// What a registry said of an image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageFact>,
    /// Why a registry said nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<ImageFailure>,
    /// The registries that the relay reaches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relay: Option<Vec<String>>,
    /// There is no relay.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_relay: bool,
}
