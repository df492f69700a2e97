//! Which registry a name means, and what its manifests, indexes and configurations say.
