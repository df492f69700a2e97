//! VOLUME: mount points.

use super::reader::{Reader, Refusal, Text};

pub(super) fn read(reader: &Reader<'_>) -> Result<Vec<Text>, Refusal> {
    let volumes = match (reader.json()?, reader.whole()) {
        (Some(paths), Some(whole)) => {
            paths.into_iter().map(|text| Text { text, range: whole.range }).collect()
        }
        _ => reader.blank_words(),
    };
    if volumes.is_empty() {
        return Err(reader.refuse("argument-missing", "VOLUME names no path"));
    }
    reader.flags(&[])?;
    match volumes.iter().find(|volume| volume.text.trim().is_empty()) {
        Some(volume) => Err(reader.refuse_in_source(
            "empty-volume",
            volume.range,
            "the path of a volume is empty".to_owned(),
        )),
        None => Ok(volumes),
    }
}
