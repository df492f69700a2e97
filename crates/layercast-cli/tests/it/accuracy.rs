//! The scoreboard: estimates of the cases in `tests/accuracy` beside what their real builds weigh.
//!
//! A change of any estimate is a diff of `tests/accuracy/scoreboard.md`; `cargo xtask accuracy` rewrites it. Nobody is
//! asked: base images are in `bases.facts.json`, what package registries said is in a case's own `facts.json`.

use expect_test::expect_file;
use serde_json::{Map, Value};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Below this many bytes a share of them says nothing.
const FLOOR: f64 = 100_000.0;

const HEAD: &str = "\
# Estimates beside real builds

What the cases of this folder add to their base images, estimated offline and measured in the lab (linux/amd64,
Docker's layers, MB of 10⁶ bytes). The range is that of the unpacked size. `cargo xtask accuracy` writes this file; how
the cases are made and measured is in [README.md](README.md).

| case | measured | estimated | range | error | in range | download | estimated | error | steps not known |
|---|--:|--:|--:|--:|:-:|--:|--:|--:|--:|
";

/// One target of one case.
struct Row {
    name: String,
    unpacked: Held,
    download: Held,
    /// Error of the whole image's unpacked size, base included.
    image: f64,
    n_unknown: usize,
}

/// An estimate of what a target adds to its base, and what that really is. Bytes.
struct Held {
    measured: f64,
    low: f64,
    likely: f64,
    high: f64,
}

#[test]
fn the_scoreboard_is_what_the_estimates_are() {
    let cases = cases();
    assert!(cases.len() >= 12, "only {} cases below {}", cases.len(), folder().display());
    let rows: Vec<Row> = cases.iter().flat_map(|case| rows_of(case)).collect();
    let mut text = HEAD.to_owned();
    for row in &rows {
        writeln!(text, "{row}").expect("a text takes what is written");
    }
    text.push_str(&figures(&rows));
    expect_file![folder().join("scoreboard.md")].assert_eq(&text);
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/accuracy")
}

/// The folders of measured cases, in order.
fn cases() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder()).expect("the cases are there").flatten();
    let mut cases: Vec<PathBuf> =
        entries.map(|entry| entry.path()).filter(|path| path.join("Dockerfile").is_file()).collect();
    cases.sort();
    cases
}

fn rows_of(case: &Path) -> Vec<Row> {
    let measured = read(&case.join("measured.json"));
    let facts = tempfile::NamedTempFile::new().expect("a temporary file can be made");
    std::fs::write(facts.path(), facts_of(case).to_string()).expect("the temporary file can be written to");
    let targets = measured.as_array().expect("measured.json is a list");
    targets.iter().map(|truth| row(case, truth, facts.path())).collect()
}

/// The base images, and what the case has of its own.
fn facts_of(case: &Path) -> Value {
    let mut facts = read(&folder().join("bases.facts.json"));
    let own = case.join("facts.json");
    if own.is_file() {
        let own: Map<String, Value> = read(&own).as_object().cloned().unwrap_or_default();
        let all = facts.as_object_mut().expect("the base images are an object");
        all.extend(own.into_iter().filter(|(name, _)| name != "images"));
    }
    facts
}

fn row(case: &Path, truth: &Value, facts: &Path) -> Row {
    let mut command = Command::new(env!("CARGO_BIN_EXE_layercast"));
    command.args(["estimate", "--format", "json", "--offline", "--facts"]).arg(facts);
    if case.join("context").is_dir() {
        command.arg("--context").arg(case.join("context"));
    }
    let target = truth["target"].as_str();
    command
        .args(target.iter().flat_map(|target| ["--target", *target]))
        .arg(case.join("Dockerfile"))
        .env_clear();
    let output = command.output().expect("the companion starts");
    let case = case.file_name().unwrap_or_default().to_string_lossy();
    let name = target.map_or_else(|| case.to_string(), |target| format!("{case}, {target}"));
    let answer: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{name}: {error}: {}", String::from_utf8_lossy(&output.stderr)));
    let bytes = |key: &str| truth[key].as_f64().unwrap_or_else(|| panic!("{name}: no {key}"));
    let held = |kind: &str, all: &str, own: &str| {
        let (measured, base) = (bytes(own), bytes(all) - bytes(own));
        let of = |key: &str| {
            answer[kind][key].as_f64().unwrap_or_else(|| panic!("{name}: no {kind}.{key}")) - base
        };
        Held { measured, low: of("low"), likely: of("likely"), high: of("high") }
    };
    let unpacked = held("unpacked", "image_size_bytes", "own_unpacked_bytes");
    Row {
        image: (unpacked.likely - unpacked.measured).abs() / bytes("image_size_bytes"),
        unpacked,
        download: held("download", "compressed_bytes", "own_compressed_bytes"),
        n_unknown: answer["unknown"].as_array().map_or(0, Vec::len),
        name,
    }
}

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

impl Held {
    /// As a share of what is measured.
    fn error(&self) -> f64 {
        (self.likely - self.measured).abs() / self.measured.max(FLOOR)
    }

    fn covers(&self) -> bool {
        self.low <= self.measured && self.measured <= self.high
    }
}

impl std::fmt::Display for Row {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Held { measured, low, likely, high } = self.unpacked;
        let covered = if self.unpacked.covers() { "yes" } else { "**no**" };
        write!(out, "| {} | {} | {} | {}–{}", self.name, mb(measured), mb(likely), mb(low), mb(high))?;
        write!(out, " | {} | {covered}", percent(self.unpacked.error()))?;
        write!(out, " | {} | {}", mb(self.download.measured), mb(self.download.likely))?;
        write!(out, " | {} | {} |", percent(self.download.error()), self.n_unknown)
    }
}

/// Medians and shares over all rows, with the bounds that they are held to.
fn figures(rows: &[Row]) -> String {
    let all = |value: fn(&Row) -> f64| sorted(rows.iter().map(value).collect());
    let share =
        |holds: fn(&Row) -> bool| rows.iter().filter(|row| holds(row)).count() as f64 / rows.len() as f64;
    let errors = all(|row| row.unpacked.error());
    let widths = rows.iter().filter(|row| row.unpacked.high > FLOOR);
    let widths = sorted(widths.map(|row| row.unpacked.high / row.unpacked.low.max(1.0)).collect());
    let figures = [
        ("targets without an unknown step", percent(share(|row| row.n_unknown == 0)), "100.0 %"),
        ("image unpacked, median error", percent(median(&all(|row| row.image))), "≤ 3.0 %"),
        ("added, unpacked, median error", percent(median(&errors)), "≤ 8.0 %"),
        ("added, unpacked, 90th percentile", percent(ninetieth(&errors)), "≤ 25.0 %"),
        ("added, download, median error", percent(median(&all(|row| row.download.error()))), "≤ 12.0 %"),
        ("range covers what is measured", percent(share(|row| row.unpacked.covers())), "≥ 90.0 %"),
        ("high over low, median", format!("{:.2}", median(&widths)), "≤ 1.60"),
    ];
    let mut text = format!("\n| over {} targets | | bound |\n|---|--:|--:|\n", rows.len());
    for (what, value, bound) in figures {
        writeln!(text, "| {what} | {value} | {bound} |").expect("a text takes what is written");
    }
    text
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        n if n % 2 == 0 => f64::midpoint(sorted[middle - 1], sorted[middle]),
        _ => sorted[middle],
    }
}

fn ninetieth(sorted: &[f64]) -> f64 {
    let place = (sorted.len() * 9 / 10).min(sorted.len().saturating_sub(1));
    sorted.get(place).copied().unwrap_or(f64::NAN)
}

fn mb(bytes: f64) -> String {
    format!("{:.2}", bytes / 1e6)
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}
