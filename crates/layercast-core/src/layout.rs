//! Where each stage and image of the graph is drawn: a layered layout, stable while the text changes.
