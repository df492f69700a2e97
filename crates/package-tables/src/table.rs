//! Writes a table in the form that the core reads.

use crate::Failed;
use crate::index::Index;
use crate::relations::Relations;
use flate2::Compression;
use flate2::write::GzEncoder;
use layercast_core::package_table::{FIRST_LINE, Measured, PackageId};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

/// The whole table as text.
pub(crate) fn write(
    index: &Index,
    release: &str,
    architecture: &str,
    as_of: &str,
    measured: &BTreeMap<String, Measured>,
) -> String {
    let relations = Relations::new(index);
    let sections: BTreeSet<&str> = index.packages.values().map(|entry| entry.field("Section")).collect();
    let sections: Vec<&str> = sections.into_iter().take(64).collect();
    let mut columns: [Vec<String>; 7] = Default::default();
    for (name, entry) in &index.packages {
        let section = sections.iter().position(|section| *section == entry.field("Section")).unwrap_or(0);
        let flag = |is: bool, letter| if is { letter } else { "" };
        let flags = [
            flag(relations.is_base(name), "!"),
            flag(
                entry.field("Depends").contains("debconf") || entry.field("Pre-Depends").contains("debconf"),
                "d",
            ),
            flag(entry.is_update, "u"),
        ];
        let cells = [
            name.clone(),
            entry.field("Version").to_owned(),
            entry.field("Installed-Size").to_owned(),
            entry.field("Size").to_owned(),
            PackageId::written(section) + &flags.concat(),
            relations.cell(name, &["Pre-Depends", "Depends"]),
            relations.cell(name, &["Recommends"]),
        ];
        columns.iter_mut().zip(cells).for_each(|(column, cell)| column.push(cell));
    }
    let virtuals: Vec<String> = relations.virtual_lines().collect();
    let figures: Vec<String> = index
        .packages
        .keys()
        .enumerate()
        .filter_map(|(number, name)| Some(measured_line(number, measured.get(name)?)))
        .collect();
    let lists = index.packed_lists + index.releases;
    let mut text = format!(
        "{FIRST_LINE}\nrelease {release}\narchitecture {architecture}\nas-of {as_of}\nsuites {}\npackages {}\n\
         virtuals {}\nmeasured {}\nlists {lists}\nplain-lists {}\nsections {}\n\n",
        index.suites.join("; "),
        index.packages.len(),
        virtuals.len(),
        figures.len(),
        index.plain_lists + index.releases,
        sections.join(" "),
    );
    for line in columns.iter().flatten().chain(&virtuals).chain(&figures) {
        text.push_str(line);
        text.push('\n');
    }
    text
}

fn measured_line(number: usize, measured: &Measured) -> String {
    let Measured { kept, dropped, kept_gzip, dropped_gzip, entries, python, info, control } = measured;
    format!("{number} {kept} {dropped} {kept_gzip} {dropped_gzip} {entries} {python} {info} {control}")
}

/// gzip without a date, so that the same table gives the same bytes.
pub(crate) fn pack(text: &str) -> Result<Vec<u8>, Failed> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(text.as_bytes())?;
    Ok(packer.finish()?)
}
