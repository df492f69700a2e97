//! `GET /build/events`: the build as server-sent events. Who comes late, or again, hears first how it stands.
//!
//! **Invariant:** nothing is queued. A page is told what changed since it last took something, ten times a second at
//! most: one that is slow gets more at once, and hears how many lines it missed.

use super::Desk;
use super::course::Heard;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

/// Between two pieces of news.
const PAUSE: Duration = Duration::from_millis(100);
/// So often a page hears something, so that it knows that somebody is there.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);

pub(super) async fn get(State(desk): State<Arc<Desk>>) -> Response {
    let listener = Listener {
        changes: desk.changes(),
        desk,
        heard: Heard::default(),
        next: Instant::now(),
        has_heard: false,
    };
    let events = stream::unfold(listener, async |mut listener| {
        let event = listener.next().await?;
        Some((Ok::<_, Infallible>(event), listener))
    });
    let headers = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")];
    (headers, Body::from_stream(events)).into_response()
}

/// One page that listens.
struct Listener {
    desk: Arc<Desk>,
    changes: watch::Receiver<u64>,
    heard: Heard,
    /// When it may be told more.
    next: Instant,
    has_heard: bool,
}

impl Listener {
    /// The next event; none when the companion ends.
    async fn next(&mut self) -> Option<String> {
        sleep_until(self.next).await;
        loop {
            self.changes.borrow_and_update();
            let news = self.desk.news(&mut self.heard);
            let is_first = !std::mem::replace(&mut self.has_heard, true);
            if let Some(news) = news.or_else(|| is_first.then(|| "null".to_owned())) {
                self.next = Instant::now() + PAUSE;
                return Some(format!("data: {news}\n\n"));
            }
            match timeout(SIGN_OF_LIFE, self.changes.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return None,
                Err(_) => return Some(": here\n\n".to_owned()),
            }
        }
    }
}
