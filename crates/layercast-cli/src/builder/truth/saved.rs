//! What the layers of an image weigh, from an archive of it: of `--output type=oci`, or of `docker save` where only
//! Docker's own program reaches a daemon that keeps images as containerd does. It has every layer as it travels.

use super::is_of;
use layercast_core::image_ref::Platform;
use serde_json::Value;
use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read};

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
/// The longest manifest or configuration.
const LONGEST_DOCUMENT: u64 = 8 << 20;

/// A layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layer {
    /// Its bytes as it travels.
    pub(super) download: u64,
    /// The lengths of its files; none where it is compressed in a way that is not read here.
    pub(super) unpacked: Option<u64>,
}

/// Reads an archive to its end, holding no more of it than manifests. The layers of the image for `platform`, lowest
/// first; none where it has no such image.
pub(super) fn layers(archive: impl Read, platform: &Platform) -> io::Result<Option<Vec<Layer>>> {
    let mut documents: HashMap<String, Value> = HashMap::new();
    let mut blobs: HashMap<String, Layer> = HashMap::new();
    let mut archive = tar::Archive::new(archive);
    for entry in archive.entries()? {
        let entry = entry?;
        let path = entry.path()?.to_string_lossy().into_owned();
        let Some(hex) = path.strip_prefix("blobs/sha256/").map(str::to_owned) else { continue };
        let download = entry.size();
        let mut blob = BufReader::with_capacity(1 << 16, entry);
        if blob.fill_buf()?.starts_with(b"{") && download <= LONGEST_DOCUMENT {
            documents.insert(hex, serde_json::from_reader(blob).unwrap_or_default());
        } else {
            blobs.insert(hex, Layer { download, unpacked: unpacked(blob)? });
        }
    }
    let hex = |descriptor: &Value| descriptor["digest"].as_str()?.strip_prefix("sha256:").map(str::to_owned);
    let is_ours = |manifest: &&Value| {
        let config = hex(&manifest["config"]).and_then(|hex| documents.get(&hex));
        config.is_some_and(|config| is_of(config, platform))
    };
    let manifest = documents.values().filter(|document| document["layers"].is_array()).find(is_ours);
    let Some(layers) = manifest.and_then(|manifest| manifest["layers"].as_array()) else { return Ok(None) };
    Ok(layers.iter().map(|layer| blobs.get(&hex(layer)?).copied()).collect())
}

/// The lengths of the files in a layer; of several names of one file, the first counts.
pub(super) fn unpacked(mut blob: impl BufRead) -> io::Result<Option<u64>> {
    let beginning = blob.fill_buf()?;
    if beginning.starts_with(ZSTD) {
        return Ok(None);
    }
    if beginning.starts_with(GZIP) {
        return length_of_files(flate2::bufread::MultiGzDecoder::new(blob)).map(Some);
    }
    length_of_files(blob).map(Some)
}

fn length_of_files(archive: impl Read) -> io::Result<u64> {
    let mut sum = 0;
    for entry in tar::Archive::new(archive).entries()? {
        let entry = entry?;
        let kind = entry.header().entry_type();
        if kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse() {
            sum += entry.size();
        }
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::io::Write;

    fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = tar::Builder::new(Vec::new());
        for (path, bytes) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            archive.append_data(&mut header, path, *bytes).expect("a vector takes what is written");
        }
        archive.into_inner().expect("a vector takes what is written")
    }

    fn layer() -> Vec<u8> {
        let mut archive = tar::Builder::new(tar(&[("a", b"12345"), ("b", b"123")]));
        archive.get_mut().truncate(2048);
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        archive.append_link(&mut header, "c", "a").expect("a vector takes what is written");
        archive.into_inner().expect("a vector takes what is written")
    }

    /// An image for two platforms: one layer as it is, one packed, one that nobody here can read.
    fn saved() -> Vec<u8> {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(&layer()).expect("a vector takes what is written");
        let packed = packed.finish().expect("a vector takes what is written");
        let digest = |hex: &str| json!({"digest": format!("sha256:{hex}")});
        let manifest = |config: &str, layers: &[&str]| {
            let layers: Vec<Value> = layers.iter().map(|hex| digest(hex)).collect();
            json!({"config": digest(config), "layers": layers}).to_string().into_bytes()
        };
        let config = |architecture: &str| {
            json!({"os": "linux", "architecture": architecture}).to_string().into_bytes()
        };
        tar(&[
            ("blobs/sha256/01", &layer()),
            ("blobs/sha256/02", &packed),
            ("blobs/sha256/03", &[ZSTD, b"..."].concat()),
            ("blobs/sha256/04", &config("amd64")),
            ("blobs/sha256/05", &config("arm64")),
            ("blobs/sha256/06", &manifest("04", &["01", "02"])),
            ("blobs/sha256/07", &manifest("05", &["02", "03"])),
            ("index.json", b"{}"),
        ])
    }

    #[track_caller]
    fn check(platform: &str, expected: Option<&[(bool, Option<u64>)]>) {
        let platform = Platform::parse(platform).expect("it is one");
        let layers = layers(saved().as_slice(), &platform).expect("it can be read");
        let is_packed = |layer: &Layer| (layer.download < 512, layer.unpacked);
        let layers: Option<Vec<_>> = layers.map(|layers| layers.iter().map(is_packed).collect());
        assert_eq!(layers.as_deref(), expected);
    }

    #[test]
    fn layers_are_those_of_the_platform() {
        check("linux/amd64", Some(&[(false, Some(8)), (true, Some(8))]));
        check("linux/arm64", Some(&[(true, Some(8)), (true, None)]));
        check("linux/s390x", None);
    }

    #[test]
    fn an_archive_that_breaks_off_is_an_error() {
        let whole = saved();
        assert!(layers(&whole[..700], &Platform::linux_amd64()).is_err());
    }
}
