//! Properties of the core that hold for every Dockerfile, over real ones and broken ones.

mod unbreakable;
