//! What the layers of an image weigh, from the contents that the daemon keeps: for a Docker that keeps images as
//! containerd does.
//!
//! Its `docker history` tells what files take on the disk in whole blocks, and nothing of platforms that were never
//! unpacked. Contents are layers as they travel; files are counted as other Dockers count them. A layer is read once:
//! what is known of it is kept by its digest.

use super::saved::{Layer, unpacked};
use super::{is_of, of_platform};
use crate::answers::Cache;
use crate::builder::docker::Calls;
use layercast_core::image_ref::Platform;
use serde_json::Value;
use std::io::{self, BufReader, Read};
use tokio::sync::mpsc;

/// So many pieces of a layer wait to be counted.
const WAITING: usize = 4;

/// The layers of an image for a platform, lowest first. None where the daemon does not tell.
pub(super) async fn layers(
    calls: &Calls,
    image: &str,
    platform: &Platform,
    cache: &Cache,
) -> Option<Vec<Layer>> {
    let manifest = manifest(calls, image, platform).await?;
    let mut layers = Vec::new();
    for descriptor in manifest["layers"].as_array()? {
        let digest = descriptor["digest"].as_str()?;
        let download = descriptor["size"].as_u64()?;
        let unpacked = match cache.length(digest) {
            Some(length) => Some(length),
            None => {
                length(calls, digest, download).await?.inspect(|length| cache.keep_length(digest, *length))
            }
        };
        layers.push(Layer { download, unpacked });
    }
    Some(layers)
}

/// The manifest itself, or the one that an index has for the platform.
async fn manifest(calls: &Calls, image: &str, platform: &Platform) -> Option<Value> {
    let document = calls.document(image.to_owned()).await?;
    if document["layers"].is_array() {
        let config = calls.document(document["config"]["digest"].as_str()?.to_owned()).await?;
        return is_of(&config, platform).then_some(document);
    }
    calls.document(of_platform(&document, platform)?).await
}

/// The lengths of the files in a layer: none of them where it is compressed in a way that is not read here, nothing
/// where it cannot be read to its end.
async fn length(calls: &Calls, digest: &str, download: u64) -> Option<Option<u64>> {
    let mut pieces = calls.read(digest.to_owned()).await?;
    let (sender, receiver) = mpsc::channel(WAITING);
    let counting = tokio::task::spawn_blocking(move || unpacked(BufReader::new(Pieces::of(receiver))));
    let mut come = 0;
    while let Some(piece) = pieces.message().await.ok()? {
        come += piece.bytes.len() as u64;
        // Who counts may have seen enough.
        let _ = sender.send(piece.bytes).await;
    }
    drop(sender);
    let length = counting.await.ok()?.ok()?;
    (come == download).then_some(length)
}

/// Pieces that come, one after the other.
struct Pieces {
    coming: mpsc::Receiver<Vec<u8>>,
    piece: io::Cursor<Vec<u8>>,
}

impl Pieces {
    fn of(coming: mpsc::Receiver<Vec<u8>>) -> Self {
        Self { coming, piece: io::Cursor::default() }
    }
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.piece.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            match self.coming.blocking_recv() {
                Some(piece) => self.piece = io::Cursor::new(piece),
                None => return Ok(0),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_one_text() {
        let (sender, receiver) = mpsc::channel(WAITING);
        for piece in ["on", "", "e tw", "o"] {
            sender.try_send(piece.as_bytes().to_vec()).expect("there is room");
        }
        drop(sender);
        let mut text = String::new();
        Pieces::of(receiver).read_to_string(&mut text).expect("it is text");
        assert_eq!(text, "one two");
    }
}
