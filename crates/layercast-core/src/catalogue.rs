//! Published sizes of common base images, with their source and date.
