//! How much a layer shrinks when it is compressed, by the kinds of files in it.

use super::{Basis, Estimate};

/// Compressed over unpacked: low, likely, high.
type Ratio = [f64; 3];

/// What a tar adds for each file, compressed: names, times and padding that repeat from entry to entry.
const ENTRY: [f64; 3] = [20.0, 60.0, 150.0];

/// Measured with Docker's gzip, 2026-11: docs/decisions/0041-copies-of-the-context.md.
const KINDS: [(&[&str], Ratio); 6] = [
    (
        &[
            "gz", "tgz", "zip", "xz", "txz", "bz2", "tbz2", "zst", "7z", "whl", "png", "jpg", "jpeg", "gif",
            "webp", "avif", "woff", "woff2", "mp3", "mp4", "webm", "ogg", "pdf", "br", "deb", "apk", "rpm",
        ],
        [0.98, 1.0, 1.01],
    ),
    (&["jar", "war", "ear"], [0.70, 0.767, 0.90]),
    (&["json", "lock", "map", "svg", "xml"], [0.10, 0.14, 0.25]),
    (&["csv", "tsv"], [0.30, 0.47, 0.55]),
    (&["so", "a", "o", "exe", "dll", "node", "wasm", "bin"], [0.38, 0.47, 0.58]),
    (
        &[
            "js",
            "mjs",
            "cjs",
            "ts",
            "tsx",
            "jsx",
            "py",
            "rb",
            "go",
            "rs",
            "java",
            "kt",
            "c",
            "h",
            "cc",
            "cpp",
            "hpp",
            "cs",
            "php",
            "pl",
            "sh",
            "bash",
            "html",
            "htm",
            "css",
            "scss",
            "md",
            "rst",
            "txt",
            "toml",
            "yaml",
            "yml",
            "ini",
            "conf",
            "cfg",
            "sql",
            "gradle",
            "properties",
            "vue",
            "svelte",
            "tf",
            "proto",
            "mod",
            "sum",
            "env",
        ],
        [0.05, 0.22, 0.35],
    ),
];

/// Nothing is known of the content: text and archives alike are possible.
const ANY: Ratio = [0.05, 0.40, 1.0];

/// What one entry of a layer's tar takes compressed, beside its content.
pub const fn entry_overhead() -> [f64; 3] {
    ENTRY
}

/// What a file takes compressed, by its name: compressed over unpacked, low, likely and high.
pub fn ratio_by_name(path: &str) -> [f64; 3] {
    KINDS.get(kind_of(path)).map_or(ANY, |(_, ratio)| *ratio)
}

/// What files of these names and lengths take in a compressed layer.
pub fn estimate_compressed<'f>(files: impl IntoIterator<Item = (&'f str, u64)>) -> Estimate {
    let mut by_kind = [0_u64; KINDS.len() + 1];
    let mut count = 0;
    for (path, bytes) in files {
        by_kind[kind_of(path)] += bytes;
        count += 1;
    }
    let basis = Basis::Compressed { count };
    let part = |bytes: u64, ratio: Ratio| {
        let [low, likely, high] = ratio.map(|ratio| (bytes as f64 * ratio).round() as u64);
        Estimate { low, likely, high, basis: basis.clone() }
    };
    let ratios = KINDS.iter().map(|(_, ratio)| *ratio).chain([ANY]);
    let mut parts: Vec<Estimate> = by_kind
        .into_iter()
        .zip(ratios)
        .filter(|(bytes, _)| *bytes > 0)
        .map(|(bytes, ratio)| part(bytes, ratio))
        .collect();
    parts.push(part(count as u64, ENTRY));
    Estimate { basis, ..Estimate::sum(&parts) }
}

fn kind_of(path: &str) -> usize {
    let name = path.rsplit('/').next().unwrap_or(path);
    let Some((_, extension)) = name.rsplit_once('.') else { return KINDS.len() };
    let extension = extension.to_ascii_lowercase();
    KINDS.iter().position(|(extensions, _)| extensions.contains(&extension.as_str())).unwrap_or(KINDS.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(files: &[(&str, u64)], expected: [u64; 3]) {
        let estimate = estimate_compressed(files.iter().copied());
        assert_eq!([estimate.low, estimate.likely, estimate.high], expected);
    }

    #[test]
    fn archives_stay_and_text_shrinks() {
        check(&[("a/model.zip", 1_000_000)], [980_060, 1_000_060, 1_010_060]);
        check(&[("index.JS", 100_000)], [5_060, 22_060, 35_060]);
    }

    #[test]
    fn what_is_not_known_by_its_name_has_a_wide_range() {
        check(&[("server", 1_000_000)], [50_060, 400_060, 1_000_060]);
    }

    #[test]
    fn no_file_takes_nothing() {
        check(&[], [0, 0, 0]);
    }
}
