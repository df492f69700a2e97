//! What is not asked twice. A tag's age is the age of its file, so no test waits for it.

use crate::world::companion::Home;
use crate::world::image::Image;
use crate::world::script::{Answer, Script};
use layercast_core::facts::FailureReason;
use layercast_core::registry::sha256;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Makes every kept tag ten minutes old.
pub(crate) fn let_time_pass(cache: &Path) {
    let mut folders = vec![cache.join("tags")];
    let mut aged = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the cache keeps tags") {
            let path = entry.expect("the cache is not being changed").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let file = std::fs::File::options().write(true).open(path).expect("the file was just listed");
                file.set_modified(SystemTime::now() - Duration::from_secs(600)).expect("a file has a time");
                aged += 1;
            }
        }
    }
    assert!(aged > 0, "no tag was kept");
}

async fn digest_of(home: &Home, host: &str) -> Result<String, FailureReason> {
    let resolved =
        home.serve(&["--registry-timeout", "2"]).resolve(&format!("{host}/x:1"), "linux/amd64").await;
    resolved.map(|fact| fact.digest).map_err(|failure| failure.reason)
}

#[tokio::test]
async fn within_minutes_nothing_is_asked_again() {
    let (registry, home) = (Script::start().await, Home::new());
    let image = Image::of("amd64", &["one", "two"]);
    registry.hold("x", "1", &image);
    let first = digest_of(&home, &registry.host()).await;
    assert_eq!(first, Ok(sha256(&image.manifest)));
    assert_eq!(registry.log.take().len(), 4, "manifest, configuration, two trailers");
    assert_eq!(digest_of(&home, &registry.host()).await, first);
    assert_eq!(registry.log.take(), [""; 0]);
}

#[tokio::test]
async fn later_a_tag_is_checked_without_a_pull() {
    let (registry, home) = (Script::start().await, Home::new());
    let image = Image::of("amd64", &["one"]);
    registry.hold("x", "1", &image);
    let first = digest_of(&home, &registry.host()).await;
    let_time_pass(&home.cache());
    registry.log.take();
    assert_eq!(digest_of(&home, &registry.host()).await, first);
    assert_eq!(registry.log.take(), ["HEAD x/manifests/1"]);
    // That was a check: it holds for minutes again.
    assert_eq!(digest_of(&home, &registry.host()).await, first);
    assert_eq!(registry.log.take(), [""; 0]);
}

#[tokio::test]
async fn a_tag_that_moved_is_followed() {
    let (registry, home) = (Script::start().await, Home::new());
    registry.hold("x", "1", &Image::of("amd64", &["one"]));
    digest_of(&home, &registry.host()).await.unwrap();
    let_time_pass(&home.cache());
    let newer = Image::of("amd64", &["one", "two"]);
    registry.hold("x", "1", &newer);
    registry.log.take();
    assert_eq!(digest_of(&home, &registry.host()).await, Ok(sha256(&newer.manifest)));
    let asked = registry.log.take();
    assert_eq!(asked[..2], ["HEAD x/manifests/1", "GET x/manifests/1"]);
    assert!(!asked.iter().any(|line| line.contains(&sha256(&newer.layers[0].0))), "{asked:?}");
}

#[tokio::test]
async fn a_registry_in_trouble_leaves_the_last_good_answer() {
    let (registry, home) = (Script::start().await, Home::new());
    registry.hold("x", "1", &Image::of("amd64", &["one"]));
    let first = digest_of(&home, &registry.host()).await;
    let_time_pass(&home.cache());
    let silence = Answer::Silence(Duration::from_secs(60));
    for trouble in [Answer::Status(429, &[]), Answer::Status(500, &[]), silence] {
        registry.say("x/manifests/1", trouble);
        assert_eq!(digest_of(&home, &registry.host()).await, first);
    }
    let companion = home.serve(&[]);
    let response = companion.get(&format!("/relay/{}/v2/x/manifests/1", registry.host())).await;
    assert_eq!(response.headers()["warning"], "110 - \"Response is Stale\"");
    assert_eq!(response.headers()["cache-control"], "no-store");
}

#[tokio::test]
async fn an_image_that_was_taken_away_is_gone() {
    let (registry, home) = (Script::start().await, Home::new());
    registry.hold("x", "1", &Image::of("amd64", &["one"]));
    digest_of(&home, &registry.host()).await.unwrap();
    let_time_pass(&home.cache());
    registry.say("x/manifests/1", Answer::Status(404, &[]));
    assert_eq!(digest_of(&home, &registry.host()).await, Err(FailureReason::NotFound));
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_read_the_cache() {
    use std::os::unix::fs::PermissionsExt;
    let (registry, home) = (Script::start().await, Home::new());
    registry.hold("x", "1", &Image::of("amd64", &["one"]));
    digest_of(&home, &registry.host()).await.unwrap();
    let mode = std::fs::metadata(home.cache()).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0);
}
