//! Debian's packages: what apt brings in and takes away, and what official images hold already.

mod closure;
mod images;

pub use closure::{Closure, Installed, Request, Why, install, remove};
pub use images::brought_by;
