//! Distributions of Python: versions, requirements, wheels, and which of them pip installs.
//!
//! **Invariant:** nothing is asked here. What a resolution lacks it names as questions.

pub mod archive;
pub mod environment;
pub mod index;
pub mod lock;
pub mod marker;
pub mod requirement;
pub mod requirements_file;
pub mod resolution;
#[cfg(test)]
mod resolution_tests;
pub mod table;
pub mod version;
pub mod wheel;

pub use environment::{Environment, Libc};
pub use requirement::{Requirement, normalised};
pub use resolution::{Chosen, Resolution, Wanted, resolve};
pub use version::{Specifiers, Version};
