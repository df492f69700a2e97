//! What one layer weighs: the sum of what lies in it.

use super::content::{entry_overhead, ratio_by_name};
use super::part::{Part, Span};
use super::tree::{Entry, File, FileContent, LayerFiles, name_of};
use super::{Basis, Estimate};
use std::collections::BTreeMap;

/// So many of a layer's things are listed one by one; the others together.
const LISTED: usize = 60;

/// What a layer weighs.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerWeight {
    /// The lengths of its files.
    pub unpacked: Estimate,
    /// What it takes compressed.
    pub download: Estimate,
    /// What lies in it, the heaviest first.
    pub parts: Vec<Part>,
    /// What of it is not known.
    pub unknown: Vec<String>,
}

/// Compressed over unpacked of zeros.
const ZEROS: [f64; 3] = [0.001, 0.002, 0.003];
/// The same of what cannot be compressed.
const RANDOM: [f64; 3] = [0.99, 1.0, 1.01];

/// What an archive of nothing takes, and one of nothing but folders.
const EMPTY: Span = Span { low: 29, likely: 32, high: 400 };
const FOLDER: Span = Span { low: 87, likely: 117, high: 250 };

/// Weighs a layer.
pub fn weigh_layer(layer: &LayerFiles) -> LayerWeight {
    let mut files = Files::default();
    let mut parts: Vec<Part> = Vec::new();
    let mut unknown: Vec<String> = Vec::new();
    for (path, entry) in layer.entries() {
        match entry {
            Entry::File(file) => files.add(path, file),
            Entry::Part(part) if let Basis::Unknown { what } = &part.basis => {
                if !unknown.contains(what) {
                    unknown.push(what.clone());
                }
            }
            Entry::Part(part) => parts.push(Part { path: written_path(path, part), ..(**part).clone() }),
            Entry::Folder | Entry::Link(_) => {}
        }
    }
    let is_folder_alone = parts.is_empty() && files.count == 0 && layer.entries().next().is_some();
    let empty = if is_folder_alone { FOLDER } else { EMPTY };
    let (unpacked, download) = sums(&parts, &files, empty);
    let basis = match (parts.as_slice(), files.count) {
        ([], 0) => Basis::Definition,
        ([], count) => Basis::Files { count },
        ([only], 0) => only.basis.clone(),
        (parts, 0) => Basis::Sum { parts: parts.len() },
        (parts, _) => Basis::Sum { parts: parts.len() + 1 },
    };
    let compressed = match (parts.is_empty(), files.count) {
        (true, count) if count > 0 => Basis::Compressed { count },
        _ => basis.clone(),
    };
    parts.extend(files.listed());
    parts.sort_by(|left, right| {
        (right.unpacked.likely, &left.path, &left.name).cmp(&(left.unpacked.likely, &right.path, &right.name))
    });
    LayerWeight {
        unpacked: unpacked.because(basis),
        download: download.because(compressed),
        parts: shortened(parts),
        unknown,
    }
}

/// The path of a part where it lies now: it may have been moved since it was written.
fn written_path(key: &str, part: &Part) -> String {
    if part.path.ends_with('/') { name_of(key).to_owned() } else { key.to_owned() }
}

/// Parts that are known in the same way err together in part; those of different ways do not.
fn sums(parts: &[Part], files: &Files, empty: Span) -> (Span, Span) {
    let mut groups: BTreeMap<String, Vec<&Part>> = BTreeMap::new();
    for part in parts {
        groups.entry(part.basis.kind()).or_default().push(part);
    }
    let unpacked = groups.values().map(|group| Span::sum_alike(group.iter().map(|part| part.unpacked)));
    let download = groups.values().map(|group| Span::sum_alike(group.iter().map(|part| part.download)));
    (
        Span::sum(unpacked.chain([Span::exact(files.bytes)])),
        Span::sum(download.chain([files.download(), empty])),
    )
}

/// The files of known length in a layer.
#[derive(Default)]
struct Files {
    count: usize,
    bytes: u64,
    by_ratio: BTreeMap<[u64; 3], u64>,
    heaviest: Vec<(u64, String, [f64; 3])>,
}

impl Files {
    fn add(&mut self, path: &str, file: &File) {
        let ratio = match file.content {
            FileContent::Zeros => ZEROS,
            FileContent::Random => RANDOM,
            FileContent::Ratio(per_mille) => [0.97, 1.0, 1.03].map(|by| by * f64::from(per_mille) / 1000.0),
            FileContent::Context(_) | FileContent::Text(_) | FileContent::ByName => ratio_by_name(path),
        };
        self.count += 1;
        self.bytes += file.bytes;
        *self.by_ratio.entry(ratio.map(|ratio| (ratio * 1e6) as u64)).or_default() += file.bytes;
        if file.bytes > 0 {
            self.heaviest.push((file.bytes, path.to_owned(), ratio));
            if self.heaviest.len() >= 4 * LISTED {
                self.shorten();
            }
        }
    }

    fn shorten(&mut self) {
        self.heaviest.sort_by(|left, right| (right.0, &left.1).cmp(&(left.0, &right.1)));
        self.heaviest.truncate(LISTED);
    }

    fn download(&self) -> Span {
        let content = self
            .by_ratio
            .iter()
            .map(|(ratio, bytes)| Span::exact(*bytes).times(ratio.map(|ratio| ratio as f64 / 1e6)));
        let entries = Span::exact(self.count as u64).times(entry_overhead());
        Span::sum(content.chain([entries]))
    }

    fn listed(mut self) -> Vec<Part> {
        self.shorten();
        let listed: u64 = self.heaviest.iter().map(|(bytes, ..)| bytes).sum();
        let (n_others, others) = (self.count - self.heaviest.len(), self.bytes - listed);
        let mut parts: Vec<Part> = self
            .heaviest
            .into_iter()
            .map(|(bytes, path, ratio)| Part {
                name: path.rsplit('/').next().unwrap_or(&path).to_owned(),
                path,
                unpacked: Span::exact(bytes),
                download: Span::exact(bytes).times(ratio),
                basis: Basis::Files { count: 1 },
            })
            .collect();
        if others > 0 {
            parts.push(Part {
                name: format!("{n_others} smaller files"),
                path: "/".to_owned(),
                unpacked: Span::exact(others),
                download: Span::exact(others).times(ratio_by_name("")),
                basis: Basis::Files { count: n_others },
            });
        }
        parts
    }
}

fn shortened(mut parts: Vec<Part>) -> Vec<Part> {
    if parts.len() <= LISTED {
        return parts;
    }
    let others = parts.split_off(LISTED);
    parts.push(Part {
        name: format!("{} smaller things", others.len()),
        path: "/".to_owned(),
        unpacked: Span::sum_alike(others.iter().map(|part| part.unpacked)),
        download: Span::sum_alike(others.iter().map(|part| part.download)),
        basis: Basis::Sum { parts: others.len() },
    });
    parts
}
