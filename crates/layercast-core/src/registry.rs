//! Which registry a name means, what to ask it, and what its replies say.
//!
//! **Invariant:** sans-I/O. A [`Resolution`] says what to ask next and takes the replies in; the companion
//! drives it with its client, the page with fetch. Nothing here opens a connection or reads a clock.
//!
//! ```
//! use layercast_core::image_ref::{ImageRef, Platform};
//! use layercast_core::registry::{Reply, Request, Resolution};
//!
//! let image = ImageRef::parse("debian:12-slim").expect("a constant");
//! let mut resolution = Resolution::new(&image, &Platform::linux_amd64());
//! let requests = resolution.next_requests();
//! assert_eq!(requests, [Request::Manifest { reference: "12-slim".to_owned() }]);
//! resolution.answer(&requests[0], Reply::refused(404));
//! let failure = resolution.finish("docker.io", "2026-11-20").expect_err("there was a 404");
//! assert_eq!(failure.message, "docker.io has no debian:12-slim");
//! ```

mod host;
mod wire;

mod digest;
mod error;
mod platform;
mod reply;
mod trailer;

mod relay;
mod resolution;

pub use digest::{is_sha256, sha256, verify};
pub use error::{RegistryError, Subject};
pub use host::{Endpoint, KNOWN, Known, endpoint, known};
pub use relay::{RELAY_VERSION, RelayFailure, RelayIndex};
pub use reply::{Reply, Request};
pub use resolution::Resolution;
pub use trailer::tar_length;
pub use wire::ACCEPT_MANIFEST;
