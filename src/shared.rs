//! A value that many views hold, compared by identity.

use std::ops::Deref;
use std::rc::Rc;

/// A shared value. Two are equal where they are the same allocation: comparing reports on every render
/// would cost more than drawing them.
#[derive(Debug, Default)]
pub struct Shared<T: ?Sized>(Rc<T>);

impl<T> Shared<T> {
    /// Shares a value.
    pub fn new(value: T) -> Self {
        Self(Rc::new(value))
    }
}

impl<T: Clone> Shared<T> {
    /// The same with a change; a fresh allocation, so that whoever holds the old one sees no change.
    #[must_use]
    pub fn with(&self, change: impl FnOnce(&mut T)) -> Self {
        let mut value = T::clone(&self.0);
        change(&mut value);
        Self::new(value)
    }
}

impl<T: ?Sized> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<T: ?Sized> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T: ?Sized> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
