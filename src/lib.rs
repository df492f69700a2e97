//! The page: type a Dockerfile on the left, see on the right what it builds and weighs.
//!
//! One way: event → [`state::Action`] → [`state::reduce`] → [`state::State`] → view. The report is derived
//! from the state and never stored in it.

pub mod shared;
pub mod state;

pub mod bytes;
pub mod examples;
pub mod figures;
pub mod known;
pub mod language;
pub mod marks;
pub mod messages;
pub mod opening;
pub mod permalink;
pub mod pins;
pub mod remarks;
pub mod strings;
pub mod summary;
pub mod tabs;
pub mod weights;

pub mod effects;

pub mod pages;
pub mod panels;
pub mod widgets;
