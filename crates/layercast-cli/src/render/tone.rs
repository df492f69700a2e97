//! The few tones that text comes in. Dropped where no colour is wanted: see `output`.

use anstyle::{AnsiColor, Style};

/// What carries the message.
pub(super) const STRONG: Style = Style::new().bold();
/// What is there to be looked up.
pub(super) const FAINT: Style = Style::new().dimmed();
/// What ships.
pub(super) const SHIPS: Style = AnsiColor::Green.on_default().bold();
/// What is not known, and warnings.
pub(super) const OPEN: Style = AnsiColor::Yellow.on_default();
/// What does not build.
pub(super) const ERROR: Style = AnsiColor::Red.on_default().bold();
