//! Facts files: read, joined with what a build measured, written whole.
//!
//! A file to commit: sorted, one line a measured step, so that a diff of it reads as what changed.

use crate::error::CliError;
use crate::source;
use layercast_core::facts::{self, Calibration, Facts, MeasuredStep};
use layercast_core::image_ref::ImageRef;
use serde::Serialize;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The name that is looked for beside a Dockerfile.
pub(crate) const NAME: &str = "layercast.facts.json";

/// So many measured steps are kept; those measured longest ago go first.
const MOST_STEPS: usize = 1000;

/// Reads a facts file.
pub(crate) fn read(path: &Path) -> Result<Facts, CliError> {
    let bytes = std::fs::read(path).map_err(|source| CliError::Facts { path: path.to_owned(), source })?;
    parse(path, &bytes)
}

/// The measured steps and the corrections of the file beside a Dockerfile, where there is one. Nothing else of it is
/// taken: what nobody asked for must not change what is built.
pub(crate) fn beside(dockerfile: &Path) -> Result<Option<(PathBuf, Facts)>, CliError> {
    if dockerfile.as_os_str() == "-" {
        return Ok(None);
    }
    let path = dockerfile.with_file_name(NAME);
    let found = match std::fs::read(&path) {
        Ok(bytes) => parse(&path, &bytes)?,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(CliError::Facts { path, source }),
    };
    let facts = Facts { measured: found.measured, calibration: found.calibration, ..Facts::default() };
    Ok(Some((path, facts)))
}

/// Joins what was measured with what the file at `path` holds, and writes that.
pub(crate) fn keep(path: &Path, measured: Vec<MeasuredStep>) -> Result<(), CliError> {
    let mut facts = read_or_begin(path)?;
    facts.measured = joined(&facts.measured, &measured);
    save(path, &facts)
}

/// Puts corrections in the place of those that the file at `path` holds, and writes that.
pub(crate) fn calibrate(path: &Path, calibration: Vec<Calibration>) -> Result<(), CliError> {
    let facts = read_or_begin(path)?;
    save(path, &Facts { calibration, ..facts })
}

fn read_or_begin(path: &Path) -> Result<Facts, CliError> {
    match std::fs::read(path) {
        Ok(bytes) => parse(path, &bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Facts::default()),
        Err(source) => Err(CliError::Facts { path: path.to_owned(), source }),
    }
}

/// Writes a facts file, all at once.
pub(crate) fn save(path: &Path, facts: &Facts) -> Result<(), CliError> {
    let failed = |source| CliError::SaveFacts { path: path.to_owned(), source };
    let text = to_text(facts).map_err(|error| failed(error.into()))?;
    source::write_whole(path, &text).map_err(failed)
}

fn parse(path: &Path, bytes: &[u8]) -> Result<Facts, CliError> {
    let path = || path.to_owned();
    let mut facts: Facts =
        serde_json::from_slice(bytes).map_err(|source| CliError::FactsForm { path: path(), source })?;
    if facts.version != facts::VERSION {
        return Err(CliError::FactsVersion { path: path(), version: facts.version });
    }
    let images = facts.images.iter_mut().map(|image| &mut image.reference);
    let failures = facts.image_failures.iter_mut().map(|failure| &mut failure.reference);
    for reference in images.chain(failures) {
        match ImageRef::parse(reference) {
            Ok(image) => *reference = image.to_string(),
            Err(source) => {
                return Err(CliError::FactsImage { path: path(), reference: reference.clone(), source });
            }
        }
    }
    match facts.calibration.iter().find(|calibration| !calibration.is_sound()) {
        Some(calibration) => Err(CliError::FactsCorrection { path: path(), by: calibration.by.clone() }),
        None => Ok(facts),
    }
}

/// New measurements take the place of older ones of the same step.
fn joined(older: &[MeasuredStep], new: &[MeasuredStep]) -> Vec<MeasuredStep> {
    let is_kept = |step: &MeasuredStep| !new.iter().any(|newer| newer.replaces(step));
    // A step that was not done anew keeps the time that it once took.
    let timed = |mut step: MeasuredStep| {
        let before = older.iter().find(|older| step.replaces(older) && step.below == older.below);
        step.seconds = step.seconds.or(before.and_then(|before| before.seconds));
        step
    };
    let mut all: Vec<MeasuredStep> = older.iter().filter(|step| is_kept(step)).cloned().collect();
    all.extend(new.iter().cloned().map(timed));
    if all.len() > MOST_STEPS {
        all.sort_by(|left, right| right.measured.cmp(&left.measured));
        all.truncate(MOST_STEPS);
    }
    let key = |it: &MeasuredStep| {
        let names = (it.base.clone(), it.platform.to_string(), it.stage.clone(), it.instruction.clone());
        (names, it.step.clone(), it.below.clone(), it.content.clone())
    };
    all.sort_by_cached_key(key);
    all.dedup();
    all
}

/// Everything as JSON is written for people, but what was measured and what that corrects, a line each.
fn to_text(facts: &Facts) -> serde_json::Result<String> {
    let rest = Facts { measured: Vec::new(), calibration: Vec::new(), ..facts.clone() };
    let mut text = serde_json::to_string_pretty(&rest)?;
    text.truncate(text.trim_end_matches(['}', '\n']).len());
    add_lines(&mut text, "calibration", &facts.calibration)?;
    add_lines(&mut text, "measured", &facts.measured)?;
    text.push_str("\n}\n");
    Ok(text)
}

fn add_lines<T: Serialize>(text: &mut String, name: &str, lines: &[T]) -> serde_json::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = lines.iter().map(serde_json::to_string).collect::<serde_json::Result<_>>()?;
    text.push_str(&format!(",\n  \"{name}\": [\n    {}\n  ]", lines.join(",\n    ")));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use layercast_core::image_ref::Platform;

    fn step(instruction: &str, step: &str, below: &str, unpacked: u64) -> MeasuredStep {
        MeasuredStep {
            stage: "build".to_owned(),
            instruction: instruction.to_owned(),
            unpacked: Some(unpacked),
            download: None,
            seconds: Some(1.25),
            measured: "2026-11-26".to_owned(),
            base: "docker.io/library/debian:12".to_owned(),
            digest: String::new(),
            platform: Platform::linux_amd64(),
            step: step.to_owned(),
            below: below.to_owned(),
            content: String::new(),
            estimated: None,
        }
    }

    #[test]
    fn a_step_is_a_line_and_a_new_measurement_takes_the_place_of_the_old_one() {
        let older = vec![step("RUN b", "b1", "1", 7), step("RUN a", "a1", "1", 5)];
        let new = vec![step("RUN a", "a1", "2", 6), step("RUN c", "c1", "3", 8)];
        let facts = Facts { measured: joined(&older, &new), ..Facts::default() };
        expect![[r#"
            {
              "version": 1,
              "build": {},
              "images": [],
              "measured": [
                {"stage":"build","instruction":"RUN a","unpacked":6,"seconds":1.25,"measured":"2026-11-26","base":"docker.io/library/debian:12","platform":"linux/amd64","step":"a1","below":"2"},
                {"stage":"build","instruction":"RUN b","unpacked":7,"seconds":1.25,"measured":"2026-11-26","base":"docker.io/library/debian:12","platform":"linux/amd64","step":"b1","below":"1"},
                {"stage":"build","instruction":"RUN c","unpacked":8,"seconds":1.25,"measured":"2026-11-26","base":"docker.io/library/debian:12","platform":"linux/amd64","step":"c1","below":"3"}
              ]
            }
        "#]]
        .assert_eq(&to_text(&facts).expect("facts are JSON"));
    }

    #[test]
    fn a_file_that_is_written_is_read_again() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().join("own.facts.json");
        keep(&path, vec![step("RUN a", "a1", "2", 6)]).expect("it can be written");
        keep(&path, vec![step("RUN b", "b1", "2", 6)]).expect("it can be written again");
        let read = read(&path).expect("it can be read");
        assert_eq!(
            read.measured.iter().map(|it| it.instruction.as_str()).collect::<Vec<_>>(),
            ["RUN a", "RUN b"]
        );
    }

    #[test]
    fn a_file_that_holds_something_else_is_left_alone() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().join(NAME);
        std::fs::write(&path, "{\"version\": 9}").expect("the temporary folder can be written to");
        let error = keep(&path, Vec::new()).expect_err("another version is refused");
        assert!(error.to_string().contains("version 9"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).expect("it is there"), "{\"version\": 9}");
    }
}
