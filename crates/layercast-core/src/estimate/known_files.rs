//! Files of well-known images that people copy out by path: their lengths by image.

use super::part::{Part, Span};
use crate::image_ref::ImageRef;

/// Repository, path, low, likely and high in bytes, and compressed over unpacked. Lengths of releases of 2025 and 2026.
type Row = (&'static str, &'static str, [u64; 3], [f64; 3]);

const FILES: [Row; 8] = [
    ("astral-sh/uv", "/uv", [28_000_000, 33_000_000, 55_000_000], [0.36, 0.42, 0.47]),
    ("astral-sh/uv", "/uvx", [300_000, 350_000, 500_000], [0.36, 0.45, 0.50]),
    ("library/composer", "/usr/bin/composer", [2_500_000, 3_000_000, 3_500_000], [0.25, 0.30, 0.40]),
    ("library/node", "/usr/local/bin/node", [90_000_000, 100_000_000, 130_000_000], [0.35, 0.38, 0.41]),
    ("library/node", "/usr/local/bin", [90_000_000, 100_000_000, 130_000_000], [0.35, 0.38, 0.41]),
    ("library/node", "/usr/local/lib/node_modules", [9_000_000, 14_000_000, 22_000_000], [0.22, 0.27, 0.33]),
    ("library/golang", "/usr/local/go", [215_000_000, 245_000_000, 290_000_000], [0.26, 0.29, 0.33]),
    ("library/docker", "/usr/local/bin/docker", [32_000_000, 40_000_000, 48_000_000], [0.40, 0.46, 0.52]),
];

/// The certificates of Mozilla's list as every distribution with `ca-certificates` joins them: text of base 64.
const CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// What of an image lies at a path, laid down at another; none where nobody wrote that down.
pub fn known_file(image: &ImageRef, path: &str, target: &str) -> Option<Part> {
    if path == CERTIFICATES {
        let span = Span { low: 190_000, likely: 219_000, high: 240_000 };
        let rule = "certificates of a distribution";
        return Some(Part::by_rule(rule, "ca-certificates.crt", target, span, [0.55, 0.62, 0.70]));
    }
    let is_it = |row: &&Row| image.repository == row.0 && path.trim_end_matches('/') == row.1;
    let (repository, path, [low, likely, high], ratio) = FILES.iter().find(is_it)?;
    let is_folder = matches!(*path, "/usr/local/go" | "/usr/local/bin" | "/usr/local/lib/node_modules");
    let target = if is_folder { format!("{}/", target.trim_end_matches('/')) } else { target.to_owned() };
    let name = format!("{path} of {}", repository.trim_start_matches("library/"));
    let span = Span { low: *low, likely: *likely, high: *high };
    Some(Part::by_rule("files of well-known images", name, target, span, *ratio))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_of_a_well_known_image_has_its_length() {
        let image = ImageRef::parse("registry.example/astral-sh/uv:0.8").expect("an image");
        let part = known_file(&image, "/uv", "/bin/uv").expect("it is in the list");
        assert_eq!((part.path.as_str(), part.unpacked.likely), ("/bin/uv", 33_000_000));
        assert!(known_file(&image, "/other", "/x").is_none());
    }

    #[test]
    fn certificates_are_about_as_long_everywhere() {
        let image = ImageRef::parse("golang:1.22").expect("an image");
        let part = known_file(&image, CERTIFICATES, "/etc/ssl/certs/ca-certificates.crt");
        assert_eq!(part.map(|part| part.unpacked.likely), Some(219_000));
    }
}
