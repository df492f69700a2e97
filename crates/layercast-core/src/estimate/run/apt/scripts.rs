//! What packages' scripts write that no index lists.

use super::super::super::Basis;
use super::super::super::part::{Part, Span};

/// A package whose scripts write: the package, what, where, its bytes with their range, and how far gzip packs them.
struct Written {
    package: &'static str,
    what: &'static str,
    path: &'static str,
    bytes: Span,
    ratio: [f64; 3],
}

const fn about(likely: u64) -> Span {
    Span { low: likely - likely / 8, likely, high: likely + likely / 8 }
}

/// Measured on Debian bookworm, but for the first tables of MariaDB, udev's table of hardware and systemd's catalogue:
/// those are what is commonly known of them, and not yet held against a build.
const WRITTEN: [Written; 11] = [
    Written {
        package: "ca-certificates",
        what: "bundle of certificates",
        path: "/etc/ssl/certs/ca-certificates.crt",
        bytes: about(221_000),
        ratio: [0.5, 0.57, 0.65],
    },
    Written {
        package: "ca-certificates-java",
        what: "Java's store of certificates",
        path: "/etc/ssl/certs/java/",
        bytes: about(160_000),
        ratio: [0.6, 0.8, 0.95],
    },
    Written {
        package: "shared-mime-info",
        what: "table of file types",
        path: "/usr/share/mime/",
        bytes: about(2_640_000),
        ratio: [0.15, 0.2, 0.3],
    },
    // A cluster is what initdb writes: three databases of some 7.5 MB and 16 MB of write-ahead log.
    Written {
        package: "postgresql-common",
        what: "cluster of PostgreSQL",
        path: "/var/lib/postgresql/",
        bytes: about(39_800_000),
        ratio: [0.08, 0.12, 0.2],
    },
    // What InnoDB makes at its first start: 12 MB of table space and 96 MB of log, mostly zeros.
    Written {
        package: "mariadb-server",
        what: "first tables of MariaDB",
        path: "/var/lib/mysql/",
        bytes: Span { low: 80_000_000, likely: 123_000_000, high: 160_000_000 },
        ratio: [0.008, 0.015, 0.05],
    },
    // TeX writes out its memory for each format: eight of them with LaTeX.
    Written {
        package: "texlive-latex-base",
        what: "formats of TeX",
        path: "/var/lib/texmf/",
        bytes: about(34_000_000),
        ratio: [0.5, 0.9, 1.0],
    },
    Written {
        package: "texlive-base",
        what: "formats of TeX",
        path: "/var/lib/texmf/web2c/",
        bytes: about(7_700_000),
        ratio: [0.5, 0.9, 1.0],
    },
    Written {
        package: "libreoffice-common",
        what: "registry of LibreOffice's extensions",
        path: "/var/lib/libreoffice/",
        bytes: about(2_700_000),
        ratio: [0.1, 0.2, 0.3],
    },
    Written {
        package: "udev",
        what: "table of hardware",
        path: "/usr/lib/udev/",
        bytes: about(12_000_000),
        ratio: [0.15, 0.2, 0.3],
    },
    Written {
        package: "systemd",
        what: "catalogue of journal messages",
        path: "/var/lib/systemd/catalog/",
        bytes: about(600_000),
        ratio: [0.2, 0.25, 0.3],
    },
    Written {
        package: "fontconfig",
        what: "cache of fonts",
        path: "/var/cache/fontconfig/",
        bytes: about(17_000),
        ratio: [0.2, 0.3, 0.4],
    },
];

/// Python's compiled files take so much of their source's length, and pack so well: measured over the standard
/// library and three sets of packages.
const COMPILED: [f64; 3] = [1.05, 1.12, 1.2];
const COMPILED_RATIO: [f64; 3] = [0.35, 0.4, 0.45];

/// What the scripts of a new package write.
pub(super) fn of(package: &str) -> Option<Part> {
    let row = WRITTEN.iter().find(|row| row.package == package)?;
    Some(Part {
        name: row.what.to_owned(),
        path: row.path.to_owned(),
        unpacked: row.bytes,
        download: row.bytes.times(row.ratio),
        basis: Basis::Heuristic { name: format!("what the scripts of {package} write") },
    })
}

/// What Python's compiled files lie in, and what they are called, of a package.
pub(super) fn compiled_of(title: &str) -> (&'static str, String) {
    ("/usr/lib/python3/", format!("compiled files of {title}"))
}

/// Python's compiled files of a package.
pub(super) fn compiled(title: &str, source: Span) -> Part {
    let unpacked = source.times(COMPILED);
    let (path, name) = compiled_of(title);
    Part {
        name,
        path: path.to_owned(),
        unpacked,
        download: unpacked.times(COMPILED_RATIO),
        basis: Basis::Heuristic { name: "Python compiled by packages' scripts".to_owned() },
    }
}
