//! What a server of the tests was asked.

use std::sync::{Arc, Mutex};

/// Lines in the order of arrival. Clones write into the same log.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn note(&self, line: impl Into<String>) {
        self.0.lock().expect("nobody panics while noting").push(line.into());
    }

    /// Everything since the last look.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("nobody panics while noting"))
    }
}
