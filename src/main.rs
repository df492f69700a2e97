//! Mounts the app; nothing else.

fn main() {
    layercast::effects::start();
}
