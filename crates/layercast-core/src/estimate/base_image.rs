//! What a base image weighs: by a fact, else by the catalogue, else unknown.

use crate::estimate::Estimate;
use crate::facts::Facts;
use crate::image_ref::{ImageRef, Platform};

/// Both sizes of a base image, each where it is known.
#[derive(Clone, Debug, PartialEq)]
pub struct BaseImageSize {
    /// Sum of the files in its layers, in bytes.
    pub unpacked: Option<Estimate>,
    /// Sum of its compressed layers, in bytes.
    pub download: Option<Estimate>,
}

/// What is known of the size of `image` on `platform`; none where nothing is.
pub fn estimate_base_image(_facts: &Facts, _image: &ImageRef, _platform: &Platform) -> Option<BaseImageSize> {
    None
}
