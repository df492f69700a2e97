//! The service worker's list: which files the page needs without a network, and which version they are.

use crate::project;
use crate::stamp::files_below;
use crate::step::Failed;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};

const SERVICE_WORKER: &str = "service_worker.js";

/// Writes version and files into `dist/service_worker.js`. The same files give the same version.
pub(crate) fn write() -> Result<(), Failed> {
    let dist = project::dist();
    let mut hasher = DefaultHasher::new();
    let mut names = Vec::new();
    for file in files_below(&dist, &[dist.join("tables"), dist.join(SERVICE_WORKER)])? {
        let name = file.strip_prefix(&dist).unwrap_or(&file).display().to_string().replace('\\', "/");
        name.hash(&mut hasher);
        fs::read(&file)?.hash(&mut hasher);
        names.push(name);
    }
    let script = dist.join(SERVICE_WORKER);
    fs::write(&script, filled(&fs::read_to_string(&script)?, hasher.finish(), &names)?)?;
    Ok(())
}

fn filled(script: &str, version: u64, names: &[String]) -> Result<String, Failed> {
    let files = serde_json::to_string(names).expect("names are text");
    let places = ["\"VERSION\"", "[\"FILES\"]"];
    if places.iter().any(|place| script.matches(place).count() != 1) {
        return Err(Failed(format!("{SERVICE_WORKER} has no place for its version and its files")));
    }
    Ok(script.replace(places[0], &format!("\"{version:016x}\"")).replace(places[1], &files))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_and_files_are_written_in() {
        let script = "const VERSION = \"VERSION\";\nconst FILES = [\"FILES\"];\n";
        let names = ["index.html".to_owned(), "a/b.js".to_owned()];
        let expected = "const VERSION = \"00000000000000ff\";\nconst FILES = [\"index.html\",\"a/b.js\"];\n";
        assert_eq!(filled(script, 255, &names).ok().as_deref(), Some(expected));
        assert!(filled("const FILES = [];", 1, &names).is_err());
    }
}
