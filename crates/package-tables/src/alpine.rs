//! Alpine's packages, from a published list of one release's `main` repository.
//!
//! The list is JSON: names, versions, installed bytes, bytes of the .apk, and dependencies resolved to names.

use crate::Failed;
use layercast_core::package_table::{FIRST_LINE, PackageId};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The table as text.
pub(crate) fn write(list: &str, as_of: &str) -> Result<String, Failed> {
    let list: Value = serde_json::from_str(list).map_err(|error| Failed(error.to_string()))?;
    let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let packages: BTreeMap<String, &Value> = list["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|package| (text(package, "name"), package))
        .collect();
    let base: BTreeSet<String> = list["base_packages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    let number: BTreeMap<&str, usize> = packages.keys().map(String::as_str).zip(0..).collect();
    let mut columns: [Vec<String>; 7] = Default::default();
    for (name, package) in &packages {
        let depends = package["depends"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let depends: Vec<String> = depends
            .filter(|name| !base.contains(*name))
            .filter_map(|name| number.get(name).map(|number| PackageId::written(*number)))
            .collect();
        let bytes = package["installed_bytes"].as_u64().unwrap_or(0);
        let cells = [
            name.clone(),
            text(package, "version"),
            bytes.div_ceil(1024).to_string(),
            package["apk_bytes"].as_u64().unwrap_or(0).to_string(),
            PackageId::written(0) + if base.contains(name) { "!" } else { "" },
            depends.join(","),
            String::new(),
        ];
        columns.iter_mut().zip(cells).for_each(|(column, cell)| column.push(cell));
    }
    let virtuals: BTreeMap<&str, usize> = list["virtual_names"]
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(name, provider)| Some((name.as_str(), *number.get(provider.as_str()?)?)))
        .collect();
    let release: String = text(&list, "alpine").chars().take_while(|letter| *letter != ' ').collect();
    let mut table = format!(
        "{FIRST_LINE}\nrelease {release}\narchitecture amd64\nas-of {as_of}\nsuites {}\npackages {}\nvirtuals {}\nmeasured 0\n\
         lists 0\nplain-lists 0\nsections main\n\n",
        text(&list, "repository"),
        packages.len(),
        virtuals.len(),
    );
    for line in columns.iter().flatten() {
        table.push_str(line);
        table.push('\n');
    }
    for (name, provider) in virtuals {
        table.push_str(&format!("{name} {}\n", PackageId::written(provider)));
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use layercast_core::package_table::Table;

    #[test]
    fn a_list_becomes_a_table_that_the_core_reads() {
        let list = r#"{"alpine": "3.22 (alpine-base 3.22.2-r0)", "repository": "main", "base_packages": ["musl"],
            "virtual_names": {"cmd": "curl"}, "packages": [
            {"name": "curl", "version": "8-r0", "installed_bytes": 2049, "apk_bytes": 100, "depends": ["musl", "zlib"]},
            {"name": "musl", "version": "1-r0", "installed_bytes": 1024, "apk_bytes": 1, "depends": []},
            {"name": "zlib", "version": "1-r0", "installed_bytes": 1024, "apk_bytes": 1, "depends": []}]}"#;
        let table = Table::parse(write(list, "2025-11-17").expect("a list")).expect("a table");
        let curl = table.find("curl").expect("it is in the list");
        assert_eq!((table.release(), table.installed_size(curl), table.base().len()), ("3.22", 3072, 1));
        assert_eq!(table.providers_of("cmd"), [curl]);
    }
}
