//! What the page itself knows from outside: build options, base images, pins. All else is the worker's.
//!
//! The core's [`Facts`] hold more, of packages and of the build context. Code that copies and drops those would be a
//! hundredth of the page's first load, so they stay empty here, and are neither copied nor dropped.

use layercast_core::Facts;
use std::mem::{ManuallyDrop, take};
use std::ops::{Deref, DerefMut};

/// The page's facts.
///
/// **Invariant:** fields that `Drop` does not take are empty, and what is empty holds no memory.
#[derive(Debug)]
pub struct Known(ManuallyDrop<Facts>);

impl Default for Known {
    fn default() -> Self {
        Self(ManuallyDrop::new(Facts::default()))
    }
}

impl From<Facts> for Known {
    fn from(facts: Facts) -> Self {
        let mut known = Self::default();
        (known.build, known.images) = (facts.build, facts.images);
        (known.image_failures, known.pins) = (facts.image_failures, facts.pins);
        known
    }
}

impl Clone for Known {
    fn clone(&self) -> Self {
        let mut copy = Self::default();
        copy.build.clone_from(&self.build);
        copy.images.clone_from(&self.images);
        copy.image_failures.clone_from(&self.image_failures);
        copy.pins.clone_from(&self.pins);
        copy
    }
}

impl Drop for Known {
    fn drop(&mut self) {
        let facts = &mut self.0;
        drop((take(&mut facts.build), take(&mut facts.images)));
        drop((take(&mut facts.image_failures), take(&mut facts.pins)));
    }
}

impl Deref for Known {
    type Target = Facts;

    fn deref(&self) -> &Facts {
        &self.0
    }
}

impl DerefMut for Known {
    fn deref_mut(&mut self) -> &mut Facts {
        &mut self.0
    }
}
