//! A step that failed, at its lines of the Dockerfile.

use crate::builder::Step;
use crate::render::columns::clip;
use crate::render::problems;
use crate::source::Source;
use layercast_core::Report;
use layercast_core::diagnostic::Diagnostic;
use std::io::{self, Write};

/// The failure of a step, with the lines of the Dockerfile that it is about.
pub(crate) fn write_failure(
    out: &mut impl Write,
    source: &Source,
    report: &Report,
    step: &Step,
) -> io::Result<()> {
    let message = step.error.clone().unwrap_or_default();
    match step.place.and_then(|place| report.instructions.get(place.instruction)) {
        Some(instruction) => {
            let text = instruction.range.of(&source.text);
            let mut range = instruction.range;
            range.end = range.start + text.trim_end().len();
            let error = Diagnostic::error("build-failed", instruction.line, range, reason(&message));
            problems::write(out, source, std::iter::once(&error))
        }
        None => writeln!(out, "{}", clip(&message, 400)),
    }
}

/// The exit code of a command, or whatever else the builder says.
fn reason(message: &str) -> String {
    match message.rsplit_once("did not complete successfully: ") {
        Some((_, reason)) => format!("this command ended with {reason}"),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_is_told() {
        let message = "process \"/bin/sh -c exit 3\" did not complete successfully: exit code: 3";
        assert_eq!(reason(message), "this command ended with exit code: 3");
        assert_eq!(reason("no space left"), "no space left");
    }
}
