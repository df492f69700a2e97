//! The structure of one Dockerfile as text.

use layercast_core::Report;
use std::io::{self, Write};

/// Writes the structure that `report` gives of the file at `path`.
pub(crate) fn write(out: &mut impl Write, path: &str, report: &Report) -> io::Result<()> {
    writeln!(out, "{path}: {} stages", report.stages.len())
}
