//! Writes the tables of distribution packages that the estimates stand on: `cargo xtask catalogue`.

mod alpine;
mod child;
mod deb;
mod index;
mod measure;
mod relations;
mod sources;
mod table;

use index::{Index, fetch_index};
use layercast_core::package_table::{Measured, Table};
use sources::Source;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

const RELEASES: [&str; 2] = ["bookworm", "trixie"];

/// Why a table was not written: a sentence without a full stop.
#[derive(Debug)]
pub(crate) struct Failed(pub(crate) String);

impl From<std::io::Error> for Failed {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

/// What the command line says.
struct Options {
    mirror: Option<String>,
    releases: Vec<String>,
    as_of: String,
    into: PathBuf,
    kept: PathBuf,
    measures: bool,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done = match words.split_first() {
        Some((what, paths)) if what == "alpine" => alpine_table(paths),
        Some((what, rest)) if what == "debian" => options(rest).and_then(|options| run(&options)),
        _ => Err(Failed("say which table: debian, or alpine with the published list and its day".to_owned())),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failed(why)) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

/// The table of Alpine, from a list that somebody published: its path, and the day it was published.
fn alpine_table(words: &[String]) -> Result<(), Failed> {
    let [list, as_of] = words else {
        return Err(Failed("alpine wants the published list and its day, YYYY-MM-DD".to_owned()));
    };
    let text = alpine::write(&std::fs::read_to_string(list)?, as_of)?;
    let packed = table::pack(&text)?;
    let path = PathBuf::from("crates/layercast-cli/tables/alpine-3.22-amd64.gz");
    std::fs::write(&path, &packed)?;
    println!("{}: {} bytes, {} unpacked", path.display(), packed.len(), text.len());
    Ok(())
}

fn options(words: &[String]) -> Result<Options, Failed> {
    let mut options = Options {
        mirror: None,
        releases: Vec::new(),
        as_of: today(),
        into: PathBuf::from("crates/layercast-cli/tables"),
        kept: PathBuf::from("target/package-tables"),
        measures: true,
    };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().cloned().ok_or_else(|| Failed(format!("{word} wants a value")));
        match word.as_str() {
            "--mirror" => options.mirror = Some(value()?),
            "--release" => options.releases.push(value()?),
            "--as-of" => options.as_of = value()?,
            "--into" => options.into = PathBuf::from(value()?),
            "--kept" => options.kept = PathBuf::from(value()?),
            "--no-measuring" => options.measures = false,
            other => return Err(Failed(format!("no such option: {other}"))),
        }
    }
    if options.releases.is_empty() {
        options.releases = RELEASES.iter().map(|release| (*release).to_owned()).collect();
    }
    Ok(options)
}

fn run(options: &Options) -> Result<(), Failed> {
    let sources = match &options.mirror {
        Some(mirror) => of_mirror(mirror, &options.releases),
        None => sources::configured(Path::new("/etc/apt"))?,
    };
    std::fs::create_dir_all(&options.into)?;
    std::fs::create_dir_all(&options.kept)?;
    for release in &options.releases {
        let index = fetch_index(&sources, release, "amd64")?;
        let plain = Table::parse(table::write(&index, release, "amd64", &options.as_of, &BTreeMap::new()));
        let plain = plain.map_err(|error| Failed(error.to_string()))?;
        let measured = measure::all(&plain, &index, &options.kept, options.measures)?;
        save(options, release, "amd64", &index, &measured)?;

        let other = fetch_index(&sources, release, "arm64")?;
        save(options, release, "arm64", &other, &carried_over(&index, &other, &measured))?;
    }
    Ok(())
}

/// The day in UTC, `YYYY-MM-DD`, by the calendar's 400 years of 146,097 days counted from March.
fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs());
    date_of((seconds / 86_400) as i64)
}

fn date_of(days: i64) -> String {
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let from_march = (5 * day + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{:02}", day - (153 * from_march + 2) / 5 + 1)
}

/// Sources of a mirror that has all suites of a release, those of security beside the others.
fn of_mirror(mirror: &str, releases: &[String]) -> Vec<Source> {
    let mirror = mirror.trim_end_matches('/');
    let source = |uri: String, suites| Source { uri, suites, components: vec!["main".to_owned()] };
    let suites = |ends: &[&str]| -> Vec<String> {
        releases.iter().flat_map(|release| ends.iter().map(move |end| format!("{release}{end}"))).collect()
    };
    vec![
        source(mirror.to_owned(), suites(&["", "-updates"])),
        source(format!("{mirror}-security"), suites(&["-security"])),
    ]
}

/// Figures of one architecture for another one: lengths of files follow Installed-Size, the rest is the same.
fn carried_over(
    from: &Index,
    to: &Index,
    measured: &BTreeMap<String, Measured>,
) -> BTreeMap<String, Measured> {
    let kib = |index: &Index, name: &str| -> Option<f64> {
        index.packages.get(name)?.field("Installed-Size").parse().ok().filter(|kib: &f64| *kib > 0.0)
    };
    let carry = |name: &String, measured: &Measured| {
        let factor = kib(to, name)? / kib(from, name)?;
        let scaled = |bytes: u64| (bytes as f64 * factor).round() as u64;
        let figures =
            Measured { kept: scaled(measured.kept), kept_gzip: scaled(measured.kept_gzip), ..*measured };
        Some((name.clone(), figures))
    };
    measured.iter().filter_map(|(name, measured)| carry(name, measured)).collect()
}

fn save(
    options: &Options,
    release: &str,
    architecture: &str,
    index: &Index,
    measured: &BTreeMap<String, Measured>,
) -> Result<(), Failed> {
    let text = table::write(index, release, architecture, &options.as_of, measured);
    let packed = table::pack(&text)?;
    let path = options.into.join(format!("debian-{release}-{architecture}.gz"));
    std::fs::write(&path, &packed)?;
    println!(
        "{}: {} packages, {} measured, {} bytes, {} unpacked",
        path.display(),
        index.packages.len(),
        measured.len(),
        packed.len(),
        text.len()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_their_dates() {
        assert_eq!(
            [0, 59, 11_016, 20_783].map(date_of),
            ["1970-01-01", "1970-03-01", "2000-02-29", "2026-11-26"]
        );
    }

    #[test]
    fn a_mirror_has_security_beside_the_rest() {
        let sources = of_mirror("http://mirror.example/debian/", &["trixie".to_owned()]);
        assert_eq!(sources[0].uri, "http://mirror.example/debian");
        assert_eq!(sources[1].uri, "http://mirror.example/debian-security");
        assert_eq!(sources[1].suites, ["trixie-security"]);
    }
}
